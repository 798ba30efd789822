package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const nativeABI = syscalls.AMD64

// userRegs are the registers of a task as a 64-bit tracer sees them, whatever
// the task's own width.
type userRegs struct{ unix.PtraceRegs }

const (
	cs32  = 0x23 // __USER32_CS: 32-bit code
	int80 = 0x80<<8 | 0xcd
)

func (r *userRegs) read(tid int) syscall.Errno {
	return ptracePtr(unix.PTRACE_GETREGS, tid, 0, unsafe.Pointer(r))
}

func (r *userRegs) write(tid int) syscall.Errno {
	return ptracePtr(unix.PTRACE_SETREGS, tid, 0, unsafe.Pointer(r))
}

// writeNumber changes the number of the call that a task is entering.
func (r *userRegs) writeNumber(tid int, nr uint64) syscall.Errno {
	return ptrace(unix.PTRACE_POKEUSR, tid, unsafe.Offsetof(r.Orig_rax), uintptr(nr))
}

func (r *userRegs) pc() uint64     { return r.Rip }
func (r *userRegs) sp() uint64     { return r.Rsp }
func (r *userRegs) number() uint64 { return r.Orig_rax }
func (r *userRegs) result() int64  { return int64(r.Rax) }

// abi says how the call was made; before are the two bytes before the program
// counter. 64-bit code can make 32-bit calls, by int $0x80.
func (r *userRegs) abi(before [2]byte) syscalls.ABIID {
	if r.Cs == cs32 || int(before[1])<<8|int(before[0]) == int80 {
		return syscalls.I386
	}
	return syscalls.AMD64
}

func (r *userRegs) arg(abi syscalls.ABIID, i int) *uint64 {
	if abi == syscalls.I386 {
		return [...]*uint64{&r.Rbx, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi, &r.Rbp}[i]
	}
	return [...]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.R10, &r.R8, &r.R9}[i]
}

func (r *userRegs) args(abi syscalls.ABIID, a *[6]uint64) {
	for i := range a {
		a[i] = *r.arg(abi, i)
		if abi == syscalls.I386 {
			a[i] = uint64(uint32(a[i]))
		}
	}
}

// setArg changes an argument and returns the whole register as it was.
func (r *userRegs) setArg(abi syscalls.ABIID, i int, v uint64) uint64 {
	p := r.arg(abi, i)
	old := *p
	*p = v
	return old
}

func (r *userRegs) restoreArg(abi syscalls.ABIID, i int, old uint64) { *r.arg(abi, i) = old }
func (r *userRegs) setResult(v int64)                                { r.Rax = uint64(v) }
