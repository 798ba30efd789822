# bash completion for strait, generated from its option table.

# What the argument of an option of a command is completed by.
_strait_argument() {
	local word=$3
	case $1:$2 in
	:-b|:--detach-on) COMPREPLY=($(compgen -W 'execve' -- "$word")) ;;
	:--daemonize|:--daemonised|:--daemonized) COMPREPLY=($(compgen -W 'grandchild pgroup pgrp session' -- "$word")) ;;
	:-e) COMPREPLY=($(compgen -W 'trace= trace-fds= abbrev= verbose= raw= signals= status= read= write= fault= inject= quiet= decode-fds= decode-pids= kvm= namespace= secontext=' -- "$word")); compopt -o nospace 2>/dev/null ;;
	:-I|:--interruptible) COMPREPLY=($(compgen -W 'anywhere waiting never never_tstp' -- "$word")) ;;
	:--stack-trace|:--stack-traces) COMPREPLY=($(compgen -W 'symbol source' -- "$word")) ;;
	:-o|:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	:-p|:--attach) COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word")) ;;
	:-P|:--trace-path) COMPREPLY=($(compgen -f -- "$word")) ;;
	:--relative-timestamps) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	:-S|:--summary-sort-by) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name nothing' -- "$word")) ;;
	:--absolute-timestamps|:--timestamps) COMPREPLY=($(compgen -W 'none time unix s ms us ns' -- "$word")) ;;
	:--syscall-times) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	:-u|:--user) COMPREPLY=($(compgen -u -- "$word")) ;;
	:-U|:--summary-columns) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name' -- "$word")) ;;
	:--strings-in-hex) COMPREPLY=($(compgen -W 'none non-ascii-chars non-ascii all' -- "$word")) ;;
	:-X|:--const-print-style) COMPREPLY=($(compgen -W 'raw abbrev verbose' -- "$word")) ;;
	:--tips) COMPREPLY=($(compgen -W 'random none compact full' -- "$word")) ;;
	:--color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
	:--signals) COMPREPLY=($(compgen -A signal -- "$word")) ;;
	:--status) COMPREPLY=($(compgen -W 'successful failed unfinished unavailable detached' -- "$word")) ;;
	:--kvm) COMPREPLY=($(compgen -W 'vcpu vcpu+' -- "$word")) ;;
	:--namespace) COMPREPLY=($(compgen -W 'new' -- "$word")) ;;
	:--quiet|:--silent|:--silence) COMPREPLY=($(compgen -W 'attach exit path-resolution personality thread-execve all none' -- "$word")) ;;
	:--decode-fds) COMPREPLY=($(compgen -W 'path socket dev eventfd pidfd signalfd all none' -- "$word")) ;;
	:--decode-pids) COMPREPLY=($(compgen -W 'comm pidns all none' -- "$word")) ;;
	:--secontext) COMPREPLY=($(compgen -W 'full mismatch' -- "$word")) ;;
	:--placement) COMPREPLY=($(compgen -W 'auto together free' -- "$word")) ;;
	run:--unshare) COMPREPLY=($(compgen -W 'user pid net mount ipc uts cgroup time all' -- "$word")) ;;
	run:--root) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--chdir) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--uid) COMPREPLY=($(compgen -u -- "$word")) ;;
	run:--seccomp) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--cgroup) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--policy) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--audit) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--ask) COMPREPLY=($(compgen -W 'auto never always' -- "$word")) ;;
	run:--trace) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:-b|run:--detach-on) COMPREPLY=($(compgen -W 'execve' -- "$word")) ;;
	run:--daemonize|run:--daemonised|run:--daemonized) COMPREPLY=($(compgen -W 'grandchild pgroup pgrp session' -- "$word")) ;;
	run:-e) COMPREPLY=($(compgen -W 'trace= trace-fds= abbrev= verbose= raw= signals= status= read= write= fault= inject= quiet= decode-fds= decode-pids= kvm= namespace= secontext=' -- "$word")); compopt -o nospace 2>/dev/null ;;
	run:-I|run:--interruptible) COMPREPLY=($(compgen -W 'anywhere waiting never never_tstp' -- "$word")) ;;
	run:--stack-trace|run:--stack-traces) COMPREPLY=($(compgen -W 'symbol source' -- "$word")) ;;
	run:-o|run:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:-p|run:--attach) COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word")) ;;
	run:-P|run:--trace-path) COMPREPLY=($(compgen -f -- "$word")) ;;
	run:--relative-timestamps) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	run:-S|run:--summary-sort-by) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name nothing' -- "$word")) ;;
	run:--absolute-timestamps|run:--timestamps) COMPREPLY=($(compgen -W 'none time unix s ms us ns' -- "$word")) ;;
	run:--syscall-times) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	run:-u|run:--user) COMPREPLY=($(compgen -u -- "$word")) ;;
	run:-U|run:--summary-columns) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name' -- "$word")) ;;
	run:--strings-in-hex) COMPREPLY=($(compgen -W 'none non-ascii-chars non-ascii all' -- "$word")) ;;
	run:-X|run:--const-print-style) COMPREPLY=($(compgen -W 'raw abbrev verbose' -- "$word")) ;;
	run:--tips) COMPREPLY=($(compgen -W 'random none compact full' -- "$word")) ;;
	run:--color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
	run:--signals) COMPREPLY=($(compgen -A signal -- "$word")) ;;
	run:--status) COMPREPLY=($(compgen -W 'successful failed unfinished unavailable detached' -- "$word")) ;;
	run:--kvm) COMPREPLY=($(compgen -W 'vcpu vcpu+' -- "$word")) ;;
	run:--namespace) COMPREPLY=($(compgen -W 'new' -- "$word")) ;;
	run:--quiet|run:--silent|run:--silence) COMPREPLY=($(compgen -W 'attach exit path-resolution personality thread-execve all none' -- "$word")) ;;
	run:--decode-fds) COMPREPLY=($(compgen -W 'path socket dev eventfd pidfd signalfd all none' -- "$word")) ;;
	run:--decode-pids) COMPREPLY=($(compgen -W 'comm pidns all none' -- "$word")) ;;
	run:--secontext) COMPREPLY=($(compgen -W 'full mismatch' -- "$word")) ;;
	run:--placement) COMPREPLY=($(compgen -W 'auto together free' -- "$word")) ;;
	learn:-o|learn:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	learn:--record) COMPREPLY=($(compgen -f -- "$word")) ;;
	learn:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	learn:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	test:-junit) COMPREPLY=($(compgen -f -- "$word")) ;;
	diff:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	diff:--depth) COMPREPLY=($(compgen -W 'effects calls everything' -- "$word")) ;;
	policy\ check:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ check:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ why:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ why:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ why:--audit) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ diff:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ diff:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ merge:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ merge:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ merge:-o|policy\ merge:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ minimise:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ minimise:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ minimise:-o|policy\ minimise:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ compile:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ compile:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ compile:-o|policy\ compile:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ export:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ export:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ export:-o|policy\ export:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ export:-f|policy\ export:--format) COMPREPLY=($(compgen -W 'oci docker systemd minijail raw disassembly' -- "$word")) ;;
	policy\ import:--home) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ import:--cwd) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ import:-o|policy\ import:--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	policy\ import:-f|policy\ import:--format) COMPREPLY=($(compgen -W 'auto oci docker trace' -- "$word")) ;;
	esac
}

