package syscalls

// rseqReserved adds the byte behind what struct rseq has assigned so far. It
// lies beyond the 32 bytes that callers of today register, and is shown all the
// same, as 0: a value there is news.
func (d *Decoder) rseqReserved(v value, arg []uint64) {
	const at = 32
	raw := uint64(0)
	if int64(arg[0]) > at {
		raw, _ = d.peekWidth(v.addr, 1, false, false)
	}
	d.Add(Node{Kind: Hex, Val: raw, Width: 1})
}

// rseqCritical adds the struct rseq_cs at v.raw, with its address behind it, or the
// address alone.
func (d *Decoder) rseqCritical(v value, _ []uint64) {
	const bytes = 32
	if !d.pointedWhole(nmRseqCritical, v.raw, bytes) {
		return
	}
	d.Open(Node{Kind: Comment, Flags: Attach})
	d.address(v.raw)
	d.Close()
}
