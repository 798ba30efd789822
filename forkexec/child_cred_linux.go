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
		return 0
	case step == StepGID:
		_, err = rawCall(sysSetresgid, uintptr(c.gid), uintptr(c.gid), uintptr(c.gid), 0, 0, 0)
	case step == StepUID:
		_, err = rawCall(sysSetresuid, uintptr(c.uid), uintptr(c.uid), uintptr(c.uid), 0, 0, 0)
	case step == StepGroups && c.setGroups:
		_, err = rawCall(sysSetgroups, uintptr(len(c.groups)), uintptr(unsafe.Pointer(unsafe.SliceData(c.groups))), 0, 0, 0, 0)
	}
	if err != 0 || step != StepUID {
		return err
	}
	// commit_creds took both away: the parent's death is to be noticed on, and
	// a parent without CAP_SYS_PTRACE is to attach.
	if !c.vfork {
		if err = prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0); err != 0 {
			return err
		}
	}
	if c.dumpable {
		err = prctl(unix.PR_SET_DUMPABLE, 1, 0)
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
	_, err := rawCall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(c.dir)), 0, 0, 0, 0, 0)
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
	return prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0)
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
		_, err = rawCall(unix.SYS_SETSID, 0, 0, 0, 0, 0, 0)
	case step == StepSetpgid && c.setpgid:
		_, err = rawCall(unix.SYS_SETPGID, 0, uintptr(c.pgid), 0, 0, 0, 0)
	case step == StepCtty && c.ctty >= 0:
		_, err = rawCall(unix.SYS_IOCTL, uintptr(c.ctty), unix.TIOCSCTTY, 0, 0, 0, 0)
	case step == StepForeground && c.foreground >= 0:
		var pgrp uintptr
		pgrp, err = rawCall(unix.SYS_GETPGID, 0, 0, 0, 0, 0, 0)
		if err != 0 {
			return err
		}
		group := int32(pgrp)
		_, err = rawCall(unix.SYS_IOCTL, uintptr(c.foreground), unix.TIOCSPGRP, uintptr(unsafe.Pointer(&group)), 0, 0, 0)
	}
	return err
}
