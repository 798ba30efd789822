package unwind

import "bytes"

// What is done where no table knows the code: instructions and stack layouts.

// sigFrame is how a signal return looks: the instructions the handler returns
// to, and where the interrupted registers are, from the stack pointer there.
// Kernel: arch/*/kernel/signal.c, struct rt_sigframe.
type sigFrame struct {
	code  [][]byte
	regs  uint64  // of the general registers
	order []uint8 // their order: DWARF numbers
	pc    uint64  // of the program counter, from regs
}

func sigFrameOf(a Arch) sigFrame {
	switch a {
	case AMD64:
		// mov $15, %rax or %eax; syscall. The frame starts with struct ucontext:
		// flags, link and stack are 40 bytes.
		return sigFrame{
			code: [][]byte{{0x48, 0xc7, 0xc0, 15, 0, 0, 0, 0x0f, 0x05}, {0xb8, 15, 0, 0, 0, 0x0f, 0x05}},
			regs: 40, pc: 16 * 8,
			order: []uint8{8, 9, 10, 11, 12, 13, 14, 15, 5, 4, 6, 3, 1, 0, 2, 7},
		}
	case ARM64:
		// mov x8, #139; svc #0. siginfo is 128 bytes, then ucontext's head with
		// its signal mask padded to 1024 bits, then the fault address.
		return sigFrame{
			code: [][]byte{{0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4}},
			regs: 128 + 176 + 8, pc: 32 * 8, order: thirtyTwo(),
		}
	case RISCV64:
		// li a7, 139; ecall. The first slot of the registers is pc.
		return sigFrame{
			code: [][]byte{{0x93, 0x08, 0xb0, 0x08, 0x73, 0x00, 0x00, 0x00}},
			regs: 128 + 176, pc: 0, order: thirtyTwo(),
		}
	}
	return sigFrame{}
}

// atSignalReturn reports whether the current code returns from a signal.
func (w *walker) atSignalReturn() bool {
	var code [9]byte
	for _, want := range w.sig.code {
		if w.mem.read(w.regs.PC, code[:len(want)]) && bytes.Equal(code[:len(want)], want) {
			return true
		}
	}
	return false
}

// interrupted goes to the code a signal interrupted.
func (w *walker) interrupted() bool {
	at := w.regs.SP() + w.sig.regs
	next := w.regs
	var ok bool
	for i, reg := range w.sig.order {
		if next.R[reg], ok = w.mem.load(at+8*uint64(i), 8); !ok {
			return false
		}
	}
	if next.PC, ok = w.mem.load(at+w.sig.pc, 8); !ok {
		return false
	}
	if next.Arch == RISCV64 {
		next.R[0] = 0
	}
	return w.advance(next, true)
}

// leaf takes the innermost function for one without a frame: its return
// address is on top of the stack, behind a call, or in the link register.
func (w *walker) leaf() bool {
	facts := w.regs.Arch.facts()
	next := w.regs
	if !facts.link {
		ret, ok := w.mem.load(w.regs.SP(), int(facts.word))
		if !ok || w.mapping(ret) == nil || !w.afterCall(ret) {
			return false
		}
		next.PC = ret
		next.R[facts.sp] += uint64(facts.word)
		return w.advance(next, false)
	}
	next.PC = w.regs.R[facts.ra]
	saved, ok := w.mem.load(w.regs.FP()+uint64(facts.fpReturn), int(facts.word))
	if ok && saved == next.PC || w.mapping(next.PC) == nil {
		return false
	}
	return w.advance(next, false)
}

// afterCall reports whether the x86 instruction before addr is a call: E8 with
// a displacement, or FF /2 with any operand (Intel SDM, volume 2, CALL).
func (w *walker) afterCall(addr uint64) bool {
	var b [7]byte
	if !w.mem.read(addr-7, b[:]) {
		return false
	}
	if b[2] == 0xe8 {
		return true
	}
	for n := 2; n <= 7; n++ {
		if b[7-n] == 0xff && callLength(b[7-n:]) == n {
			return true
		}
	}
	return false
}

// callLength returns the length of FF /2 by its ModRM and SIB bytes, or 0.
func callLength(b []byte) int {
	modrm := b[1]
	if modrm>>3&7 != 2 {
		return 0
	}
	mod, rm := modrm>>6, modrm&7
	n := 2
	if mod != 3 && rm == 4 {
		n++
	}
	switch {
	case mod == 1:
		n++
	case mod == 2, mod == 0 && rm == 5, mod == 0 && rm == 4 && len(b) > 2 && b[2]&7 == 5:
		n += 4
	}
	return n
}

// framePointer follows the chain of frame pointers, if there plausibly is one.
func (w *walker) framePointer() bool {
	facts := w.regs.Arch.facts()
	fp, word := w.regs.FP(), int(facts.word)
	if facts.fpCFA == facts.fpReturn || fp%uint64(facts.word) != 0 || fp < w.regs.SP() {
		return false
	}
	parent, ok := w.mem.load(fp+uint64(facts.fpParent), word)
	ret, ok2 := w.mem.load(fp+uint64(facts.fpReturn), word)
	if !ok || !ok2 || w.mapping(ret) == nil {
		return false
	}
	next := w.regs
	next.PC = ret
	next.R[facts.sp] = fp + uint64(facts.fpCFA)
	next.R[facts.fp] = parent
	return w.advance(next, false)
}
