package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// findProgram chooses the first of the candidates that may be executed, as
// execvp(3) would find it. It does not leave that to execve: what a tracer sees
// is to be one execve.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func findProgram(c *childConfig) syscall.Errno {
	if len(c.paths) == 1 {
		return 0
	}
	result := unix.ENOENT
	for i, path := range c.paths {
		name := uintptr(unsafe.Pointer(path))
		_, err := rawCall(unix.SYS_FACCESSAT, atFDCWD, name, unix.X_OK, 0, 0, 0)
		if err != 0 {
			// A directory that may not be searched is not worth a word: the
			// program is not in there as far as anybody can tell.
			if _, there := rawCall(unix.SYS_FACCESSAT, atFDCWD, name, unix.F_OK, 0, 0, 0); there == 0 {
				result = err
			}
			continue
		}
		fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0, 0, 0)
		if err == 0 { // a directory that may be searched
			closeFD(int(fd))
			continue
		}
		c.found = i
		return 0
	}
	return result
}
