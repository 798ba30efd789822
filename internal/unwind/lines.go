package unwind

import (
	"debug/dwarf"
	"debug/elf"
	"debug/gosym"
)

// lineTable finds the source line of an address.
type lineTable struct {
	data   *dwarf.Data
	golang *gosym.Table
	units  map[dwarf.Offset]*dwarf.LineReader
	known  map[uint64]place
}

type place struct {
	file string
	line int
}

// line returns the source file and line of the link-time address addr, or "".
func (m *module) line(addr uint64) (string, int) {
	if m.lines == nil {
		m.lines = &lineTable{units: map[dwarf.Offset]*dwarf.LineReader{}, known: map[uint64]place{}}
		m.lines.open(m)
	}
	if p, ok := m.lines.known[addr]; ok {
		return p.file, p.line
	}
	var p place
	guard(func() { p = m.lines.find(addr) })
	if len(m.lines.known) >= maxCached {
		clear(m.lines.known)
	}
	m.lines.known[addr] = p
	return p.file, p.line
}

// open takes the first DWARF line information there is: in the file, in its
// debug file, or the table Go programs carry.
func (t *lineTable) open(m *module) {
	for _, f := range []*elf.File{m.elf, m.debugELF()} {
		if f == nil || f.Section(".debug_line") == nil && f.Section(".zdebug_line") == nil || tooLarge(f) {
			continue
		}
		guard(func() {
			if d, err := f.DWARF(); err == nil {
				t.data = d
			}
		})
		if t.data != nil {
			return
		}
	}
	if g := m.goFuncs(); g != nil {
		guard(func() {
			if table, err := gosym.NewTable(nil, gosym.NewLineTable(g.data, g.text)); err == nil {
				t.golang = table
			}
		})
	}
}

// tooLarge reports sections beyond the bound, as claimed by headers.
func tooLarge(f *elf.File) bool {
	for _, s := range f.Sections {
		if s.Flags&elf.SHF_ALLOC == 0 && (s.Size > 4*maxSection || s.FileSize > 4*maxSection) {
			return true
		}
	}
	return false
}

func (t *lineTable) find(addr uint64) place {
	if t.golang != nil {
		file, line, fn := t.golang.PCToLine(addr)
		if fn == nil {
			return place{}
		}
		return place{file, line}
	}
	if t.data == nil {
		return place{}
	}
	unit, err := t.data.Reader().SeekPC(addr)
	if err != nil {
		return place{}
	}
	lines := t.units[unit.Offset]
	if lines == nil {
		if lines, err = t.data.LineReader(unit); err != nil || lines == nil {
			return place{}
		}
		t.units[unit.Offset] = lines
	}
	var e dwarf.LineEntry
	if err := lines.SeekPC(addr, &e); err != nil || e.File == nil {
		return place{}
	}
	return place{e.File.Name, e.Line}
}
