package enforce

import (
	"sync"

	"golang.org/x/sys/unix"
)

// landlockVersion is the version of the interface that the kernel has, 0: none.
var landlockVersion = sync.OnceValue(func() int {
	n, _, e := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, unix.LANDLOCK_CREATE_RULESET_VERSION)
	if e != 0 {
		return 0
	}
	return int(n)
})
