package unwind

import (
	"bytes"
	"debug/elf"
	"iter"
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

// maxSymbols bounds the functions kept of one file.
const maxSymbols = 4 << 20

// rawSymbol is one entry of a symbol table.
type rawSymbol struct {
	table       int // counts the file's symbol tables
	strings     []byte
	name        uint32
	info        byte
	section     uint16
	value, size uint64
}

// symbolsOf yields the symbols of all symbol tables of f, in file order.
func symbolsOf(f *elf.File) iter.Seq[rawSymbol] {
	return func(yield func(rawSymbol) bool) {
		tables := 0
		for _, s := range f.Sections {
			if s.Type != elf.SHT_SYMTAB && s.Type != elf.SHT_DYNSYM || tables >= maxTables {
				continue
			}
			data := sectionData(s)
			if data == nil || int(s.Link) >= len(f.Sections) {
				continue
			}
			names := sectionData(f.Sections[s.Link])
			for r := (&reader{b: data}); r.left() > 0; {
				sym := readSymbol(r, f.Class)
				sym.table, sym.strings = tables, names
				if r.bad || !yield(sym) {
					return
				}
			}
			tables++
		}
	}
}

// maxTables is more than any linker makes: .dynsym and .symtab.
const maxTables = 16

// readSymbol reads one entry: Elf32_Sym and Elf64_Sym of <elf.h> have their
// fields in different order.
func readSymbol(r *reader, class elf.Class) (s rawSymbol) {
	s.name = r.u32()
	if class == elf.ELFCLASS64 {
		s.info, _, s.section = r.u8(), r.u8(), r.u16()
		s.value, s.size = r.u64(), r.u64()
		return s
	}
	s.value, s.size = uint64(r.u32()), uint64(r.u32())
	s.info, _, s.section = r.u8(), r.u8(), r.u16()
	return s
}

func (s *rawSymbol) text() string { return stringAt(s.strings, s.name) }

// isFunction reports what strace takes for a function: STT_FUNC, defined,
// with a size.
func (s *rawSymbol) isFunction() bool {
	return elf.SymType(s.info&0xf) == elf.STT_FUNC && elf.SectionIndex(s.section) != elf.SHN_UNDEF &&
		s.value+s.size > s.value
}

// readSymbols reads the functions of f.
func readSymbols(f *elf.File) *symbolTable {
	t := &symbolTable{}
	for s := range symbolsOf(f) {
		if !s.isFunction() {
			continue
		}
		if len(t.syms) >= maxSymbols {
			break
		}
		for len(t.strings) <= s.table {
			t.strings = append(t.strings, s.strings)
		}
		t.strings[s.table] = s.strings
		t.syms = append(t.syms, symbol{s.value, s.value + s.size, s.name, uint8(s.table)})
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
	return stringAt(t.strings[s.names], s.name), s.start, true
}

// stringAt returns the string at an offset of a string table.
func stringAt(names []byte, off uint32) string {
	if uint64(off) >= uint64(len(names)) {
		return ""
	}
	names = names[off:]
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
