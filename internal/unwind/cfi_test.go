package unwind

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rowOf runs a program of a function at 0x1000, up to pc, on the common rules
// CFA = r7+8, r16 at CFA-8.
func rowOf(t *testing.T, program []byte, pc uint64) (row, bool) {
	t.Helper()
	s := frameSection{eh: true, word: 8, data: frameBytes(true, "zR", 16, 1, 0x78,
		[]byte{cfaDefCFA, 7, 8, cfaOffset | 16, 1}, fakeFunc{0x1000, 0x1000, program})}
	f, ok := s.find(pc)
	if !ok {
		t.Fatalf("no entry for %#x", pc)
	}
	return rowAt(&f, pc)
}

func TestPrograms(t *testing.T) {
	loc4 := []byte{cfaAdvanceLoc4, 0, 2, 0, 0}
	for _, c := range []struct {
		name    string
		program []byte
		pc      uint64
		want    row
	}{
		{"common", nil, 0x1000, row{cfaReg: 7, cfaOff: 8}},
		{"before a push", []byte{cfaAdvanceLoc | 1, cfaDefCFAOffset, 16}, 0x1000, row{cfaReg: 7, cfaOff: 8}},
		{"after a push", []byte{cfaAdvanceLoc | 1, cfaDefCFAOffset, 16}, 0x1001, row{cfaReg: 7, cfaOff: 16}},
		{"advance by 1 byte", []byte{cfaAdvanceLoc1, 200, cfaDefCFAOffset, 16}, 0x10c8, row{cfaReg: 7, cfaOff: 16}},
		{"advance by 2 bytes", []byte{cfaAdvanceLoc2, 0, 1, cfaDefCFAOffset, 16}, 0x10ff, row{cfaReg: 7, cfaOff: 8}},
		{"advance by 4 bytes", append(loc4, cfaDefCFAOffset, 16), 0x1200, row{cfaReg: 7, cfaOff: 16}},
		{"set location", append(append([]byte{cfaSetLoc}, binary.LittleEndian.AppendUint64(nil, 0x1100)...), cfaDefCFAOffset, 24), 0x1100, row{cfaReg: 7, cfaOff: 24}},
		{"register", []byte{cfaDefCFARegister, 6}, 0x1000, row{cfaReg: 6, cfaOff: 8}},
		{"factored", []byte{cfaDefCFASF, 6, 0x7e}, 0x1000, row{cfaReg: 6, cfaOff: 16}},
		{"factored offset", []byte{cfaDefCFAOffsetSF, 0x7d}, 0x1000, row{cfaReg: 7, cfaOff: 24}},
		{"remember and restore", []byte{cfaRememberState, cfaDefCFA, 6, 32, cfaAdvanceLoc | 8, cfaRestoreState}, 0x1008, row{cfaReg: 7, cfaOff: 8}},
		{"expression after offset", []byte{cfaDefCFAExpr, 1, opLit0}, 0x1000, row{cfaReg: 7, cfaOff: 8, cfaExpr: []byte{opLit0}}},
		{"offset after expression", []byte{cfaDefCFAExpr, 1, opLit0, cfaDefCFA, 7, 40}, 0x1000, row{cfaReg: 7, cfaOff: 40}},
		{"args size", []byte{cfaArgsSize, 0x80, 1, cfaDefCFAOffset, 16}, 0x1000, row{cfaReg: 7, cfaOff: 16}},
	} {
		got, ok := rowOf(t, c.program, c.pc)
		if !ok || got.cfaReg != c.want.cfaReg || got.cfaOff != c.want.cfaOff || !slices.Equal(got.cfaExpr, c.want.cfaExpr) {
			t.Errorf("%s: register %d, offset %d, expression %x, %v", c.name, got.cfaReg, got.cfaOff, got.cfaExpr, ok)
		}
		if got.ra != 16 || got.rules[16].kind != ruleOffset || got.rules[16].off != -8 {
			t.Errorf("%s: the return address's rule is %+v", c.name, got.rules[16])
		}
	}
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		name    string
		program []byte
		want    rule
	}{
		{"offset", []byte{cfaOffset | 3, 2}, rule{kind: ruleOffset, off: -16}},
		{"extended", []byte{cfaOffsetExt, 3, 2}, rule{kind: ruleOffset, off: -16}},
		{"signed", []byte{cfaOffsetExtSF, 3, 0x7e}, rule{kind: ruleOffset, off: 16}},
		{"negative", []byte{cfaNegOffsetExt, 3, 2}, rule{kind: ruleOffset, off: 16}},
		{"value", []byte{cfaValOffset, 3, 2}, rule{kind: ruleValOffset, off: -16}},
		{"signed value", []byte{cfaValOffsetSF, 3, 0x7e}, rule{kind: ruleValOffset, off: 16}},
		{"register", []byte{cfaRegister, 3, 5}, rule{kind: ruleRegister, reg: 5}},
		{"undefined", []byte{cfaUndefined, 3}, rule{kind: ruleUndefined}},
		{"same", []byte{cfaUndefined, 3, cfaSameValue, 3}, rule{}},
		{"restored", []byte{cfaOffset | 3, 2, cfaRestore | 3}, rule{}},
		{"restored, extended", []byte{cfaOffset | 3, 2, cfaRestoreExt, 3}, rule{}},
		{"expression", []byte{cfaExpression, 3, 1, opLit0}, rule{kind: ruleExpr, expr: []byte{opLit0}}},
		{"value of expression", []byte{cfaValExpression, 3, 1, opLit0}, rule{kind: ruleValExpr, expr: []byte{opLit0}}},
		{"register not kept", []byte{cfaOffsetExt, 99, 2}, rule{}},
	} {
		got, ok := rowOf(t, c.program, 0x1000)
		if d := cmp.Diff(c.want, got.rules[3], cmp.AllowUnexported(rule{})); !ok || d != "" {
			t.Errorf("%s: %v\n%s", c.name, ok, d)
		}
	}
}

