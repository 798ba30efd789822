package syscalls

const xattrMax = 64 << 10 // XATTR_SIZE_MAX, include/uapi/linux/limits.h

// xattrValue adds the value given to setxattr(2), of arg[0] bytes.
func (d *Decoder) xattrValue(v value, arg []uint64) {
	if arg[0] > xattrMax {
		d.address(v.raw)
		return
	}
	d.bytesAt(v.raw, int64(arg[0]), 0)
}

// xattrGot adds what getxattr(2) stored: there was room for arg[0] bytes, and
// the result is arg[1]. With no room the result is only a length.
func (d *Decoder) xattrGot(v value, arg []uint64) {
	if arg[0] == 0 || !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.bytesAt(v.raw, int64(arg[1]), 0)
}
