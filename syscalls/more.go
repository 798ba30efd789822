package syscalls

// moreMost is a page: callers of copy_struct_from_user (lib/usercopy.c) take no
// more.
const moreMost = 4096

// moreBehind reports whether moreBytes has something to show behind the known
// bytes of a structure of which the caller passed size.
func (d *Decoder) moreBehind(addr uint64, known, size int) bool {
	n := min(size, moreMost) - known
	if n <= 0 {
		return false
	}
	off := len(d.mem)
	if !d.load(addr+uint64(known), n) {
		return true
	}
	more := !zero(d.mem[off:])
	d.mem = d.mem[:off]
	return more
}

// moreBytes adds what the caller passed behind the end of a structure that it
// gave a size for: bytes that a newer kernel may know, which this one takes only
// if they are zero. Nothing is shown for none or zeros.
func (d *Decoder) moreBytes(v value, _ []uint64) {
	const most = moreMost
	from := int(v.addr - d.cur.addr)
	n := min(d.cur.have, most) - from
	if n <= 0 {
		return
	}
	off := len(d.mem)
	if !d.load(v.addr, n) {
		d.lit("???")
		return
	}
	if p := d.mem[off:]; !zero(p) {
		d.Open(Node{Kind: Rest, Val: uint64(from), Len: uint32(n)})
		want, f := d.clip(int64(n))
		d.bytesOf(p[:want], f|ForceHex)
		d.Close()
	}
	d.mem = d.mem[:off]
}

// paddedStruct adds the structure of type name at addr, of which the caller
// passed size bytes, as the kernel sees it: with zeros for what is missing. A parameter of the structure is the size.
func (d *Decoder) paddedStruct(name nameID, addr uint64, size int) {
	d.paddedPart(name, addr, size, size)
}

// paddedPart is paddedStruct for fields of which all that are shown stand in the
// first part bytes: no more than those need to be readable.
func (d *Decoder) paddedPart(name nameID, addr uint64, size, part int) {
	t := &types[d.abi.typ(name)]
	s := &structs[t.a]
	full := int(s.size)
	off := len(d.mem)
	if addr == 0 || !d.ev.Verbose || !d.load(addr, min(size, part, full)) {
		d.address(addr)
		return
	}
	for len(d.mem) < off+full {
		d.mem = append(d.mem, 0)
	}
	saved := d.cur
	d.cur = frame{off: off, size: full, addr: addr, have: size, param: [4]uint64{uint64(size)}}
	if d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)}) {
		d.fields(t, s)
		d.Close()
	}
	d.cur = saved
	d.mem = d.mem[:off]
}

// longer adds "..." where the structure that a caller has is longer than what was shown of it. The field before has arg[0]
// bytes, and is not shown if only a part of it is there.
func (d *Decoder) longer(v value, arg []uint64) {
	shown := int(v.addr - d.cur.addr)
	if d.cur.have < shown {
		shown -= int(arg[0])
	}
	if d.cur.have > shown {
		d.more()
	}
}
