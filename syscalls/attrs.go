package syscalls

import "bytes"

import "math/bits"

// Netlink attributes: a header, struct nlattr, and a value whose type the
// attribute's number tells; include/uapi/linux/netlink.h.

const (
	nlaHeader      = 4
	nlaNested      = 0x8000
	nlaNetByteord  = 0x4000
	nlaTypeMask    = 0x3fff
	maxAttrBytes   = 1 << 20
	nlAlign        = 4 // NLMSG_ALIGNTO, NLA_ALIGNTO
	maxAttrNesting = maxDepth / 3
)

// aligned rounds a length up to where the next message or attribute begins.
func aligned(n uint64) uint64 { return (n + nlAlign - 1) &^ uint64(nlAlign-1) }

// attrs adds the attributes from addr to the end of what is around them: an
// array, or when there is one the attribute alone.
func (d *Decoder) attrs(t *typ, addr uint64) {
	end := d.cur.addr + uint64(max(d.cur.have, 0))
	if addr >= end || end-addr > maxAttrBytes {
		return
	}
	var p [4]uint64
	d.params(listID(t.b), p[1:])
	if d.depth >= maxAttrNesting {
		d.more()
		return
	}
	d.depth++
	d.eachAttr(&attrSets[t.a], addr, end, p)
	d.depth--
}

// eachAttr adds the attributes from addr to end; p[1:] are the parameters of
// their types.
func (d *Decoder) eachAttr(set *attrSet, addr, end uint64, p [4]uint64) {
	if !d.Open(Node{Kind: Array}) {
		return
	}
	n := 0
	for ; addr < end && d.work < maxNodes; n++ {
		if end-addr < nlaHeader {
			d.bytesAt(addr, int64(end-addr), ForceHex)
			n++
			break
		}
		if d.ev.Abbrev && n >= d.limit() {
			d.more()
			n++
			break
		}
		head, ok := d.peekWidth(addr, nlaHeader, false, false)
		if !ok {
			d.unreadItem(addr, n)
			n = max(n, 1)
			break
		}
		size := head & 0xffff
		d.attr(set, addr, min(size, end-addr), head, p)
		if size < nlaHeader {
			n++
			break
		}
		addr += aligned(size)
	}
	d.closeOne(n)
}

// unreadItem adds what is there for item n of a list that cannot be read.
func (d *Decoder) unreadItem(addr uint64, n int) {
	if n == 0 {
		d.address(addr)
		return
	}
	d.Add(Node{Kind: Unread, Val: addr, Width: uint8(d.abi.Word)})
}

// closeOne ends an array; one of a single item is that item.
func (d *Decoder) closeOne(n int) {
	at := d.open[d.nopen-1]
	d.Close()
	l := *d.list()
	if n == 1 && at+1 < uint32(len(l)) && l[at+1].End == l[at].End {
		l[at].Kind = Group
	}
}

// attr adds one attribute of n bytes with its header: [{...}, value], or the header alone.
func (d *Decoder) attr(set *attrSet, addr, n, head uint64, p [4]uint64) {
	valued := n > nlaHeader
	if valued && !d.Open(Node{Kind: Array}) {
		return
	}
	d.attrHeader(&tables[set.table], head)
	if !valued {
		return
	}
	saved := d.cur
	p[0] = head >> 16 & nlaTypeMask
	d.cur = frame{off: len(d.mem), addr: addr + nlaHeader, have: int(n - nlaHeader), param: p}
	d.attrValue(d.resolve(set.typ))
	d.cur = saved
	d.Close()
}

func (d *Decoder) attrHeader(names *Table, head uint64) {
	if !d.Open(Node{Kind: Struct}) {
		return
	}
	d.Named("nla_len", Uint, head&0xffff)
	kind, flags := head>>16&nlaTypeMask, head>>16&^nlaTypeMask
	d.name = "nla_type"
	if flags == 0 {
		d.enumOf(names, kind, 2)
		d.Close()
		return
	}
	if d.Open(Node{Kind: OrList, Flags: Styled, Val: head >> 16, Width: 2}) {
		for _, f := range [...]uint64{nlaNested, nlaNetByteord} {
			if flags&f != 0 {
				d.flagsOf(d.abi.table(tbNlaFlags), f, 2)
			}
		}
		d.enumOf(names, kind, 2)
		d.Close()
	}
	d.Close()
}

