package forkexec

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// resetNofile gives the program the limit on open files that the caller was
// started with, once no descriptor needs to be made any more.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func resetNofile(c *childConfig) syscall.Errno {
	if c.nofile == nil {
		return 0
	}
	_, err := rawCall(unix.SYS_PRLIMIT64, 0, unix.RLIMIT_NOFILE, uintptr(unsafe.Pointer(c.nofile)), 0, 0, 0)
	return err
}
