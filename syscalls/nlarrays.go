package syscalls

// Attributes that are arrays whose elements have names.

// nlIndexed adds the numbers of an attribute of n bytes, each after the name of
// its index: [[DEVCONF_FORWARDING]=0, ...]. off is what is subtracted from the
// name's value to get the index.
func (d *Decoder) nlIndexed(addr, n uint64, t *Table, width uint8, off uint64) {
	signed := width == 4 && t != d.abi.table(tbSkMeminfo)
	if n < uint64(width) {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for i := uint64(0); i < n/uint64(width) && d.work < maxNodes; i++ {
		if d.ev.Abbrev && i >= uint64(d.limit()) {
			d.more()
			break
		}
		v, ok := d.peekWidth(addr+i*uint64(width), width, signed, false)
		if !ok {
			d.unreadItem(addr+i*uint64(width), int(i))
			break
		}
		if !d.Open(Node{Kind: Index, Val: off}) {
			break
		}
		d.Add(Node{Kind: Enum, Table: t, Val: i + off, Width: 4})
		if signed {
			d.Add(Node{Kind: Int, Val: v, Width: 4})
		} else {
			d.Add(Node{Kind: Uint, Val: v, Width: width})
		}
		d.Close()
	}
	d.Close()
}

func (d *Decoder) nlDevconf4(v value, arg []uint64) {
	d.nlIndexed(v.addr, arg[0], d.abi.table(tbIpv4Devconf), 4, 1)
}

func (d *Decoder) nlDevconf6(v value, arg []uint64) {
	d.nlIndexed(v.addr, arg[0], d.abi.table(tbDevconf), 4, 0)
}

func (d *Decoder) nlIpstats(v value, arg []uint64) {
	d.nlIndexed(v.addr, arg[0], d.abi.table(tbIpstatsMib), 8, 0)
}

func (d *Decoder) nlIcmp6stats(v value, arg []uint64) {
	d.nlIndexed(v.addr, arg[0], d.abi.table(tbIcmp6Mib), 8, 0)
}

// nlBrMcast adds what a bridge counts of one kind of multicast packets, by direction.
func (d *Decoder) nlBrMcast(v value, _ []uint64) {
	d.nlIndexed(v.addr, 16, d.abi.table(tbBrMcastDir), 8, 0)
}

// nlMultipath adds the next hops of a route (struct rtnexthop), each with its
// attributes, in arg[0] bytes; arg[1] is the family. The header of the last is
// shown even where less than a header is left.
func (d *Decoder) nlMultipath(v value, arg []uint64) {
	const size = 8
	t := d.abi.typ(nmRtnexthop)
	addr, end := v.addr, v.addr+arg[0]
	if arg[0] < size {
		d.bytesAt(addr, int64(arg[0]), ForceHex)
		return
	}
	head, ok := d.peekWidth(addr, size, false, false)
	if !ok {
		d.address(addr)
		return
	}
	several := head&0xffff < arg[0]
	if several && !d.Open(Node{Kind: Array}) {
		return
	}
	saved := d.cur
	for addr < end && d.work < maxNodes {
		if head, ok = d.peekWidth(addr, size, false, false); !ok {
			d.Add(Node{Kind: Addr, Val: addr, Width: uint8(d.abi.Word), Flags: Attach})
			break
		}
		n := min(head&0xffff, end-addr)
		if n > size && !d.Open(Node{Kind: Array}) {
			break
		}
		d.structAt(&types[t], addr, -1)
		if n > size {
			d.cur = frame{off: len(d.mem), addr: addr + size, have: int(n - size), param: [4]uint64{arg[1]}}
			d.attrValue(d.fieldType(nmRtnexthopAttrs))
			d.cur = saved
			d.Close()
		}
		if n == 0 {
			break
		}
		addr += min(aligned(n), end-addr)
	}
	d.cur = saved
	if several {
		d.Close()
	}
}
