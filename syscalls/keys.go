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
	kind := Errno
	if int32(v.raw) < 0 { // no error number; and Errno would take it for one of the kernel's
		kind = Uint
	}
	d.Add(Node{Kind: kind, Val: uint64(uint32(v.raw)), Width: 4})
}

// pidtype adds an enum pid_type, which no header for programs has: 0x1 /* PIDTYPE_TGID */.
func (d *Decoder) pidtype(v value, _ []uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbPidtype), Val: uint64(uint32(v.raw)), Width: 4, Flags: HexVal | Numbered})
}

// pkeyBuf adds the bytes at v.raw whose length stands arg[1] bytes behind the
// start of the struct keyctl_pkey_params at arg[0].
func (d *Decoder) pkeyBuf(v value, arg []uint64) {
	const params = 40
	off := len(d.mem)
	if !d.ev.Verbose || !d.load(arg[0], params) {
		d.address(v.raw)
		return
	}
	n := number(d.mem[off+int(arg[1]&31):], 4, false, false)
	d.mem = d.mem[:off]
	d.bytesAt(v.raw, int64(n), 0)
}

// kdfParams adds the struct keyctl_kdf_params at v.raw, which strace follows
// whatever -e verbose says.
func (d *Decoder) kdfParams(v value, _ []uint64) {
	if v.raw == 0 {
		d.address(0)
		return
	}
	saved := d.ev.Verbose
	d.ev.Verbose = true
	d.pointed(d.abi.typ(nmKeyctlKdfParams), v.raw, -1)
	d.ev.Verbose = saved
}
