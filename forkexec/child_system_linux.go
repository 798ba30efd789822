package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// writeFile writes text to a file under /proc.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func writeFile(path *byte, text []byte) syscall.Errno {
	fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, uintptr(unsafe.Pointer(path)), unix.O_WRONLY|unix.O_CLOEXEC, 0, 0, 0)
	if err != 0 {
		return err
	}
	_, err = rawCall(unix.SYS_WRITE, fd, uintptr(unsafe.Pointer(unsafe.SliceData(text))), uintptr(len(text)), 0, 0, 0)
	closeFD(int(fd))
	return err
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setOOMScore(c *childConfig) syscall.Errno {
	if c.oomScore == nil {
		return 0
	}
	return writeFile(c.oomPath, c.oomScore)
}

// enterTime makes a time namespace, sets its clocks, and joins it: by itself
// only its children would (time_namespaces(7)), and execve does not do it before
// Linux 6.3.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func enterTime(c *childConfig) syscall.Errno {
	if !c.newTime {
		return 0
	}
	if _, err := rawCall(unix.SYS_UNSHARE, unix.CLONE_NEWTIME, 0, 0, 0, 0, 0); err != 0 {
		return err
	}
	if len(c.timeOffsets) > 0 {
		if err := writeFile(c.timePath, c.timeOffsets); err != 0 {
			return err
		}
	}
	fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, uintptr(unsafe.Pointer(c.timeNS)), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if err != 0 {
		return err
	}
	_, err = rawCall(unix.SYS_SETNS, fd, unix.CLONE_NEWTIME, 0, 0, 0, 0)
	closeFD(int(fd))
	return err
}

// loopbackUp has an interface lo that works in a new network namespace.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func loopbackUp(c *childConfig) syscall.Errno {
	if !c.newNet {
		return 0
	}
	fd, err := rawCall(unix.SYS_SOCKET, unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0, 0, 0, 0)
	if err != 0 {
		return err
	}
	request := uintptr(unsafe.Pointer(&c.loopback))
	if _, err = rawCall(unix.SYS_IOCTL, fd, unix.SIOCGIFFLAGS, request, 0, 0, 0); err == 0 {
		c.loopback.flags |= unix.IFF_UP
		_, err = rawCall(unix.SYS_IOCTL, fd, unix.SIOCSIFFLAGS, request, 0, 0, 0)
	}
	closeFD(int(fd))
	return err
}

// setSystem has the steps that are one system call each.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setSystem(c *childConfig, step Step) syscall.Errno {
	var err syscall.Errno
	switch {
	case step == StepHostname && len(c.hostname) > 0:
		_, err = rawCall(unix.SYS_SETHOSTNAME, uintptr(unsafe.Pointer(&c.hostname[0])), uintptr(len(c.hostname)), 0, 0, 0, 0)
	case step == StepDomainname && len(c.domainname) > 0:
		_, err = rawCall(unix.SYS_SETDOMAINNAME, uintptr(unsafe.Pointer(&c.domainname[0])), uintptr(len(c.domainname)), 0, 0, 0, 0)
	case step == StepUmask && c.umask >= 0:
		rawCall(unix.SYS_UMASK, uintptr(c.umask), 0, 0, 0, 0, 0)
	case step == StepNice && c.setNice:
		_, err = rawCall(unix.SYS_SETPRIORITY, unix.PRIO_PROCESS, 0, uintptr(c.nice), 0, 0, 0)
	case step == StepIOPriority && c.ioPriority >= 0:
		_, err = rawCall(unix.SYS_IOPRIO_SET, ioprioWhoProcess, 0, uintptr(c.ioPriority), 0, 0, 0)
	case step == StepPersonality && c.setPersonality:
		_, err = rawCall(unix.SYS_PERSONALITY, uintptr(c.personality), 0, 0, 0, 0, 0)
	}
	return err
}

// setRlimits sets the limits. That on open files comes when none are opened any
// more, unless it takes a privilege; the one that the caller was started with
// is the first.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func setRlimits(c *childConfig, step Step) syscall.Errno {
	for i := range c.rlimits {
		r := &c.rlimits[i]
		if r.step != step {
			continue
		}
		c.report.index = int32(r.index)
		_, err := rawCall(unix.SYS_PRLIMIT64, 0, uintptr(r.resource), uintptr(unsafe.Pointer(&r.limit)), 0, 0, 0)
		if err != 0 {
			return err
		}
	}
	return 0
}
