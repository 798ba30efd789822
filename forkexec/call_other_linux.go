//go:build linux && !386 && !amd64 && !arm && !arm64 && !riscv64

package forkexec

import "syscall"

// haveVfork is false where there is no assembly for it: every start forks.
const haveVfork = false

//go:norace
//go:nosplit
func rawVfork(trap, a1, a2, a3 uintptr) (r1 uintptr, errno syscall.Errno) {
	return rawCall(trap, a1, a2, a3, 0, 0, 0)
}

//go:norace
//go:nosplit
func rawCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno syscall.Errno) {
	r1, _, errno = syscall.RawSyscall6(trap, a1, a2, a3, a4, a5, a6)
	return r1, errno
}
