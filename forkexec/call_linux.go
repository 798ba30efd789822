//go:build linux && (386 || amd64 || arm || arm64 || riscv64)

package forkexec

import "syscall"

// haveVfork says that rawVfork may be given CLONE_VFORK|CLONE_VM.
const haveVfork = true

// rawVfork makes the system call trap, clone or clone3. With CLONE_VM both
// processes return from it on the same stack, the child first: what the child
// then writes over must not be what the parent needs to return. So the return
// address stays in a register, and the results are written after the system
// call, by each for itself.
//
//go:noescape
func rawVfork(trap, a1, a2, a3 uintptr) (r1 uintptr, errno syscall.Errno)

// rawCall is syscall.RawSyscall6 with nothing between: the stack that code after
// a fork may use is some hundred bytes.
//
//go:noescape
func rawCall(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1 uintptr, errno syscall.Errno)