# Whether it is a word of its own.
_strait_takes() {
	case $1:$2 in
	:-a|:--columns|:-b|:--detach-on|:-e|:-E|:--env|:-I|:--interruptible|:--stack-trace-frame-limit|:--syscall-limit|:-o|:--output|:-O|:--summary-syscall-overhead|:-p|:--attach|:-P|:--trace-path|:-s|:--string-limit|:-S|:--summary-sort-by|:-u|:--user|:-U|:--summary-columns|:-X|:--const-print-style|:--argv0|:--color|:--trace|:--trace-fds|:--abbrev|:--verbose|:--raw|:--signals|:--status|:--read|:--write|:--fault|:--inject|:--kvm|:--decode-pids|:--slower-than|:--placement) ;;
	run:--unshare|run:--map-users|run:--map-groups|run:--root|run:--bind|run:--ro-bind|run:--tmpfs|run:--proc|run:--dev|run:--mount|run:--dir|run:--symlink|run:--hostname|run:--domainname|run:--chdir|run:--setenv|run:--unsetenv|run:--uid|run:--gid|run:--umask|run:--nice|run:--oom-score-adj|run:--cap-drop|run:--cap-add|run:--seccomp|run:--time|run:--cpu-time|run:--memory|run:--output-limit|run:--file-size|run:--procs|run:--open-files|run:--cpus|run:--rlimit|run:--cgroup|run:--policy|run:-r|run:--rule|run:--profile|run:--default|run:--audit|run:--ask-timeout|run:-a|run:--columns|run:-b|run:--detach-on|run:-e|run:-E|run:--env|run:-I|run:--interruptible|run:--stack-trace-frame-limit|run:--syscall-limit|run:-o|run:--output|run:-O|run:--summary-syscall-overhead|run:-p|run:--attach|run:-P|run:--trace-path|run:-s|run:--string-limit|run:-S|run:--summary-sort-by|run:-u|run:--user|run:-U|run:--summary-columns|run:-X|run:--const-print-style|run:--argv0|run:--color|run:--trace-fds|run:--abbrev|run:--verbose|run:--raw|run:--signals|run:--status|run:--read|run:--write|run:--fault|run:--inject|run:--kvm|run:--decode-pids|run:--slower-than|run:--placement) ;;
	learn:-o|learn:--output|learn:--record|learn:--siblings|learn:--include|learn:--protect|learn:--home|learn:--cwd|learn:--arch) ;;
	test:-count|test:-junit|test:-parallel|test:-run|test:-timeout) ;;
	diff:--cwd|diff:--depth|diff:--noise) ;;
	policy\ check:--home|policy\ check:--cwd|policy\ check:--arch) ;;
	policy\ why:--home|policy\ why:--cwd|policy\ why:--arch|policy\ why:--profile|policy\ why:--audit) ;;
	policy\ diff:--home|policy\ diff:--cwd|policy\ diff:--arch) ;;
	policy\ merge:--home|policy\ merge:--cwd|policy\ merge:--arch|policy\ merge:-o|policy\ merge:--output) ;;
	policy\ minimise:--home|policy\ minimise:--cwd|policy\ minimise:--arch|policy\ minimise:-o|policy\ minimise:--output) ;;
	policy\ compile:--home|policy\ compile:--cwd|policy\ compile:--arch|policy\ compile:-o|policy\ compile:--output|policy\ compile:--profile) ;;
	policy\ export:--home|policy\ export:--cwd|policy\ export:--arch|policy\ export:-o|policy\ export:--output|policy\ export:-f|policy\ export:--format) ;;
	policy\ import:--home|policy\ import:--cwd|policy\ import:--arch|policy\ import:-o|policy\ import:--output|policy\ import:-f|policy\ import:--format|policy\ import:--siblings|policy\ import:--include|policy\ import:--protect) ;;
	*) return 1 ;;
	esac
}

