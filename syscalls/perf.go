package syscalls

// perfCache adds the config of a PERF_TYPE_HW_CACHE event: a cache, an operation
// and a result (perf_event_open(2)).
func (d *Decoder) perfCache(v value, _ []uint64) {
	const opShift, resultShift, mask = 8, 16, 0xff
	result, op, cache := v.raw>>resultShift, v.raw>>opShift&mask, v.raw&mask
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	d.shiftedEnum(d.abi.table(tbPerfCacheResult), result, resultShift)
	d.shiftedEnum(d.abi.table(tbPerfCacheOp), op, opShift)
	d.enumOf(d.abi.table(tbPerfCache), cache, 8)
	d.Close()
}
