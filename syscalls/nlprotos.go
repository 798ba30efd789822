package syscalls

import (
	"bytes"
	"math/bits"
)

// What netlink protocols differ in: the names of their messages, what the flags in
// the header mean, and what the messages hold.

const (
	rtmDelAction = 49

	nfnlBatchEnd = 17 // NFNL_MSG_BATCH_END, the last that is of no subsystem
	nfnlNfTables = 10 // NFNL_SUBSYS_NFTABLES
)

// An nlProtocol says how messages of a protocol are shown. 0 stands for none; kinds
// are the messages that make, remove and ask for something: netlink(7).
type nlProtocol struct {
	names                  tableID
	creates, deletes, asks tableID
	body                   nameID
}

var nlProtocols = [netlinkLast + 1]nlProtocol{
	netlinkRoute:     {names: tbNlRtm, body: nmNlmsgRoute},
	netlinkSockDiag:  {names: tbNlSockDiag, asks: tbNlSockDiag, body: nmNlmsgSockDiag},
	netlinkXfrm:      {names: tbNlXfrm, creates: tbNlmNewXfrm, deletes: tbNlmDelXfrm, asks: tbNlmGetXfrm},
	netlinkSelinux:   {names: tbNlSelinux, body: nmNlmsgSelinux},
	netlinkAudit:     {names: tbNlAudit},
	netlinkNetfilter: {creates: tbNfnlNew, deletes: tbNfnlDel, asks: tbNfnlGet, body: nmNlmsgNetfilter},
	netlinkGeneric:   {names: tbGenlFamily, body: nmNlmsgGeneric},
	netlinkCrypto:    {names: tbNlCrypto, creates: tbNlmNewCrypto, deletes: tbNlmDelCrypto, asks: tbNlmGetCrypto, body: nmNlmsgCrypto},
}

// nlProtocolOf returns what is known of a protocol.
func nlProtocolOf(proto int) *nlProtocol {
	if proto < 0 || proto > netlinkLast {
		proto = netlinkLast - 1 // of which nothing is known
	}
	return &nlProtocols[proto]
}

func (d *Decoder) messageType(kind uint64, proto int) {
	names := nlProtocolOf(proto).names
	switch {
	case kind < nlmsgMinType || names == 0 && proto != netlinkNetfilter:
		names = tbNlmsg
	case proto == netlinkNetfilter:
		d.netfilterType(kind)
		return
	case proto == netlinkGeneric && d.genericType(kind):
		return
	}
	d.enumOf(d.abi.table(names), kind, 2)
}

// genericType adds a type of NETLINK_GENERIC by the name of its family, which the tracee
// may know. It reports whether it does.
func (d *Decoder) genericType(kind uint64) bool {
	n, ok := d.t.(GenericNamer)
	if !ok || d.abi.table(tbGenlFamily).Lookup(kind) != "" {
		return false
	}
	a := len(d.ev.arena)
	if d.ev.arena = n.AppendGenericFamily(d.ev.arena, uint16(kind)); len(d.ev.arena) == a {
		return false
	}
	d.Add(Node{Kind: Symbol, Val: kind, Width: 2, Flags: HexVal, Off: uint32(a), Len: uint32(len(d.ev.arena) - a)})
	return true
}

// nfnlMessages are the messages of the subsystems of netfilter.
var nfnlMessages = [...]tableID{
	1: tbNfnlCt, 2: tbNfnlExp, 3: tbNfnlQueue, 4: tbNfnlUlog, 5: tbNfnlOsf, 6: tbNfnlIpset, 7: tbNfnlAcct, 8: tbNfnlTimeout,
	9: tbNfnlCthelper, 10: tbNfnlNft, 11: tbNfnlCompat, 12: tbNfnlHook,
}