_strait_options() {
	case $1 in
	'') echo '-a --columns -A --output-append-mode -b --detach-on -c --summary-only -C --summary -d --debug -D --daemonize -e -E --env -f --follow-forks --output-separately -F -h --help -i --instruction-pointer -I --interruptible --kill-on-exit -k --stack-trace --stack-trace-frame-limit --syscall-limit -n --syscall-number -N --arg-names -o --output -O --summary-syscall-overhead -p --attach -P --trace-path -r --relative-timestamps -s --string-limit -S --summary-sort-by -t --absolute-timestamps -T --syscall-times -u --user -U --summary-columns -v --no-abbrev -V --version -w --summary-wall-clock -x --strings-in-hex -X --const-print-style -y --pidns-translation -Y -z --successful-only -Z --failed-only --seccomp-bpf --tips --argv0 --always-show-pid --color --trace --trace-fds --abbrev --verbose --raw --signals --status --read --write --fault --inject --kvm --namespace -q --quiet --decode-fds --decode-pids --secontext --json --no-interleave --slower-than --tree --summary-per-process --placement' ;;
	'run') echo '--unshare --no-net --map-root --map-users --map-groups --root --read-only --bind --ro-bind --tmpfs --proc --dev --mount --dir --symlink --hostname --domainname --as-pid-1 --chdir --setenv --unsetenv --clearenv --uid --gid --new-session --close-fds --umask --nice --oom-score-adj --no-aslr --cap-drop --cap-add --no-new-privs --seccomp --time --cpu-time --memory --output-limit --file-size --procs --open-files --cpus --rlimit --cgroup --stats --policy -r --rule --profile --default --permissive --audit --audit-all --ask --ask-timeout --trace -a --columns -A --output-append-mode -b --detach-on -c --summary-only -C --summary -d --debug -D --daemonize -e -E --env -f --follow-forks --output-separately -F -h --help -i --instruction-pointer -I --interruptible --kill-on-exit -k --stack-trace --stack-trace-frame-limit --syscall-limit -n --syscall-number -N --arg-names -o --output -O --summary-syscall-overhead -p --attach -P --trace-path --relative-timestamps -s --string-limit -S --summary-sort-by -t --absolute-timestamps -T --syscall-times -u --user -U --summary-columns -v --no-abbrev -V --version -w --summary-wall-clock -x --strings-in-hex -X --const-print-style -y --pidns-translation -Y -z --successful-only -Z --failed-only --seccomp-bpf --tips --argv0 --always-show-pid --color --trace-fds --abbrev --verbose --raw --signals --status --read --write --fault --inject --kvm --namespace -q --quiet --decode-fds --decode-pids --secontext --json --no-interleave --slower-than --tree --summary-per-process --placement' ;;
	'learn') echo '-o --output --record --verify -a --all --siblings --include --protect --home --cwd --arch -h --help' ;;
	'test') echo '-count -json -junit -list -parallel -run -tap -timeout -update -v -h -help' ;;
	'diff') echo '--cwd --depth --json --noise --rules --stack -h --help' ;;
	'policy check') echo '--home --cwd --arch -q --quiet -h --help' ;;
	'policy fmt') echo '-w --write -l --list -d --diff -h --help' ;;
	'policy why') echo '--home --cwd --arch --profile --last --audit -h --help' ;;
	'policy diff') echo '--home --cwd --arch --allowed --denied -h --help' ;;
	'policy merge') echo '--home --cwd --arch -o --output --union --intersection -h --help' ;;
	'policy minimise') echo '--home --cwd --arch -o --output -h --help' ;;
	'policy compile') echo '--home --cwd --arch -o --output --explain --raw --profile -h --help' ;;
	'policy export') echo '--home --cwd --arch -o --output -f --format --strict -h --help' ;;
	'policy import') echo '--home --cwd --arch -o --output -f --format --siblings --include --protect -h --help' ;;
	'policy list') echo '-h --help' ;;
	esac
}

