//go:build linux && (386 || arm)

package forkexec

import "golang.org/x/sys/unix"

// The 32-bit ABIs have these twice; the older ones take 16-bit ids.
const (
	sysFcntl     = unix.SYS_FCNTL64
	sysSetgroups = unix.SYS_SETGROUPS32
	sysSetresgid = unix.SYS_SETRESGID32
	sysSetresuid = unix.SYS_SETRESUID32
)
