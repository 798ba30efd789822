package tracer

import (
	"strait/syscalls"

	"golang.org/x/arch/arm/armasm"
	"golang.org/x/arch/arm64/arm64asm"
	"golang.org/x/arch/riscv64/riscv64asm"
	"golang.org/x/arch/x86/x86asm"
)

// Instruction returns the instruction that the task of a Signal stop is at, in
// GNU syntax, and its bytes. The text is "" where there is none that can be
// read, as after a jump to nowhere.
func (s *Stop) Instruction() (text string, code []byte) {
	if s.Kind != Signal {
		return "", nil
	}
	buf := make([]byte, 15) // the longest on x86
	buf = buf[:s.Task.ReadMemory(s.Event.IP, buf)]
	text, n := disassemble(s.mode, buf, s.Event.IP)
	return text, buf[:n]
}

// disassemble decodes the first instruction of code, which is at pc.
func disassemble(abi syscalls.ABIID, code []byte, pc uint64) (text string, n int) {
	switch abi {
	case syscalls.AMD64, syscalls.X32:
		return disassembleX86(code, 64, pc)
	case syscalls.I386:
		return disassembleX86(code, 32, pc)
	case syscalls.ARM64:
		if inst, err := arm64asm.Decode(code); err == nil {
			return arm64asm.GNUSyntax(inst), 4
		}
	case syscalls.ARM:
		if inst, err := armasm.Decode(code, armasm.ModeARM); err == nil {
			return armasm.GNUSyntax(inst), inst.Len
		}
	case syscalls.RISCV64:
		if inst, err := riscv64asm.Decode(code); err == nil {
			return riscv64asm.GNUSyntax(inst), inst.Len
		}
	}
	return "", 0
}

func disassembleX86(code []byte, mode int, pc uint64) (text string, n int) {
	inst, err := x86asm.Decode(code, mode)
	if err != nil {
		return "", 0
	}
	return x86asm.GNUSyntax(inst, pc, nil), inst.Len
}
