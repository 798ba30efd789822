package tracer

import (
	"encoding/binary"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// An effect is what a call does that matters for tracing.
type effect uint8

const (
	effUnknown  effect = iota // not looked up yet
	effNone                   // nothing
	effExec                   // makes another program of the process
	effFilter                 // seccomp: may install a filter
	effControl                // prctl: may, too
	effMask                   // reads or changes on which CPUs a task may run
	effFork                   // makes a process
	effClone                  // makes a task; argument 0 are flags
	effClone3                 // makes a task; argument 0 points to flags
	effClose                  // makes descriptor argument 0 another
	effDup                    // makes descriptor argument 1 another
	effCloseAll               // makes many descriptors others
	effOpaque                 // may change descriptors unseen
	effMove                   // changes where paths lead, or the names of open files
)

// effectOf looks an effect up by the call's name.
func effectOf(name string) effect {
	switch name {
	case "execve", "execveat":
		return effExec
	case "seccomp":
		return effFilter
	case "prctl":
		return effControl
	case "sched_getaffinity", "sched_setaffinity", "sched_setattr":
		return effMask
	case "fork", "vfork":
		return effFork
	case "clone":
		return effClone
	case "clone3":
		return effClone3
	case "close":
		return effClose
	case "dup2", "dup3":
		return effDup
	case "close_range":
		return effCloseAll
	case "io_uring_setup", "unshare", "setns":
		return effOpaque
	case "chdir", "fchdir", "chroot", "pivot_root", "mount", "umount", "umount2", "move_mount",
		"rename", "renameat", "renameat2", "unlink", "unlinkat", "rmdir", "link", "linkat", "mq_unlink":
		return effMove
	}
	return effNone
}

// effects are those of each ABI's calls, looked up when a call is first made.
type effects [syscalls.NumABI][640]effect

func (f *effects) of(ev *syscalls.Event) effect {
	if ev.Nr >= uint64(len(f[0])) {
		return effNone // none of those that have any
	}
	e := &f[ev.ABI.ID][ev.Nr]
	if *e == effUnknown {
		*e = effNone
		if c := ev.ABI.Call(ev.Nr); c != nil {
			*e = effectOf(c.Name)
		}
	}
	return *e
}

// special notes what a call that is about to be made means for tracing.
func (t *Tracer) special(k *Task, ev *syscalls.Event) error {
	e := t.effects.of(ev)
	if e == effNone {
		return nil
	}
	k.touch(e, ev)
	switch e {
	case effExec:
		k.inExec = true
		k.proc.execs++
	case effFilter:
		op := uint32(ev.Args[0])
		if op == unix.SECCOMP_SET_MODE_FILTER || op == unix.SECCOMP_SET_MODE_STRICT {
			return t.ownFilter(k, ev.Args[1]&unix.SECCOMP_FILTER_FLAG_TSYNC != 0)
		}
	case effControl:
		if uint32(ev.Args[0]) == unix.PR_SET_SECCOMP {
			return t.ownFilter(k, false)
		}
	case effMask:
		t.stepAside(k, true)
	case effFork, effClone, effClone3:
		if !t.opt.FollowForks || k.cloneFlags(e, ev)&unix.CLONE_UNTRACED != 0 {
			t.stepAside(k, false)
		}
	}
	return nil
}

// cloneFlags returns the flags that a task is made with.
func (k *Task) cloneFlags(e effect, ev *syscalls.Event) uint64 {
	switch e {
	case effClone:
		return ev.Args[0]
	case effClone3:
		var b [8]byte // struct clone_args (include/uapi/linux/sched.h) begins with them
		if k.ReadMemory(ev.Args[0], b[:]) == len(b) {
			return binary.NativeEndian.Uint64(b[:])
		}
	}
	return 0
}

// over ends what special began: the call has returned, or never will.
func (k *Task) over() {
	k.endExec()
	k.t.stepBack(k)
	k.untouch()
}

// filters says whether a filter decides at which calls a task stops.
func (t *Tracer) filters(k *Task) bool { return t.opt.Filter && !k.plain && k.every == filtered }

// StopAtAll has a task under a Filter that is at the entry of a call stop at every call from then
// on, or, after that call, no longer. The tasks that it makes are like it.
func (k *Task) StopAtAll(on bool) {
	switch {
	case on:
		k.every = everyCall
	case k.every != filtered:
		k.every = lastCall
	}
}

// callOver ends what StopAtAll left until the call was over.
func (k *Task) callOver() {
	if k.every == lastCall {
		k.every = filtered
	}
}

// A reach is at which calls a task is to stop.
type reach uint8

const (
	filtered  reach = iota
	everyCall       // whatever the filter says
	lastCall        // the same, until the call that is being made is over
)

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
