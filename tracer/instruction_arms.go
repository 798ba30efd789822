//go:build arm64 || arm

package tracer

import (
	"strait/syscalls"

	"golang.org/x/arch/arm/armasm"
	"golang.org/x/arch/arm64/arm64asm"
)

// disassemble decodes the first instruction of code, which is at pc. Each machine
// has the disassemblers of its own programs alone: their tables cost every start.
func disassemble(abi syscalls.ABIID, code []byte, _ uint64) (text string, n int) {
	if abi == syscalls.ARM {
		inst, err := armasm.Decode(code, armasm.ModeARM)
		if err != nil {
			return "", 0
		}
		return armasm.GNUSyntax(inst), inst.Len
	}
	inst, err := arm64asm.Decode(code)
	if err != nil {
		return "", 0
	}
	return arm64asm.GNUSyntax(inst), 4
}
