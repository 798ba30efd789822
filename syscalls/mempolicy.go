package syscalls

// nodemask adds a set of NUMA nodes, of which the kernel looks at arg[0] bits
// less one (mm/mempolicy.c: get_nodes), as words.
func (d *Decoder) nodemask(v value, arg []uint64) {
	const most = 1 << 15
	w := d.abi.Word
	bits := int(min(arg[0], most))
	if v.raw == 0 || bits == 0 || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	n := (bits + 8*w - 1) / (8 * w) * w
	off := len(d.mem)
	if !d.load(v.raw, n) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Array})
	for at := 0; at < n; at += w {
		d.Add(Node{Kind: Hex, Val: number(d.mem[off+at:], uint8(w), false, false), Width: uint8(w), Flags: PadHex})
	}
	d.Close()
	d.mem = d.mem[:off]
}

// residency adds the vector of mincore(2): a byte for each page of arg[0] bytes,
// of which the lowest bit counts.
func (d *Decoder) residency(v value, arg []uint64) {
	const page, most = 4096, 1 << 20
	n := int(min((arg[0]+page-1)/page, most))
	show := n
	if d.ev.Abbrev {
		show = min(n, d.limit())
	}
	off := len(d.mem)
	if v.raw == 0 || !d.load(v.raw, show) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Array})
	for _, b := range d.mem[off : off+show] {
		d.Add(Node{Kind: Uint, Val: uint64(b & 1), Width: 1})
	}
	if show < n {
		d.more()
	}
	d.Close()
	d.mem = d.mem[:off]
}
