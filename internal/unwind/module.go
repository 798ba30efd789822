package unwind

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"strings"
	"syscall"

	"github.com/ianlancetaylor/demangle"
)

// module is what is known of one mapped ELF image; everything is read when it
// is first asked for and kept.
type module struct {
	info  os.FileInfo // nil for one read from memory
	used  uint64      // for choosing which to drop
	path  string
	file  io.Closer
	elf   *elf.File
	debug *elf.File // the separate debug file
	extra io.Closer

	debugRoot string

	soughtDebug, readFrames, readSymbols, readGo bool

	eh, dwarf []*frameSection
	symbols   []*symbolTable
	golang    *goTable
	lines     *lineTable
	rows      map[uint64]*step
	names     map[uint64]located
}

// located is a function and how far into it an address is.
type located struct {
	name   string
	offset uint64
}

// maxCached bounds the answers kept for a module.
const maxCached = 8192

func newModule(r io.ReaderAt, path string) *module {
	f := openELF(r)
	if f == nil {
		return nil
	}
	return &module{elf: f, path: path, rows: map[uint64]*step{}, names: map[uint64]located{}}
}

func (m *module) close() {
	if m.file != nil {
		_ = m.file.Close() // it was read only
	}
	if m.extra != nil {
		_ = m.extra.Close()
	}
}

// guard runs f over the module's file; a panic in a parser of the standard
// library means the file lies, and is the same as finding nothing.
func guard(f func()) {
	defer func() { _ = recover() }()
	f()
}

// openRegular opens a regular file and nothing else: the name is the traced
// program's choice, and opening a fifo would block.
func openRegular(name string) *os.File {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return nil
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil
	}
	if info, err = f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil
	}
	return f
}

// inode returns a file's inode number, or 0 if the system has none.
func inode(info os.FileInfo) uint64 {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return st.Ino
	}
	return 0
}

// bias returns the difference of run-time and link-time addresses in a
// mapping of the module: from the segment whose file bytes are mapped there.
func (m *module) bias(mp *mapping) (uint64, bool) {
	for _, p := range m.elf.Progs {
		if p.Type != elf.PT_LOAD || p.Flags&elf.PF_X == 0 {
			continue
		}
		if mp.offset < p.Off+p.Filesz && mp.offset+(mp.end-mp.start) > p.Off {
			return mp.start - mp.offset + p.Off - p.Vaddr, true
		}
	}
	return 0, false
}

// debugELF returns the separate debug file, or nil.
func (m *module) debugELF() *elf.File {
	if !m.soughtDebug {
		m.soughtDebug = true
		if m.info != nil {
			guard(func() {
				file, debug := openDebugFile(m.elf, m.path, m.debugRoot)
				if debug != nil {
					m.extra, m.debug = file, debug
				}
			})
		}
	}
	return m.debug
}

// frameSections returns .eh_frame, and .debug_frame of the file and of its
// debug file.
func (m *module) frameSections() (eh, dwarf []*frameSection) {
	if m.readFrames {
		return m.eh, m.dwarf
	}
	m.readFrames = true
	guard(func() {
		if s := ehFrame(m.elf); s != nil {
			m.eh = append(m.eh, s)
		}
		for _, f := range []*elf.File{m.elf, m.debugELF()} {
			if f == nil {
				continue
			}
			if data := sectionData(f.Section(".debug_frame")); data != nil {
				m.dwarf = append(m.dwarf, &frameSection{data: data, word: wordOf(f)})
			}
		}
	})
	return m.eh, m.dwarf
}

func wordOf(f *elf.File) int {
	if f.Class == elf.ELFCLASS64 {
		return 8
	}
	return 4
}

