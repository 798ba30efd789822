package syscalls

// rseqReserved adds the byte behind what struct rseq has assigned so far. It
// lies beyond the 32 bytes that callers of today register, and is shown all the
// same: a value there is news.
func (d *Decoder) rseqReserved(v value, _ []uint64) {
	raw, ok := d.peekWidth(v.addr, 1, false, false)
	if !ok {
		d.address(v.addr)
		return
	}
	d.Add(Node{Kind: Uint, Val: raw, Width: 1})
}
