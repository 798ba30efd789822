package enforce

import "golang.org/x/sys/unix"

const (
	nativeName    = "riscv64"
	setgroupsCall = unix.SYS_SETGROUPS
	setresuidCall = unix.SYS_SETRESUID
	setresgidCall = unix.SYS_SETRESGID
)
