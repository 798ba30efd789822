package syscalls

// Scheduling and execution domains. Sources: include/uapi/linux/{sched,
// sched/types,personality}.h, kernel/sched/syscalls.c.

// schedAttr adds the struct sched_attr that sched_setattr(2) takes. Its first
// field is its size, where 0 stands for the first version's.
func (d *Decoder) schedAttr(v value, _ []uint64) {
	const (
		sizeField = 4
		first     = 48 // SCHED_ATTR_SIZE_VER0
	)
	size, ok := d.peekWidth(v.raw, sizeField, false, false)
	switch {
	case v.raw == 0 || !ok:
		d.address(v.raw)
		return
	case size == 0:
		size = first
	case size < first:
		size = sizeField
	}
	d.paddedStruct(nmSchedAttrSet, v.raw, clampInt(int64(size)))
}

// schedAttrSize adds the size that the kernel knows, which it stores when the caller's
// is too much or too little.
func (d *Decoder) schedAttrSize(v value, _ []uint64) {
	const e2big = 7
	size, ok := d.peekWidth(v.raw, 4, false, false)
	if d.ev.Errno != e2big || v.raw == 0 || !ok || !d.ev.Verbose {
		d.flags = 0
		return
	}
	d.flags = Arrow
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("size", Uint, size)
	d.Close()
	d.Close()
}

// schedAttrGot adds the struct sched_attr that sched_getattr(2) filled in, of
// which the caller has room for arg[0] bytes.
func (d *Decoder) schedAttrGot(v value, arg []uint64) {
	if arg[0] == 0 {
		d.address(v.raw)
		return
	}
	d.paddedStruct(nmSchedAttr, v.raw, clampInt(int64(arg[0])))
}

// schedPolicy adds a policy, which may have a flag above it.
func (d *Decoder) schedPolicy(v value, _ []uint64) {
	const resetOnFork = 0x40000000 // SCHED_RESET_ON_FORK, include/uapi/linux/sched.h
	raw := uint64(uint32(v.raw))
	if raw&resetOnFork == 0 || int32(raw) < 0 {
		if t := d.abi.table(tbSchedPolicy); !d.ret || t.Lookup(raw) != "" {
			d.enumOf(t, raw, 4)
		}
		return
	}
	d.flagsOf(d.abi.table(tbSchedPolicyFlags), v.raw, 4)
}

// persona adds an execution domain: PER_LINUX|ADDR_NO_RANDOMIZE.
func (d *Decoder) persona(v value, _ []uint64) {
	const (
		mask = 0xff       // PER_MASK
		ask  = 0xffffffff // changes nothing
	)
	raw := uint64(uint32(v.raw))
	base := d.abi.table(tbPersona)
	if raw == ask {
		d.Add(Node{Kind: Hex, Val: raw, Width: 4})
		return
	}
	if raw&^mask == 0 {
		d.enumOf(base, raw, 4)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.enumOf(base, raw&mask, 4)
	d.knownFlags(d.abi.table(tbPersonality), raw&^mask, 4)
	d.Close()
}
