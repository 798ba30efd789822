package syscalls

import "encoding/binary"

// fieldValue returns the number at an offset of the current structure, 0 beyond
// its end.
func (d *Decoder) fieldValue(off int, width uint8, sign bool) uint64 {
	if off < 0 || off+int(width) > d.cur.size {
		return 0
	}
	return number(d.mem[d.cur.off+off:], width, sign, false)
}

// number reads a little-endian (or big-endian) number of 1, 2, 4 or 8 bytes.
// Every ABI here is little-endian.
func number(p []byte, width uint8, sign, big bool) uint64 {
	var order binary.ByteOrder = binary.LittleEndian
	if big {
		order = binary.BigEndian
	}
	switch width {
	case 1:
		return extend(uint64(p[0]), 1, sign)
	case 2:
		return extend(uint64(order.Uint16(p)), 2, sign)
	case 4:
		return extend(uint64(order.Uint32(p)), 4, sign)
	case 8:
		return order.Uint64(p)
	}
	return 0
}

// peek reads a scalar at addr.
func (d *Decoder) peek(addr uint64, t *typ) (uint64, bool) {
	return d.peekWidth(addr, t.width, t.flags&tfSigned != 0, t.flags&tfBig != 0)
}

func (d *Decoder) peekWidth(addr uint64, width uint8, sign, big bool) (uint64, bool) {
	if addr == 0 || width == 0 || width > 8 {
		return 0, false
	}
	off := len(d.mem)
	ok := d.load(addr, int(width))
	var v uint64
	if ok {
		v = number(d.mem[off:], width, sign, big)
	}
	d.mem = d.mem[:off]
	return v, ok
}

// load appends n bytes at addr to d.mem, and leaves it alone if they cannot all
// be read. The caller cuts d.mem back.
func (d *Decoder) load(addr uint64, n int) bool {
	off := len(d.mem)
	d.mem = grow(d.mem, n)
	if !d.reaches(addr) || d.t.ReadMemory(addr, d.mem[off:]) < n {
		d.mem = d.mem[:off]
		return false
	}
	return true
}

// pointer cuts an address to what the ABI's pointers hold.
func (d *Decoder) pointer(addr uint64) uint64 {
	if d.abi.Word == 4 && d.abi.RegWord == 4 {
		return uint64(uint32(addr))
	}
	return addr
}

// reaches reports whether a pointer, of which some structures hold 64 bits, is one that a
// program of the ABI can have.
func (d *Decoder) reaches(addr uint64) bool { return d.abi.Word == 8 || addr>>32 == 0 }

// grow lengthens p by n bytes of any content.
func grow(p []byte, n int) []byte {
	need := len(p) + n
	if need <= cap(p) {
		return p[:need]
	}
	bigger := make([]byte, need, need+need/2+256)
	copy(bigger, p)
	return bigger
}

// readBytes appends up to n bytes at addr to the arena and returns where they
// are. It fails if not all can be read.
func (d *Decoder) readBytes(addr uint64, n int) (off, length uint32, ok bool) {
	a := len(d.ev.arena)
	if n == 0 || !d.reaches(addr) {
		return uint32(a), 0, d.reaches(addr)
	}
	d.ev.arena = grow(d.ev.arena, n)
	d.read += n
	if d.t.ReadMemory(addr, d.ev.arena[a:]) < n {
		d.ev.arena = d.ev.arena[:a]
		return 0, 0, false
	}
	return uint32(a), uint32(n), true
}

// stringChunk is how much of a string is read at a time: strings are short, and
// the page after one may not be there.
const stringChunk = 256

// readString appends a NUL-terminated string of at most limit bytes to the
// arena, without the NUL. It reports whether memory was readable up to there,
// and whether the NUL was found within limit bytes.
func (d *Decoder) readString(addr uint64, limit int) (off, length uint32, found, ok bool) {
	a := len(d.ev.arena)
	limit = min(limit, d.room())
	for n := 0; n <= limit && d.reaches(addr); {
		want := min(stringChunk-int((addr+uint64(n))%stringChunk), limit+1-n)
		d.ev.arena = grow(d.ev.arena, want)
		got := d.t.ReadMemory(addr+uint64(n), d.ev.arena[a+n:])
		d.read += got
		for i, c := range d.ev.arena[a+n : a+n+got] {
			if c == 0 {
				d.ev.arena = d.ev.arena[:a+n+i]
				return uint32(a), uint32(n + i), true, true
			}
		}
		if got < want {
			d.ev.arena = d.ev.arena[:a]
			return 0, 0, false, false
		}
		n += got
	}
	if !d.reaches(addr) {
		return 0, 0, false, false
	}
	d.ev.arena = d.ev.arena[:a+limit]
	return uint32(a), uint32(limit), false, true
}

// room is how many bytes of strings a call may still have. Those count, too, that were read
// up to where memory ends, or NUL is missing.
func (d *Decoder) room() int { return max(0, maxBytes-d.read) }

// keep copies bytes into the arena.
func (d *Decoder) keep(p []byte) (off, length uint32) {
	off = uint32(len(d.ev.arena))
	d.ev.arena = append(d.ev.arena, p...)
	return off, uint32(len(p))
}

// zero reports whether p is all zero.
func zero(p []byte) bool {
	for _, c := range p {
		if c != 0 {
			return false
		}
	}
	return true
}
