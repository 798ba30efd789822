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

// iovSome adds arg[0] buffers, of which arg[1] bytes mean something.
func (d *Decoder) iovSome(v value, arg []uint64) { d.iovec(v.raw, arg[0], int64(arg[1])) }

// hexHere adds the arg[0] bytes that stand where the field is.
func (d *Decoder) hexHere(v value, arg []uint64) { d.bytesAt(v.addr, int64(arg[0]), ForceHex) }
