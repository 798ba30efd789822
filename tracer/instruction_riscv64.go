package tracer

import (
	"strait/syscalls"

	"golang.org/x/arch/riscv64/riscv64asm"
)

// disassemble decodes the first instruction of code, which is at pc. Each machine
// has the disassemblers of its own programs alone: their tables cost every start.
func disassemble(_ syscalls.ABIID, code []byte, _ uint64) (text string, n int) {
	inst, err := riscv64asm.Decode(code)
	if err != nil {
		return "", 0
	}
	return riscv64asm.GNUSyntax(inst), inst.Len
}
