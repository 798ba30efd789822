package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// setDefault sets SIG_DFL by the system call itself: for signals like SIGSEGV
// Go keeps a handler of its own, which os/signal does not take away.
func setDefault(sig int) {
	var act [4]uint64 // struct sigaction of the kernel, all zero: SIG_DFL
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
	set := [1]uint64{1 << (sig - 1)}
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, 1, uintptr(unsafe.Pointer(&set)), 0, 8, 0, 0)
}
