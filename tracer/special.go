package tracer

import (
	"encoding/binary"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// specialCalls are the numbers, on each ABI, of the calls that change how a task
// is to be traced.
type specialCalls [syscalls.NumABI]struct {
	seccomp, prctl, execve, execveat  uint64
	getaffinity, setaffinity, setattr uint64
	fork, vfork, clone, clone3        uint64
}

func findSpecialCalls() (s specialCalls) {
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		s[id].seccomp = number(abi, "seccomp")
		s[id].prctl = number(abi, "prctl")
		s[id].execve = number(abi, "execve")
		s[id].execveat = number(abi, "execveat")
		s[id].getaffinity = number(abi, "sched_getaffinity")
		s[id].setaffinity = number(abi, "sched_setaffinity")
		s[id].setattr = number(abi, "sched_setattr")
		s[id].fork = number(abi, "fork")
		s[id].vfork = number(abi, "vfork")
		s[id].clone = number(abi, "clone")
		s[id].clone3 = number(abi, "clone3")
	}
	return s
}

func number(abi *syscalls.ABI, name string) uint64 {
	if nr, ok := abi.Number(name); ok {
		return nr
	}
	return noCall
}

// special notes what a call that is about to be made means for tracing.
func (t *Tracer) special(k *Task, ev *syscalls.Event) error {
	switch s := &t.specials[ev.ABI.ID]; ev.Nr {
	case s.execve, s.execveat:
		k.inExec = true
		k.proc.execs++
	case s.seccomp:
		op := uint32(ev.Args[0])
		if op == unix.SECCOMP_SET_MODE_FILTER || op == unix.SECCOMP_SET_MODE_STRICT {
			return t.ownFilter(k, ev.Args[1]&unix.SECCOMP_FILTER_FLAG_TSYNC != 0)
		}
	case s.prctl:
		if uint32(ev.Args[0]) == unix.PR_SET_SECCOMP {
			return t.ownFilter(k, false)
		}
	case s.getaffinity, s.setaffinity, s.setattr:
		t.stepAside(k, true)
	case s.fork, s.vfork:
		if !t.opt.FollowForks {
			t.stepAside(k, false)
		}
	case s.clone, s.clone3:
		if !t.opt.FollowForks || k.untraced(ev, ev.Nr == s.clone3) {
			t.stepAside(k, false)
		}
	}
	return nil
}

// untraced says whether a clone makes a task that is not to be traced.
func (k *Task) untraced(ev *syscalls.Event, clone3 bool) bool {
	flags := ev.Args[0]
	if clone3 {
		var b [8]byte // struct clone_args (include/uapi/linux/sched.h) begins with them
		if k.ReadMemory(flags, b[:]) < len(b) {
			return false
		}
		flags = binary.NativeEndian.Uint64(b[:])
	}
	return flags&unix.CLONE_UNTRACED != 0
}

// ownFilter has a task that installs a filter of its own stop at every call:
// that filter may outrank ours, whose calls would then not come here. all: it is
// for all threads, which have to stop once for that.
func (t *Tracer) ownFilter(k *Task, all bool) error {
	if !t.opt.Filter {
		return nil
	}
	k.plain = true
	if !all || k.proc.tasks == 1 {
		return nil
	}
	for _, s := range t.tasks {
		if s.proc != k.proc || s == k {
			continue
		}
		s.plain = true
		if s.state == running && s.seized {
			if err := t.interrupt(s); err != nil {
				return err
			}
		}
	}
	return nil
}

// endExec says that k is not in an execve, or no longer.
func (k *Task) endExec() {
	if k.inExec {
		k.inExec = false
		k.proc.execs--
	}
}

// overtaken reports whether a stop of k is void because another thread's execve
// succeeded: that thread has k's id now and is stopped itself, so that a request
// about k would hit it, and lose its PTRACE_EVENT_EXEC. Only a leader's id is
// taken over.
func (t *Tracer) overtaken(k *Task) bool {
	if k.proc.execs == 0 || k.proc.tasks == 1 || k.tid != k.proc.pid || k.inExec {
		return false
	}
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, k.tid, &info,
		unix.WNOWAIT|unix.WNOHANG|unix.WSTOPPED|unix.WEXITED|unix.WALL, nil)
	return err == nil && info.Signo != 0
}
