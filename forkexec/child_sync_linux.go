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
	wordReady = 'r' // child: stop me, seize me
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
		n, err := rawCall(unix.SYS_READ, uintptr(c.sock), uintptr(unsafe.Pointer(&c.word[0])), 1, 0, 0, 0)
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
		_, err := rawCall(unix.SYS_WRITE, uintptr(c.sock), uintptr(unsafe.Pointer(&c.word[0])), 1, 0, 0, 0)
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
	dropFiles(c)
	if !c.sync {
		return 0
	}
	if err := send(c, wordSync); err != 0 {
		return err
	}
	return receiveGo(c)
}

// traceMe makes the calling thread of the parent the tracer. The stop is made by
// the parent, which sends SIGSTOP when it hears the ready byte of confirmTracer:
// one that the child raised itself would be lost to a SIGCONT from elsewhere, and
// nobody could tell.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func traceMe(c *childConfig) syscall.Errno {
	if c.ptrace != PtraceSeize && c.ptrace != PtraceTraceMe {
		return 0
	}
	_, err := rawCall(unix.SYS_PTRACE, unix.PTRACE_TRACEME, 0, 0, 0, 0, 0)
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
	if err := send(c, wordReady); err != 0 {
		return err
	}
	// Before the parent has heard that, it looks for no stop; so no signal may
	// have made one. After it, the SIGCONT that ends a group-stop is to show.
	if err := setMask(&c.confirm); err != 0 {
		return err
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
	return prctl(unix.PR_SET_PDEATHSIG, c.parentDeath, 0)
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func restoreSignals(c *childConfig) syscall.Errno {
	for sig := uintptr(1); sig <= 64; sig++ {
		if c.ignored>>(sig-1)&1 != 0 {
			_, err := rawCall(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&c.ignore)), 0, sigsetSize, 0, 0)
			if err != 0 {
				return err
			}
		}
	}
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
	_, err := rawCall(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(mask)), 0, sigsetSize, 0, 0)
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
	fd, err := rawCall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, c.seccompFlags, uintptr(unsafe.Pointer(c.seccomp)), 0, 0, 0)
	if err != 0 || !c.listener {
		return err
	}
	// From here on the filter may forbid, or hold up, every system call. So
	// the parent fetches the descriptor, and this waits without one.
	c.report.listener = uint32(fd) + 1
	for load(&c.report.ack) == 0 {
	}
	return 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func load(p *uint32) uint32 { return *p }
