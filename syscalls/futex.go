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
	const opArgShift = 8
	raw := uint64(uint32(v.raw))
	op, cmp := raw>>28&0xf, raw>>24&0xf
	d.Open(Node{Kind: OrList, Val: raw, Width: 4})
	if op&opArgShift != 0 {
		d.lit("FUTEX_OP_OPARG_SHIFT<<28")
		op &^= opArgShift
	}
	d.shiftedEnum(d.abi.table(tbFutexWakeOp), op, 28)
	d.shiftedHex(raw>>12&0xfff, 12)
	d.shiftedEnum(d.abi.table(tbFutexWakeCmp), cmp, 24)
	d.Add(Node{Kind: Hex, Val: raw & 0xfff, Width: 4})
	d.Close()
}

// shiftedEnum adds NAME<<n.
func (d *Decoder) shiftedEnum(t *Table, v uint64, n int) {
	d.Open(Node{Kind: Group})
	d.enumOf(t, v, 4)
	d.flags = Attach
	d.Add(Node{Kind: ShiftBy, Val: uint64(n)})
	d.Close()
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
	if int64(id) < 0 {
		d.Add(Node{Kind: Enum, Table: d.abi.table(tbRseqCpu), Val: id, Width: 4})
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
	d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
}
