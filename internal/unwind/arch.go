package unwind

import (
	"encoding/binary"
	"fmt"
)

// Arch is an instruction set, as the stopped task runs it: a 32-bit x86
// process of a 64-bit kernel is I386.
type Arch uint8

// The instruction sets with an unwinder. Of any other one only the innermost
// frame is known.
const (
	Unknown Arch = iota
	AMD64
	I386
	ARM64
	RISCV64
)

// MaxRegisters is the number of registers kept: the DWARF numbers of all
// general registers of every [Arch] are below it.
const MaxRegisters = 33

// Registers are a task's registers. R is indexed by DWARF number: x86-64 psABI
// figure 3.36 (rax 0, rdx 1, rcx 2, rbx 3, rsi 4, rdi 5, rbp 6, rsp 7, r8 to
// r15), i386 (eax 0, ecx 1, edx 2, ebx 3, esp 4, ebp 5, esi 6, edi 7), AArch64
// (x0 to x30, sp 31), RISC-V (x0 to x31). The stack and frame pointers are
// among them; see [Registers.SP].
type Registers struct {
	Arch Arch
	PC   uint64
	R    [MaxRegisters]uint64
}

// At is what is known of the registers where only the stack pointer and the
// place in the program are.
func At(a Arch, sp, pc uint64) Registers {
	r := Registers{Arch: a, PC: pc}
	if a != Unknown {
		r.R[a.facts().sp] = sp
	}
	return r
}

// SP returns the stack pointer.
func (r *Registers) SP() uint64 { return r.R[r.Arch.facts().sp] }

// FP returns the frame pointer.
func (r *Registers) FP() uint64 { return r.R[r.Arch.facts().fp] }

// archFacts is what unwinding needs to know of an instruction set.
type archFacts struct {
	sp, fp   uint8 // DWARF numbers
	ra       uint8 // of the return address: the link register, or a made-up one
	word     uint8 // bytes of a general register in a stack slot
	link     bool  // calls leave the return address in register ra
	fpParent int8  // where the caller's frame pointer is, from the frame pointer
	fpReturn int8  // where the return address is
	fpCFA    int8  // the caller's stack pointer
}

func (a Arch) facts() archFacts {
	switch a {
	case AMD64:
		return archFacts{sp: 7, fp: 6, ra: 16, word: 8, fpParent: 0, fpReturn: 8, fpCFA: 16}
	case I386:
		return archFacts{sp: 4, fp: 5, ra: 8, word: 4, fpParent: 0, fpReturn: 4, fpCFA: 8}
	case ARM64:
		return archFacts{sp: 31, fp: 29, ra: 30, word: 8, link: true, fpParent: 0, fpReturn: 8, fpCFA: 16}
	case RISCV64:
		return archFacts{sp: 2, fp: 8, ra: 1, word: 8, link: true, fpParent: -16, fpReturn: -8, fpCFA: 0}
	}
	return archFacts{word: 8}
}

// prstatus lists where the general registers are in the note the kernel gives
// for PTRACE_GETREGSET(NT_PRSTATUS), in words: struct user_regs_struct of
// <sys/user.h>, for 32-bit x86 the i386 one.
func (a Arch) prstatus() (order []uint8, pc int) {
	switch a {
	case AMD64:
		return []uint8{10, 12, 11, 5, 13, 14, 4, 19, 9, 8, 7, 6, 3, 2, 1, 0}, 16
	case I386:
		return []uint8{6, 1, 2, 0, 15, 5, 3, 4}, 12
	case ARM64:
		return thirtyTwo(), 32
	case RISCV64:
		return thirtyTwo(), 0
	}
	return nil, 0
}

// thirtyTwo returns 0 to 31: registers in the order of their DWARF numbers.
func thirtyTwo() []uint8 {
	s := make([]uint8, 32)
	for i := range s {
		s[i] = uint8(i)
	}
	return s
}

// FromPRStatus decodes the general register set of a task as the kernel gives
// it for PTRACE_GETREGSET with NT_PRSTATUS, little-endian.
func FromPRStatus(a Arch, set []byte) (Registers, error) {
	r := Registers{Arch: a}
	order, pc := a.prstatus()
	word := int(a.facts().word)
	for i, slot := range order {
		if (int(slot)+1)*word > len(set) {
			return r, fmt.Errorf("registers: a set of %d bytes is too short", len(set))
		}
		r.R[i] = loadWord(set[int(slot)*word:], word)
	}
	if order == nil || (pc+1)*word > len(set) {
		return r, fmt.Errorf("registers: no layout for architecture %d and %d bytes", a, len(set))
	}
	r.PC = loadWord(set[pc*word:], word)
	if a == RISCV64 {
		r.R[0] = 0 // the slot of x0 holds pc
	}
	return r, nil
}

// loadWord reads a little-endian word of 1, 2, 4 or 8 bytes; b is long enough.
func loadWord(b []byte, size int) uint64 {
	switch size {
	case 1:
		return uint64(b[0])
	case 2:
		return uint64(binary.LittleEndian.Uint16(b))
	case 4:
		return uint64(binary.LittleEndian.Uint32(b))
	}
	return binary.LittleEndian.Uint64(b)
}
