package syscalls

// mmapFlags adds the flags of mmap(2): a type, bits, and the logarithm of a page
// size in bits 26 to 31, which means something when MAP_HUGETLB is set.
func (d *Decoder) mmapFlags(v value, _ []uint64) {
	const (
		shift = 26
		kinds = 0xf // MAP_TYPE
	)
	flags := uint64(uint32(v.raw))
	kind, low, high := flags&kinds, flags&(1<<shift-1), flags>>shift
	known := d.abi.table(tbMapType).Lookup(kind) != ""
	if known && high == 0 && v.raw == flags {
		d.flagsOf(d.abi.table(tbMap), flags, 4)
		return
	}
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	if known {
		d.flagsOf(d.abi.table(tbMap), low, 4)
	} else {
		d.enumOf(d.abi.table(tbMapType), kind, 4)
		if bits := low &^ kinds; bits != 0 {
			d.knownFlags(d.abi.table(tbMapBits), bits, 4)
		}
	}
	if high != 0 {
		d.Add(Node{Kind: Shifted, Name: "MAP_HUGE_SHIFT", Val: high})
	}
	d.Close()
}

// pgoff adds the offset of mmap2(2), which counts units of 4096 bytes.
func (d *Decoder) pgoff(v value, _ []uint64) {
	d.Add(Node{Kind: Hex, Val: uint64(uint32(v.raw)) * 4096, Width: 8})
}
