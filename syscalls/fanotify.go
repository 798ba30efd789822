package syscalls

// fanotifyFlags adds the flags of fanotify_init(2): a class, and bits.
func (d *Decoder) fanotifyFlags(v value, _ []uint64) {
	const class = 0xc // FAN_ALL_CLASS_BITS
	raw := uint64(uint32(v.raw))
	if raw&^class == 0 {
		d.enumOf(d.abi.table(tbFanotifyClass), raw, 4)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.enumOf(d.abi.table(tbFanotifyClass), raw&class, 4)
	d.flagsOf(d.abi.table(tbFanotifyInit), raw&^class, 4)
	d.Close()
}
