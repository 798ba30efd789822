package unwind

import "encoding/binary"

const (
	pageSize   = 4096
	pagesKept  = 32 // of stack and code: a deep trace reads each page once
	maxMapText = 64 << 20
)

// memory reads a process by pages and keeps the last few, for one trace: the
// process is stopped, and a request a word would cost a system call each.
type memory struct {
	p     Process
	at    [pagesKept]uint64
	have  [pagesKept]int // bytes; 0: nothing there, or slot free
	used  [pagesKept]bool
	pages [pagesKept][]byte
}

func (m *memory) reset(p Process) {
	m.p = p
	m.used = [pagesKept]bool{}
}

// page returns what is readable of the page at addr, a multiple of pageSize.
func (m *memory) page(addr uint64) []byte {
	i := addr / pageSize % pagesKept
	if !m.used[i] || m.at[i] != addr {
		if m.pages[i] == nil {
			m.pages[i] = make([]byte, pageSize)
		}
		m.used[i], m.at[i] = true, addr
		m.have[i] = max(0, min(pageSize, m.p.ReadMemory(addr, m.pages[i])))
	}
	return m.pages[i][:m.have[i]]
}

// read fills b from addr, or fails.
func (m *memory) read(addr uint64, b []byte) bool {
	for len(b) > 0 {
		off := addr % pageSize
		page := m.page(addr - off)
		if off >= uint64(len(page)) {
			return false
		}
		n := copy(b, page[off:])
		b = b[n:]
		addr += uint64(n)
	}
	return true
}

// load reads a little-endian word.
func (m *memory) load(addr uint64, size int) (uint64, bool) {
	var b [8]byte
	if !m.read(addr, b[:size]) {
		return 0, false
	}
	return binary.LittleEndian.Uint64(b[:]), true
}
