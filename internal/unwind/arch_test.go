package unwind

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const (
	stackAt = uint64(0x7fff00000000)
	textAt  = fakeBase + fakeText
)

// symbolsIn lists the symbols of a trace.
func symbolsIn(frames []Frame) []string {
	var names []string
	for _, f := range frames {
		names = append(names, f.Symbol)
	}
	return names
}

var fakeNames = map[string][2]uint64{
	"inner":  {fakeText, 0x100},
	"middle": {fakeText + 0x100, 0x100},
	"outer":  {fakeText + 0x200, 0x100},
}

// fakeFile makes a file with the three functions of fakeNames and the frames.
func fakeFile(machine elf.Machine, text []byte, frames []byte) []byte {
	syms, strs := symbolBytes(fakeNames)
	return makeELF(
		machine, append(text, make([]byte, pageSize-len(text))...),
		fakeSection{name: ".eh_frame", kind: elf.SHT_PROGBITS, flags: elf.SHF_ALLOC, addr: 0x8000, data: frames},
		fakeSection{name: ".symtab", kind: elf.SHT_SYMTAB, data: syms, link: 3},
		fakeSection{name: ".strtab", kind: elf.SHT_STRTAB, data: strs},
	)
}

func trace(t *testing.T, image []byte, regs Registers, regions map[uint64][]byte) []Frame {
	t.Helper()
	maps, _ := mapFile(t, image)
	p := &fakeProcess{regs: regs, maps: maps, regions: regions}
	var u Unwinder
	t.Cleanup(u.Close)
	return u.Frames(p, 0, false)
}

