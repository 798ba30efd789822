package syscalls

// Messages of netlink(7) sockets: include/uapi/linux/netlink.h, and for each
// protocol its own header. The bodies stand in desc/netlink*.txt.

const (
	nlmsgHeader = 16

	nlmsgError   = 2
	nlmsgDone    = 3
	nlmsgMinType = 16 // below are control messages

	nlmFRequest = 1
	nlmFCapped  = 0x100

	netlinkRoute     = 0
	netlinkSockDiag  = 4
	netlinkXfrm      = 6
	netlinkSelinux   = 7
	netlinkAudit     = 9
	netlinkNetfilter = 12
	netlinkUevent    = 15
	netlinkGeneric   = 16
	netlinkCrypto    = 21
	netlinkLast      = netlinkCrypto
	netlinkUnknown   = 1 << 16 // a netlink socket of a protocol not known
	netlinkNotAsked  = -1      // nobody asked yet
	netlinkNo        = -2      // not a netlink socket

	maxNetlinkNesting = 3 // of messages within error messages
)

// socket says which socket the buffers come from or go to that are decoded next.
func (d *Decoder) socket(fd uint64) { d.sock, d.proto = int32(fd), netlinkNotAsked }

// netlinkProto returns the protocol of the socket, or netlinkNo.
func (d *Decoder) netlinkProto() int {
	if d.proto != netlinkNotAsked {
		return d.proto
	}
	d.proto = netlinkNo
	if t, ok := d.t.(NetlinkNamer); ok && d.sock >= 0 {
		switch protocol, known, netlink := t.NetlinkProtocol(d.sock); {
		case netlink && known:
			d.proto = protocol
		case netlink:
			d.proto = netlinkUnknown
		}
	}
	return d.proto
}

// peer says of what family the address is that stands beside buffers of the socket, -1 if
// that is not known. It decides whether they have messages of netlink; the protocol
// is the socket's.
func (d *Decoder) peer(family int) {
	d.proto = netlinkNotAsked
	switch {
	case family < 0:
	case family != afNetlink:
		d.proto = netlinkNo
	case d.netlinkProto() == netlinkNo:
		d.proto = netlinkUnknown
	}
}

// netBuf adds the buffer at v.raw of arg[1] bytes, which go to or come from the
// socket arg[0].
func (d *Decoder) netBuf(v value, arg []uint64) {
	d.socket(arg[0])
	d.socketBytes(v.raw, int64(arg[1]))
}

// socketBytes adds n bytes of the socket.
func (d *Decoder) socketBytes(addr uint64, n int64) {
	if addr != 0 && n > 0 && d.ev.Verbose && d.netlinkProto() != netlinkNo {
		d.netlink(addr, uint64(n), d.proto, 0)
		return
	}
	d.bytesAt(addr, n, 0)
}