// attrValue adds the value that is the current frame, as type id has it; bytes
// if it is too short for that or of no known type.
func (d *Decoder) attrValue(id typeID) {
	t := &types[id]
	addr, n := d.cur.addr, d.cur.have
	if t.kind == tyNone || d.needs(t) > n {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	ok := true
	switch {
	case t.kind == tyScalar && (t.width == 0 || t.width > 8):
		ok = d.wide(t, addr)
	case t.kind == tyStruct || t.kind == tyGroup:
		ok = d.structAt(t, addr, n)
	case t.kind == tyScalar || t.kind == tyFunc && t.c != 0 || t.kind == tyComment || t.kind == tyPtr:
		v := value{addr: addr, off: -1, width: uint8(t.size)}
		if v.raw, ok = d.peekWidth(addr, v.width, t.flags&tfSigned != 0, t.flags&tfBig != 0); ok {
			d.decode(id, v)
		}
	default:
		d.decode(id, value{addr: addr, off: -1})
	}
	if !ok {
		d.address(addr)
	}
}

// needs is how many bytes a value of type t has at least.
func (d *Decoder) needs(t *typ) int {
	switch t.kind {
	case tyStruct, tyGroup:
		return structs[t.a].least()
	case tyArray:
		return int(types[t.a].size)
	case tyAttrs:
		return nlaHeader
	}
	return int(t.size)
}

// least is the size of a structure without what may be missing at its end.
func (s *structDef) least() int {
	for i := range s.fields {
		if f := &s.fields[i]; f.flags&ffTail != 0 {
			return int(f.off)
		}
	}
	return int(s.size)
}

// nlString adds the string of an attribute of arg[0] bytes, which ends with a
// NUL, or else goes on.
func (d *Decoder) nlString(v value, arg []uint64) {
	n := min(arg[0], uint64(d.limit()), maxString)
	if n == 0 {
		d.bytesAt(v.addr, int64(arg[0]), 0)
		return
	}
	off, _, ok := d.readBytes(v.addr, int(min(arg[0], n+1))) // as in bytesAt
	if !ok {
		d.address(v.addr)
		return
	}
	d.ev.arena = d.ev.arena[:uint64(off)+n]
	node := Node{Kind: Str, Off: off, Len: uint32(n), Flags: Cut}
	if d.ev.arena[uint64(off)+n-1] == 0 { // the last of what is shown at most
		node.Len, node.Flags, node.Val = node.Len-1, NULBehind, 1
	}
	d.Add(node)
}

// nlText adds the string of an attribute of arg[0] bytes up to its NUL, behind which
// nothing has to be readable; without one it goes on.
func (d *Decoder) nlText(v value, arg []uint64) {
	limit := min(d.limit(), maxString)
	want := int(min(arg[0], uint64(limit+1)))
	off := len(d.ev.arena)
	d.ev.arena = grow(d.ev.arena, want)
	got := d.t.ReadMemory(v.addr, d.ev.arena[off:])
	d.read += got
	d.ev.arena = d.ev.arena[:off+got]
	node := Node{Kind: Str, Off: uint32(off), Len: uint32(min(got, limit)), Flags: Cut}
	switch i := bytes.IndexByte(d.ev.arena[off:], 0); {
	case i >= 0:
		node.Len, node.Flags = uint32(i), 0
	case got < want:
		d.ev.arena = d.ev.arena[:off]
		d.address(v.addr)
		return
	}
	d.Add(node)
}

// nlMac adds a link-layer address of arg[0] bytes (MAX_ADDR_LEN at most), of the
// hardware arg[1].
func (d *Decoder) nlMac(v value, arg []uint64) {
	if arg[0] > 32 {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	d.hwaddrOf(v, arg)
}

// nlBe64 adds a 64-bit number in network order.
func (d *Decoder) nlBe64(v value, _ []uint64) {
	if d.openCall("htobe64") {
		d.Add(Node{Kind: Uint, Val: bits.ReverseBytes64(v.raw), Width: 8})
		d.closeCall()
	}
}

// nlAfBe adds an address family in network order.
func (d *Decoder) nlAfBe(v value, _ []uint64) {
	if d.openCall("htons") {
		d.enumOf(d.abi.table(tbAf), uint64(bits.ReverseBytes16(uint16(v.raw))), 2)
		d.closeCall()
	}
}

// nlPadded adds a number in hexadecimal with all its digits.
func (d *Decoder) nlPadded(v value, _ []uint64) {
	d.Add(Node{Kind: Hex, Val: v.raw, Width: 4, Flags: PadHex})
}

// number adds a number of n bytes, as much as a word at most, as node k has it.
func (d *Decoder) number(addr, n uint64, k Node) {
	var p [8]byte
	if n > 8 {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	if d.t.ReadMemory(addr, p[:n]) < int(n) {
		d.address(addr)
		return
	}
	k.Val, k.Width = number(p[:], 8, false, false), 8
	d.Add(k)
}

// nlIpproto adds a protocol that is a number of arg[0] bytes, nlTicks clock ticks,
// nlMsec milliseconds.
func (d *Decoder) nlIpproto(v value, arg []uint64) {
	d.number(v.addr, arg[0], Node{Kind: Enum, Table: d.abi.table(tbIpproto), Flags: HexVal})
}

func (d *Decoder) nlTicks(v value, arg []uint64) { d.number(v.addr, arg[0], Node{Kind: ClockTicks}) }

func (d *Decoder) nlMsec(v value, arg []uint64) {
	d.number(v.addr, arg[0], Node{Kind: ClockTicks, Len: 3})
}
