//go:build linux && !386 && !arm

package forkexec

import "golang.org/x/sys/unix"

// System calls that the 32-bit ABIs have twice.
const (
	sysFcntl     = unix.SYS_FCNTL
	sysSetgroups = unix.SYS_SETGROUPS
	sysSetresgid = unix.SYS_SETRESGID
	sysSetresuid = unix.SYS_SETRESUID
)
