package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// landlockPath is struct landlock_path_beneath_attr, which is packed; what
// follows its 12 bytes is not looked at. index is that of Landlock.Paths.
type landlockPath struct {
	access uint64
	fd     int32
	index  int32
	path   *byte
}

// landlockPort is struct landlock_net_port_attr, and what is for us. index is
// that of Landlock.Ports after all of Landlock.Paths.
type landlockPort struct {
	access, port uint64
	index        int32
}

type childLandlock struct {
	handled [3]uint64 // fs, net, scoped
	paths   []landlockPath
	ports   []landlockPort
}

const (
	landlockRulePath = 1
	landlockRulePort = 2
	// landlockFileRights can be given for a file; the others are about
	// directories, and EINVAL for one.
	landlockFileRights = unix.LANDLOCK_ACCESS_FS_EXECUTE | unix.LANDLOCK_ACCESS_FS_WRITE_FILE |
		unix.LANDLOCK_ACCESS_FS_READ_FILE | unix.LANDLOCK_ACCESS_FS_TRUNCATE | unix.LANDLOCK_ACCESS_FS_IOCTL_DEV
)

// restrict makes a ruleset, in the child because its root may be a new one.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func restrict(c *childConfig) syscall.Errno {
	l := c.landlock
	if l == nil {
		return 0
	}
	set, err := rawCall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&l.handled)), unsafe.Sizeof(l.handled), 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	paths, ports := l.paths, l.ports
	for i := range paths {
		c.report.index = paths[i].index
		if err = allowPath(set, &paths[i]); err != 0 {
			return err
		}
	}
	for i := range ports {
		c.report.index = ports[i].index
		_, err = rawCall(unix.SYS_LANDLOCK_ADD_RULE, set, landlockRulePort, uintptr(unsafe.Pointer(&ports[i])), 0, 0, 0)
		if err != 0 {
			return err
		}
	}
	c.report.index = -1
	_, err = rawCall(unix.SYS_LANDLOCK_RESTRICT_SELF, set, 0, 0, 0, 0, 0)
	closeFD(int(set))
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func allowPath(set uintptr, p *landlockPath) syscall.Errno {
	fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, uintptr(unsafe.Pointer(p.path)), unix.O_PATH|unix.O_CLOEXEC, 0, 0, 0)
	if err != 0 {
		return err
	}
	p.fd = int32(fd)
	_, err = rawCall(unix.SYS_LANDLOCK_ADD_RULE, set, landlockRulePath, uintptr(unsafe.Pointer(p)), 0, 0, 0)
	if err == unix.EINVAL && p.access&landlockFileRights != 0 {
		p.access &= landlockFileRights
		_, err = rawCall(unix.SYS_LANDLOCK_ADD_RULE, set, landlockRulePath, uintptr(unsafe.Pointer(p)), 0, 0, 0)
	}
	closeFD(int(fd))
	return err
}
