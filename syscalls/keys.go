package syscalls

// Keys and task groups. Sources: include/uapi/linux/{keyctl,prctl}.h,
// security/keys/keyctl.c, include/linux/pid_types.h.

// keyctlCaps adds a byte of KEYCTL_CAPABILITIES: what its bits say depends on
// where it stands.
func (d *Decoder) keyctlCaps(v value, _ []uint64) {
	switch v.addr - d.register(1) {
	case 0:
		d.flagsOf(d.abi.table(tbKeyctlCaps0), v.raw, 1)
	case 1:
		d.flagsOf(d.abi.table(tbKeyctlCaps1), v.raw, 1)
	default:
		d.Add(Node{Kind: Hex, Val: v.raw, Width: 1})
	}
}

// errnoOf adds an error number that stands as an argument: EKEYREVOKED.
func (d *Decoder) errnoOf(v value, _ []uint64) {
	d.Add(Node{Kind: Errno, Val: uint64(uint32(v.raw)), Width: 4})
}

// pidtype adds an enum pid_type, which no header for programs has: 0x1 /* PIDTYPE_TGID */.
func (d *Decoder) pidtype(v value, _ []uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbPidtype), Val: uint64(uint32(v.raw)), Width: 4, Flags: HexVal | Numbered})
}

// pkeyBuf adds the bytes at v.raw whose length stands at arg[0].
func (d *Decoder) pkeyBuf(v value, arg []uint64) {
	n, ok := d.peekWidth(d.pointer(arg[0]), 4, false, false)
	if !ok {
		d.address(v.raw)
		return
	}
	d.bytesAt(v.raw, int64(n), 0)
}
