package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// A sigaction is the kernel's struct sigaction on a 64-bit machine, and larger
// than it elsewhere.
type sigaction struct {
	handler uintptr
	rest    [4]uint64
}

// get reads what a signal does, past os/signal.
func (a *sigaction) get(sig int) bool {
	_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), 0, uintptr(unsafe.Pointer(a)), 8, 0, 0)
	return e == 0
}

func (a *sigaction) set(sig int) {
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig), uintptr(unsafe.Pointer(a)), 0, 8, 0, 0)
}

// setDefault sets SIG_DFL by the system call itself: for signals like SIGSEGV
// Go keeps a handler of its own, which os/signal does not take away.
func setDefault(sig int) {
	new(sigaction).set(sig)
	set := [1]uint64{1 << (sig - 1)}
	_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, 1, uintptr(unsafe.Pointer(&set)), 0, 8, 0, 0)
}

// setIgnored sets SIG_IGN, past os/signal.
func setIgnored(sig int) {
	(&sigaction{handler: sigIgnore}).set(sig)
}
