package syscalls

// ioctlOp adds the command of an ioctl(2): its names, or what its number says
// by include/uapi/asm-generic/ioctl.h: _IOC(_IOC_READ, 0x54, 0x1, 0x4).
func (d *Decoder) ioctlOp(v value, _ []uint64) {
	raw := uint64(uint32(v.raw))
	t := d.abi.table(tbIoctlops)
	if t.Lookup(raw) != "" {
		d.Add(Node{Kind: Enum, Table: t, Val: raw, Width: 4, Flags: AllNames | HexVal})
		return
	}
	d.Open(Node{Kind: Func, Name: "_IOC"})
	d.flagsOf(d.abi.table(tbIocDir), raw>>30, 4)
	d.Add(Node{Kind: Hex, Val: raw >> 8 & 0xff, Width: 4})
	d.Add(Node{Kind: Hex, Val: raw & 0xff, Width: 4})
	d.Add(Node{Kind: Hex, Val: raw >> 16 & 0x3fff, Width: 4})
	d.Close()
}