// TestLinkRegister unwinds where calls keep the return address in a register:
// inner has no frame, middle one by its rules, outer is the last.
func TestLinkRegister(t *testing.T) {
	for _, c := range []struct {
		name        string
		machine     elf.Machine
		arch        Arch
		sp, ra, fp  byte
		codeAlign   byte
		extra       []byte
		authenticat uint64
	}{
		{"arm64", elf.EM_AARCH64, ARM64, 31, 30, 29, 4, []byte{cfaNegateRAState}, 0x2a << 56},
		{"riscv64", elf.EM_RISCV, RISCV64, 2, 1, 8, 2, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			middle := append([]byte{
				cfaAdvanceLoc | 2,
				cfaDefCFAOffset, 32, cfaOffset | c.fp, 4, cfaOffset | c.ra, 3,
			}, c.extra...)
			frames := frameBytes(true, "zR", c.ra, c.codeAlign, 0x78, []byte{cfaDefCFA, c.sp, 0},
				fakeFunc{fakeText, 0x100, nil},
				fakeFunc{fakeText + 0x100, 0x100, middle},
				fakeFunc{fakeText + 0x200, 0x100, []byte{cfaUndefined, c.ra}})
			regs := Registers{Arch: c.arch, PC: textAt + 0x10}
			regs.R[c.sp], regs.R[c.ra] = stackAt, textAt+0x140
			got := trace(t, fakeFile(c.machine, nil, frames), regs, map[uint64][]byte{
				stackAt: words(0x1111, textAt+0x240|c.authenticat, 0, 0),
			})
			if d := cmp.Diff([]string{"inner", "middle", "outer"}, symbolsIn(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestLinkRegisterGuess has no rules: inner keeps its return address in the
// link register, the others have frame pointers.
func TestLinkRegisterGuess(t *testing.T) {
	for name, c := range map[string]struct {
		arch  Arch
		fp    uint64 // of middle
		stack []byte
	}{
		"arm64":   {ARM64, stackAt + 16, words(0, 0, stackAt+48, textAt+0x240, 0, 0, 0, 0)},
		"riscv64": {RISCV64, stackAt + 32, words(0, 0, stackAt+64, textAt+0x240, 0, 0, 0, 0)},
	} {
		t.Run(name, func(t *testing.T) {
			facts := c.arch.facts()
			regs := Registers{Arch: c.arch, PC: textAt + 0x10}
			regs.R[facts.sp], regs.R[facts.ra], regs.R[facts.fp] = stackAt, textAt+0x140, c.fp
			got := trace(t, fakeFile(elf.EM_AARCH64, nil, nil), regs, map[uint64][]byte{stackAt: c.stack})
			if d := cmp.Diff([]string{"inner", "middle", "outer"}, symbolsIn(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestSignalFrame goes from the instructions of a signal return, which no
// table knows, to the function the signal interrupted.
func TestSignalFrame(t *testing.T) {
	for name, c := range map[string]struct {
		arch Arch
		code []byte
	}{
		"amd64":   {AMD64, []byte{0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05}},
		"arm64":   {ARM64, []byte{0x68, 0x11, 0x80, 0xd2, 0x01, 0, 0, 0xd4}},
		"riscv64": {RISCV64, []byte{0x93, 0x08, 0xb0, 0x08, 0x73, 0, 0, 0}},
	} {
		t.Run(name, func(t *testing.T) {
			sig, facts := sigFrameOf(c.arch), c.arch.facts()
			frame := make([]byte, pageSize)
			put := func(at, v uint64) { binary.LittleEndian.PutUint64(frame[at:], v) }
			put(sig.regs+8*uint64(slices.Index(sig.order, facts.sp)), stackAt+0x800)
			put(sig.regs+sig.pc, textAt+0x200) // the first instruction of outer
			regs := Registers{Arch: c.arch, PC: textAt}
			regs.R[facts.sp] = stackAt
			got := trace(t, fakeFile(elf.EM_X86_64, c.code, nil), regs, map[uint64][]byte{
				stackAt: frame, textAt: append(c.code, make([]byte, pageSize-len(c.code))...),
			})
			if d := cmp.Diff([]string{"inner", "outer"}, symbolsIn(got)); d != "" {
				t.Error(d)
			}
		})
	}
}

// TestPLTExpression has the rule linkers write for procedure linkage tables:
// the frame address depends on how far into a slot of 16 bytes the program
// counter is, rsp+8 or, from offset 11, rsp+16.
func TestPLTExpression(t *testing.T) {
	expr := []byte{opBreg0 + 7, 8, opBreg0 + 16, 0, opLit0 + 15, opAnd, opLit0 + 11, opGe, opLit0 + 3, opShl, opPlus}
	program := append([]byte{cfaDefCFAExpr, byte(len(expr))}, expr...)
	frames := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 7, 8, cfaOffset | 16, 1},
		fakeFunc{fakeText, 0x100, program}, fakeFunc{fakeText + 0x100, 0x100, []byte{cfaUndefined, 16}})
	for pc, stack := range map[uint64][]byte{
		textAt + 0x26: words(textAt + 0x110),
		textAt + 0x2b: words(0xbad, textAt+0x110),
	} {
		regs := Registers{Arch: AMD64, PC: pc}
		regs.R[7] = stackAt
		got := trace(t, fakeFile(elf.EM_X86_64, nil, frames), regs, map[uint64][]byte{stackAt: stack})
		if d := cmp.Diff([]string{"inner", "middle"}, symbolsIn(got)); d != "" {
			t.Errorf("at %#x: %s", pc, d)
		}
	}
}

// TestLoops gives stacks that lead back to themselves: traces end.
func TestLoops(t *testing.T) {
	same := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 7, 0, cfaOffset | 16, 0x7f}, fakeFunc{fakeText, 0x300, nil})
	down := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 6, 0, cfaOffset | 16, 1, cfaOffset | 6, 2}, fakeFunc{fakeText, 0x300, nil})
	signal := frameBytes(true, "zRS", 16, 1, 0x78, []byte{cfaDefCFA, 7, 0, cfaSameValue, 16}, fakeFunc{fakeText, 0x300, nil})
	for name, frames := range map[string][]byte{"same": same, "down": down, "signal": signal, "frame pointers": nil} {
		t.Run(name, func(t *testing.T) {
			regs := Registers{Arch: AMD64, PC: textAt + 0x10}
			regs.R[7], regs.R[6] = stackAt, stackAt+0x40
			stack := words(0, 0, 0, 0, 0, 0, stackAt+0x40, textAt+0x10, stackAt+0x40, textAt+0x10)
			got := trace(t, fakeFile(elf.EM_X86_64, nil, frames), regs, map[uint64][]byte{stackAt: stack})
			if len(got) > 3 {
				t.Errorf("%d frames of a stack of two", len(got))
			}
		})
	}
}

func TestFromPRStatus(t *testing.T) {
	for _, c := range []struct {
		arch          Arch
		size          int
		sp, fp, pc    int // words of the set
		firstRegister int
	}{
		{AMD64, 27, 19, 4, 16, 10},
		{I386, 17, 15, 5, 12, 6},
		{ARM64, 34, 31, 29, 32, 0},
		{RISCV64, 32, 2, 8, 0, -1},
	} {
		word := int(c.arch.facts().word)
		set := make([]byte, c.size*word)
		for i := range c.size {
			set[i*word] = byte(100 + i)
		}
		r, err := FromPRStatus(c.arch, set)
		if err != nil {
			t.Fatal(err)
		}
		got := []uint64{r.SP(), r.FP(), r.PC, r.R[0]}
		want := []uint64{uint64(100 + c.sp), uint64(100 + c.fp), uint64(100 + c.pc), uint64(100 + c.firstRegister)}
		if c.firstRegister < 0 {
			want[3] = 0
		}
		if !slices.Equal(got, want) {
			t.Errorf("architecture %d: sp, fp, pc, first are %d, want %d", c.arch, got, want)
		}
		if _, err := FromPRStatus(c.arch, set[:3*word]); err == nil {
			t.Errorf("architecture %d: a short set is no error", c.arch)
		}
	}
	if _, err := FromPRStatus(Unknown, make([]byte, 1000)); err == nil {
		t.Error("an unknown architecture is no error")
	}
}
