package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Mounts go by the system calls of Linux 5.12: a mount is made detached, as a
// descriptor, given its attributes, and moved to a place that was looked up
// inside the new root. So a symbolic link in the new root leads nowhere else,
// read-only binds take with them what is mounted below, flags that were locked
// stay, and nothing needs a /proc or a scratch directory.

// What a childMount does.
const (
	mountFS = iota
	mountBind
	mountSymlink
	mountDir
)

// The operation of a mount that failed, in report.op.
const (
	opNone = iota
	opOpenTree
	opSetattr
	opFsopen
	opFsconfig
	opFsmount
	opLookup
	opCreate
	opMove
	opChdir
	opPivot
	opUmount
)

var opNames = [...]string{
	opOpenTree: "open_tree", opSetattr: "mount_setattr", opFsopen: "fsopen",
	opFsconfig: "fsconfig", opFsmount: "fsmount", opLookup: "openat2",
	opCreate: "make mount point", opMove: "move_mount", opChdir: "chdir",
	opPivot: "pivot_root", opUmount: "umount2",
}

// childMount is one thing to be put into the file system, as system calls take
// it.
type childMount struct {
	kind    int
	index   int32 // in Cmd.Mounts, -1: Cmd.Root
	source  *byte // of a bind mount; the text of a symbolic link
	fstype  *byte
	options []childOption
	attr    unix.MountAttr
	root    bool // the target is "/"
	target  []component
	file    bool // the target is to be a file
	fd      int
}

// childOption is an option of a file system; a flag has no value.
type childOption struct{ key, value *byte }

// component is one of a target: "a/b", "b" is the second of "/a/b/c".
type component struct{ path, name *byte }

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func closeFD(fd int) { rawCall(unix.SYS_CLOSE, uintptr(fd), 0, 0, 0, 0, 0) }

// doMounts makes the steps around mounts.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func doMounts(c *childConfig, step Step) syscall.Errno {
	if !c.ownMounts {
		return 0
	}
	switch step {
	case StepPrivate:
		// Mount points are made with the modes that they are to have.
		if mask, _ := rawCall(unix.SYS_UMASK, 0, 0, 0, 0, 0, 0); c.umask < 0 {
			c.umask = int(mask)
		}
		// Propagation of the old root's mounts into the new would undo both.
		_, err := rawCall(unix.SYS_MOUNT, 0, uintptr(unsafe.Pointer(&c.slash[0])), 0, unix.MS_REC|unix.MS_PRIVATE, 0, 0)
		return err
	case StepSource:
		return openSources(c)
	case StepMount:
		return mountAll(c)
	case StepPivot:
		return pivotRoot(c)
	case StepReadonly:
		return readonlyRoot(c)
	}
	return 0
}

// openSources takes what bind mounts show before any other mount covers it.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func openSources(c *childConfig) syscall.Errno {
	mounts := c.mounts
	for i := range mounts {
		m := &mounts[i]
		if m.kind != mountBind {
			continue
		}
		c.report.index = m.index
		c.report.op = opOpenTree
		fd, err := rawCall(unix.SYS_OPEN_TREE, atFDCWD, uintptr(unsafe.Pointer(m.source)), unix.OPEN_TREE_CLONE|unix.O_CLOEXEC|unix.AT_RECURSIVE, 0, 0, 0)
		if err != 0 {
			return err
		}
		m.fd = int(fd)
		if m.attr.Attr_set == 0 {
			continue
		}
		c.report.op = opSetattr
		if err = setattr(c, m.fd, &m.attr, unix.AT_RECURSIVE); err != 0 {
			return err
		}
	}
	return 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setattr(c *childConfig, fd int, attr *unix.MountAttr, flags uintptr) syscall.Errno {
	_, err := rawCall(unix.SYS_MOUNT_SETATTR, uintptr(fd), uintptr(unsafe.Pointer(&c.empty)), unix.AT_EMPTY_PATH|flags, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr), 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func mountAll(c *childConfig) syscall.Errno {
	fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, uintptr(unsafe.Pointer(&c.slash[0])), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0, 0, 0)
	if err != 0 {
		return err
	}
	c.rootFD = int(fd)
	mounts := c.mounts
	for i := range mounts {
		m := &mounts[i]
		c.report.index = m.index
		if m.kind == mountFS {
			if err = makeFS(c, m); err != 0 {
				return err
			}
		}
		if err = c.placeMount(c, m); err != 0 {
			return err
		}
	}
	return 0
}

// makeFS makes a file system of a type, as a detached mount.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func makeFS(c *childConfig, m *childMount) syscall.Errno {
	c.report.op = opFsopen
	fs, err := rawCall(unix.SYS_FSOPEN, uintptr(unsafe.Pointer(m.fstype)), unix.FSOPEN_CLOEXEC, 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	if err = configureFS(c, m, fs); err != 0 {
		// The last byte stays 0. There may be nothing to read.
		rawCall(unix.SYS_READ, fs, uintptr(unsafe.Pointer(&c.report.said)), unsafe.Sizeof(c.report.said)-1, 0, 0, 0)
	}
	return err // fs goes at execve
}

