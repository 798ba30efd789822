package stacks

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"strait/internal/unwind"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// AppendWaiting appends the stack of a task that waits in a system call without
// being stopped, as one whose call is somebody's to answer does. Only its stack
// pointer and where it is are known (proc_pid_syscall(5)): where a frame can be
// found by another register alone, the stack ends. A task that does not wait has
// none.
func (x *Taker) AppendWaiting(dst []byte, pid, tid int, abi syscalls.ABIID, form unwind.Form) []byte {
	k := &waiting{pid: pid, tid: tid, arch: archOf(abi)}
	if _, err := k.Registers(); err != nil {
		return dst
	}
	return unwind.AppendStack(dst, x.u.Frames(k, x.Limit, x.Source), form)
}

// waiting is such a task, as unwinding sees it.
type waiting struct {
	pid, tid int
	arch     unwind.Arch
}

func (k *waiting) PID() int { return k.pid }

func (k *waiting) Registers() (unwind.Registers, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/syscall", k.pid, k.tid))
	if err != nil {
		return unwind.Registers{}, err
	}
	fields := strings.Fields(string(text)) // the call, its arguments, and these two
	if len(fields) < 3 {
		return unwind.Registers{}, fmt.Errorf("task %d is %s", k.tid, strings.TrimSpace(string(text)))
	}
	sp, err := strconv.ParseUint(fields[len(fields)-2], 0, 64)
	if err != nil {
		return unwind.Registers{}, err
	}
	pc, err := strconv.ParseUint(fields[len(fields)-1], 0, 64)
	return unwind.At(k.arch, sp, pc), err
}

func (k *waiting) ReadMemory(addr uint64, p []byte) int {
	if len(p) == 0 {
		return 0
	}
	local := unix.Iovec{Base: &p[0]}
	local.SetLen(len(p))
	n, err := unix.ProcessVMReadv(k.tid, []unix.Iovec{local}, []unix.RemoteIovec{{Base: uintptr(addr), Len: len(p)}}, 0)
	if err != nil {
		return 0
	}
	return n
}

func (k *waiting) Maps() ([]byte, error) {
	return os.ReadFile("/proc/" + strconv.Itoa(k.pid) + "/maps")
}
