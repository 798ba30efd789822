package tracer

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sigaction is struct sigaction as rt_sigaction(2) has it, the handler and the
// flags first on every architecture that we know.
type sigaction struct {
	handler  uintptr
	flags    uintptr
	restorer uintptr // not on riscv64, where the mask is here; only ever put back
	mask     [2]uintptr
}

const saNoCldStop = 1

// silenceSIGCHLD keeps the kernel from sending SIGCHLD for ptrace stops: the Go
// runtime handles that signal, which costs more than the stop itself. An ignored
// SIGCHLD would do too, but then children reap themselves.
func silenceSIGCHLD(old *sigaction) syscall.Errno {
	act := sigaction{flags: saNoCldStop} // SIG_DFL
	return rtSigaction(unix.SIGCHLD, &act, old)
}

func restoreSIGCHLD(old *sigaction) syscall.Errno {
	return rtSigaction(unix.SIGCHLD, old, nil)
}

func rtSigaction(sig syscall.Signal, act, old *sigaction) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(sig),
		uintptr(unsafe.Pointer(act)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
	return e
}
