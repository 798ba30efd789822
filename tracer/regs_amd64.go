package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const (
	nativeABI      = syscalls.AMD64
	requestRegs    = unix.PTRACE_GETREGS
	requestSetRegs = unix.PTRACE_SETREGS
	argsByInfo     = false // the registers have all arguments
)

// userRegs are the registers of a task as a 64-bit tracer sees them, whatever
// the task's own width.
type userRegs struct{ unix.PtraceRegs }

const cs32 = 0x23 // __USER32_CS (arch/x86/include/asm/segment.h): 32-bit code

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

func (r *userRegs) restoreNumber(uint64) {} // orig_rax is no register of the program
func (r *userRegs) pc() uint64           { return r.Rip }
func (r *userRegs) sp() uint64           { return r.Rsp }
func (r *userRegs) number() uint64       { return r.Orig_rax }
func (r *userRegs) result() int64        { return int64(r.Rax) }
func (r *userRegs) setResult(v int64)    { r.Rax = uint64(v) }

// rewind goes back to before the call that was entered with these registers.
func (r *userRegs) rewind(nr, _ uint64) {
	r.Rip -= 2 // syscall, int $0x80
	r.Rax, r.Orig_rax = nr, ^uint64(0)
}

// mode says what code the task runs.
func (r *userRegs) mode() syscalls.ABIID {
	if r.Cs == cs32 {
		return syscalls.I386
	}
	return syscalls.AMD64
}

// abi says how the call was made; before are the two bytes before the program
// counter. 64-bit code can make 32-bit calls, by int $0x80.
func (r *userRegs) abi(before [2]byte) syscalls.ABIID {
	if before == [2]byte{0xcd, 0x80} {
		return syscalls.I386
	}
	return r.mode()
}

func (r *userRegs) arg(abi syscalls.ABIID, i int) *uint64 {
	if abi == syscalls.I386 {
		return [...]*uint64{&r.Rbx, &r.Rcx, &r.Rdx, &r.Rsi, &r.Rdi, &r.Rbp}[i]
	}
	return [...]*uint64{&r.Rdi, &r.Rsi, &r.Rdx, &r.R10, &r.R8, &r.R9}[i]
}

func (r *userRegs) args(abi syscalls.ABIID, a []uint64) {
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

// dwarf gives the registers their DWARF numbers (System V ABI supplements).
func (r *userRegs) dwarf(d *[32]uint64) int {
	if r.mode() == syscalls.I386 {
		return copy(d[:], []uint64{r.Rax, r.Rcx, r.Rdx, r.Rbx, r.Rsp, r.Rbp, r.Rsi, r.Rdi})
	}
	return copy(d[:], []uint64{
		r.Rax, r.Rdx, r.Rcx, r.Rbx, r.Rsi, r.Rdi, r.Rbp, r.Rsp,
		r.R8, r.R9, r.R10, r.R11, r.R12, r.R13, r.R14, r.R15,
	})
}

// sysFstatat fills a [unix.Stat_t].
const sysFstatat = unix.SYS_NEWFSTATAT
