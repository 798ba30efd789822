package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// splitInit makes the init of a pid namespace, and then the child that goes on
// as the program. Both are children of our parent (CLONE_PARENT), so that it can
// wait for them, and trace the one; the process that makes them ends here.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func splitInit(c *childConfig) syscall.Errno {
	c.report.step = int32(StepInit)
	c.report.index = -1
	if _, err := rawCall(unix.SYS_UNSHARE, unix.CLONE_NEWPID, 0, 0, 0, 0, 0); err != 0 {
		return err
	}
	pid, err := rawCall(unix.SYS_CLONE, unix.CLONE_PARENT|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	if pid == 0 {
		runInit(c)
	}
	c.report.init = int32(pid)
	pid, err = rawCall(unix.SYS_CLONE, unix.CLONE_PARENT|uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	if pid == 0 {
		for load(&c.report.initReady) == 0 { // we end with it
			rawCall(unix.SYS_SCHED_YIELD, 0, 0, 0, 0, 0, 0)
		}
		return 0
	}
	c.report.child = int32(pid)
	for {
		rawCall(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0, 0)
	}
}

// runInit is process 1 of the namespace: whoever loses its parent comes to it,
// and is reaped by the kernel since SIGCHLD is ignored. It has no descriptor but
// the end of a pipe, which tells it when our parent is no more. With it, all
// others in the namespace end.
//
// The program sees it in /proc and may be root there, so before the program
// begins it lets go of what it has of ours: its directory, which would be a way
// out of a new root (pivot_root takes its root along), and its memory, which is
// not to be looked at from another user namespace (ptrace(2), "Ptrace access mode
// checking").
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func runInit(c *childConfig) {
	pipe := uintptr(c.initPipe)
	setMask(&c.blocked)
	rawCall(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&c.ignore)), 0, sigsetSize, 0, 0)
	if pipe > 0 {
		rawCall(unix.SYS_CLOSE_RANGE, 0, pipe-1, 0, 0, 0, 0)
	}
	rawCall(unix.SYS_CLOSE_RANGE, pipe+1, uintptr(^uint32(0)), 0, 0, 0, 0)
	rawCall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(&c.slash)), 0, 0, 0, 0, 0)
	prctl(unix.PR_SET_DUMPABLE, 0, 0)
	c.report.initReady = 1
	for {
		_, err := rawCall(unix.SYS_READ, pipe, uintptr(unsafe.Pointer(&c.word)), 1, 0, 0, 0)
		if err != unix.EINTR {
			rawCall(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0, 0)
		}
	}
}
