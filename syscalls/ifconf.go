package syscalls

// Commands of netdevice(7) of which the kernel reads one part and writes another.
// Source: include/uapi/linux/if.h.

// ifconf adds struct ifconf: the length as it was and as the kernel left it, and the
// addresses.
func (d *Decoder) ifconf(v value, _ []uint64) {
	off := len(d.mem)
	if v.raw == 0 || !d.load(v.raw, 2*d.abi.Word) {
		d.address(v.raw)
		return
	}
	now := number(d.mem[off:], 4, true, false)
	before := d.asEntry(now)
	buf := number(d.mem[off+d.abi.Word:], uint8(d.abi.Word), false, false)
	d.mem = d.mem[:off]
	done := d.succeeded()
	if !done {
		now = before
	} else if buf == 0 {
		before = now
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	size := uint64(32) // sizeof(struct ifreq): a name and a struct ifmap
	if d.abi.Word == 8 {
		size = 40
	}
	if buf == 0 { // the kernel says how much room there should be
		d.split(JointNone, "ifc_len")
	}
	d.ifconfLen(Node{Name: "ifc_len", Val: before}, size)
	d.split(JointNone, "")
	if before != now {
		d.ifconfLen(Node{Flags: Arrow, Val: now}, size)
	}
	d.name = "ifc_buf"
	if !done || buf == 0 || int64(now) < 0 {
		d.address(buf)
	} else {
		d.structs(&types[d.abi.typ(nmIfreqAddr)], buf, now/size, size)
	}
	d.Close()
	d.Close()
}

// ifconfLen adds a length, and how many addresses of size bytes that makes.
func (d *Decoder) ifconfLen(n Node, size uint64) {
	n.Kind, n.Width = Int, 4
	d.Add(n)
	if int64(n.Val) <= 0 || n.Val%size != 0 || !d.Open(Node{Kind: Comment, Flags: Attach}) {
		return
	}
	d.Add(Node{Kind: Uint, Val: n.Val / size})
	d.lit("* sizeof(struct ifreq)")
	d.Close()
}

// structs adds the n structures at addr, of size bytes each, or the address if there is
// none to read.
func (d *Decoder) structs(t *typ, addr, n, size uint64) {
	if n > 0 {
		off := len(d.mem)
		if !d.ev.Verbose || !d.load(addr, int(size)) {
			d.address(addr)
			return
		}
		d.mem = d.mem[:off]
	}
	d.Open(Node{Kind: Array})
	for i := uint64(0); i < n && d.work < maxNodes; i++ {
		at := addr + i*size
		if d.beyondLimit(i, at, int(size)) {
			break
		}
		if !d.structAt(t, at, -1) {
			d.Add(Node{Kind: Unread, Val: at, Width: uint8(d.abi.Word)})
			break
		}
	}
	d.Close()
}

// bridge adds the name of a bridge, of IFNAMSIZ bytes with its NUL.
func (d *Decoder) bridge(v value, _ []uint64) {
	if v.raw == 0 {
		d.address(0)
		return
	}
	d.dmText(value{addr: v.raw}, []uint64{16})
}

// ifname adds struct ifreq of SIOCGIFNAME: the index as it was, and the name.
func (d *Decoder) ifname(v value, _ []uint64) {
	const name, size = 16, 20
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, size) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("ifr_ifindex", Int, number(d.mem[off+name:], 4, true, false))
	d.split(JointNone, "")
	if d.succeeded() {
		d.name = "ifr_name"
		d.cstring(d.mem[off : off+name])
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}