// netfilterType adds a type of NETLINK_NETFILTER: a subsystem and its message.
func (d *Decoder) netfilterType(kind uint64) {
	if kind <= nfnlBatchEnd {
		d.enumOf(d.abi.table(tbNfnlBatch), kind, 2)
		return
	}
	subsys, message := kind>>8, kind&0xff
	if !d.Open(Node{Kind: OrList, Flags: Styled, Val: kind, Width: 2}) {
		return
	}
	d.Open(Node{Kind: Group})
	d.enumOf(d.abi.table(tbNfnlSubsys), subsys, 1)
	d.Add(Node{Kind: ShiftBy, Val: 8, Flags: Attach})
	d.Close()
	if subsys > 0 && subsys < uint64(len(nfnlMessages)) {
		d.enumOf(d.abi.table(nfnlMessages[subsys]), message, 1)
	} else {
		d.Add(Node{Kind: Hex, Val: message, Width: 1})
	}
	d.Close()
}

// nfnlResID adds res_id of struct nfgenmsg, which is in network order and that of a
// subsystem where arg[0] is nftables, whose programs may have it in their own order.
func (d *Decoder) nfnlResID(v value, arg []uint64) {
	id := v.raw>>8&0xff | v.raw&0xff<<8
	if arg[0] == nfnlNfTables && id == nfnlNfTables {
		d.symbol(v.raw, "htons(", "NFNL_SUBSYS_NFTABLES)", 0, HexVal)
		return
	}
	if arg[0] == nfnlNfTables && v.raw == nfnlNfTables {
		d.enumOf(d.abi.table(tbNfnlSubsys), v.raw, 2)
		return
	}
	if d.openCall("htons") {
		d.Add(Node{Kind: Uint, Val: id, Width: 2})
		d.closeCall()
	}
}

// nlFlags picks the names of the flags of a message, which depend on what it
// does.
func (d *Decoder) nlFlags(kind uint64, proto int) tableID {
	p := nlProtocolOf(proto)
	has := func(t tableID) bool { return t != 0 && d.abi.table(t).Lookup(kind) != "" }
	switch {
	case kind == nlmsgError:
		return tbNlmAck
	case kind < nlmsgMinType:
		return tbNlmAny
	case proto == netlinkRoute && kind == rtmDelAction:
		return tbNlmGet // it takes NLM_F_ROOT: net/sched/act_api.c
	case proto == netlinkRoute:
		return [...]tableID{tbNlmNew, tbNlmDelete, tbNlmGet, tbNlmAny}[kind&3]
	case proto == netlinkGeneric || proto == netlinkSockDiag || has(p.asks):
		return tbNlmGet
	case has(p.creates):
		return tbNlmNew
	case has(p.deletes):
		return tbNlmDelete
	}
	return tbNlmAny
}

// payload adds the body of a message as its protocol has it. It reports whether
// that is known.
func (d *Decoder) payload(addr, n uint64, h nlHeader, proto int) bool {
	first, ok := d.peekWidth(addr, 1, false, false)
	if !ok {
		d.address(addr)
		return true
	}
	body := nlProtocolOf(proto).body
	if body == 0 {
		return false
	}
	if proto == netlinkSockDiag && n == 1 {
		d.anyFamily(addr, n, first)
		return true
	}
	familied := proto == netlinkRoute || proto == netlinkSockDiag
	if d.bodyOf(body, addr, n, [4]uint64{h.kind, h.flags, first}, familied) {
		return true
	}
	if familied {
		d.anyFamily(addr, n, first)
		return true
	}
	return false
}

// nlSkmeminfo adds what memory a socket uses, in arg[0] bytes.
func (d *Decoder) nlSkmeminfo(v value, arg []uint64) {
	d.nlIndexed(v.addr, arg[0], d.abi.table(tbSkMeminfo), 4, 0)
}

// nlShutdown adds which directions of a socket are shut down.
func (d *Decoder) nlShutdown(v value, _ []uint64) {
	d.Add(Node{Kind: Flags, Table: d.abi.table(tbTcpShutdown), Val: v.raw, Width: 1, Flags: Numbered})
}

// pdmcAddr adds a hardware address of arg[0] bytes.
func (d *Decoder) pdmcAddr(v value, arg []uint64) {
	d.allBytes(v.addr, int(min(arg[0], 32)), ForceHex)
}

