package unwind

import (
	"debug/elf"
	"sort"
	"strings"
)

// goTable is the Go runtime's function table (.gopclntab), which every Go
// program carries, stripped or not: names, lines, and how large the frame is
// at every instruction. Layout: pcHeader in the runtime's symtab.go and _func
// in its runtime2.go, since Go 1.18.
type goTable struct {
	data    []byte
	text    uint64 // the address of runtime.text
	quantum uint64
	funcs   []byte // pairs of 32-bit offsets: entry from text, record from funcs
	n       int
	names   []byte
	pctab   []byte
	flagAt  int // of the flags in a record
}

// Magic numbers: internal/abi's symtab.go.
const (
	goMagic118 = 0xfffffff0
	goMagic120 = 0xfffffff1
)

// Flags of functions nothing called, and of those that change stacks, whose
// callers the frame size does not find: internal/abi's FuncFlagTopFrame and
// FuncFlagSPWrite.
const goTopFrame, goSPWrite = 1, 2

// goFunc is one function of the table.
type goFunc struct {
	entry, end uint64
	at         int // of the record in funcs
}

// readGoTable finds the table, or returns nil when there is none, it is of an
// older version, or runtime.text cannot be told.
func readGoTable(f *elf.File) *goTable {
	s := f.Section(".gopclntab")
	if s == nil {
		s = f.Section(".data.rel.ro.gopclntab")
	}
	data := sectionData(s)
	if data == nil {
		return nil
	}
	t := parseGoTable(data)
	if t == nil || !t.locate(f) {
		return nil
	}
	return t
}

// parseGoTable reads the header: magic, two zeros, the quantum, a pointer's
// size, then counts and offsets.
func parseGoTable(data []byte) *goTable {
	r := reader{b: data}
	magic := r.u32()
	r.u16()
	t := &goTable{data: data, quantum: uint64(r.u8())}
	word := int(r.u8())
	if magic != goMagic118 && magic != goMagic120 || word != 4 && word != 8 {
		return nil
	}
	t.flagAt = 41
	if magic == goMagic118 {
		t.flagAt = 37
	}
	n := r.fixed(word)
	r.fixed(word) // files
	r.fixed(word) // was runtime.text, needs relocation, gone in Go 1.26
	names := r.fixed(word)
	r.fixed(word) // compilation units
	r.fixed(word) // file names
	pctab, funcs := r.fixed(word), r.fixed(word)
	size := uint64(len(data))
	if r.bad || names > size || pctab > size || funcs > size || n > (size-funcs)/8 {
		return nil
	}
	t.names, t.pctab, t.funcs, t.n = data[names:], data[pctab:], data[funcs:], int(n)
	return t
}

// locate finds runtime.text: by its symbol, or at the start of .text, which
// the program's entry point then confirms (programs linked by a C compiler
// have C's start code there).
func (t *goTable) locate(f *elf.File) bool {
	for s := range symbolsOf(f) {
		if s.text() == "runtime.text" {
			t.text = s.value
			return true
		}
	}
	s := f.Section(".text")
	if s == nil {
		return false
	}
	t.text = s.Addr
	fn, ok := t.find(f.Entry)
	return ok && fn.entry == f.Entry && strings.HasPrefix(t.name(fn), "_rt0_")
}

func (t *goTable) entryOf(i int) uint64 {
	r := reader{b: t.funcs, off: 8 * i}
	return t.text + uint64(r.u32())
}

// find returns the function at addr.
func (t *goTable) find(addr uint64) (goFunc, bool) {
	i := sort.Search(t.n, func(i int) bool { return t.entryOf(i) > addr }) - 1
	if i < 0 {
		return goFunc{}, false
	}
	// The list ends with the end of the last function, without a record.
	fn := goFunc{entry: t.entryOf(i), end: t.entryOf(i + 1)}
	r := reader{b: t.funcs, off: 8*i + 4}
	fn.at = int(r.u32())
	return fn, addr < fn.end && fn.at < len(t.funcs)
}

// field reads the 32-bit number at off of a function's record.
func (t *goTable) field(fn goFunc, off int) uint32 {
	r := reader{b: t.funcs, off: min(fn.at+off, len(t.funcs))}
	return r.u32()
}

func (t *goTable) name(fn goFunc) string {
	off := t.field(fn, 4)
	if uint64(off) >= uint64(len(t.names)) {
		return ""
	}
	r := reader{b: t.names[off:min(len(t.names), int(off)+maxName)]}
	return string(r.cstring())
}

// frameSize returns how far the stack pointer is below its place at the
// function's entry: a table of pairs, the difference of the value (zigzag) and
// of the address, in varints. See runtime's pcvalue and step.
func (t *goTable) frameSize(fn goFunc, addr uint64) (int64, bool) {
	off := t.field(fn, 16)
	if off == 0 || uint64(off) >= uint64(len(t.pctab)) {
		return 0, false
	}
	r := reader{b: t.pctab, off: int(off)}
	value, pc := int64(-1), fn.entry
	for first := true; !r.bad; first = false {
		delta := uint32(r.uleb())
		if delta == 0 && !first {
			break
		}
		half := int64(delta >> 1)
		if delta&1 != 0 {
			half = ^half
		}
		value += half
		pc += r.uleb() * t.quantum
		if addr < pc {
			return value, !r.bad
		}
	}
	return 0, false
}

// step returns how to leave the function at addr.
func (t *goTable) step(addr uint64, a Arch) *step {
	fn, ok := t.find(addr)
	if !ok {
		return nil
	}
	size, ok := t.frameSize(fn, addr)
	facts := a.facts()
	word := int64(facts.word)
	if !ok || size < 0 || facts.ra == 0 {
		return nil
	}
	s := &step{cfaReg: facts.sp, cfaOff: size, ra: facts.ra, word: int(word)}
	flag := reader{b: t.funcs, off: min(fn.at+t.flagAt, len(t.funcs))}
	s.last = flag.u8()&(goTopFrame|goSPWrite) != 0
	ra, fp := -size, -size-word // links: the return address is at the stack pointer
	if !facts.link {
		s.cfaOff += word
		ra, fp = -word, -2*word
	}
	if size > 0 || !facts.link {
		s.rules = append(s.rules, regRule{facts.ra, rule{kind: ruleOffset, off: ra}})
	}
	if size >= word && a != I386 {
		s.rules = append(s.rules, regRule{facts.fp, rule{kind: ruleOffset, off: fp}})
	}
	return s
}
