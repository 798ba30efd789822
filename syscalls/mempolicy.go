package syscalls

// nodeWord adds a word of a set of NUMA nodes.
func (d *Decoder) nodeWord(v value, _ []uint64) {
	d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word), Flags: PadHex})
}

// pageStatus adds what move_pages(2) says of a page: its node, or an error.
func (d *Decoder) pageStatus(v value, _ []uint64) {
	status := extend(v.raw, 4, true)
	if int64(status) < 0 {
		d.Add(Node{Kind: Errno, Val: status, Width: 4})
		return
	}
	d.Add(Node{Kind: Int, Val: status, Width: 4})
}

// resident adds a byte of mincore(2)'s vector, of which the lowest bit counts.
func (d *Decoder) resident(v value, _ []uint64) {
	d.Add(Node{Kind: Uint, Val: v.raw & 1, Width: 1})
}
