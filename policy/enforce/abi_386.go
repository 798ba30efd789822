package enforce

import "golang.org/x/sys/unix"

const (
	nativeName    = "i386"
	setgroupsCall = unix.SYS_SETGROUPS32
)
