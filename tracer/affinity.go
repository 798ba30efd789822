package tracer

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// getMask reads the mask of a thread, 0 being this one: the CPUs that it may run
// on and that are there.
func getMask(tid int, m *unix.CPUSet) syscall.Errno {
	*m = unix.CPUSet{}
	_, _, e := syscall.RawSyscall(unix.SYS_SCHED_GETAFFINITY, uintptr(tid), unsafe.Sizeof(*m), uintptr(unsafe.Pointer(m)))
	return e
}

// setMask sets the mask of a thread. The kernel takes away what the thread's
// cpuset does not have.
func setMask(tid int, m *unix.CPUSet) syscall.Errno {
	_, _, e := syscall.RawSyscall(unix.SYS_SCHED_SETAFFINITY, uintptr(tid), unsafe.Sizeof(*m), uintptr(unsafe.Pointer(m)))
	return e
}

// everyCPU is a mask of all CPUs that there may be.
func everyCPU() (m unix.CPUSet) {
	for i := range m {
		m[i] = ^m[i]
	}
	return m
}

// currentCPU returns the CPU that this thread runs on.
func currentCPU() int {
	var cpu uint32
	if _, _, e := syscall.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); e != 0 {
		return -1
	}
	return int(cpu)
}

// firstCPU returns a CPU that is in both masks, preferred if it is one; -1 if
// there is none.
func firstCPU(a, b *unix.CPUSet, preferred int) int {
	if preferred >= 0 && a.IsSet(preferred) && b.IsSet(preferred) {
		return preferred
	}
	for cpu := range len(a) * int(unsafe.Sizeof(a[0])) * 8 {
		if a.IsSet(cpu) && b.IsSet(cpu) {
			return cpu
		}
	}
	return -1
}
