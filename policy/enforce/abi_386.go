package enforce

import "golang.org/x/sys/unix"

const (
	nativeName    = "i386"
	setgroupsCall = unix.SYS_SETGROUPS32
	setresuidCall = unix.SYS_SETRESUID32
	setresgidCall = unix.SYS_SETRESGID32
)