// ehFrame finds .eh_frame by its section, or by the program header of its
// search table in files without section headers.
func ehFrame(f *elf.File) *frameSection {
	word := wordOf(f)
	var hdr searchTable
	var at uint64
	for _, p := range f.Progs {
		if p.Type == elf.PT_GNU_EH_FRAME && p.Filesz <= maxSection {
			data := make([]byte, 0, min(p.Filesz, 1<<20))
			data = readAll(data, p, p.Filesz)
			hdr, at, _ = parseHdr(data, p.Vaddr, word)
			break
		}
	}
	if s := f.Section(".eh_frame"); s != nil && s.Type != elf.SHT_NOBITS {
		if data := sectionData(s); data != nil {
			if s.Addr != at {
				hdr = searchTable{}
			}
			return &frameSection{data: data, addr: s.Addr, eh: true, word: word, hdr: hdr}
		}
	}
	for _, p := range f.Progs {
		if p.Type == elf.PT_LOAD && at > 0 && at >= p.Vaddr && at-p.Vaddr < p.Filesz {
			skip := int64(at - p.Vaddr)
			data := readAll(nil, io.NewSectionReader(p, skip, int64(p.Filesz)-skip), min(p.Filesz, maxSection))
			return &frameSection{data: data, addr: at, eh: true, word: word, hdr: hdr}
		}
	}
	return nil
}

// readAll appends up to n bytes of r; it grows with what is there, not with
// what a header claims.
func readAll(dst []byte, r io.ReaderAt, n uint64) []byte {
	b := bytes.NewBuffer(dst)
	if _, err := io.Copy(b, io.NewSectionReader(r, 0, int64(n))); err != nil {
		return nil
	}
	return b.Bytes()
}

// step returns how to leave the function at the link-time address addr, from
// the tables in the order doc.go gives.
func (m *module) step(addr uint64, a Arch, signal func() bool) (*step, bool) {
	if s, ok := m.rows[addr]; ok {
		return s, s != nil
	}
	s := m.findStep(addr, a, signal)
	if len(m.rows) >= maxCached {
		clear(m.rows)
	}
	m.rows[addr] = s
	return s, s != nil
}

// findStep looks through the tables. signal reports that the code is a signal
// return, which .eh_frame knows better and the other tables do not know.
func (m *module) findStep(addr uint64, a Arch, signal func() bool) *step {
	eh, dwarf := m.frameSections()
	if s := stepIn(eh, addr); s != nil {
		return s
	}
	if signal() {
		return nil
	}
	if g := m.goFuncs(); g != nil {
		if s := g.step(addr, a); s != nil {
			return s
		}
	}
	return stepIn(dwarf, addr)
}

func stepIn(sections []*frameSection, addr uint64) *step {
	for _, s := range sections {
		f, ok := s.find(addr)
		if !ok {
			continue
		}
		if r, ok := rowAt(&f, addr); ok {
			return r.compact(f.word)
		}
	}
	return nil
}

// goFuncs returns the Go runtime's function table, or nil.
func (m *module) goFuncs() *goTable {
	if !m.readGo {
		m.readGo = true
		guard(func() { m.golang = readGoTable(m.elf) })
	}
	return m.golang
}

// function names the function at the link-time address addr.
func (m *module) function(addr uint64) located {
	if l, ok := m.names[addr]; ok {
		return l
	}
	l := m.findFunction(addr)
	if len(m.names) >= maxCached {
		clear(m.names)
	}
	m.names[addr] = l
	return l
}

func (m *module) findFunction(addr uint64) located {
	if !m.readSymbols {
		m.readSymbols = true
		for _, f := range []*elf.File{m.debugELF(), m.elf} {
			if f != nil {
				guard(func() { m.symbols = append(m.symbols, readSymbols(f)) })
			}
		}
	}
	for _, t := range m.symbols {
		if name, start, ok := t.find(addr); ok && name != "" {
			return located{demangled(name), addr - start}
		}
	}
	if g := m.goFuncs(); g != nil {
		if fn, ok := g.find(addr); ok {
			return located{g.name(fn), addr - fn.entry}
		}
	}
	return located{}
}

// maxDemangled bounds a demangled name, as a power of two: a short name can
// stand for a very long one.
const maxDemangled = 14

// demangled turns a C++ or Rust name into what the programmer wrote.
func demangled(name string) string {
	if !strings.HasPrefix(name, "_Z") && !strings.HasPrefix(name, "_R") {
		return name
	}
	out := name
	guard(func() { out = demangle.Filter(name, demangle.MaxLength(maxDemangled)) })
	return out
}
