package syscalls

// The device mapper: include/uapi/linux/dm-ioctl.h.

// dmIoctl adds struct dm_ioctl of command number arg[0], and whether something stands
// behind it, whatever -e verbose= says. Once the command is done, that is added which the
// kernel filled in.
func (d *Decoder) dmIoctl(v value, arg []uint64) {
	const inMore, outMore = 0xc220, 0x3904 // sets of commands with data behind the structure
	id := d.abi.typ(nmDmHead)
	s, off := &structs[types[id].a], len(d.mem)
	switch {
	case d.exit && !d.succeeded():
		return
	case v.raw == 0 || !d.load(v.raw, int(s.size)):
		if !d.exit {
			d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
		}
		return
	}
	more, done := uint64(inMore), uint64(0)
	if d.exit {
		more, done = outMore, 1
	}
	const tableLoad, targetCount = 9, 20
	if arg[0] == tableLoad && number(d.mem[off+targetCount:], 4, false, false) == 0 {
		more = 0
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	saved := d.cur
	d.cur = frame{off: off, size: int(s.size), addr: v.raw, have: -1, param: [4]uint64{arg[0], done}}
	d.fields(&types[id], s)
	d.cur = saved
	d.mem = d.mem[:off]
	if more>>arg[0]&1 != 0 {
		d.more()
	}
	d.Close()
	d.Close()
}
