package cases

import (
	"os"
	"strconv"
	"strings"

	"strait/internal/unwind"
	"strait/syscalls"
	"strait/tracer"
)

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

// mostFrames is how deep a stack is shown.
const mostFrames = 8

// stack is where a task is, without the numbers that differ in every build.
func (r *recorder) stack(k *tracer.Task) []string {
	r.buf = unwind.AppendStack(r.buf[:0], r.unwind.Frames(stacked{k}, mostFrames, true), unwind.AtOnce)
	var out []string
	for line := range strings.Lines(string(r.buf)) {
		s := strings.TrimPrefix(strings.TrimSpace(line), "> ")
		if i := strings.LastIndex(s, " ["); i > 0 {
			if _, place, ok := strings.Cut(s[i+1:], " "); ok {
				s = s[:i] + " " + place
			} else {
				s = s[:i]
			}
		}
		if strings.HasPrefix(s, "too many") || len(out) > 0 && out[len(out)-1] == s {
			continue // functions without names look all alike
		}
		out = append(out, r.own.Replace(s))
	}
	return out
}
