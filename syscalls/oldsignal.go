package syscalls

// Signal masks of one word, of the first kernels' calls. Source: kernel/signal.c
// (old_sigset_t).

// sigmaskWord adds the mask that v is.
func (d *Decoder) sigmaskWord(v value, _ []uint64) {
	raw := v.raw
	a := len(d.ev.arena)
	for range d.abi.Word {
		d.ev.arena = append(d.ev.arena, byte(raw))
		raw >>= 8
	}
	d.Add(Node{Kind: SigSet, Off: uint32(a), Len: uint32(d.abi.Word)})
}

// oldSigset adds the mask of one word at v.raw.
func (d *Decoder) oldSigset(v value, _ []uint64) {
	mask, ok := d.peekWidth(v.raw, uint8(d.abi.Word), false, false)
	if v.raw == 0 || !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.sigmaskWord(value{raw: mask}, nil)
}
