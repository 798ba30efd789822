package syscalls

// sgIo adds what SG_IO is about: struct sg_io_hdr or sg_io_v4, which begin with a
// letter that tells them apart (scsi/sg.h, include/uapi/linux/bsg.h).
func (d *Decoder) sgIo(v value, _ []uint64) {
	id, ok := d.peekWidth(v.raw, 4, false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok {
		d.address(v.raw)
		return
	}
	name, nm := "interface_id", nmSgIoHdr
	switch id {
	case 'S':
	case 'Q':
		name, nm = "guard", nmSgIoV4
	default:
		d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
		d.Open(Node{Kind: Array})
		d.Add(Node{Kind: Uint, Val: id, Width: 4})
		d.Close()
		d.Close()
		return
	}
	t, off := d.abi.typ(nm), len(d.mem)
	if d.load(v.raw, int(types[t].size)) {
		d.mem = d.mem[:off]
		d.pointed(t, v.raw, -1)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named(name, Char, id)
	d.address(v.raw + 4)
	d.Close()
	d.Close()
}

// sgBoth adds data that goes both ways, in arg[0] buffers or, if that is 0, in one piece: arg[1] bytes for the device, and
// the arg[2] bytes that came back.
func (d *Decoder) sgBoth(v value, arg []uint64) {
	name := d.name
	d.sgData(v.raw, arg[0], arg[1])
	d.split(JointNone, "")
	if d.exit && arg[2] != 0 {
		d.name, d.flags = name, Arrow
		d.sgData(v.raw, arg[0], arg[2])
	}
}

// sgData adds n bytes at addr, or in the buffers that stand there if there are any.
func (d *Decoder) sgData(addr, buffers, n uint64) {
	if buffers == 0 {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	d.iovec(addr, buffers, int64(n))
}

// iovSome adds arg[0] buffers, of which arg[1] bytes mean something.
func (d *Decoder) iovSome(v value, arg []uint64) { d.iovec(v.raw, arg[0], int64(arg[1])) }

// hexHere adds the arg[0] bytes that stand where the field is.
func (d *Decoder) hexHere(v value, arg []uint64) { d.bytesAt(v.addr, int64(arg[0]), ForceHex) }
