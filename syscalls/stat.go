package syscalls

// statxFlags adds the flags of statx(2): how much the answer may be out of date,
// and bits.
func (d *Decoder) statxFlags(v value, _ []uint64) {
	const sync = 0x6000 // AT_STATX_SYNC_TYPE
	raw := uint64(uint32(v.raw))
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.flagsOf(d.abi.table(tbStatxSync), raw&sync, 4)
	if raw&^sync != 0 {
		d.knownFlags(d.abi.table(tbStatxAt), raw&^sync, 4)
	}
	d.Close()
}

// absent adds the 0 of a field that later versions of a structure have.
func (d *Decoder) absent(value, []uint64) { d.Add(Node{Kind: Uint}) }
