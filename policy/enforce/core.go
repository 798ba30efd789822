package enforce

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// coreSignals end a process with a core dump, if nothing else is done about them
// (signal(7)).
var coreSignals = [...]unix.Signal{
	unix.SIGQUIT, unix.SIGILL, unix.SIGTRAP, unix.SIGABRT, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV,
	unix.SIGXCPU, unix.SIGXFSZ, unix.SIGSYS,
}

// dumps judges the file that the kernel writes when a signal ends a process: a core
// dump in the process's working directory. Where that may not be made, there is
// none. What the filter kills would dump its core without a stop: see compile.
func (e *Enforcer) dumps(s *tracer.Stop) {
	if e.opt.Permissive || !slices.Contains(coreSignals[:], unix.Signal(s.Event.Sig)) {
		return
	}
	t := e.state(s.Task)
	name, ok := coreName(t)
	if !ok {
		return
	}
	j := &e.loop
	profile := j.arm(t)
	p := policy.Pair{Effect: "fs.create", Path: name, Known: name != "", Arg: -1, Dir: -1}
	v := j.aside(profile, "mknod", p)
	if runs(v.Action.Kind) {
		return
	}
	var none unix.Rlimit
	if err := unix.Prlimit(t.pid, unix.RLIMIT_CORE, &none, nil); err != nil {
		s.Do(tracer.Action{Verb: tracer.Kill}) // without a dump
	}
	v.Action, v.Why = policy.Action{Kind: policy.Deny, Num: int(unix.EPERM)}, "no core dump"
	ev := &syscalls.Event{ABI: j.side.ABI, Nr: j.side.Nr, Call: j.side.Call}
	e.out.decided(t, ev, &v, nil, time.Now())
}

// coreName returns where a task's core dump goes (core(5)), with the %s of the pattern
// as they are, "" if that cannot be found out; not ok: to no file, or there is none by
// the process's own limit.
func coreName(t *task) (name string, ok bool) {
	var limit unix.Rlimit
	if err := unix.Prlimit(t.pid, unix.RLIMIT_CORE, nil, &limit); err == nil && limit.Cur == 0 {
		return "", false
	}
	b, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	if err != nil {
		return "", true
	}
	pattern := strings.TrimSuffix(string(b), "\n")
	switch {
	case strings.HasPrefix(pattern, "|"), strings.HasPrefix(pattern, "@"):
		return "", false
	case strings.HasPrefix(pattern, "/"):
		return pattern, true
	}
	cwd, err := os.Readlink(t.proc("cwd"))
	if err != nil {
		return "", true
	}
	return filepath.Join(cwd, pattern), true
}

// dumpsFiles reports whether what a program is killed for can become a file.
func dumpsFiles() bool {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err == nil && limit.Max == 0 {
		return false
	}
	b, err := os.ReadFile("/proc/sys/kernel/core_pattern")
	return err != nil || !strings.HasPrefix(string(b), "|") && !strings.HasPrefix(string(b), "@")
}
