package unwind

import (
	"bytes"
	"debug/elf"
	"sort"
)

// symbol is a function of a symbol table: its addresses and where its name is.
type symbol struct {
	start, end uint64
	name       uint32
	names      uint8 // index of its string table
}

// symbolTable finds a function by address.
type symbolTable struct {
	syms    []symbol // sorted by start; table order among equals
	highest []uint64 // the highest end up to here: how far back to look
	strings [][]byte
}

// readSymbols reads the sized functions of all symbol tables of f, in the
// order of its sections.
func readSymbols(f *elf.File) *symbolTable {
	t := &symbolTable{}
	for _, s := range f.Sections {
		if s.Type != elf.SHT_SYMTAB && s.Type != elf.SHT_DYNSYM {
			continue
		}
		data := sectionData(s)
		if data == nil || int(s.Link) >= len(f.Sections) || len(t.strings) > 200 {
			continue
		}
		names := sectionData(f.Sections[s.Link])
		t.strings = append(t.strings, names)
		t.add(f, data)
	}
	sort.SliceStable(t.syms, func(i, j int) bool { return t.syms[i].start < t.syms[j].start })
	t.highest = make([]uint64, len(t.syms))
	var top uint64
	for i, s := range t.syms {
		top = max(top, s.end)
		t.highest[i] = top
	}
	return t
}

// add appends the functions of one table: STT_FUNC, defined, with a size.
// Elf32_Sym and Elf64_Sym of <elf.h> have their fields in different order.
func (t *symbolTable) add(f *elf.File, data []byte) {
	r := reader{b: data}
	wide := f.Class == elf.ELFCLASS64
	for r.left() > 0 {
		var value, size uint64
		var info byte
		var section uint16
		name := r.u32()
		if wide {
			info, _, section = r.u8(), r.u8(), r.u16()
			value, size = r.u64(), r.u64()
		} else {
			value, size = uint64(r.u32()), uint64(r.u32())
			info, _, section = r.u8(), r.u8(), r.u16()
		}
		if r.bad {
			return
		}
		if elf.SymType(info&0xf) != elf.STT_FUNC || elf.SectionIndex(section) == elf.SHN_UNDEF || value+size <= value {
			continue
		}
		t.syms = append(t.syms, symbol{value, value + size, name, uint8(len(t.strings) - 1)})
	}
}

// find returns the function addr is in, the one that starts last if several
// contain it, the first in the table among those; and where it starts.
func (t *symbolTable) find(addr uint64) (name string, start uint64, ok bool) {
	i := sort.Search(len(t.syms), func(i int) bool { return t.syms[i].start > addr }) - 1
	best := -1
	for ; i >= 0 && t.highest[i] > addr; i-- {
		if best >= 0 && t.syms[i].start != t.syms[best].start {
			break
		}
		if addr < t.syms[i].end {
			best = i
		}
	}
	if best < 0 {
		return "", 0, false
	}
	s := t.syms[best]
	return t.text(s), s.start, true
}

func (t *symbolTable) text(s symbol) string {
	names := t.strings[s.names]
	if uint64(s.name) >= uint64(len(names)) {
		return ""
	}
	names = names[s.name:]
	if i := bytes.IndexByte(names, 0); i >= 0 {
		names = names[:i]
	}
	return string(names[:min(len(names), maxName)])
}

// maxName bounds a function's name: demangling is not linear.
const maxName = 4096

// sectionData reads a section, unless it is too large or not in the file.
func sectionData(s *elf.Section) []byte {
	if s == nil || s.Type == elf.SHT_NOBITS || s.Size > maxSection || s.FileSize > maxSection {
		return nil
	}
	data, err := s.Data()
	if err != nil {
		return nil
	}
	return data
}
