package unwind

import "sort"

// Pointer encodings of .eh_frame (LSB Core, "DWARF Exception Header Encoding").
const (
	peOmit    = 0xff
	peFormat  = 0x0f
	peApply   = 0x70
	pePCRel   = 0x10
	peDataRel = 0x30
	peIndir   = 0x80
)

// frameSection is one section of call frame information: its bytes, the
// address of its first byte, and whether it is .eh_frame or .debug_frame,
// which differ in details.
type frameSection struct {
	data  []byte
	addr  uint64
	eh    bool
	word  int // bytes of an address
	hdr   searchTable
	index []fdeRange // sorted by start; made when there is no search table
	ready bool

	lastOff uint64 // the common entry read last, for the next one's neighbour
	lastCIE cie
	last    bool
}

// fdeRange says which addresses an entry at off describes.
type fdeRange struct {
	start, end uint64
	off        uint32
}

// cie is a common information entry: what its functions share.
type cie struct {
	codeAlign uint64
	dataAlign int64
	ra        uint64
	program   []byte
	pointers  byte // encoding of addresses in its entries
	augmented bool
	signal    bool // the frame was made by a signal, not by a call
	word      int
}

// fde is a frame description entry: one function's addresses and rules.
type fde struct {
	cie
	start, end uint64
	program    []byte
	programAt  uint64 // address of the program, for pc-relative operands
}

// Bounds: of what is read of one section, of one entry, and of the entries
// indexed. The largest programs have a million entries of some ten bytes.
const (
	maxSection = 256 << 20
	maxEntry   = 1 << 20
	maxCIE     = 4096
	maxEntries = 4 << 20
)

// pointer reads an encoded pointer. at is the address of the section's first
// byte. Indirect pointers name a personality routine, which is not needed:
// they are read and not followed.
func (r *reader) pointer(enc byte, at uint64, word int, base uint64) uint64 {
	if enc == peOmit {
		return 0
	}
	here := at + uint64(r.off)
	var v uint64
	switch enc & peFormat {
	case 0x00:
		v = r.fixed(word)
	case 0x01:
		v = r.uleb()
	case 0x02, 0x03, 0x04:
		v = r.fixed(1 << (enc&peFormat - 1))
	case 0x08:
		v = uint64(r.signed(word))
	case 0x09:
		v = uint64(r.sleb())
	case 0x0a, 0x0b, 0x0c:
		v = uint64(r.signed(1 << (enc&7 - 1)))
	default:
		r.bad = true
	}
	switch enc & peApply {
	case 0:
	case pePCRel:
		v += here
	case peDataRel:
		v += base
	default:
		r.bad = true // text- and function-relative ones need what is not here
	}
	if word == 4 {
		v &= 0xffffffff
	}
	return v
}

// entry reads the head of the entry at off: its body, its CIE's offset, or
// that it is a CIE itself. next is the offset of the entry that follows.
func (s *frameSection) entry(off uint64) (body reader, cieOff uint64, isCIE bool, next uint64) {
	if off >= uint64(len(s.data)) {
		return reader{bad: true}, 0, false, 0
	}
	r := reader{b: s.data, off: int(off)}
	n := uint64(r.u32())
	size := 4
	if n == 0xffffffff {
		n, size = r.u64(), 8
	}
	if r.bad || n == 0 || n > uint64(r.left()) {
		return reader{bad: true}, 0, false, 0
	}
	next = uint64(r.off) + n
	r.b = r.b[:next]
	idAt := uint64(r.off)
	// The CIE pointer of .eh_frame is four bytes whatever the length's size.
	if s.eh {
		size = 4
	}
	id := r.fixed(size)
	if s.eh {
		return r, idAt - id, id == 0, next
	}
	return r, id, id == 0xffffffff && size == 4 || id == ^uint64(0), next
}

// parseCIE reads the common entry at off.
func (s *frameSection) parseCIE(off uint64) (c cie, ok bool) {
	r, _, isCIE, _ := s.entry(off)
	if r.bad || !isCIE || r.left() > maxCIE {
		return c, false
	}
	version := r.u8()
	augmentation := r.cstring()
	c.word = s.word
	if version >= 4 {
		c.word = int(r.u8())
		r.u8() // size of a segment selector
	}
	if c.word != 4 && c.word != 8 {
		return c, false
	}
	c.codeAlign, c.dataAlign = r.uleb(), r.sleb()
	if version == 1 {
		c.ra = uint64(r.u8())
	} else {
		c.ra = r.uleb()
	}
	if !s.augment(&c, &r, augmentation) || r.bad {
		return c, false
	}
	c.program = r.b[r.off:]
	return c, true
}

