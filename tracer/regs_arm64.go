package tracer

import (
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

const (
	nativeABI      = syscalls.ARM64
	requestRegs    = ptraceGetRegSet
	requestSetRegs = ptraceSetRegSet
	argsByInfo     = false // the registers have all arguments
)

const (
	ntPRStatus      = 1
	ntARMSystemCall = 0x404
	compatLength    = 18 * 4 // struct compat_elf_gregset: r0 to r15, cpsr, orig_r0
)

// userRegs are the registers of a task: its own kind, 64-bit or 32-bit, which
// the length of the set tells.
type userRegs struct {
	unix.PtraceRegs
	set localIovec
	nr  int32
}

func (r *userRegs) read(tid int) syscall.Errno {
	r.set = localIovec{unsafe.Pointer(&r.PtraceRegs), unsafe.Sizeof(r.PtraceRegs)}
	return ptracePtr(ptraceGetRegSet, tid, ntPRStatus, unsafe.Pointer(&r.set))
}

func (r *userRegs) write(tid int) syscall.Errno {
	return ptracePtr(ptraceSetRegSet, tid, ntPRStatus, unsafe.Pointer(&r.set))
}

// writeNumber changes the number of the call that a task is entering.
func (r *userRegs) writeNumber(tid int, nr uint64) syscall.Errno {
	r.nr = int32(nr)
	set := localIovec{unsafe.Pointer(&r.nr), unsafe.Sizeof(r.nr)}
	return ptracePtr(ptraceSetRegSet, tid, ntARMSystemCall, unsafe.Pointer(&set))
}

func (r *userRegs) restoreNumber(uint64) {} // the number's register was left alone

func (r *userRegs) compat() *[18]uint32 {
	return (*[18]uint32)(unsafe.Pointer(&r.PtraceRegs))
}

// rewind goes back to before the call that was entered with these registers.
func (r *userRegs) rewind(_, arg0 uint64) {
	r.Pc -= 4 // svc #0; x8 has the number
	r.Regs[0] = arg0
}

// mode says what code the task runs.
func (r *userRegs) mode() syscalls.ABIID {
	if r.set.len == compatLength {
		return syscalls.ARM
	}
	return syscalls.ARM64
}

func (r *userRegs) abi([2]byte) syscalls.ABIID { return r.mode() }

// get returns register i of a task of either width.
func (r *userRegs) get(i int) uint64 {
	if r.mode() == syscalls.ARM {
		return uint64(r.compat()[i])
	}
	return r.Regs[i]
}

func (r *userRegs) put(i int, v uint64) {
	if r.mode() == syscalls.ARM {
		r.compat()[i] = uint32(v)
		return
	}
	r.Regs[i] = v
}

func (r *userRegs) pc() uint64 {
	if r.mode() == syscalls.ARM {
		return r.get(15)
	}
	return r.Pc
}

func (r *userRegs) sp() uint64 {
	if r.mode() == syscalls.ARM {
		return r.get(13)
	}
	return r.Sp
}

func (r *userRegs) number() uint64 {
	if r.mode() == syscalls.ARM {
		return r.get(7)
	}
	return r.get(8)
}

func (r *userRegs) result() int64     { return int64(r.get(0)) }
func (r *userRegs) setResult(v int64) { r.put(0, uint64(v)) }

func (r *userRegs) args(_ syscalls.ABIID, a []uint64) {
	for i := range a {
		a[i] = r.get(i)
	}
}

// setArg changes an argument and returns the register as it was.
func (r *userRegs) setArg(_ syscalls.ABIID, i int, v uint64) uint64 {
	old := r.get(i)
	r.put(i, v)
	return old
}

// restoreArg puts an argument back, at exit, where register 0 is the result.
func (r *userRegs) restoreArg(_ syscalls.ABIID, i int, old uint64) {
	if i > 0 {
		r.put(i, old)
	}
}

// dwarf gives the registers their DWARF numbers (ABI for the Arm architectures).
func (r *userRegs) dwarf(d *[32]uint64) int {
	if r.mode() == syscalls.ARM {
		for i := range 16 {
			d[i] = r.get(i)
		}
		return 16
	}
	copy(d[:], r.Regs[:])
	d[31] = r.Sp
	return 32
}

// sysFstatat fills a [unix.Stat_t].
const sysFstatat = unix.SYS_NEWFSTATAT
