package syscalls

const xattrMax = 64 << 10 // XATTR_SIZE_MAX, include/uapi/linux/limits.h

// xattrValue adds the value given to setxattr(2), of arg[0] bytes.
func (d *Decoder) xattrValue(v value, arg []uint64) {
	if arg[0] > xattrMax {
		d.address(v.raw)
		return
	}
	d.xattrBytes(v.raw, arg[0])
}

// xattrBytes adds a value of n bytes, of which a NUL at the end, or where the
// string limit is, counts as the terminator of a string.
func (d *Decoder) xattrBytes(addr, n uint64) {
	nodes := len(*d.list())
	d.bytesAt(addr, int64(n), 0)
	l := *d.list()
	if len(l) == nodes {
		return
	}
	v := &l[nodes]
	if v.Kind == Str && v.Len > 0 && d.ev.arena[v.Off+v.Len-1] == 0 {
		v.Len--
		v.Flags |= NULBehind
	}
}

// xattrNames adds the list that listxattr(2) stored; the arguments are those of
// xattrGot.
func (d *Decoder) xattrNames(v value, arg []uint64) {
	if arg[0] == 0 || !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.bytesAt(v.raw, int64(arg[1]), 0)
}

// xattrGot adds what getxattr(2) stored: there was room for arg[0] bytes, and
// the result is arg[1]. With no room the result is only a length.
func (d *Decoder) xattrGot(v value, arg []uint64) {
	if arg[0] == 0 || !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.xattrBytes(v.raw, arg[1])
}