// augment reads the augmentation data the string describes: z (there is some,
// with its size), R (encoding of addresses), P (personality), L (encoding of
// the language data), S (signal frame), B and G (AArch64 pointer
// authentication and memory tags).
func (s *frameSection) augment(c *cie, r *reader, augmentation []byte) bool {
	if len(augmentation) == 0 {
		return true
	}
	if augmentation[0] != 'z' {
		return false
	}
	c.augmented = true
	n := r.uleb()
	at := s.addr + uint64(r.off)
	data := reader{b: r.bytes(n)}
	for _, a := range augmentation[1:] {
		switch a {
		case 'R':
			c.pointers = data.u8()
		case 'L':
			data.u8()
		case 'P':
			enc := data.u8()
			data.pointer(enc&^(peIndir|peApply), at, c.word, 0)
		case 'S':
			c.signal = true
		case 'B', 'G':
		default:
			return !data.bad // unknown, and what follows it is skipped by z
		}
	}
	return !data.bad
}

// parseFDE reads the entry at off with its CIE. It fails on a CIE.
func (s *frameSection) parseFDE(off uint64) (f fde, ok bool) {
	r, cieOff, isCIE, _ := s.entry(off)
	if r.bad || isCIE || r.left() > maxEntry {
		return f, false
	}
	if !s.last || s.lastOff != cieOff {
		s.lastCIE, s.last = s.parseCIE(cieOff)
		s.lastOff = cieOff
	}
	if f.cie = s.lastCIE; !s.last {
		return f, false
	}
	f.start = r.pointer(f.pointers&^peIndir, s.addr, f.word, 0)
	f.end = f.start + r.pointer(f.pointers&peFormat, s.addr, f.word, 0)
	if f.augmented {
		r.bytes(r.uleb())
	}
	if r.bad || f.end < f.start {
		return f, false
	}
	f.program = r.b[r.off:]
	f.programAt = s.addr + uint64(r.off)
	return f, true
}

// find returns the entry that covers pc.
func (s *frameSection) find(pc uint64) (fde, bool) {
	if s.hdr.n > 0 {
		if f, ok := s.search(pc); ok {
			return f, true
		}
		return fde{}, false
	}
	if !s.ready {
		s.scan()
	}
	i := sort.Search(len(s.index), func(i int) bool { return s.index[i].start > pc })
	if i == 0 || pc >= s.index[i-1].end {
		return fde{}, false
	}
	f, ok := s.parseFDE(uint64(s.index[i-1].off))
	return f, ok
}

func (s *frameSection) search(pc uint64) (fde, bool) {
	addr, ok := s.hdr.find(pc)
	if !ok {
		return fde{}, false
	}
	f, ok := s.parseFDE(addr - s.addr)
	return f, ok && f.start <= pc && pc < f.end
}

// scan reads all entries' addresses, once, for sections without a search
// table: static programs of some compilers, and .debug_frame.
func (s *frameSection) scan() {
	s.ready = true
	for off := uint64(0); off < uint64(len(s.data)) && len(s.index) < maxEntries; {
		_, _, isCIE, next := s.entry(off)
		if next <= off {
			// A zero length ends .eh_frame; linkers may leave one in the middle.
			if off+4 > uint64(len(s.data)) || loadWord(s.data[off:], 4) != 0 {
				break
			}
			off += 4
			continue
		}
		if !isCIE {
			if f, ok := s.parseFDE(off); ok && f.start != 0 && f.end > f.start {
				s.index = append(s.index, fdeRange{f.start, f.end, uint32(off)})
			}
		}
		off = next
	}
	sort.SliceStable(s.index, func(i, j int) bool { return s.index[i].start < s.index[j].start })
}

// searchTable is the sorted table of .eh_frame_hdr: pairs of 32-bit offsets,
// from the section's address, to a function and to its entry.
type searchTable struct {
	data []byte
	addr uint64
	n    int
}

// parseHdr reads .eh_frame_hdr (LSB Core): where .eh_frame is, and the table
// if it has the form all linkers write.
func parseHdr(data []byte, addr uint64, word int) (t searchTable, frames uint64, ok bool) {
	const sortedPairs = 0x3b // DW_EH_PE_datarel|DW_EH_PE_sdata4
	r := reader{b: data}
	version, ptrEnc, countEnc, tableEnc := r.u8(), r.u8(), r.u8(), r.u8()
	frames = r.pointer(ptrEnc, addr, word, addr)
	if r.bad || version != 1 || ptrEnc == peOmit {
		return t, 0, false
	}
	if tableEnc != sortedPairs || countEnc == peOmit {
		return t, frames, true
	}
	n := r.pointer(countEnc, addr, word, addr)
	if r.bad || n > uint64(r.left())/8 {
		return t, frames, true
	}
	return searchTable{data: r.bytes(n * 8), addr: addr, n: int(n)}, frames, true
}

func (t *searchTable) at(i, column int) uint64 {
	off := int64(int32(loadWord(t.data[8*i+4*column:], 4)))
	return t.addr + uint64(off)
}

// find returns the address of the entry that may cover pc.
func (t *searchTable) find(pc uint64) (uint64, bool) {
	i := sort.Search(t.n, func(i int) bool { return t.at(i, 0) > pc })
	if i == 0 {
		return 0, false
	}
	return t.at(i-1, 1), true
}
