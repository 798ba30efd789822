package syscalls

// Socket addresses, for connect(2) and its relatives. Their fields stand in
// desc/sockaddr.txt.

// Address families that have a layout of their own here
// (include/linux/socket.h); the others show their bytes.
const (
	afUnix       = 1
	afInet       = 2
	afAX25       = 3
	afIPX        = 4
	afX25        = 9
	afInet6      = 10
	afNetlink    = 16
	afPacket     = 17
	afTIPC       = 30
	afBluetooth  = 31
	afRXRPC      = 33
	afIEEE802154 = 36
	afALG        = 38
	afNFC        = 39
	afVsock      = 40
	afQIPCRTR    = 42
	afXDP        = 44
	afMCTP       = 45
)

// sockaddrMost is the most that the kernel copies of an address
// (struct sockaddr_storage).
const sockaddrMost = 128

// sockaddr adds the address at v.raw, of arg[0] bytes.
func (d *Decoder) sockaddr(v value, arg []uint64) {
	d.sockaddrOf(v.raw, int64(int32(arg[0])))
}

// sockaddrOut adds the address that the kernel stored at v.raw: there was room
// for arg[0] bytes, and it says that the address has arg[1].
func (d *Decoder) sockaddrOut(v value, arg []uint64) {
	room, has := int64(int32(arg[0])), int64(int32(arg[1]))
	d.sockaddrOf(v.raw, min(room, has))
}

// sockaddrAt adds the address of arg[0] bytes that is a field.
func (d *Decoder) sockaddrAt(v value, arg []uint64) {
	d.sockaddrOf(v.addr, int64(arg[0]))
}

// sockaddrOf adds the address of n bytes at addr, and returns its family, -1 if only
// its address is shown.
func (d *Decoder) sockaddrOf(addr uint64, n int64) int {
	if addr == 0 || n < 2 || !d.ev.Verbose {
		d.address(addr)
		return -1
	}
	n = min(n, sockaddrMost)
	off := len(d.mem)
	if !d.load(addr, int(n)) {
		d.address(addr)
		return -1
	}
	d.mem = grow(d.mem, sockaddrMost-int(n))
	clear(d.mem[off+int(n):])
	family := int(number(d.mem[off:], 2, false, false))
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.sockaddrBytes(off, int(n))
	d.Close()
	d.mem = d.mem[:off]
	return family
}

// sockaddrBytes adds the address of n bytes at d.mem[off:], which has
// sockaddrMost bytes.
func (d *Decoder) sockaddrBytes(off, n int) {
	family := number(d.mem[off:], 2, false, false)
	d.Open(Node{Kind: Struct})
	d.name = "sa_family"
	d.enumOf(d.abi.table(tbAf), family, 2)
	if n > 2 && !d.sockaddrFamily(family, off, n) {
		d.name = "sa_data"
		d.bytesOf(d.mem[off+2:off+n], 0)
	}
	d.Close()
}

// sockaddrFamily adds the fields behind the family, if it is known and all are
// there.
func (d *Decoder) sockaddrFamily(family uint64, off, n int) bool {
	switch {
	case family == afUnix:
		d.sunPath(off+2, n-2)
	case family == afInet && n >= 16:
		d.Named("sin_port", Port, number(d.mem[off+2:], 2, false, true))
		d.Named("sin_addr", IP4, number(d.mem[off+4:], 4, false, true))
	case family == afInet6 && n >= 24:
		d.sockaddrIn6(off, n)
	case family == afNetlink && n >= 12:
		if pad := number(d.mem[off+2:], 2, false, false); pad != 0 {
			d.Named("nl_pad", Hex, pad)
		}
		d.Named("nl_pid", TGID, number(d.mem[off+4:], 4, true, false))
		d.name = "nl_groups"
		d.Add(Node{Kind: Hex, Val: number(d.mem[off+8:], 4, false, false), Width: 4, Flags: PadHex})
	case family == afPacket && n >= 20:
		d.sockaddrFields(nmSockaddrLl, off)
		d.sllAddr(off+12, n-12)
	case family == afIPX && n >= 16:
		d.sockaddrIPX(off)
	case family == afALG && n > 24:
		d.sockaddrALG(off, n)
	case family == afBluetooth:
		return d.sockaddrBluetooth(off, n)
	case family == afAX25 && n >= 16:
		d.sockaddrAX25(off, n)
	case family == afRXRPC && n >= 36:
		d.sockaddrRXRPC(off, n)
	default:
		return d.sockaddrPlain(family, off, n)
	}
	return true
}

