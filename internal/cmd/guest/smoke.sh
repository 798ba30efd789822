# Runs each of strait's ways to look at a program, and to hold it to a policy, once: sh smoke.sh STRAIT.
# The programs are the shell's and cat, which every machine has. It says what failed, and exits with 1 then.
s=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
d=$(mktemp -d) || exit 2
trap 'rm -rf "$d"' EXIT
cd "$d" || exit 2
failed=0

# want NAME COMMAND [ARG...]: the command must succeed.
want() {
	name=$1
	shift
	if "$@" >"$d/out" 2>&1; then
		echo "smoke: $name: ok"
	else
		echo "smoke: $name: FAILED ($*)"
		head -n 9 "$d/out" | cut -c 1-200
		failed=1
	fi
}
# has PATTERN [COUNT]: so many lines of the trace, or any, match.
has() { n=$(grep -c -e "$1" trace); [ "$n" -gt 0 ] && { [ -z "$2" ] || [ "$n" = "$2" ]; }; }
traced() { rm -f trace; "$s" -o trace "$@"; }

one() { traced cat /etc/passwd && has '^execve(".*cat"' && has '^+++ exited with 0 +++$'; }
want 'one process' one
children() { traced -f sh -c '(exit 3); (exit 4); wait; true' && has 'exited with 3' && has 'exited with 4'; }
want 'children, -f' children
filtered() { traced -f --seccomp-bpf -e trace=/^open sh -c 'cat /etc/passwd; true' && has '/etc/passwd' && ! has 'execve'; }
want '--seccomp-bpf' filtered
# A Go program has functions with names: our own.
stack() { traced -f -k -e trace=write "$s" -V && has '^ > .*(main\.'; }
want 'stack traces, -k' stack
killed() { traced sh -c 'kill -9 $$'; has '^+++ killed by SIGKILL +++$'; }
want 'a signal' killed
injected() { traced -e inject=read,sendfile:error=EIO -e trace=read,sendfile cat /etc/passwd; has 'EIO.*(INJECTED)$'; }
want 'an error that is injected' injected
json() { traced --json cat /etc/passwd && has '"name":"execve"'; }
want '--json' json

cat >p.yaml <<'P'
version: 1
include: [std/runtime]
default: deny(EPERM)
profiles:
  main:
    - deny(EACCES) fs.* ${CWD}/secret
    - allow fs.read ${CWD}/data
    - allow exec /**
    - allow fs.read /bin/** /usr/** /lib*/**
P
echo data >data
echo secret >secret
allowed() { "$s" run --policy p.yaml -- cat data; }
want 'a policy allows' allowed
denied() { ! "$s" run --policy p.yaml -- cat secret; }
want 'a policy denies' denied
words() { "$s" run --policy p.yaml -- cat secret 2>&1 | grep -q 'Permission denied'; }
want 'with the error that it says' words
audited() { ! "$s" run --policy p.yaml --audit audit -- cat secret; grep -q secret audit; }
want 'and the log says so' audited
learnt() { "$s" learn -o l.yaml -- cat data && grep -q 'fs.read .*/data' l.yaml; }
want 'a policy is learnt' learnt
holds() { "$s" run --policy l.yaml -- cat data && ! "$s" run --policy l.yaml -- cat secret; }
want 'and holds' holds
exit $failed
