package syscalls

const (
	cloneSignal       = 0xff // CSIGNAL, include/uapi/linux/sched.h
	clonePidfd        = 0x1000
	cloneParentSettid = 0x100000
	cloneArgsMin      = 64 // CLONE_ARGS_SIZE_VER0
	cloneArgsSize     = 88 // CLONE_ARGS_SIZE_VER2
)

// cloneFlags adds the flags of clone(2), of which the lowest byte is the signal
// that the parent gets: CLONE_VM|SIGCHLD.
func (d *Decoder) cloneFlags(v value, _ []uint64) {
	low, high := v.raw&cloneSignal, v.raw&^cloneSignal
	t := d.abi.table(tbClone32)
	if low == 0 {
		d.flagsOf(t, v.raw, v.width)
		return
	}
	if high == 0 {
		d.Add(Node{Kind: Sig, Val: low, Width: v.width})
		return
	}
	d.Open(Node{Kind: OrList, Val: v.raw, Width: v.width})
	d.flagsOf(t, high, v.width)
	d.Add(Node{Kind: Sig, Val: low, Width: 4})
	d.Close()
}

// exitSignal adds the signal of clone3(2): 0 for none.
func (d *Decoder) exitSignal(v value, _ []uint64) {
	if v.raw == 0 {
		d.Add(Node{Kind: Int, Width: 8})
		return
	}
	const last = 64
	if v.raw > last {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 8})
		return
	}
	d.Add(Node{Kind: Sig, Val: v.raw, Width: 8})
}

// clone3Tls adds the TLS of clone3(2), on i386 the address of a struct user_desc.
func (d *Decoder) clone3Tls(v value, _ []uint64) {
	if d.abi.ID == I386 && v.raw>>32 == 0 {
		d.userDesc(v, []uint64{userDescBytes})
		return
	}
	d.Add(Node{Kind: Addr, Val: v.raw, Width: 8})
}

// clone3 adds the struct clone_args of clone3(2), arg[0] bytes long, and at exit
// what the kernel stored through it.
func (d *Decoder) clone3(v value, arg []uint64) {
	size := arg[0]
	if d.exit {
		d.clone3Result(v.raw, clampInt(int64(size)))
		return
	}
	if size < cloneArgsMin {
		d.address(v.raw)
		return
	}
	d.paddedStruct(nmCloneArgs, v.raw, clampInt(int64(size)))
}

func (d *Decoder) clone3Result(addr uint64, size int) {
	flags, ok := d.peekWidth(addr, 8, false, false)
	if !ok || !d.ev.Verbose || size < cloneArgsMin || flags&(clonePidfd|cloneParentSettid) == 0 && !d.moreBehind(addr, cloneArgsSize, size) {
		return
	}
	d.flags |= Arrow
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.memory(d.abi.typ(nmCloneResult), addr, size)
	d.Close()
}
