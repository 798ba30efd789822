package syscalls

const futexMatchAny = 0xffffffff // FUTEX_BITSET_MATCH_ANY

// futexBitset adds the mask of FUTEX_WAIT_BITSET and FUTEX_WAKE_BITSET.
func (d *Decoder) futexBitset(v value, _ []uint64) {
	t := d.abi.table(tbFutexBitset)
	if raw := uint64(uint32(v.raw)); t.Lookup(raw) != "" {
		d.enumOf(t, raw, 4)
	} else {
		d.Add(Node{Kind: Hex, Val: raw, Width: 4})
	}
}

// futexWakeOp adds the operation that FUTEX_WAKE_OP encodes in its last argument
// (futex(2)): FUTEX_OP_SET<<28|0<<12|FUTEX_OP_CMP_GT<<24|0x1.
func (d *Decoder) futexWakeOp(v value, _ []uint64) {
	const opArgShift = 8 // FUTEX_OP_OPARG_SHIFT
	raw := uint64(uint32(v.raw))
	op, cmp := raw>>28&0xf, raw>>24&0xf
	t := d.abi.table(tbFutexWakeOp)
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	if op&opArgShift != 0 {
		d.shiftedEnum(t, opArgShift, 28)
		op &^= opArgShift
	}
	d.shiftedEnum(t, op, 28)
	d.shiftedHex(raw>>12&0xfff, 12)
	d.shiftedEnum(d.abi.table(tbFutexWakeCmp), cmp, 24)
	d.Add(Node{Kind: Hex, Val: raw & 0xfff, Width: 4})
	d.Close()
}

// futexOp adds the operation of futex(2): FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME.
// A combination that the kernel does not know has no names.
func (d *Decoder) futexOp(v value, _ []uint64) {
	raw := uint64(uint32(v.raw))
	t, flag := d.abi.table(tbFutexOp), d.abi.table(tbFutexFlag)
	base, rest := raw&^kFUTEX_CLOCK_REALTIME, raw&kFUTEX_CLOCK_REALTIME
	switch base &^ kFUTEX_PRIVATE_FLAG {
	case kFUTEX_WAIT, kFUTEX_WAIT_BITSET, kFUTEX_WAIT_REQUEUE_PI:
	case kFUTEX_FD:
		base, rest = raw&^kFUTEX_PRIVATE_FLAG, raw&kFUTEX_PRIVATE_FLAG
	default:
		base, rest = raw, 0
	}
	if rest == 0 || t.Lookup(base) == "" {
		d.enumOf(t, raw, 4)
		return
	}
	d.Open(Node{Kind: OrList, Val: raw, Width: 4})
	d.enumOf(t, base, 4)
	d.flagsOf(flag, rest, 4)
	d.Close()
}

// shiftedEnum adds NAME<<n.
func (d *Decoder) shiftedEnum(t *Table, v uint64, n uint32) {
	d.Add(Node{Kind: Enum, Table: t, Val: v, Width: 4, Len: n, Flags: HexVal | LeftBy})
}

func (d *Decoder) shiftedHex(v uint64, n int) {
	d.Open(Node{Kind: Group})
	d.Add(Node{Kind: Hex, Val: v, Width: 4})
	d.flags = Attach
	d.Add(Node{Kind: ShiftBy, Val: uint64(n)})
	d.Close()
}

// rseqProcessor adds the cpu_id of a struct rseq.
func (d *Decoder) rseqProcessor(v value, _ []uint64) {
	id := extend(v.raw, 4, true)
	if t := d.abi.table(tbRseqCpu); t.Lookup(id) != "" {
		d.Add(Node{Kind: Enum, Table: t, Val: id, Width: 4})
		return
	}
	d.Add(Node{Kind: Uint, Val: id, Width: 4})
}

// futexMask adds the mask of futex_wake(2) and futex_wait(2), a word.
func (d *Decoder) futexMask(v value, arg []uint64) {
	if v.raw == futexMatchAny {
		d.futexBitset(v, arg)
		return
	}
	d.Add(Node{Kind: Hex, Val: v.raw, Width: v.width})
}