// sockaddrPlain adds an address that is a structure of the descriptions.
func (d *Decoder) sockaddrPlain(family uint64, off, n int) bool {
	name, size := nameID(0), 0
	switch family {
	case afX25:
		name, size = nmSockaddrX25, 18
	case afTIPC:
		name, size = nmSockaddrTipc, 16
	case afIEEE802154:
		name, size = nmSockaddrIeee802154, 20
	case afNFC:
		return d.sockaddrNFC(off, n)
	case afVsock:
		name, size = nmSockaddrVm, 16
	case afQIPCRTR:
		name, size = nmSockaddrQrtr, 12
	case afXDP:
		name, size = nmSockaddrXdp, 16
	case afMCTP:
		name, size = nmSockaddrMctp, 12
	default:
		return false
	}
	if n < size {
		return false
	}
	d.sockaddrFields(name, off)
	return true
}

// sockaddrFields adds the fields of a structure at d.mem[off:] to the one that is
// open.
func (d *Decoder) sockaddrFields(name nameID, off int) {
	t := types[d.abi.typ(name)]
	t.kind = tyGroup
	s := &structs[t.a]
	saved := d.cur
	d.cur = frame{off: off, size: min(int(s.size), len(d.mem)-off), have: -1}
	d.fields(&t, s)
	d.cur = saved
}

func (d *Decoder) sockaddrIn6(off, n int) {
	d.Named("sin6_port", Port, number(d.mem[off+2:], 2, false, true))
	d.Named("sin6_flowinfo", BE32, number(d.mem[off+4:], 4, false, true))
	p := d.mem[off+8 : off+24]
	linkLocal := p[0] == 0xfe && p[1]&0xc0 == 0x80 || p[0] == 0xff && p[1]&0xf == 2
	o, l := d.keep(p)
	d.Add(Node{Kind: IP6, Name: "sin6_addr", Off: o, Len: l})
	if n <= 24 {
		return
	}
	scope := number(d.mem[off+24:], 4, false, false)
	d.name = "sin6_scope_id"
	if linkLocal {
		d.ifindexOf(scope)
	} else {
		d.Add(Node{Kind: Uint, Val: scope})
	}
}

// sllAddr adds the link-layer address of a struct sockaddr_ll in
// d.mem[off:off+n].
func (d *Decoder) sllAddr(off, n int) {
	want := int(d.mem[off-1])
	if want == 0 {
		return
	}
	d.name = "sll_addr"
	d.byteList(off, min(want, n))
	if want > n {
		d.Add(Node{Kind: More})
	}
	d.Close()
}

// byteList opens a list of n bytes; the caller closes it.
func (d *Decoder) byteList(off, n int) {
	d.Open(Node{Kind: Array})
	for _, b := range d.mem[off : off+n] {
		d.Add(Node{Kind: Hex, Val: uint64(b), Width: 1, Flags: PadHex})
	}
}

// sockaddrIPX adds struct sockaddr_ipx (include/uapi/linux/ipx.h until 5.15).
func (d *Decoder) sockaddrIPX(off int) {
	d.Named("sipx_port", Port, number(d.mem[off+2:], 2, false, true))
	d.name = "sipx_network"
	if d.openCall("htonl") {
		d.Add(Node{Kind: Hex, Val: number(d.mem[off+4:], 4, false, true)})
		d.closeCall()
	}
	d.name = "sipx_node"
	d.byteList(off+8, 6)
	d.Close()
	d.Add(Node{Kind: Hex, Name: "sipx_type", Val: uint64(d.mem[off+14]), Width: 1, Flags: PadHex})
	if zero := d.mem[off+15]; zero != 0 {
		d.Named("sipx_zero", Hex, uint64(zero))
	}
}

