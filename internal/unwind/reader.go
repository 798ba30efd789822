package unwind

// reader takes numbers off the front of a section. It never reads outside its
// bytes: after the first attempt bad is set, and everything reads as zero.
type reader struct {
	b   []byte
	off int
	bad bool
}

func (r *reader) left() int { return len(r.b) - r.off }

func (r *reader) fixed(size int) uint64 {
	if r.bad || r.left() < size {
		r.bad = true
		return 0
	}
	v := loadWord(r.b[r.off:], size)
	r.off += size
	return v
}

func (r *reader) u8() byte    { return byte(r.fixed(1)) }
func (r *reader) u16() uint16 { return uint16(r.fixed(2)) }
func (r *reader) u32() uint32 { return uint32(r.fixed(4)) }
func (r *reader) u64() uint64 { return r.fixed(8) }

// signed reads a two's complement number of size bytes.
func (r *reader) signed(size int) int64 {
	shift := 64 - 8*size
	return int64(r.fixed(size)<<shift) >> shift
}

func (r *reader) uleb() uint64 {
	var v uint64
	for shift := uint(0); ; shift += 7 {
		b := r.u8()
		if shift < 64 {
			v |= uint64(b&0x7f) << shift
		}
		if b&0x80 == 0 {
			return v
		}
	}
}

func (r *reader) sleb() int64 {
	var v int64
	for shift := uint(0); ; {
		b := r.u8()
		if shift < 64 {
			v |= int64(b&0x7f) << shift
		}
		shift += 7
		if b&0x80 == 0 {
			if b&0x40 != 0 && shift < 64 {
				v |= -1 << shift
			}
			return v
		}
	}
}

// bytes takes the next n bytes.
func (r *reader) bytes(n uint64) []byte {
	if r.bad || n > uint64(r.left()) {
		r.bad = true
		return nil
	}
	b := r.b[r.off : r.off+int(n)]
	r.off += int(n)
	return b
}

// cstring takes bytes up to a zero byte, which it drops.
func (r *reader) cstring() []byte {
	for i := r.off; i < len(r.b); i++ {
		if r.b[i] == 0 {
			s := r.b[r.off:i]
			r.off = i + 1
			return s
		}
	}
	r.bad = true
	return nil
}
