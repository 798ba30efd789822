// Package stacks takes the stacks of tasks that a tracer has stopped, and of those
// that wait for the answer to a call.
//
// It joins strait/tracer, which has their registers, and strait/internal/unwind,
// which follows frames and traces nothing.
package stacks

import (
	"os"
	"strconv"

	"strait/internal/unwind"
	"strait/syscalls"
	"strait/tracer"
)

// A Taker takes stacks. What it knows of programs is kept from one to the next.
type Taker struct {
	Limit  int  // of frames
	Source bool // with file and line

	u unwind.Unwinder
}

// Append appends the stack of a stopped task.
func (x *Taker) Append(dst []byte, k *tracer.Task, form unwind.Form) []byte {
	return unwind.AppendStack(dst, x.u.Frames(process{k}, x.Limit, x.Source), form)
}

// Changed forgets what a process had in memory: it has other mappings now.
func (x *Taker) Changed(pid int) { x.u.Invalidate(pid) }

// Done forgets what a call may have changed about the memory of its process.
func (x *Taker) Done(ev *syscalls.Event) {
	if ev.Call == nil || ev.Call.Class&(syscalls.ClassMemory|syscalls.ClassIPC) != 0 || ev.Call.Name == "execve" || ev.Call.Name == "execveat" {
		x.u.Invalidate(ev.PID)
	}
}

// process is a stopped task, as unwinding sees it.
type process struct{ *tracer.Task }

// Registers implements unwind.Process.
func (k process) Registers() (r unwind.Registers, err error) {
	var regs tracer.Registers
	if err := k.Task.Registers(&regs); err != nil {
		return r, err
	}
	r.PC = regs.PC
	copy(r.R[:], regs.DWARF[:regs.Len])
	r.Arch = archOf(regs.ABI.ID)
	return r, nil
}

func archOf(abi syscalls.ABIID) unwind.Arch {
	switch abi {
	case syscalls.AMD64, syscalls.X32:
		return unwind.AMD64
	case syscalls.I386:
		return unwind.I386
	case syscalls.ARM64:
		return unwind.ARM64
	case syscalls.RISCV64:
		return unwind.RISCV64
	}
	return unwind.Unknown
}

// Maps implements unwind.Process.
func (k process) Maps() ([]byte, error) {
	return os.ReadFile("/proc/" + strconv.Itoa(k.PID()) + "/maps")
}
