package syscalls

// perfHardware adds the config of a PERF_TYPE_HARDWARE event: an event, below the
// type of a PMU where there are several (perf_event_open(2)).
func (d *Decoder) perfHardware(v value, _ []uint64) {
	const pmuShift = 32 // PERF_PMU_TYPE_SHIFT
	t := d.abi.table(tbPerfHw)
	pmu := v.raw >> pmuShift
	if pmu == 0 {
		d.enumOf(t, v.raw, 8)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: 8})
	d.shiftedHex(pmu, pmuShift)
	d.enumOf(t, v.raw&(1<<pmuShift-1), 8)
	d.Close()
}

// perfCache adds the config of a PERF_TYPE_HW_CACHE event: a cache, an operation
// and a result, below the type of a PMU.
func (d *Decoder) perfCache(v value, _ []uint64) {
	const opShift, resultShift, restShift, pmuShift, mask = 8, 16, 24, 32, 0xff
	d.Open(Node{Kind: OrList, Flags: Styled, Val: v.raw, Width: 8})
	if pmu := v.raw >> pmuShift; pmu != 0 {
		d.shiftedHex(pmu, pmuShift)
	}
	if rest := v.raw >> restShift & mask; rest != 0 {
		d.shiftedHex(rest, restShift)
	}
	d.enumShifted(d.abi.table(tbPerfCacheResult), v.raw>>resultShift&mask, resultShift)
	d.enumShifted(d.abi.table(tbPerfCacheOp), v.raw>>opShift&mask, opShift)
	d.enumOf(d.abi.table(tbPerfCache), v.raw&mask, 8)
	d.Close()
}

// enumShifted adds NAME<<n; what says that a value has no name stands before the shift.
func (d *Decoder) enumShifted(t *Table, v, n uint64) {
	d.Open(Node{Kind: Group})
	d.enumOf(t, v, 4)
	d.flags = Attach
	d.Add(Node{Kind: ShiftBy, Val: n})
	d.Close()
}

// perfAttr adds the struct perf_event_attr at v.raw, of which its second field
// says the size. The kernel stores the size that it knows when that is too much.
func (d *Decoder) perfAttr(v value, _ []uint64) {
	const (
		first       = 64 // PERF_ATTR_SIZE_VER0
		abbreviated = 48 // up to the flags; what is behind them is shown with -v
	)
	size, ok := d.peekWidth(v.raw+4, 4, false, false)
	if size = d.asEntry(size); size == 0 {
		size = first
	}
	if v.raw == 0 || !ok || size < first {
		d.address(v.raw)
		return
	}
	part := int(size)
	if d.ev.Abbrev {
		part = abbreviated
	}
	d.paddedPart(nmPerfEventAttr, v.raw, int(size), part)
}

// perfSize adds the size that stands in it.
func (d *Decoder) perfSize(v value, _ []uint64) {
	const e2big = 7
	t := d.abi.table(tbPerfAttrSize)
	before := d.saved()
	d.enumOf(t, before, 4)
	if now := uint64(uint32(v.raw)); d.ev.Errno == e2big {
		d.flags = Arrow
		d.enumOf(t, now, 4)
	}
}

// perfReserved adds two bytes that should be 0 as a comment about what is before them.
func (d *Decoder) perfReserved(v value, _ []uint64) {
	d.Open(Node{Kind: Comment, Flags: Attach})
	d.Open(Node{Kind: Labelled, Name: "bytes 110..111: "})
	d.Add(Node{Kind: Hex, Val: v.raw, Width: 2})
	d.Close()
	d.Close()
}

// hwBreakpoint adds what a breakpoint waits for; execution and access at once is
// HW_BREAKPOINT_INVALID (include/uapi/linux/hw_breakpoint.h).
func (d *Decoder) hwBreakpoint(v value, _ []uint64) {
	const execute, invalid = 4, 7
	if v.raw > execute && v.raw <= invalid {
		d.symbol(v.raw, "", "HW_BREAKPOINT_INVALID", 0, HexVal|Numbered)
		return
	}
	d.enumOf(d.abi.table(tbHwBreakpoint), v.raw, 4)
}