func TestBadPrograms(t *testing.T) {
	deep := slices.Repeat([]byte{cfaRememberState}, maxStates+1)
	for name, program := range map[string][]byte{
		"unknown instruction":     {0x3b},
		"nothing to restore":      {cfaRestoreState},
		"too many states":         deep,
		"expression beyond it":    {cfaDefCFAExpr, 0x7f},
		"frame by no register":    {cfaDefCFA, 99, 0},
		"frame by no register 2":  {cfaDefCFARegister, 99},
		"rule's length too large": {cfaExpression, 3, 0x7f},
	} {
		if _, ok := rowOf(t, program, 0x1000); ok {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestExpressions(t *testing.T) {
	p := &fakeProcess{regions: map[uint64][]byte{stackAt: words(0x1122334455667788)}}
	var mem memory
	mem.reset(p)
	regs := Registers{Arch: AMD64}
	regs.R[7], regs.R[3] = stackAt, 5
	addr := binary.LittleEndian.AppendUint64([]byte{opAddr}, stackAt)
	for _, c := range []struct {
		name string
		expr []byte
		want uint64
		ok   bool
	}{
		{"literal", []byte{opLit0 + 7}, 7, true},
		{"constants", []byte{opConst1s, 0xff, opConst2u, 1, 0, opPlus}, 0, true},
		{"leb", []byte{opConstu, 0x80, 1, opConsts, 0x7f, opMinus}, 129, true},
		{"register", []byte{opBreg0 + 3, 0x7e}, 3, true},
		{"any register", []byte{opBregx, 3, 1}, 6, true},
		{"memory", []byte{opBreg0 + 7, 0, opDeref}, 0x1122334455667788, true},
		{"memory at address", append(addr, opDerefSize, 2), 0x7788, true},
		{"stack", []byte{opLit0 + 1, opLit0 + 2, opLit0 + 3, opRot, opSwap, opDrop, opOver, opPick, 1, opMinus, opMinus}, 1, true},
		{"arithmetic", []byte{opLit0 + 7, opLit0 + 2, opMul, opLit0 + 3, opDiv, opLit0 + 3, opMod, opNeg, opAbs, opPlusUconst, 10}, 11, true},
		{"bits", []byte{opLit0 + 12, opLit0 + 10, opXor, opLit0 + 1, opOr, opLit0 + 4, opShl, opLit0 + 1, opShr, opLit0 + 1, opShra, opNot, opNot}, 28, true},
		{"branch taken", []byte{opLit0 + 1, opBra, 1, 0, opLit0 + 9, opLit0 + 4}, 4, true},
		{"branch not taken", []byte{opLit0, opBra, 1, 0, opLit0 + 9}, 9, true},
		{"skip", []byte{opLit0 + 1, opSkip, 1, 0, opNop, opLit0 + 2}, 2, true},
		{"compare", []byte{opLit0 + 1, opLit0 + 2, opLt, opLit0 + 1, opEq, opLit0, opNe}, 1, true},
		{"frame address", []byte{opCallFrameCFA}, 0xcfa, true},
		{"empty", nil, 0, false},
		{"underflow", []byte{opPlus}, 0, false},
		{"division by zero", []byte{opLit0 + 1, opLit0, opDiv}, 0, false},
		{"unreadable", []byte{opLit0, opDeref}, 0, false},
		{"loop", []byte{opSkip, 0xfd, 0xff}, 0, false},
		{"branch out", []byte{opSkip, 0x7f, 0}, 0, false},
		{"overflow", []byte{opLit0, opSkip, 0xfc, 0xff}, 0, false},
		{"unknown", []byte{0xe0}, 0, false},
	} {
		e := evaluator{regs: &regs, mem: &mem, word: 8, cfa: 0xcfa}
		if got, ok := e.eval(c.expr); got != c.want && c.ok || ok != c.ok {
			t.Errorf("%s: %d, %v; want %d, %v", c.name, got, ok, c.want, c.ok)
		}
	}
}

// TestPointers reads the encodings at address 0x1002 of a section at 0x1000.
func TestPointers(t *testing.T) {
	for _, c := range []struct {
		name string
		enc  byte
		data []byte
		want uint64
		bad  bool
	}{
		{"absolute", 0x00, []byte{1, 2, 3, 4, 5, 6, 7, 8}, 0x0807060504030201, false},
		{"uleb", 0x01, []byte{0x81, 1}, 129, false},
		{"udata2", 0x02, []byte{1, 2}, 0x0201, false},
		{"udata4", 0x03, []byte{1, 2, 3, 4}, 0x04030201, false},
		{"udata8", 0x04, []byte{1, 2, 3, 4, 5, 6, 7, 8}, 0x0807060504030201, false},
		{"sleb", 0x09, []byte{0x7f}, ^uint64(0), false},
		{"sdata2", 0x0a, []byte{0xfe, 0xff}, ^uint64(1), false},
		{"sdata4, pc-relative", 0x1b, []byte{0xfe, 0xff, 0xff, 0xff}, 0x1000, false},
		{"sdata8, pc-relative", 0x1c, []byte{2, 0, 0, 0, 0, 0, 0, 0}, 0x1004, false},
		{"data-relative", 0x33, []byte{2, 0, 0, 0}, 0x5002, false},
		{"omitted", 0xff, nil, 0, false},
		{"text-relative", 0x23, []byte{2, 0, 0, 0}, 0, true},
		{"unknown format", 0x0f, []byte{2, 0, 0, 0}, 0, true},
		{"short", 0x03, []byte{2, 0, 0}, 0, true},
	} {
		r := reader{b: append([]byte{0, 0}, c.data...), off: 2}
		got := r.pointer(c.enc, 0x1000, 8, 0x5000)
		if r.bad != c.bad || !c.bad && got != c.want {
			t.Errorf("%s: %#x, bad %v; want %#x, %v", c.name, got, r.bad, c.want, c.bad)
		}
	}
}

// TestSections finds functions in every form of section: with and without a
// search table, .debug_frame, 64-bit lengths, a terminator in the middle.
func TestSections(t *testing.T) {
	funcs := []fakeFunc{{0x3000, 0x10, nil}, {0x1000, 0x10, nil}, {0x2000, 0x10, nil}}
	eh := frameBytes(true, "zR", 16, 1, 0x78, nil, funcs...)
	stopped := append(append(frameBytes(true, "zR", 16, 1, 0x78, nil, funcs[0]), 0, 0, 0, 0),
		frameBytes(true, "zR", 16, 1, 0x78, nil, funcs[1:]...)...)
	for name, s := range map[string]*frameSection{
		"scanned":     {eh: true, word: 8, data: eh},
		"terminated":  {eh: true, word: 8, data: stopped},
		"debug_frame": {word: 8, data: frameBytes(false, "", 16, 1, 0x78, nil, funcs...)},
		"table":       {eh: true, word: 8, data: eh, hdr: tableOf(t, eh)},
	} {
		for pc, want := range map[uint64]uint64{
			0x1000: 0x1000, 0x100f: 0x1000, 0x2008: 0x2000, 0x300f: 0x3000,
			0xfff: 0, 0x1010: 0, 0x3010: 0, 0: 0,
		} {
			f, ok := s.find(pc)
			if ok != (want != 0) || f.start != want {
				t.Errorf("%s: at %#x found %#x, %v; want %#x", name, pc, f.start, ok, want)
			}
		}
	}
}

// tableOf makes the .eh_frame_hdr of a section at address 0.
func tableOf(t *testing.T, eh []byte) searchTable {
	t.Helper()
	s := frameSection{eh: true, word: 8, data: eh}
	s.scan()
	hdr := []byte{1, 0x03, 0x03, 0x3b}
	hdr = binary.LittleEndian.AppendUint32(hdr, 0)
	hdr = binary.LittleEndian.AppendUint32(hdr, uint32(len(s.index)))
	const at = 0x10000
	for _, e := range s.index {
		hdr = binary.LittleEndian.AppendUint32(hdr, uint32(e.start)-at)
		hdr = binary.LittleEndian.AppendUint32(hdr, e.off-at)
	}
	table, frames, ok := parseHdr(hdr, at, 8)
	if !ok || frames != 0 || table.n != len(s.index) {
		t.Fatalf("search table: %v, frames at %#x, %d entries", ok, frames, table.n)
	}
	return table
}

// TestNoSections reads a file whose section headers are gone: the frames are
// found by the program header of their search table.
func TestNoSections(t *testing.T) {
	frames := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 7, 24, cfaOffset | 16, 1},
		fakeFunc{fakeText, 0x100, nil}, fakeFunc{fakeText + 0x100, 0x100, []byte{cfaUndefined, 16}})
	const framesAt, hdrAt = fakeText + 0x400, 0x9000
	text := make([]byte, pageSize)
	copy(text[0x400:], frames)
	hdr := binary.LittleEndian.AppendUint32([]byte{1, 0x03, 0x03, 0x3b}, framesAt)
	s := frameSection{eh: true, word: 8, data: frames}
	s.scan()
	hdr = binary.LittleEndian.AppendUint32(hdr, uint32(len(s.index)))
	for _, e := range s.index {
		hdr = binary.LittleEndian.AppendUint32(hdr, uint32(e.start)-hdrAt&0xffffffff)
		hdr = binary.LittleEndian.AppendUint32(hdr, framesAt+e.off-hdrAt)
	}
	image := makeELF(elf.EM_X86_64, text, fakeSection{name: ".eh_frame_hdr", kind: elf.SHT_PROGBITS, addr: hdrAt, data: hdr})
	binary.LittleEndian.PutUint64(image[40:], 0) // e_shoff
	binary.LittleEndian.PutUint32(image[60:], 0) // e_shnum and e_shstrndx
	regs := Registers{Arch: AMD64, PC: textAt + 0x10}
	regs.R[7] = stackAt
	got := trace(t, image, regs, map[uint64][]byte{stackAt: words(0, 0, textAt+0x110)})
	if len(got) != 2 || got[1].Offset != fakeText+0x110 {
		t.Errorf("%s", AppendStack(nil, got, AtOnce))
	}
}
