package syscalls

// mmapFlags adds the flags of mmap(2), of which bits 26 to 31 are the logarithm
// of a page size when MAP_HUGETLB is set.
func (d *Decoder) mmapFlags(v value, _ []uint64) {
	const shift = 26
	d.hugeFlags(d.abi.table(tbMap), v.raw, shift, uint8(d.abi.Word), "MAP_HUGE_SHIFT")
}

// pgoff adds the offset of mmap2(2), which counts units of 4096 bytes.
func (d *Decoder) pgoff(v value, _ []uint64) {
	d.Add(Node{Kind: Hex, Val: uint64(uint32(v.raw)) * 4096, Width: 8})
}
