package enforce

import "golang.org/x/sys/unix"

const (
	nativeName    = "amd64"
	setgroupsCall = unix.SYS_SETGROUPS
)
