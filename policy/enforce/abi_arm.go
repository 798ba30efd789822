package enforce

import "golang.org/x/sys/unix"

const (
	nativeName    = "arm"
	setgroupsCall = unix.SYS_SETGROUPS32
)