// netlink adds the messages in the n bytes at addr: an array, or when there is
// one the message alone.
func (d *Decoder) netlink(addr, n uint64, proto, nesting int) {
	if proto == netlinkUevent {
		d.uevent(addr, n)
		return
	}
	if n < nlmsgHeader {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	name, flags, nodes := d.name, d.flags, len(*d.list())
	if !d.Open(Node{Kind: Array}) {
		return
	}
	items := 0
	for left := n; left > 0 && d.work < maxNodes; items++ { // addr+n may be beyond the last address
		if left < nlmsgHeader {
			d.bytesAt(addr, int64(left), ForceHex)
			items++
			break
		}
		if d.ev.Abbrev && items >= d.limit() {
			d.more()
			items++
			break
		}
		size, ok := d.message(addr, left, proto, nesting)
		if !ok && items == 0 {
			d.Close()
			l := d.list()
			*l = (*l)[:nodes]
			d.name, d.flags = name, flags
			d.address(addr)
			return
		}
		if !ok {
			d.unreadItem(addr, items)
			break
		}
		if size < nlmsgHeader {
			items++
			break
		}
		step := min(aligned(size), left)
		addr, left = addr+step, left-step
	}
	d.closeOne(items)
}

// A nlHeader is what decoding a message needs of its struct nlmsghdr.
type nlHeader struct{ size, kind, flags uint64 }

// message adds the message at addr, of which n bytes are there at most, and
// returns what it says its size is.
func (d *Decoder) message(addr, n uint64, proto, nesting int) (size uint64, ok bool) {
	off := len(d.mem)
	if !d.load(addr, nlmsgHeader) {
		return 0, false
	}
	p := d.mem[off:]
	h := nlHeader{size: number(p, 4, false, false), kind: number(p[4:], 2, false, false), flags: number(p[6:], 2, false, false)}
	has := min(h.size, n)
	d.linkKinds, d.genlFamily = [2]uint8{}, 0
	if has > nlmsgHeader && !d.Open(Node{Kind: Array}) {
		return 0, false
	}
	d.messageHeader(off, h, proto)
	d.mem = d.mem[:off]
	if has > nlmsgHeader {
		d.body(addr+nlmsgHeader, has-nlmsgHeader, h, proto, nesting)
		d.Close()
	}
	return h.size, true
}

// messageHeader adds the struct nlmsghdr at d.mem[off:].
func (d *Decoder) messageHeader(off int, h nlHeader, proto int) {
	if !d.Open(Node{Kind: Struct}) {
		return
	}
	d.Named("nlmsg_len", Uint, h.size)
	d.name = "nlmsg_type"
	d.messageType(h.kind, proto)
	d.name = "nlmsg_flags"
	d.flagsOf(d.abi.table(d.nlFlags(h.kind, proto)), h.flags, 2)
	d.Named("nlmsg_seq", Uint, number(d.mem[off+8:], 4, false, false))
	d.Named("nlmsg_pid", TGID, number(d.mem[off+12:], 4, true, false))
	d.Close()
}

// body adds what stands behind the header.
func (d *Decoder) body(addr, n uint64, h nlHeader, proto, nesting int) {
	switch {
	case h.kind == nlmsgError:
		d.errorMessage(addr, n, h, proto, nesting)
	case h.kind == nlmsgDone && n == 4:
		v, ok := d.peekWidth(addr, 4, true, false)
		if !ok {
			d.address(addr)
			return
		}
		d.Add(Node{Kind: Int, Val: v, Width: 4})
	case h.kind < nlmsgMinType || !d.payload(addr, n, h, proto):
		d.bytesAt(addr, int64(n), ForceHex)
	}
}

// errorMessage adds struct nlmsgerr: an error, the message that it is about, or
// its header alone, and perhaps attributes.
func (d *Decoder) errorMessage(addr, n uint64, h nlHeader, proto, nesting int) {
	if n < 4+nlmsgHeader || nesting >= maxNetlinkNesting {
		d.bytesAt(addr, int64(n), ForceHex)
		return
	}
	off := len(d.mem)
	if !d.load(addr, 4+nlmsgHeader) {
		d.address(addr)
		return
	}
	code, size := int32(number(d.mem[off:], 4, true, false)), number(d.mem[off+4:], 4, false, false)
	d.mem = d.mem[:off]
	about := nlmsgHeader
	if h.flags&nlmFCapped == 0 {
		about = int(min(max(size, nlmsgHeader), n-4))
	}
	tlvs := uint64(4+about) < n // whatever NLM_F_ACK_TLVS says
	if tlvs && !d.Open(Node{Kind: Array}) {
		return
	}
	if !d.Open(Node{Kind: Struct}) {
		if tlvs {
			d.Close()
		}
		return
	}
	d.name = "error"
	d.negative(code)
	d.name = "msg"
	d.netlink(addr+4, uint64(about), proto, nesting+1)
	d.Close()
	if tlvs {
		at := uint64(4 + about)
		d.bodyOf(nmNlmsgerrTlvs, addr+at, n-at, [4]uint64{}, false)
		d.Close()
	}
}

// negative adds an error as the kernel has it: -EPERM.
func (d *Decoder) negative(code int32) {
	kind := Errno
	if name, _ := ErrnoName(int(-code)); code >= 0 || name == "" {
		kind = Int
	}
	d.Add(Node{Kind: kind, Val: uint64(int64(code)), Width: 4})
}

// anyFamily adds what all bodies of NETLINK_ROUTE begin with (struct rtgenmsg), and
// the rest as bytes.
func (d *Decoder) anyFamily(addr, n, family uint64) {
	if !d.Open(Node{Kind: Struct}) {
		return
	}
	d.name = "family"
	d.enumOf(d.abi.table(tbAf), family, 1)
	if n > 1 {
		d.name = "data"
		d.bytesAt(addr+1, int64(n-1), ForceHex)
	}
	d.Close()
}

// fieldType returns the type of the only field of a named structure, with the
// parameters that are in force.
func (d *Decoder) fieldType(name nameID) typeID {
	return d.resolve(structs[types[d.abi.typ(name)].a].fields[0].typ)
}

// bodyFamily adds the first field of a body, a family that has been read already.
func (d *Decoder) bodyFamily(body *typ, family uint64) {
	f := &structs[body.a].fields[0]
	d.name = f.name
	d.decode(f.typ, value{raw: family, off: -1, width: 1})
}

// unreadBody adds a body of n bytes of which no more than the family can be read, and reports
// whether this is such: the family, and the address of what is to be shown next.
func (d *Decoder) unreadBody(t *typ, addr, n, family uint64) bool {
	body := &types[structs[t.a].fields[0].typ]
	size := uint64(structs[body.a].size)
	off := len(d.mem)
	if d.load(addr, int(size)) {
		d.mem = d.mem[:off]
		return false
	}
	if !d.Open(Node{Kind: Struct}) {
		return true
	}
	d.bodyFamily(body, family)
	more := hasMore(body)
	if more {
		d.address(addr + 1)
	}
	d.Close()
	if !more && n > size {
		d.address(addr + size)
	}
	return true
}

// hasMore reports whether a body shows more than its first field.
func hasMore(body *typ) bool {
	for _, f := range structs[body.a].fields[1:] {
		if f.flags&ffHidden == 0 {
			return true
		}
	}
	return false
}

// bodyOf adds a body whose type the first field of a named structure tells, which
// has the parameters p. One that is cut shows its first field, the family; so does, if it is
// read before the rest is, one that cannot be read.
func (d *Decoder) bodyOf(name nameID, addr, n uint64, p [4]uint64, familied bool) bool {
	saved := d.cur
	defer func() { d.cur = saved }()
	d.cur = frame{off: len(d.mem), addr: addr, have: int(n), param: p}
	id := d.fieldType(name)
	t := &types[id]
	if t.kind == tyNone {
		return false
	}
	if d.needs(t) <= int(n) {
		if !familied || !d.unreadBody(t, addr, n, p[2]) {
			d.attrValue(id)
		}
		return true
	}
	if t.kind == tyAttrs { // less than the header of one
		d.bytesAt(addr, int64(n), ForceHex)
		return true
	}
	body := &types[structs[t.a].fields[0].typ]
	if !d.Open(Node{Kind: Struct}) {
		return true
	}
	d.bodyFamily(body, p[2])
	if hasMore(body) {
		d.more()
	}
	d.Close()
	return true
}

// uevent adds a message of NETLINK_KOBJECT_UEVENT: the kernel's are strings, those
// of libudev have a header (struct monitor_netlink_header of systemd's
// sd-device, which is not the kernel's).
func (d *Decoder) uevent(addr, n uint64) {
	id := d.abi.typ(nmUdevHeader)
	s := &structs[types[id].a]
	off := len(d.mem)
	if n < uint64(s.size) || !d.load(addr, int(s.size)) || string(d.mem[off:off+8]) != "libudev\x00" {
		d.mem = d.mem[:off]
		d.bytesAt(addr, int64(n), 0)
		return
	}
	d.mem = d.mem[:off]
	rest := n > uint64(s.size)
	if rest && !d.Open(Node{Kind: Array}) {
		return
	}
	d.structAt(&types[id], addr, -1)
	if rest {
		d.bytesAt(addr+uint64(s.size), int64(n-uint64(s.size)), 0)
		d.Close()
	}
}