// configureFS makes the mount m.fd of the file system that fs is to be.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func configureFS(c *childConfig, m *childMount, fs uintptr) syscall.Errno {
	c.report.op = opFsconfig
	var err syscall.Errno
	for _, o := range m.options {
		cmd := uintptr(unix.FSCONFIG_SET_STRING)
		if o.value == nil {
			cmd = unix.FSCONFIG_SET_FLAG
		}
		_, err = rawCall(unix.SYS_FSCONFIG, fs, cmd, uintptr(unsafe.Pointer(o.key)), uintptr(unsafe.Pointer(o.value)), 0, 0)
		if err != 0 {
			return err
		}
	}
	if _, err = rawCall(unix.SYS_FSCONFIG, fs, unix.FSCONFIG_CMD_CREATE, 0, 0, 0, 0); err != 0 {
		return err
	}
	c.report.op = opFsmount
	fd, err := rawCall(unix.SYS_FSMOUNT, fs, unix.FSMOUNT_CLOEXEC, uintptr(m.attr.Attr_set), 0, 0, 0)
	m.fd = int(fd)
	return err
}

// placeMount puts m where it belongs.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func placeMount(c *childConfig, m *childMount) syscall.Errno {
	if m.root {
		// Over the old root, which stays this process's root until
		// pivot_root. From here on names are looked up in the new one.
		c.report.op = opMove
		_, err := rawCall(unix.SYS_MOVE_MOUNT, uintptr(m.fd), uintptr(unsafe.Pointer(&c.empty)), atFDCWD, uintptr(unsafe.Pointer(&c.slash[0])), unix.MOVE_MOUNT_F_EMPTY_PATH, 0)
		closeFD(c.rootFD)
		c.rootFD = m.fd
		return err
	}
	target, err := makeTarget(c, m)
	if err != 0 || m.kind == mountSymlink || m.kind == mountDir {
		return err
	}
	c.report.op = opMove
	_, err = rawCall(unix.SYS_MOVE_MOUNT, uintptr(m.fd), uintptr(unsafe.Pointer(&c.empty)), uintptr(target), uintptr(unsafe.Pointer(&c.empty)), unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH, 0)
	closeFD(target)
	closeFD(m.fd)
	return err
}

// lookup opens a path as the new root has it.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func lookup(c *childConfig, path *byte) (int, syscall.Errno) {
	fd, err := rawCall(unix.SYS_OPENAT2, uintptr(c.rootFD), uintptr(unsafe.Pointer(path)), uintptr(unsafe.Pointer(&c.openHow)), unsafe.Sizeof(c.openHow), 0, 0)
	return int(fd), err
}

// makeTarget opens the target, made if it is not there, component by component.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func makeTarget(c *childConfig, m *childMount) (int, syscall.Errno) {
	parent, last := c.rootFD, len(m.target)-1
	for i, part := range m.target {
		c.report.op = opLookup
		fd, err := lookup(c, part.path)
		if err == unix.ENOENT {
			c.report.op = opCreate
			if err = createEntry(m, parent, part.name, i == last); err == 0 && (i < last || m.kind != mountSymlink) {
				fd, err = lookup(c, part.path)
			}
		}
		if parent != c.rootFD {
			closeFD(parent)
		}
		if err != 0 {
			return 0, err
		}
		parent = fd
	}
	return parent, 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func createEntry(m *childMount, parent int, entry *byte, last bool) syscall.Errno {
	name := uintptr(unsafe.Pointer(entry))
	var err syscall.Errno
	switch {
	case last && m.kind == mountSymlink:
		_, err = rawCall(unix.SYS_SYMLINKAT, uintptr(unsafe.Pointer(m.source)), uintptr(parent), name, 0, 0, 0)
	case last && m.file:
		_, err = rawCall(unix.SYS_MKNODAT, uintptr(parent), name, unix.S_IFREG|0o644, 0, 0, 0)
	default:
		_, err = rawCall(unix.SYS_MKDIRAT, uintptr(parent), name, 0o755, 0, 0, 0)
	}
	if err == unix.EEXIST { // somebody was faster, which is fine
		return 0
	}
	return err
}

// pivotRoot makes the new root the root, and has the old one gone: the old root
// lands on top of the new one, and is unmounted from there.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func pivotRoot(c *childConfig) syscall.Errno {
	if !c.newRoot {
		return 0
	}
	dot := uintptr(unsafe.Pointer(&c.dot[0]))
	c.report.op = opChdir
	if _, err := rawCall(unix.SYS_FCHDIR, uintptr(c.rootFD), 0, 0, 0, 0, 0); err != 0 {
		return err
	}
	c.report.op = opPivot
	if c.initramfs {
		// It cannot be unmounted (pivot_root(2), EINVAL). It is covered; the
		// init stays in it.
		_, err := rawCall(unix.SYS_CHROOT, dot, 0, 0, 0, 0, 0)
		return err
	}
	if _, err := rawCall(unix.SYS_PIVOT_ROOT, dot, dot, 0, 0, 0, 0); err != 0 {
		return err
	}
	c.report.op = opUmount
	if _, err := rawCall(unix.SYS_UMOUNT2, dot, unix.MNT_DETACH, 0, 0, 0, 0); err != 0 {
		return err
	}
	c.report.op = opChdir
	_, err := rawCall(unix.SYS_CHDIR, uintptr(unsafe.Pointer(&c.slash[0])), 0, 0, 0, 0, 0)
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func readonlyRoot(c *childConfig) syscall.Errno {
	var err syscall.Errno
	if c.readonlyRoot {
		c.report.op = opSetattr
		err = setattr(c, c.rootFD, &c.readonly, 0)
	}
	closeFD(c.rootFD)
	return err
}
