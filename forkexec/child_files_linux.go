package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// fcntl64 of the 32-bit ABIs differs from fcntl only for locks.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func fcntl(fd, cmd, arg int) (int, syscall.Errno) {
	r, err := rawCall(sysFcntl, uintptr(fd), uintptr(cmd), uintptr(arg), 0, 0, 0)
	return int(r), err
}

// mapFiles gives the child the descriptors of c.files. First everything that is
// in the way, ours too, moves above the table; then each goes to its place.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func mapFiles(c *childConfig) syscall.Errno {
	if c.files == nil {
		return 0
	}
	if err := moveOwn(c); err != 0 {
		return err
	}
	var err syscall.Errno
	for i, fd := range c.files {
		if fd < 0 || fd == i || fd >= c.nfiles {
			continue
		}
		c.report.index = int32(i)
		if c.files[i], err = fcntl(fd, unix.F_DUPFD_CLOEXEC, c.nfiles); err != 0 {
			return err
		}
	}
	for i, fd := range c.files {
		c.report.index = int32(i)
		if err = placeFile(fd, i); err != 0 {
			return err
		}
	}
	return 0
}

// placeFile makes descriptor i the one that fd is.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func placeFile(fd, i int) syscall.Errno {
	switch fd {
	case FileKept:
		return 0
	case FileClosed:
		rawCall(unix.SYS_CLOSE, uintptr(i), 0, 0, 0, 0, 0) // EBADF: it was not open
		return 0
	case i:
		_, err := fcntl(fd, unix.F_SETFD, 0)
		return err
	}
	_, err := rawCall(unix.SYS_DUP3, uintptr(fd), uintptr(i), 0, 0, 0, 0)
	return err
}

// moveOwn moves the descriptors that the start itself needs out of the way. The
// old ones stay, close-on-exec, until something is put there.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func moveOwn(c *childConfig) syscall.Errno {
	var err syscall.Errno
	if !c.vfork && c.sock < c.nfiles {
		if c.sock, err = fcntl(c.sock, unix.F_DUPFD_CLOEXEC, c.nfiles); err != 0 {
			return err
		}
	}
	if c.fdDir > 0 && c.fdDir < c.nfiles {
		if c.fdDir, err = fcntl(c.fdDir, unix.F_DUPFD_CLOEXEC, c.nfiles); err != 0 {
			return err
		}
	}
	if c.execFD > 0 && c.execFD < c.nfiles {
		c.execFD, err = fcntl(c.execFD, unix.F_DUPFD_CLOEXEC, c.nfiles)
	}
	return err
}

// closeFiles marks all beyond the table close-on-exec: what the start itself
// needs works until then.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func closeFiles(c *childConfig) syscall.Errno {
	if c.closing {
		_, err := rawCall(unix.SYS_CLOSE_RANGE, uintptr(c.nfiles), uintptr(^uint32(0)), unix.CLOSE_RANGE_CLOEXEC, 0, 0, 0)
		if err != 0 { // before Linux 5.11
			for fd := c.nfiles; fd < c.maxFD; fd++ {
				fcntl(fd, unix.F_SETFD, unix.FD_CLOEXEC)
			}
		}
	}
	if c.execKept {
		fcntl(c.execFD, unix.F_SETFD, 0)
	}
	return 0
}

// dropFiles closes at once what execve would close, where that may be long in
// coming: an end of somebody's pipe, the status pipe of an os/exec say, is not
// to stay open until a sync function or a tracer is done.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func dropFiles(c *childConfig) {
	if c.fdDir <= 0 {
		return
	}
	buf := c.dirents
	for {
		n, err := rawCall(unix.SYS_GETDENTS64, uintptr(c.fdDir), uintptr(unsafe.Pointer(buf)), unsafe.Sizeof(*buf), 0, 0, 0)
		if err != 0 || n == 0 {
			break
		}
		// struct linux_dirent64, getdents(2): the length at 16, the name at 19.
		for at := 0; at < int(n); at += int(*(*uint16)(unsafe.Pointer(&buf[at+16]))) {
			fd := 0
			for i := at + 19; buf[i] >= '0' && buf[i] <= '9'; i++ {
				fd = fd*10 + int(buf[i]-'0')
			}
			if fd == c.fdDir || fd == c.sock || fd == c.execFD {
				continue
			}
			if flags, err := fcntl(fd, unix.F_GETFD, 0); err == 0 && flags&unix.FD_CLOEXEC != 0 {
				closeFD(fd)
			}
		}
	}
	closeFD(c.fdDir)
}
