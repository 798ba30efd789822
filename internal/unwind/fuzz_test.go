package unwind

import (
	"bytes"
	"debug/elf"
	"os"
	"testing"
)

// FuzzFrames reads sections of call frame information, of both kinds, with
// their programs and expressions.
func FuzzFrames(f *testing.F) {
	initial := []byte{cfaDefCFA, 7, 8, cfaOffset | 16, 1}
	program := []byte{
		cfaAdvanceLoc | 1, cfaDefCFAOffset, 16, cfaRememberState, cfaOffset | 6, 2, cfaAdvanceLoc1, 4,
		cfaRestoreState, cfaDefCFAExpr, 4, opBreg0 + 7, 8, opLit0, opPlus, cfaExpression, 3, 2, opBreg0 + 7, 16,
	}
	f.Add(true, frameBytes(true, "zR", 16, 1, 0x78, initial, fakeFunc{0x1000, 0x100, program}), uint64(0x1010))
	f.Add(true, frameBytes(true, "zPLRS", 16, 1, 0x78, initial, fakeFunc{0x1000, 0x100, nil}), uint64(0x1000))
	f.Add(false, frameBytes(false, "", 30, 4, 0x78, initial, fakeFunc{0x1000, 0x100, program}), uint64(0x1010))
	f.Fuzz(func(t *testing.T, eh bool, data []byte, pc uint64) {
		p := &fakeProcess{regions: map[uint64][]byte{stackAt: words(1, 2, 3, stackAt)}}
		w := walker{}
		regs := Registers{Arch: AMD64, PC: pc}
		regs.R[7], regs.R[6] = stackAt, stackAt+16
		w.start(&Unwinder{}, p, regs)
		s := &frameSection{eh: eh, word: 8, addr: 0x8000, data: data}
		for _, at := range []uint64{pc, 0x1000, 0x1010} {
			entry, ok := s.find(at)
			if !ok {
				continue
			}
			if at < entry.start || at >= entry.end {
				t.Errorf("%#x is not in %#x-%#x", at, entry.start, entry.end)
			}
			if r, ok := rowAt(&entry, at); ok {
				was := w.regs.SP()
				step := r.compact(8)
				if w.apply(step) && !step.signal && w.regs.SP() <= was {
					t.Errorf("the stack pointer went from %#x to %#x", was, w.regs.SP())
				}
			}
		}
	})
}

// FuzzFile reads whole files: headers, search tables, symbols, notes, lines
// and the Go table.
func FuzzFile(f *testing.F) {
	frames := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 7, 8, cfaOffset | 16, 1}, fakeFunc{fakeText, 0x100, nil})
	f.Add(fakeFile(elf.EM_X86_64, nil, frames))
	f.Add(makeELF(elf.EM_X86_64, nil,
		fakeSection{name: ".eh_frame_hdr", kind: elf.SHT_PROGBITS, addr: 0x2000, data: []byte{1, 3, 3, 0x3b, 0, 0x10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}},
		fakeSection{name: ".note.gnu.build-id", kind: elf.SHT_NOTE, data: []byte("\x04\x00\x00\x00\x04\x00\x00\x00\x03\x00\x00\x00GNU\x00abcd")},
		fakeSection{name: ".gnu_debuglink", kind: elf.SHT_PROGBITS, data: []byte("x.debug\x00\x01\x02\x03\x04")},
		fakeSection{name: ".gopclntab", kind: elf.SHT_PROGBITS, data: append([]byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}, make([]byte, 64)...)},
	))
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, image []byte) {
		m := newModule(bytes.NewReader(image), dir+"/prog")
		if m == nil {
			return
		}
		m.debugRoot = dir
		if info, err := os.Stat(dir); err == nil {
			m.info = info
		}
		for _, addr := range []uint64{0, fakeText, fakeText + 8, ^uint64(0)} {
			m.step(addr, AMD64, func() bool { return false })
			m.function(addr)
			m.line(addr)
			m.bias(&mapping{start: addr, end: addr + pageSize, offset: fakeText})
		}
	})
}

// FuzzGoTable reads the Go runtime's function table.
func FuzzGoTable(f *testing.F) {
	f.Add([]byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}, uint64(8))
	// One function at offset 0 of 16 bytes, whose frame is of 8 after the first.
	table := append([]byte{0xf1, 0xff, 0xff, 0xff, 0, 0, 1, 8}, words(1, 0, 0, 72, 0, 0, 80, 96)[:64]...)
	table = append(table, "main.f\x00\x00"...)
	table = append(table, 0, 2, 1, 16, 15, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	table = append(table, 0, 0, 0, 0, 12, 0, 0, 0, 16, 0, 0, 0)
	table = append(table, make([]byte, 16)...)
	table = append(table, 1, 0, 0, 0)
	table = append(table, make([]byte, 40)...)
	f.Add(table, uint64(4))
	f.Fuzz(func(t *testing.T, data []byte, addr uint64) {
		g := parseGoTable(data)
		if g == nil {
			return
		}
		for _, a := range []Arch{AMD64, I386, ARM64} {
			g.step(addr, a)
		}
		if fn, ok := g.find(addr); ok {
			if addr < fn.entry || addr >= fn.end {
				t.Errorf("%#x is not in %#x-%#x", addr, fn.entry, fn.end)
			}
			g.name(fn)
		}
	})
}

// FuzzMaps reads maps texts.
func FuzzMaps(f *testing.F) {
	f.Add([]byte("1000-2000 r-xp 00000000 00:00 0   [vdso]\n"), uint64(0x1000))
	f.Fuzz(func(t *testing.T, text []byte, pc uint64) {
		maps := parseMaps(text)
		if m := mappingAt(maps, pc); m != nil && (pc < m.start || pc >= m.end) {
			t.Errorf("%#x is not in %#x-%#x", pc, m.start, m.end)
		}
	})
}
