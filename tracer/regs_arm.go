package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const (
	nativeABI      = syscalls.ARM
	requestRegs    = unix.PTRACE_GETREGS
	requestSetRegs = unix.PTRACE_SETREGS
	argsByInfo     = false // the registers have all arguments

	ptraceSetSyscall = 23
)

type userRegs struct{ unix.PtraceRegs }

func (r *userRegs) read(tid int) syscall.Errno {
	return ptracePtr(unix.PTRACE_GETREGS, tid, 0, unsafe.Pointer(r))
}

func (r *userRegs) write(tid int) syscall.Errno {
	return ptracePtr(unix.PTRACE_SETREGS, tid, 0, unsafe.Pointer(r))
}

// writeNumber changes the number of the call that a task is entering.
func (r *userRegs) writeNumber(tid int, nr uint64) syscall.Errno {
	return ptrace(ptraceSetSyscall, tid, 0, uintptr(nr))
}

func (r *userRegs) restoreNumber(uint64)       {} // the number's register was left alone
func (r *userRegs) pc() uint64                 { return uint64(r.Uregs[15]) }
func (r *userRegs) sp() uint64                 { return uint64(r.Uregs[13]) }
func (r *userRegs) number() uint64             { return uint64(r.Uregs[7]) }
func (r *userRegs) result() int64              { return int64(int32(r.Uregs[0])) }
func (r *userRegs) setResult(v int64)          { r.Uregs[0] = uint32(v) }
func (r *userRegs) mode() syscalls.ABIID       { return syscalls.ARM }
func (r *userRegs) abi([2]byte) syscalls.ABIID { return syscalls.ARM }

func (r *userRegs) args(_ syscalls.ABIID, a []uint64) {
	for i := range a {
		a[i] = uint64(r.Uregs[i])
	}
}

// setArg changes an argument and returns the register as it was.
func (r *userRegs) setArg(_ syscalls.ABIID, i int, v uint64) uint64 {
	old := uint64(r.Uregs[i])
	r.Uregs[i] = uint32(v)
	return old
}

// restoreArg puts an argument back, at exit, where register 0 is the result.
func (r *userRegs) restoreArg(_ syscalls.ABIID, i int, old uint64) {
	if i > 0 {
		r.Uregs[i] = uint32(old)
	}
}

// dwarf gives the registers their DWARF numbers (ABI for the Arm architecture).
func (r *userRegs) dwarf(d *[32]uint64) int {
	for i := range 16 {
		d[i] = uint64(r.Uregs[i])
	}
	return 16
}

// sysFstatat fills a [unix.Stat_t].
const sysFstatat = unix.SYS_FSTATAT64

// rewind goes back to before the call that was entered with these registers.
func (r *userRegs) rewind(_, arg0 uint64) {
	const thumb = 1 << 5 // PSR_T_BIT
	size := uint32(4)
	if r.Uregs[16]&thumb != 0 {
		size = 2
	}
	r.Uregs[15] -= size // svc #0; r7 has the number
	r.Uregs[0] = uint32(arg0)
}
