package main

import (
	"os"
	"strconv"

	"strait/internal/unwind"
	"strait/syscalls"
	"strait/tracer"
)

// stacks takes the stack traces of -k.
type stacks struct {
	u      unwind.Unwinder
	limit  int
	source bool
}

// stacked is a stopped task, as unwinding sees it.
type stacked struct{ *tracer.Task }

// Registers implements unwind.Process.
func (k stacked) Registers() (r unwind.Registers, err error) {
	var regs tracer.Registers
	if err := k.Task.Registers(&regs); err != nil {
		return r, err
	}
	r.PC = regs.PC
	copy(r.R[:], regs.DWARF[:regs.Len])
	switch regs.ABI.ID {
	case syscalls.AMD64, syscalls.X32:
		r.Arch = unwind.AMD64
	case syscalls.I386:
		r.Arch = unwind.I386
	case syscalls.ARM64:
		r.Arch = unwind.ARM64
	case syscalls.RISCV64:
		r.Arch = unwind.RISCV64
	}
	return r, nil
}

// Maps implements unwind.Process.
func (k stacked) Maps() ([]byte, error) {
	return os.ReadFile("/proc/" + strconv.Itoa(k.PID()) + "/maps")
}

// take appends the stack of a stopped task.
func (x *stacks) take(dst []byte, k *tracer.Task, form unwind.Form) []byte {
	return unwind.AppendStack(dst, x.u.Frames(stacked{k}, x.limit, x.source), form)
}

// done forgets what a call may have changed about the task's address space.
func (x *stacks) done(ev *syscalls.Event) {
	if ev.Call == nil || ev.Call.Class&(syscalls.ClassMemory|syscalls.ClassIPC) != 0 || ev.Call.Name == "execve" || ev.Call.Name == "execveat" {
		x.u.Invalidate(ev.PID)
	}
}
