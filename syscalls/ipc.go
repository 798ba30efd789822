package syscalls

// shmgetFlags adds the flags of shmget(2): names, the logarithm of a page size
// (bits 26 to 31), and permissions, which are shown even when they are 0.
func (d *Decoder) shmgetFlags(v value, _ []uint64) {
	const hugeShift = 26
	d.flagsAndPerm(d.abi.table(tbShmget), v.raw, hugeShift)
}

// ipcGetFlags adds the flags of semget(2) and msgget(2): names and permissions.
func (d *Decoder) ipcGetFlags(v value, _ []uint64) {
	d.flagsAndPerm(d.abi.table(tbIpcGet), v.raw, 32)
}

// flagsAndPerm adds flags of which the low nine bits are permissions and those
// from bit shift on the logarithm of a page size: IPC_CREAT|21<<SHM_HUGE_SHIFT|0600.
func (d *Decoder) flagsAndPerm(t *Table, v uint64, shift uint) {
	const perm = 0o777
	raw := uint64(uint32(v))
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	if low := raw & (1<<shift - 1) &^ perm; low != 0 {
		d.knownFlags(t, low, 4)
	}
	if high := raw >> shift; high != 0 {
		d.Add(Node{Kind: Shifted, Name: "SHM_HUGE_SHIFT", Val: high, Len: uint32(shift)})
	}
	d.Add(Node{Kind: Perm, Val: raw & perm, Width: 4})
	d.Close()
}

// ioprio adds an I/O priority (include/uapi/linux/ioprio.h): a class above bit
// 13, and a level in it.
func (d *Decoder) ioprio(v value, _ []uint64) {
	const classShift = 13
	raw := uint64(uint32(v.raw))
	if !d.ret {
		d.Open(Node{Kind: Group})
		defer d.Close()
	}
	d.Open(Node{Kind: Func, Name: "IOPRIO_PRIO_VALUE", Flags: Styled, Val: raw, Width: 4})
	d.enumOf(d.abi.table(tbIoprioClass), raw>>classShift, 4)
	d.Add(Node{Kind: Uint, Val: raw & (1<<classShift - 1), Width: 4})
	d.Close()
}
