package syscalls

// The argument and environment vectors of execve(2).

// argv adds a vector of strings: ["sh", "-c", "id"].
func (d *Decoder) argv(v value, _ []uint64) {
	if v.raw == 0 {
		d.address(0)
		return
	}
	d.vector(v.raw)
}

// envp adds an environment: in full with -v, else its address and length.
func (d *Decoder) envp(v value, _ []uint64) {
	switch {
	case v.raw == 0:
		d.address(0)
	case !d.ev.Verbose || !d.ev.Abbrev:
		d.vector(v.raw)
	default:
		n, whole := d.countVector(v.raw)
		f := NodeFlags(0)
		if !whole {
			f = Unsized
		}
		if n == 0 && !whole {
			d.address(v.raw)
			return
		}
		d.Add(Node{Kind: Vars, Val: v.raw, Len: uint32(n), Flags: f})
	}
}

// maxVector bounds how many pointers are followed: execve(2) itself refuses
// more than fit in a quarter of the stack limit.
const maxVector = 1 << 16

// countVector counts the pointers before the NULL at the end of a vector. whole
// is false when memory ended first.
func (d *Decoder) countVector(addr uint64) (n int, whole bool) {
	w := uint64(d.abi.Word)
	for ; n < maxVector; n++ {
		p, ok := d.peekWidth(addr+uint64(n)*w, uint8(w), false, false)
		if !ok {
			return n, false
		}
		if p == 0 {
			return n, true
		}
	}
	return n, false
}

// vector adds the strings of a NULL-terminated vector.
func (d *Decoder) vector(addr uint64) {
	w := uint64(d.abi.Word)
	p, ok := d.peekWidth(addr, uint8(w), false, false)
	if !ok || !d.ev.Verbose {
		d.address(addr)
		return
	}
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for n := 0; p != 0; n++ {
		if n >= maxVector || d.ev.Abbrev && n >= d.limit() {
			d.more()
			break
		}
		d.stringAt(p, min(d.limit(), maxString), 0)
		addr += w
		if p, ok = d.peekWidth(addr, uint8(w), false, false); !ok {
			d.Add(Node{Kind: Unread, Val: addr, Width: uint8(w)})
			break
		}
	}
	d.Close()
}

// cwd adds the pathname that getcwd(2) wrote, of arg[0] bytes with its NUL.
func (d *Decoder) cwd(v value, arg []uint64) {
	n := int32(arg[0])
	if n <= 0 && v.raw != 0 {
		d.bytesOf(nil, IsPath|Cut)
		return
	}
	d.stringAt(v.raw, int(min(n, pathMax))-1, IsPath)
}
