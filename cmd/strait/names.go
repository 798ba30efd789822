package main

import (
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// signalNumber finds a signal by its name: "SIGINT".
func signalNumber(name string) (int, bool) {
	if name == "SIGRTMIN" {
		return 32, true
	}
	for n := 1; n < 32; n++ {
		if unix.SignalName(syscall.Signal(n)) == name {
			return n, true
		}
	}
	return 0, false
}

// errnoNumber finds an errno by its name, in any case; the name is the one
// that calls are printed with, so no EWOULDBLOCK.
func errnoNumber(name string) (int, bool) {
	name = strings.ToUpper(name)
	if name == "" {
		return 0, false // x/sys has no name for numbers that are not used
	}
	if name == "EOPNOTSUPP" {
		return int(unix.EOPNOTSUPP), true
	}
	for n := 1; n <= 133; n++ {
		if s := unix.ErrnoName(syscall.Errno(n)); s == name {
			return n, n != int(unix.EOPNOTSUPP)
		}
	}
	for n, s := range kernelErrnos() {
		if s == name {
			return 512 + n, true
		}
	}
	return 0, false
}

// kernelErrnos are the errors from 512 on, which the kernel keeps to itself
// (include/linux/errno.h of Linux 6.18); a program sees them when injected.
func kernelErrnos() [19]string {
	return [19]string{
		0: "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ENOIOCTLCMD",
		"ERESTART_RESTARTBLOCK", "EPROBE_DEFER", "EOPENSTALE",
		9: "EBADHANDLE", "ENOTSYNC", "EBADCOOKIE", "ENOTSUPP", "ETOOSMALL",
		"ESERVERFAULT", "EBADTYPE", "EJUKEBOX", "EIOCBQUEUED", "ERECALLCONFLICT",
	}
}
