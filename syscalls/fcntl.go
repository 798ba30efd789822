package syscalls

// fcntlNote adds what F_GETFD (arg[0] is 1) or F_GET_SEALS returned.
func (d *Decoder) fcntlNote(v value, arg []uint64) {
	t := d.abi.table(tbSeals)
	if arg[0] == 1 {
		t = d.abi.table(tbFdFlags)
	}
	d.Add(Node{Kind: Flags, Flags: Styled, Table: t, Val: uint64(uint32(v.raw)), Width: 4})
}
