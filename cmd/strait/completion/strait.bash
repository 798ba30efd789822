# bash completion for strait, generated from its option table.

_strait_argument() {
	local option=$1 word=$2
	case $option in
	-b|--detach-on) COMPREPLY=($(compgen -W 'execve' -- "$word")) ;;
	--daemonize|--daemonised|--daemonized) COMPREPLY=($(compgen -W 'grandchild pgroup pgrp session' -- "$word")) ;;
	-e) COMPREPLY=($(compgen -W 'trace= trace-fds= abbrev= verbose= raw= signals= status= read= write= fault= inject= quiet= decode-fds= decode-pids= kvm= namespace= secontext=' -- "$word")); compopt -o nospace 2>/dev/null ;;
	-I|--interruptible) COMPREPLY=($(compgen -W 'anywhere waiting never never_tstp' -- "$word")) ;;
	--stack-trace|--stack-traces) COMPREPLY=($(compgen -W 'symbol source' -- "$word")) ;;
	-o|--output) COMPREPLY=($(compgen -f -- "$word")) ;;
	-p|--attach) COMPREPLY=($(compgen -W "$(cd /proc && echo [0-9]*)" -- "$word")) ;;
	-P|--trace-path) COMPREPLY=($(compgen -f -- "$word")) ;;
	--relative-timestamps) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	-S|--summary-sort-by) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name nothing' -- "$word")) ;;
	--absolute-timestamps|--timestamps) COMPREPLY=($(compgen -W 'none time unix s ms us ns' -- "$word")) ;;
	--syscall-times) COMPREPLY=($(compgen -W 's ms us ns' -- "$word")) ;;
	-u|--user) COMPREPLY=($(compgen -u -- "$word")) ;;
	-U|--summary-columns) COMPREPLY=($(compgen -W 'time-percent total-time min-time max-time avg-time wall-total wall-min wall-max wall-avg calls errors name' -- "$word")) ;;
	--strings-in-hex) COMPREPLY=($(compgen -W 'none non-ascii-chars non-ascii all' -- "$word")) ;;
	-X|--const-print-style) COMPREPLY=($(compgen -W 'raw abbrev verbose' -- "$word")) ;;
	--tips) COMPREPLY=($(compgen -W 'random none compact full' -- "$word")) ;;
	--color) COMPREPLY=($(compgen -W 'auto always never' -- "$word")) ;;
	--signals) COMPREPLY=($(compgen -A signal -- "$word")) ;;
	--status) COMPREPLY=($(compgen -W 'successful failed unfinished unavailable detached' -- "$word")) ;;
	--kvm) COMPREPLY=($(compgen -W 'vcpu vcpu+' -- "$word")) ;;
	--namespace) COMPREPLY=($(compgen -W 'new' -- "$word")) ;;
	--quiet|--silent|--silence) COMPREPLY=($(compgen -W 'attach exit path-resolution personality thread-execve all none' -- "$word")) ;;
	--decode-fds) COMPREPLY=($(compgen -W 'path socket dev eventfd pidfd signalfd all none' -- "$word")) ;;
	--decode-pids) COMPREPLY=($(compgen -W 'comm pidns all none' -- "$word")) ;;
	--secontext) COMPREPLY=($(compgen -W 'full mismatch' -- "$word")) ;;
	--placement) COMPREPLY=($(compgen -W 'auto together free' -- "$word")) ;;
	esac
}

_strait() {
	local word=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} i=1
	COMPREPLY=()
	# Behind PROG its own completion goes on.
	while ((i < COMP_CWORD)); do
		case ${COMP_WORDS[i]} in
		--) ((i++)); break ;;
		-a|--columns|-b|--detach-on|-e|-E|--env|-I|--interruptible|--stack-trace-frame-limit|--syscall-limit|-o|--output|-O|--summary-syscall-overhead|-p|--attach|-P|--trace-path|-s|--string-limit|-S|--summary-sort-by|-u|--user|-U|--summary-columns|-X|--const-print-style|--argv0|--color|--trace|--trace-fds|--abbrev|--verbose|--raw|--signals|--status|--read|--write|--fault|--inject|--kvm|--decode-pids|--slower-than|--placement) ((i++)) ;;
		=) ((i++)) ;;
		-*) ;;
		*) break ;;
		esac
		((i++))
	done
	if ((i < COMP_CWORD)) && declare -F _command_offset >/dev/null; then
		_command_offset $i
		return
	fi
	if [[ $word == = ]]; then
		_strait_argument "$previous" ""
		return
	fi
	if [[ $previous == = ]]; then
		_strait_argument "${COMP_WORDS[COMP_CWORD-2]}" "$word"
		return
	fi
	case $previous in
	-a|--columns|-b|--detach-on|-e|-E|--env|-I|--interruptible|--stack-trace-frame-limit|--syscall-limit|-o|--output|-O|--summary-syscall-overhead|-p|--attach|-P|--trace-path|-s|--string-limit|-S|--summary-sort-by|-u|--user|-U|--summary-columns|-X|--const-print-style|--argv0|--color|--trace|--trace-fds|--abbrev|--verbose|--raw|--signals|--status|--read|--write|--fault|--inject|--kvm|--decode-pids|--slower-than|--placement)
		_strait_argument "$previous" "$word"
		return ;;
	esac
	if [[ $word == -* ]]; then
		COMPREPLY=($(compgen -W '-a --columns -A --output-append-mode -b --detach-on -c --summary-only -C --summary -d --debug -D --daemonize -e -E --env -f --follow-forks --output-separately -F -h --help -i --instruction-pointer -I --interruptible --kill-on-exit -k --stack-trace --stack-trace-frame-limit --syscall-limit -n --syscall-number -N --arg-names -o --output -O --summary-syscall-overhead -p --attach -P --trace-path -r --relative-timestamps -s --string-limit -S --summary-sort-by -t --absolute-timestamps -T --syscall-times -u --user -U --summary-columns -v --no-abbrev -V --version -w --summary-wall-clock -x --strings-in-hex -X --const-print-style -y --pidns-translation -Y -z --successful-only -Z --failed-only --seccomp-bpf --tips --argv0 --always-show-pid --color --trace --trace-fds --abbrev --verbose --raw --signals --status --read --write --fault --inject --kvm --namespace -q --quiet --decode-fds --decode-pids --secontext --json --no-interleave --slower-than --tree --placement' -- "$word"))
		return
	fi
	COMPREPLY=($(compgen -c -- "$word"))
	if ((COMP_CWORD == 1)); then
		COMPREPLY+=($(compgen -W 'run learn policy test diff help' -- "$word"))
	fi
}

complete -F _strait -o default strait
