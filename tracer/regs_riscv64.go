package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const (
	nativeABI      = syscalls.RISCV64
	requestRegs    = ptraceGetRegSet
	requestSetRegs = ptraceSetRegSet
	ntPRStatus     = 1
)

// argsByInfo: at the entry of a call the kernel has argument 0 where ptrace's
// registers do not show it (arch/riscv/kernel/traps.c puts -ENOSYS into a0, and
// the argument is in orig_a0). So without PTRACE_GET_SYSCALL_INFO it is unknown.
const argsByInfo = true

type userRegs struct {
	unix.PtraceRegs
	set localIovec
}

func (r *userRegs) read(tid int) syscall.Errno {
	r.set = localIovec{unsafe.Pointer(&r.PtraceRegs), unsafe.Sizeof(r.PtraceRegs)}
	return ptracePtr(ptraceGetRegSet, tid, ntPRStatus, unsafe.Pointer(&r.set))
}

func (r *userRegs) write(tid int) syscall.Errno {
	return ptracePtr(ptraceSetRegSet, tid, ntPRStatus, unsafe.Pointer(&r.set))
}

// writeNumber changes the number of the call that a task is entering: it is what
// the register says after the stop.
func (r *userRegs) writeNumber(tid int, nr uint64) syscall.Errno {
	if e := r.read(tid); e != 0 {
		return e
	}
	r.A7 = nr
	return r.write(tid)
}

func (r *userRegs) restoreNumber(nr uint64)    { r.A7 = nr }
func (r *userRegs) pc() uint64                 { return r.Pc }
func (r *userRegs) sp() uint64                 { return r.Sp }
func (r *userRegs) number() uint64             { return r.A7 }
func (r *userRegs) result() int64              { return int64(r.A0) }
func (r *userRegs) setResult(v int64)          { r.A0 = uint64(v) }
func (r *userRegs) mode() syscalls.ABIID       { return syscalls.RISCV64 }
func (r *userRegs) abi([2]byte) syscalls.ABIID { return syscalls.RISCV64 }

func (r *userRegs) arg(i int) *uint64 {
	return [...]*uint64{&r.A0, &r.A1, &r.A2, &r.A3, &r.A4, &r.A5}[i]
}

func (r *userRegs) args(_ syscalls.ABIID, a []uint64) {
	for i := range a {
		a[i] = *r.arg(i)
	}
}

// setArg changes an argument and returns the register as it was.
func (r *userRegs) setArg(_ syscalls.ABIID, i int, v uint64) uint64 {
	p := r.arg(i)
	old := *p
	*p = v
	return old
}

// restoreArg puts an argument back, at exit, where register 0 is the result.
func (r *userRegs) restoreArg(_ syscalls.ABIID, i int, old uint64) {
	if i > 0 {
		*r.arg(i) = old
	}
}

// dwarf gives the registers their DWARF numbers (RISC-V ELF psABI): x0 is zero.
func (r *userRegs) dwarf(d *[32]uint64) int {
	return copy(d[:], []uint64{
		0, r.Ra, r.Sp, r.Gp, r.Tp, r.T0, r.T1, r.T2, r.S0, r.S1,
		r.A0, r.A1, r.A2, r.A3, r.A4, r.A5, r.A6, r.A7,
		r.S2, r.S3, r.S4, r.S5, r.S6, r.S7, r.S8, r.S9, r.S10, r.S11,
		r.T3, r.T4, r.T5, r.T6,
	})
}

// sysFstatat fills a [unix.Stat_t].
const sysFstatat = unix.SYS_NEWFSTATAT

// rewind goes back to before the call that was entered with these registers.
func (r *userRegs) rewind(nr, arg0 uint64) {
	r.Pc -= 4 // ecall
	r.A7, r.A0 = nr, arg0
}
