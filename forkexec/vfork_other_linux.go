//go:build linux && !386 && !amd64 && !arm && !arm64 && !riscv64

package forkexec

import "syscall"

// haveVfork is false where there is no assembly for it: every start forks.
const haveVfork = false

//go:norace
//go:nosplit
func rawVfork(trap, a1, a2, a3 uintptr) (r1, errno uintptr) {
	r, _, err := syscall.RawSyscall6(trap, a1, a2, a3, 0, 0, 0)
	return r, uintptr(err)
}
