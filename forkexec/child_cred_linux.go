package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setCredential(c *childConfig, step Step) syscall.Errno {
	var err syscall.Errno
	switch {
	case !c.setCred:
	case step == StepGID:
		_, _, err = syscall.RawSyscall(sysSetresgid, uintptr(c.gid), uintptr(c.gid), uintptr(c.gid))
	case step == StepUID:
		_, _, err = syscall.RawSyscall(sysSetresuid, uintptr(c.uid), uintptr(c.uid), uintptr(c.uid))
	case c.setGroups:
		_, _, err = syscall.RawSyscall(sysSetgroups, uintptr(len(c.groups)), uintptr(unsafe.Pointer(unsafe.SliceData(c.groups))), 0)
	}
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func changeDir(c *childConfig) syscall.Errno {
	if c.dir == nil {
		return 0
	}
	_, _, err := syscall.RawSyscall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(c.dir)), 0, 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setNoNewPrivs(c *childConfig) syscall.Errno {
	if !c.noNewPrivs {
		return 0
	}
	_, _, err := syscall.RawSyscall6(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0, 0)
	return err
}

// joinSession is the child's place among sessions, process groups and
// terminals. Signals are blocked where Foreground is asked for, so SIGTTOU does
// not stop a child in the background.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func joinSession(c *childConfig, step Step) syscall.Errno {
	var err syscall.Errno
	switch {
	case step == StepSetsid && c.setsid:
		_, _, err = syscall.RawSyscall(unix.SYS_SETSID, 0, 0, 0)
	case step == StepSetpgid && c.setpgid:
		_, _, err = syscall.RawSyscall(unix.SYS_SETPGID, 0, uintptr(c.pgid), 0)
	case step == StepCtty && c.ctty >= 0:
		_, _, err = syscall.RawSyscall(unix.SYS_IOCTL, uintptr(c.ctty), unix.TIOCSCTTY, 0)
	case step == StepForeground && c.foreground >= 0:
		var pgrp uintptr
		pgrp, _, err = syscall.RawSyscall(unix.SYS_GETPGID, 0, 0, 0)
		if err != 0 {
			return err
		}
		group := int32(pgrp)
		_, _, err = syscall.RawSyscall(unix.SYS_IOCTL, uintptr(c.foreground), unix.TIOCSPGRP, uintptr(unsafe.Pointer(&group)))
	}
	return err
}
