package syscalls

const memfdNameMax = 249 // mm/memfd.c: NAME_MAX less "memfd:"

// memfdName adds the name given to memfd_create(2).
func (d *Decoder) memfdName(v value, _ []uint64) {
	d.stringAt(v.raw, min(memfdNameMax, d.limit()), 0)
}

// memfdFlags adds the flags of memfd_create(2), of which the top six bits are the
// logarithm of a page size.
func (d *Decoder) memfdFlags(v value, _ []uint64) {
	const shift = 26
	if t := d.abi.table(tbMemfdCreate); uint32(v.raw) != 0 && uint32(v.raw)>>shift == 0 && !t.hasBit(v.raw) {
		d.Open(Node{Kind: OrList, Val: v.raw, Width: 4}) // what has no name is numbered twice with -X verbose
		d.flagsOf(t, v.raw, 4)
		d.Close()
		return
	}
	d.hugeFlags(d.abi.table(tbMemfdCreate), v.raw, shift, 4, "MFD_HUGE_SHIFT")
}

// hugeFlags adds flags with a page-size exponent above bit shift:
// MFD_HUGETLB|21<<MFD_HUGE_SHIFT.
func (d *Decoder) hugeFlags(t *Table, v uint64, shift, width uint8, word string) {
	low := v & (1<<shift - 1)
	high := v >> shift
	if width == 4 {
		high = uint64(uint32(v)) >> shift
	}
	if high == 0 || high > 63 {
		d.flagsOf(t, v, width)
		return
	}
	d.Open(Node{Kind: OrList, Val: v, Width: width})
	if low != 0 {
		d.flagsOf(t, low, width)
	}
	d.Add(Node{Kind: Shifted, Name: word, Val: high})
	d.Close()
}