// sockaddrALG adds struct sockaddr_alg; the name is as long as the address has
// room for.
func (d *Decoder) sockaddrALG(off, n int) {
	d.name = "salg_type"
	d.cstring(d.mem[off+2 : off+16])
	d.name = "salg_feat"
	d.rawAndFlags(d.abi.table(tbCryptoAlg), number(d.mem[off+16:], 4, false, false))
	d.name = "salg_mask"
	d.rawAndFlags(d.abi.table(tbCryptoAlg), number(d.mem[off+20:], 4, false, false))
	d.name = "salg_name"
	d.cstring(d.mem[off+24 : off+n])
}

// rawAndFlags adds a number, and in a comment the flags in it, if there are any
// with a name.
func (d *Decoder) rawAndFlags(t *Table, v uint64) {
	known := uint64(0)
	for i := range t.Entries {
		known |= t.Entries[i].Val
	}
	n := Node{Kind: Flags, Table: t, Val: v, Width: 4}
	if v&known != 0 {
		n.Flags = Numbered
	}
	d.Add(n)
}

// sockaddrBluetooth adds an address whose protocol its length tells.
func (d *Decoder) sockaddrBluetooth(off, n int) bool {
	switch n {
	case 4, 6:
		d.sockaddrCut(nmSockaddrHci, off, n)
	case 8:
		d.sockaddrFields(nmSockaddrSco, off)
	case 10:
		d.sockaddrFields(nmSockaddrRc, off)
	case 12, 14:
		d.sockaddrCut(nmSockaddrL2, off, n)
	default:
		return false
	}
	return true
}

// sockaddrCut adds the fields of a structure that lie within its first n bytes.
func (d *Decoder) sockaddrCut(name nameID, off, n int) {
	t := types[d.abi.typ(name)]
	t.kind = tyGroup
	saved := d.cur
	d.cur = frame{off: off, size: n, have: n}
	d.fields(&t, &structs[t.a])
	d.cur = saved
}

// sockaddrNFC adds an address of AF_NFC, a longer one of which is that of a
// LLCP socket.
func (d *Decoder) sockaddrNFC(off, n int) bool {
	llcp := 88 // sizeof(struct sockaddr_nfc_llcp), which ends with a long
	if d.abi.Word == 8 {
		llcp = 96
	}
	switch {
	case n < 16:
		return false
	case n >= llcp:
		d.sockaddrFields(nmSockaddrNfcLlcp, off)
		const name, most = 18, 63
		word := d.abi.Word
		size := number(d.mem[off+llcp-word:], uint8(word), false, false)
		d.name = "service_name"
		d.bytesOf(d.mem[off+name:off+name+int(min(size, most))], 0)
		d.Named("service_name_len", Uint, size)
	default:
		d.sockaddrFields(nmSockaddrNfc, off)
		if n > 16 {
			d.more()
		}
	}
	return true
}

// htobs adds a number that goes out in little-endian order, as Bluetooth has it.
func (d *Decoder) htobs(v value, _ []uint64) {
	if d.openCall("htobs") {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 2})
		d.closeCall()
	}
}

// l2Psm and l2Cid add a protocol or channel of L2CAP: one that is well known, or
// one counted from the first that is free (include/net/bluetooth/l2cap.h).
func (d *Decoder) l2Psm(v value, _ []uint64) {
	const leStart, leEnd, start = 0x80, 0xff, 0x1001
	dynamic := uint64(start)
	if v.raw > leStart && v.raw < leEnd {
		dynamic = leStart
	}
	d.l2cap(d.abi.table(tbL2capPsm), v.raw, dynamic)
}

func (d *Decoder) l2Cid(v value, _ []uint64) {
	d.l2cap(d.abi.table(tbL2capCid), v.raw, 0x40)
}

func (d *Decoder) l2cap(t *Table, v, dynamic uint64) {
	if !d.openCall("htobs") {
		return
	}
	if v <= dynamic || t.Lookup(v) != "" {
		d.enumOf(t, v, 2)
	} else if d.Open(Node{Kind: OrList, Val: v, Width: 2, Flags: Numbered}) {
		d.enumOf(t, dynamic, 2)
		d.Add(Node{Kind: Lit, Name: "+", Flags: Attach})
		d.Add(Node{Kind: Uint, Val: v - dynamic, Flags: Attach})
		d.Close()
	}
	d.closeCall()
}

