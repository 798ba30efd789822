package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const (
	nativeABI      = syscalls.I386
	requestRegs    = unix.PTRACE_GETREGS
	requestSetRegs = unix.PTRACE_SETREGS
	argsByInfo     = false // the registers have all arguments
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
	return ptrace(unix.PTRACE_POKEUSR, tid, unsafe.Offsetof(r.Orig_eax), uintptr(nr))
}

func (r *userRegs) restoreNumber(uint64)       {} // orig_eax is no register of the program
func (r *userRegs) pc() uint64                 { return uint64(uint32(r.Eip)) }
func (r *userRegs) sp() uint64                 { return uint64(uint32(r.Esp)) }
func (r *userRegs) number() uint64             { return uint64(uint32(r.Orig_eax)) }
func (r *userRegs) result() int64              { return int64(r.Eax) }
func (r *userRegs) setResult(v int64)          { r.Eax = int32(v) }
func (r *userRegs) mode() syscalls.ABIID       { return syscalls.I386 }
func (r *userRegs) abi([2]byte) syscalls.ABIID { return syscalls.I386 }

func (r *userRegs) arg(i int) *int32 {
	return [...]*int32{&r.Ebx, &r.Ecx, &r.Edx, &r.Esi, &r.Edi, &r.Ebp}[i]
}

func (r *userRegs) args(_ syscalls.ABIID, a []uint64) {
	for i := range a {
		a[i] = uint64(uint32(*r.arg(i)))
	}
}

// setArg changes an argument and returns the register as it was.
func (r *userRegs) setArg(_ syscalls.ABIID, i int, v uint64) uint64 {
	p := r.arg(i)
	old := uint64(uint32(*p))
	*p = int32(v)
	return old
}

func (r *userRegs) restoreArg(_ syscalls.ABIID, i int, old uint64) { *r.arg(i) = int32(old) }

// dwarf gives the registers their DWARF numbers (System V ABI supplement).
func (r *userRegs) dwarf(d *[32]uint64) int {
	for i, v := range [...]int32{r.Eax, r.Ecx, r.Edx, r.Ebx, r.Esp, r.Ebp, r.Esi, r.Edi} {
		d[i] = uint64(uint32(v))
	}
	return 8
}

// sysFstatat fills a [unix.Stat_t].
const sysFstatat = unix.SYS_FSTATAT64

// rewind goes back to before the call that was entered with these registers.
func (r *userRegs) rewind(nr, _ uint64) {
	r.Eip -= 2 // int $0x80, also where sysenter comes back to
	r.Eax, r.Orig_eax = int32(nr), -1
}