_strait() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} command= i=1
	COMPREPLY=()
	if ((COMP_CWORD > 1)); then
		case ${COMP_WORDS[1]} in
		policy|help)
			if ((COMP_CWORD == 2)); then
				local words='run learn policy test diff help'
				[[ $previous == policy ]] && words='check fmt why diff merge minimise compile export import list'
				COMPREPLY=($(compgen -W "$words" -- "$word"))
				return
			fi
			command="${COMP_WORDS[1]} ${COMP_WORDS[2]}" i=3 ;;
		run|learn|test|diff)
			command=${COMP_WORDS[1]} i=2 ;;
		esac
	fi
	case ${command%% *} in
	policy|help|test|diff) ;;
	*) # Behind PROG its own completion goes on.
		while ((i < COMP_CWORD)); do
			case ${COMP_WORDS[i]} in
			--) ((i++)); break ;;
			=) ((i++)) ;;
			-*) _strait_takes "$command" "${COMP_WORDS[i]}" && ((i++)) ;;
			*) break ;;
			esac
			((i++))
		done
		if ((i < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
			_command_offset $i
			return
		fi ;;
	esac
	if [[ $word == = ]]; then
		_strait_argument "$command" "$previous" ""
	elif [[ $previous == = ]]; then
		_strait_argument "$command" "${COMP_WORDS[COMP_CWORD-2]}" "$word"
	elif _strait_takes "$command" "$previous"; then
		_strait_argument "$command" "$previous" "$word"
	elif [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W "$(_strait_options "$command")" -- "$word"))
	else
		case ${command%% *} in
		policy|help|test|diff) COMPREPLY=($(compgen -f -- "$word")) ;;
		*) COMPREPLY=($(compgen -c -- "$word")) ;;
		esac
		if ((COMP_CWORD == 1)); then
			COMPREPLY+=($(compgen -W 'run learn policy test diff help' -- "$word"))
		fi
	fi
}

complete -F _strait -o default strait