// ethP adds a protocol of Ethernet frames, in network order.
func (d *Decoder) ethP(v value, _ []uint64) {
	if d.openCall("htons") {
		d.enumOf(d.abi.table(tbEthP), v.raw>>8&0xff|v.raw&0xff<<8, 2)
		d.closeCall()
	}
}

// ethPField adds one that is a field.
func (d *Decoder) ethPField(v value, _ []uint64) {
	if !d.Open(Node{Kind: Group}) {
		return
	}
	if d.Open(Node{Kind: Func, Name: "htons", Val: v.raw, Width: 2, Flags: Styled | ForceHex | InWords}) {
		d.enumOf(d.abi.table(tbEthP), v.raw>>8&0xff|v.raw&0xff<<8, 2)
		d.Close()
	}
	d.Close()
}

// ieee802154Type adds the kind of an IEEE 802.15.4 address.
func (d *Decoder) ieee802154Type(v value, _ []uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbIeee802154Addr), Val: v.raw, Width: 4, Flags: Numbered | HexVal})
}

// llcpSap adds a service access point of NFC's logical links: the number, and its
// name if it is well known (net/nfc/llcp.h).
func (d *Decoder) llcpSap(v value, _ []uint64) {
	d.wellKnown(d.abi.table(tbLlcpSap), v.raw, 1)
}

// ieee802154Pan adds the id of an IEEE 802.15.4 network, ieee802154Short a short
// address in one: the number, and its name if it is a special one.
func (d *Decoder) ieee802154Pan(v value, _ []uint64) {
	d.wellKnown(d.abi.table(tbIeee802154Pan), v.raw, 2)
}

func (d *Decoder) ieee802154Short(v value, _ []uint64) {
	d.wellKnown(d.abi.table(tbIeee802154Short), v.raw, 2)
}

// wellKnown adds a number of width bytes, and behind it the name that few have.
func (d *Decoder) wellKnown(t *Table, v uint64, width uint8) {
	n := Node{Kind: Enum, Table: t, Val: v, Width: width, Flags: Numbered | HexVal}
	if t.Lookup(v) == "" {
		n = Node{Kind: Hex, Val: v, Width: width}
	}
	d.Add(n)
}

// tipcScope adds how far a name of TIPC is known, a signed byte; the negative of one takes
// the name back (bind in net/tipc/socket.c).
func (d *Decoder) tipcScope(v value, _ []uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbTipcScope), Val: uint64(int64(int8(v.raw))), Width: 1, Flags: HexVal | Negatable})
}

// sunPath adds the path of a Unix domain socket. One that begins with a NUL is
// an abstract name: no file.
func (d *Decoder) sunPath(off, n int) {
	n = min(n, 108) // sizeof(sun_path)
	p := d.mem[off : off+n]
	d.name = "sun_path"
	if p[0] == 0 {
		d.bytesOf(p[1:], Abstract)
		return
	}
	end := 0
	for end < n && p[end] != 0 {
		end++
	}
	d.bytesOf(p[:end], 0)
}

// sockType adds the type of a socket: one of SOCK_STREAM and its relatives, with
// flags (socket(2)).
func (d *Decoder) sockType(v value, _ []uint64) {
	const mask = 0xf // SOCK_TYPE_MASK
	raw := uint64(uint32(v.raw))
	kinds := d.abi.table(tbSockKind)
	if raw&^mask == 0 || kinds.Lookup(raw&mask) == "" {
		d.flagsOf(d.abi.table(tbSockType), raw, 4)
		return
	}
	if d.Open(Node{Kind: OrList, Val: raw, Width: 4, Flags: Styled}) {
		d.enumOf(kinds, raw&mask, 4)
		d.flagsOf(d.abi.table(tbSockFlags), raw&^mask, 4)
		d.Close()
	}
}

// addrlen adds where the length of an address stands, which goes in and comes
// out. Without an address, arg[0], the kernel does not look at it.
func (d *Decoder) addrlen(v value, arg []uint64) {
	if !d.exit {
		d.ev.saved[d.ev.next], _ = d.peekWidth(v.raw, 4, true, false)
		return
	}
	if v.raw == 0 || arg[0] == 0 || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	length := typ{kind: tyScalar, node: Int, width: 4, size: 4, flags: tfSigned | tfInOut}
	d.changing(&length, v.raw, false)
}
