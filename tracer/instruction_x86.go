//go:build amd64 || 386

package tracer

import (
	"strait/syscalls"

	"golang.org/x/arch/x86/x86asm"
)

// disassemble decodes the first instruction of code, which is at pc. Each machine
// has the disassemblers of its own programs alone: their tables cost every start.
func disassemble(abi syscalls.ABIID, code []byte, pc uint64) (text string, n int) {
	mode := 64
	if abi == syscalls.I386 {
		mode = 32
	}
	inst, err := x86asm.Decode(code, mode)
	if err != nil {
		return "", 0
	}
	return x86asm.GNUSyntax(inst, pc, nil), inst.Len
}
