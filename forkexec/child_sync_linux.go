package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The words between parent and child, a byte each.
const (
	wordGo    = 'g' // parent: go on
	wordSync  = 's' // child: configured, call the sync function
	wordReady = 'r' // child: seize me
)

// receiveGo waits for the parent's word. An end of file is a dead parent, or one
// that gave up.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func receiveGo(c *childConfig) syscall.Errno {
	for {
		n, _, err := syscall.RawSyscall(unix.SYS_READ, uintptr(c.sock), uintptr(unsafe.Pointer(&c.word[0])), 1)
		switch {
		case err == unix.EINTR:
			continue
		case err != 0:
			return err
		case n != 1 || c.word[0] != wordGo:
			return unix.EPIPE
		}
		return 0
	}
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func send(c *childConfig, word byte) syscall.Errno {
	c.word[0] = word
	for {
		_, _, err := syscall.RawSyscall(unix.SYS_WRITE, uintptr(c.sock), uintptr(unsafe.Pointer(&c.word[0])), 1)
		if err != unix.EINTR {
			return err
		}
	}
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func waitParent(c *childConfig) syscall.Errno {
	if !c.waitParent {
		return 0
	}
	return receiveGo(c)
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func syncParent(c *childConfig) syscall.Errno {
	if !c.sync {
		return 0
	}
	if err := send(c, wordSync); err != 0 {
		return err
	}
	return receiveGo(c)
}

// traceMe makes the calling thread of the parent the tracer and stops. The
// signal is sent to the pid as this pid namespace has it.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func traceMe(c *childConfig) syscall.Errno {
	if c.ptrace != PtraceSeize && c.ptrace != PtraceTraceMe {
		return 0
	}
	_, _, err := syscall.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_TRACEME, 0, 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	pid, _, _ := syscall.RawSyscall(unix.SYS_GETPID, 0, 0, 0)
	_, _, err = syscall.RawSyscall(unix.SYS_KILL, pid, uintptr(unix.SIGSTOP), 0)
	return err
}

// confirmTracer waits until the tracer has it as it wants it. From here on the
// parent steps the child from system call to system call, until the one that
// phaseLast announces.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func confirmTracer(c *childConfig) syscall.Errno {
	if c.ptrace == PtraceNone {
		return 0
	}
	if c.ptrace == PtraceSeizeReady {
		if err := send(c, wordReady); err != 0 {
			return err
		}
	}
	return receiveGo(c)
}

// setParentDeath replaces what prepareFork set.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setParentDeath(c *childConfig) syscall.Errno {
	if c.vfork && c.parentDeath == 0 {
		return 0
	}
	_, _, err := syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_PDEATHSIG, c.parentDeath, 0, 0, 0, 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func restoreSignals(c *childConfig) syscall.Errno {
	if c.vfork {
		return 0
	}
	if c.seccomp == nil {
		c.report.phase = phaseLast
	}
	return setMask(&c.sigmask)
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setMask(mask *unix.Sigset_t) syscall.Errno {
	_, _, err := syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(mask)), 0, sigsetSize, 0, 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func loadSeccomp(c *childConfig) syscall.Errno {
	if c.seccomp == nil {
		return 0
	}
	c.report.phase = phaseLast
	_, _, err := syscall.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, c.seccompFlags, uintptr(unsafe.Pointer(c.seccomp)))
	return err
}
