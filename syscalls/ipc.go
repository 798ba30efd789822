package syscalls

// ipcCmd adds the command of shmctl(2), semctl(2) or msgctl(2), with IPC_64 apart:
// arg[0] says which of them.
func (d *Decoder) ipcCmd(v value, arg []uint64) {
	const ipc64 = 0x100
	names := [...]tableID{tbShmctl, tbSemctl, tbMsgctl}
	t := d.abi.table(names[min(arg[0], 2)])
	cmd := uint64(uint32(v.raw))
	if cmd&ipc64 == 0 {
		d.enumOf(t, cmd, 4)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: cmd, Width: 4})
	d.flagsOf(d.abi.table(tbIpc64), ipc64, 4)
	d.enumOf(t, cmd&^ipc64, 4)
	d.Close()
}

// ipcMode adds the permissions of a struct ipc_perm, whatever else stands there.
func (d *Decoder) ipcMode(v value, _ []uint64) {
	d.Add(Node{Kind: Perm, Val: v.raw, Width: 8})
}

// msgText adds the arg[0] bytes of a message, behind its type.
func (d *Decoder) msgText(v value, arg []uint64) { d.bytesAt(v.addr, int64(arg[0]), 0) }

// shmgetFlags adds the flags of shmget(2): names, the logarithm of a page size
// (bits 26 to 31), and permissions, which are shown even when they are 0.
func (d *Decoder) shmgetFlags(v value, _ []uint64) {
	const hugeShift = 26
	d.flagsAndPerm(d.abi.table(tbShmget), v.raw, hugeShift)
}

// ipcGetFlags adds the flags of semget(2) and msgget(2): names and permissions.
// When no flag has a name, nothing stands between the two numbers.
func (d *Decoder) ipcGetFlags(v value, _ []uint64) {
	const perm = 0o777
	t, raw := d.abi.table(tbIpcGet), uint64(uint32(v.raw))
	if low := raw &^ perm; low == 0 || t.hasBit(low) {
		d.flagsAndPerm(t, raw, 32)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.Add(Node{Kind: Hex, Val: raw &^ perm, Width: 4})
	d.Add(Node{Kind: Perm, Flags: Attach, Val: raw & perm, Width: 4})
	d.Close()
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
func (d *Decoder) ioprio(v value, arg []uint64) {
	const classShift = 13
	flags := Styled
	if len(arg) > 0 { // in a struct iocb
		flags |= HexVal
	}
	raw := uint64(uint32(v.raw))
	if !d.ret {
		d.Open(Node{Kind: Group})
		defer d.Close()
	}
	d.Open(Node{Kind: Func, Name: "IOPRIO_PRIO_VALUE", Flags: flags, Val: raw, Width: 4})
	d.enumOf(d.abi.table(tbIoprioClass), raw>>classShift, 4)
	d.Add(Node{Kind: Uint, Val: raw & (1<<classShift - 1), Width: 4})
	d.Close()
}