// nlBytecode adds the first instruction of a filter of inet_diag, and what it
// compares with, in arg[0] bytes.
func (d *Decoder) nlBytecode(v value, arg []uint64) {
	const size = 4
	if arg[0] < size || !d.structAt(&types[d.abi.typ(nmInetDiagBcOp)], v.addr, -1) {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	if arg[0] == size {
		return
	}
	code, _ := d.peekWidth(v.addr, 1, false, false)
	saved := d.cur
	d.cur = frame{off: len(d.mem), addr: v.addr + size, have: int(arg[0] - size), param: [4]uint64{code}}
	d.attrValue(d.fieldType(nmNlBcRest))
	d.cur = saved
}

// nlFilter adds the instructions of a filter in arg[0] bytes, which are shown when
// nothing is abbreviated.
func (d *Decoder) nlFilter(v value, arg []uint64) {
	const size = 8
	if arg[0] < size {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	if d.ev.Abbrev {
		d.address(v.addr)
		return
	}
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for at := uint64(0); at+size <= arg[0] && d.work < maxNodes; at += size {
		insn, ok := d.peekWidth(v.addr+at, size, false, false)
		if !ok {
			d.unreadItem(v.addr+at, int(at/size))
			break
		}
		d.insn(insn, false)
	}
	d.Close()
}

// diagAddr adds an address of the family arg[0] that has 16 bytes.
func (d *Decoder) diagAddr(v value, arg []uint64) {
	off, n, ok := d.readBytes(v.addr, 16)
	if !ok {
		d.address(v.addr)
		return
	}
	switch arg[0] {
	case afInet:
		d.Add(Node{Kind: IP4, Val: number(d.ev.arena[off:], 4, false, true), Width: 4, Off: off, Len: n})
	case afInet6:
		d.Add(Node{Kind: IP6, Off: off, Len: n})
	default:
		d.Add(Node{Kind: Str, Flags: ForceHex, Off: off, Len: n})
	}
}

// bcAddr adds the address that a condition of inet_diag's bytecode is about: arg[1]
// bytes, of the family arg[0].
func (d *Decoder) bcAddr(v value, arg []uint64) {
	kind, size := Str, arg[1]
	switch family := arg[0]; {
	case family == afInet && size >= 4:
		kind, size = IP4, 4
	case family == afInet6 && size >= 16:
		kind, size = IP6, 16
	}
	if kind == Str {
		d.bytesAt(v.addr, int64(size), ForceHex)
		return
	}
	off, n, ok := d.readBytes(v.addr, int(size))
	if !ok {
		d.address(v.addr)
		return
	}
	node := Node{Kind: kind, Off: off, Len: n}
	if kind == IP4 {
		node.Val, node.Width = number(d.ev.arena[off:], 4, false, true), 4
	}
	d.Add(node)
}

// nlBe32x adds a number in network order in hexadecimal.
func (d *Decoder) nlBe32x(v value, _ []uint64) {
	if d.openCall("htonl") {
		d.Add(Node{Kind: Hex, Val: uint64(bits.ReverseBytes32(uint32(v.raw))), Width: 4})
		d.closeCall()
	}
}

// nlHex adds a number of arg[0] bytes in hexadecimal.
func (d *Decoder) nlHex(v value, arg []uint64) { d.number(v.addr, arg[0], Node{Kind: Hex}) }

// nlSockopt adds struct inet_diag_sockopt, and what stands behind it unless all is zero, in
// arg[0] bytes.
func (d *Decoder) nlSockopt(v value, arg []uint64) {
	const size = 2
	if arg[0] < size || !d.structAt(&types[d.abi.typ(nmInetDiagSockopt)], v.addr, -1) {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	d.moreBytes(value{addr: v.addr + size}, nil)
}

// nlUnusedBits adds the five bits of struct inet_diag_sockopt that have no name.
func (d *Decoder) nlUnusedBits(_ value, arg []uint64) {
	d.Add(Node{Kind: Hex, Val: arg[0], Width: 1})
	if d.Open(Node{Kind: Comment, Flags: Attach}) {
		d.lit("bits 3..8")
		d.Close()
	}
}

// tcpmKey adds arg[0] bytes of a key.
func (d *Decoder) tcpmKey(v value, arg []uint64) {
	const most = 80 // TCP_MD5SIG_MAXKEYLEN
	off, n, ok := d.readBytes(v.addr, int(min(arg[0], most)))
	if !ok {
		d.address(v.addr)
		return
	}
	d.Add(Node{Kind: Str, Flags: ForceHex, Off: off, Len: n})
}

// cryptoType adds a structure that is only the name of a type (struct
// crypto_report_larval and its like, of 64 bytes), in arg[0] bytes.
func (d *Decoder) cryptoType(v value, arg []uint64) {
	if !d.Open(Node{Kind: Struct}) {
		return
	}
	d.name = "type"
	if n, limit := int(min(arg[0], 64)), min(d.limit(), maxString); n > limit {
		d.stringAt(v.addr, limit, 0)
	} else {
		d.boundedAt(v.addr, n, 0)
	}
	d.Close()
}

// diagSockaddrs adds the addresses in arg[0] bytes, of which each has as many as fit
// any family.
func (d *Decoder) diagSockaddrs(v value, arg []uint64) {
	if arg[0] < sockaddrMost {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for at := uint64(0); at+sockaddrMost <= arg[0] && d.work < maxNodes; at += sockaddrMost {
		d.sockaddrOf(v.addr+at, sockaddrMost)
	}
	d.Close()
}

// Kinds of links whose attributes are known: desc/rtnetlink.txt has the same numbers.
const (
	linkBridge = 1 + iota
	linkTun
	linkBridgePort
	linkCan
)

// nlLinkKind adds the name of a kind of link, or if arg[1] is not 0 of a port of one,
// in arg[0] bytes, and remembers it for the attributes behind it.
func (d *Decoder) nlLinkKind(v value, arg []uint64) {
	var p [8]byte
	n := d.t.ReadMemory(v.addr, p[:min(arg[0], uint64(len(p)))])
	name := p[:n]
	if i := bytes.IndexByte(name, 0); i >= 0 {
		name = name[:i]
	}
	kind := uint8(0)
	switch {
	case arg[1] != 0:
		if string(name) == "bridge" {
			kind = linkBridgePort
		}
		d.linkKinds[1] = kind
		d.nlText(v, arg)
		return
	case string(name) == "bridge":
		kind = linkBridge
	case string(name) == "tun":
		kind = linkTun
	case string(name) == "can":
		kind = linkCan
	}
	d.linkKinds[0] = kind
	d.nlText(v, arg)
}

// nlLinkData adds what a link (arg[1] is 0), a port (1) or its statistics (2) have
// that depends on the kind, in arg[0] bytes.
func (d *Decoder) nlLinkData(v value, arg []uint64) {
	kind := d.linkKinds[arg[1]&1]
	if stats := arg[1] == 2; stats != (kind == linkCan) {
		kind = 0
	}
	saved := d.cur
	d.cur = frame{off: len(d.mem), addr: v.addr, have: int(arg[0]), param: [4]uint64{uint64(kind)}}
	d.attrValue(d.fieldType(nmNlLinkData))
	d.cur = saved
}

// nlBe32 and nlBe16 add numbers in network order.
func (d *Decoder) nlBe32(v value, _ []uint64) {
	if d.openCall("htonl") {
		d.Add(Node{Kind: Uint, Val: uint64(bits.ReverseBytes32(uint32(v.raw))), Width: 4})
		d.closeCall()
	}
}

func (d *Decoder) nlBe16(v value, _ []uint64) {
	if d.openCall("htons") {
		d.Add(Node{Kind: Uint, Val: uint64(bits.ReverseBytes16(uint16(v.raw))), Width: 2})
		d.closeCall()
	}
}

// nlEtherP adds a protocol of Ethernet frames in network order.
func (d *Decoder) nlEtherP(v value, _ []uint64) {
	if d.openCall("htons") {
		d.enumOf(d.abi.table(tbEtherP), uint64(bits.ReverseBytes16(uint16(v.raw))), 2)
		d.closeCall()
	}
}

// nlVlanInfo adds struct bridge_vlan_info, and what stands behind it, in arg[0] bytes.
func (d *Decoder) nlVlanInfo(v value, arg []uint64) {
	const size = 4
	if arg[0] < size || !d.structAt(&types[d.abi.typ(nmBridgeVlanInfo)], v.addr, -1) {
		d.bytesAt(v.addr, int64(arg[0]), ForceHex)
		return
	}
	if arg[0] > size {
		d.bytesAt(v.addr+size, int64(arg[0]-size), ForceHex)
	}
}
