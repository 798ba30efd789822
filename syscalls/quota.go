package syscalls

// qcmd adds the command of quotactl(2): QCMD(Q_GETQUOTA, USRQUOTA).
func (d *Decoder) qcmd(v value, _ []uint64) {
	const shift = 8 // include/uapi/linux/quota.h: SUBCMDSHIFT
	raw := uint64(uint32(v.raw))
	d.Open(Node{Kind: Group})
	d.Open(Node{Kind: Func, Flags: Styled | InWords, Name: "QCMD", Val: raw, Width: 8}) // without a sign
	d.enumOf(d.abi.table(tbQuotaCmd), raw>>shift, 4)
	d.enumOf(d.abi.table(tbQuotaType), raw&(1<<shift-1), 4)
	d.CloseFunc()
}

// swapFlags adds the flags of swapon(2), of which the low 15 bits are a priority.
func (d *Decoder) swapFlags(v value, _ []uint64) {
	const prio = 0x7fff
	raw := uint64(uint32(v.raw))
	t := d.abi.table(tbSwapon)
	if raw&^prio == 0 {
		d.Add(Node{Kind: Uint, Val: raw, Width: 4})
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.flagsOf(t, raw&^prio, 4)
	d.Add(Node{Kind: Uint, Val: raw & prio, Width: 4})
	d.Close()
}
