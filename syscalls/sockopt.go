package syscalls

import "strconv"

// Values of socket options that the description language cannot say. Sources:
// net/core/sock.c, net/ipv4/{ip_sockglue,raw,tcp_ao}.c.

// soError adds an option that is an errno (SO_ERROR in socket(7)).
func (d *Decoder) soError(v value, _ []uint64) {
	if name, _ := ErrnoName(int(int32(v.raw))); name == "" {
		d.Add(Node{Kind: Uint, Val: v.raw, Width: 4})
		return
	}
	d.Add(Node{Kind: Errno, Val: v.raw, Width: 4})
}

// portRange adds IP_LOCAL_PORT_RANGE: the low port in the low half, the high
// one in the other; 0 means no bound.
func (d *Decoder) portRange(v value, _ []uint64) {
	lo, hi := v.raw&0xffff, v.raw>>16&0xffff
	if lo == 0 && hi == 0 {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: 4})
		return
	}
	var room [16]byte
	text := room[:0]
	if lo != 0 {
		text = strconv.AppendUint(text, lo, 10)
	}
	text = append(text, ".."...)
	if hi != 0 {
		text = strconv.AppendUint(text, hi, 10)
	}
	o, n := d.keep(text)
	d.Add(Node{Kind: Symbol, Val: v.raw, Width: 4, Off: o, Len: n, Flags: Numbered | HexVal})
}

// hwAddrLen is how long addresses of some kinds of hardware are, or 0: of ARPHRD_NETROM, ETHER, AX25, IEEE802, ARCNET,
// DLCI, IEEE1394, EUI64, INFINIBAND; ROSE, X25, MCTP; TUNNEL, LOOPBACK, LOCALTLK, FDDI, SIT, IPDDP, IPGRE, PIMREG, HIPPI,
// IRDA; IEEE80211, IEEE80211_PRISM, IEEE80211_RADIOTAP, IEEE802154, IEEE802154_MONITOR; PHONET, PHONET_PIPE, CAIF;
// 6LOWPAN, VSOCKMON (include/uapi/linux/if_arp.h; the drivers' addr_len).
var hwAddrLen = [...]uint8{
	0: 7, 1: 6, 3: 7, 6: 6, 7: 1, 15: 2, 24: 16, 27: 8, 32: 20,
	0x10e: 5, 0x10f: 5, 0x122: 1,
	0x300: 4, 0x304: 6, 0x305: 1, 0x306: 6, 0x308: 4, 0x309: 4, 0x30a: 4, 0x30b: 4, 0x30c: 6, 0x30f: 4,
	0x321: 6, 0x322: 6, 0x323: 6, 0x324: 8, 0x325: 8, 0x334: 1, 0x335: 1, 0x336: 1,
	0x339: 8, 0x33a: 8,
}

// hwaddrOf adds the link-layer address of hardware arg[1] that is in a field of
// arg[0] bytes.
func (d *Decoder) hwaddrOf(v value, arg []uint64) {
	off, n, ok := d.readBytes(v.addr, int(arg[0]))
	if !ok {
		d.address(v.addr)
		return
	}
	node := Node{Kind: MAC, Off: off, Len: n}
	if hw := arg[1]; hw < uint64(len(hwAddrLen)) {
		node.Val = min(uint64(hwAddrLen[hw]), uint64(n))
	}
	d.Add(node)
}

// mac adds a link-layer address of arg[0] bytes, which may be none.
func (d *Decoder) mac(v value, arg []uint64) {
	if arg[0] > 0 {
		d.hwaddr(v, arg)
		return
	}
	d.Add(Node{Kind: MAC})
}

// hwaddr adds arg[0] bytes of a link-layer address.
func (d *Decoder) hwaddr(v value, arg []uint64) {
	want := int(arg[0])
	if want == 0 {
		want = 6 // ETH_ALEN
	}
	off, n, ok := d.readBytes(v.addr, want)
	if !ok {
		d.address(v.addr)
		return
	}
	d.Add(Node{Kind: MAC, Off: off, Len: n})
}

// lingerGot, ucredGot and tpacketStatsGot add structures that the kernel cuts
// at the size of the caller's buffer.
func (d *Decoder) lingerGot(v value, arg []uint64) { d.partly(v.raw, arg[0], nmLinger) }
func (d *Decoder) ucredGot(v value, arg []uint64)  { d.partly(v.raw, arg[0], nmUcred) }
func (d *Decoder) tpacketStatsGot(v value, arg []uint64) {
	d.partly(v.raw, arg[0], nmTpacketStats)
}

// partly adds the structure at addr of which there are n bytes. Of a field that
// is cut it shows the bytes.
func (d *Decoder) partly(addr, n uint64, name nameID) {
	s := &structs[types[d.abi.typ(name)].a]
	size := min(int(int32(n)), int(s.size))
	off := len(d.mem)
	if addr == 0 || size <= 0 || !d.ev.Verbose || !d.load(addr, size) {
		d.address(addr)
		return
	}
	saved := d.cur
	d.cur = frame{off: off, size: size, addr: addr, have: size}
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	for i := range s.fields {
		f := &s.fields[i]
		at, end := int(f.off), int(f.off)+int(types[f.typ].size)
		if end <= size {
			d.field(f, uint64(at))
		} else if at < size {
			d.name = f.name
			d.bytesOf(d.mem[off+at:off+size], ForceHex)
		}
	}
	d.Close()
	d.Close()
	d.cur, d.mem = saved, d.mem[:off]
}

// icmpFilter adds the ICMP types that a raw socket blocks: a set of bits of
// which at most arg[0] bytes are given, the others are one.
func (d *Decoder) icmpFilter(v value, arg []uint64) {
	n := min(int32(arg[0]), 4)
	off := len(d.mem)
	if v.raw == 0 || n <= 0 || !d.ev.Verbose || !d.load(v.raw, int(n)) {
		d.address(v.raw)
		return
	}
	bits := uint32(0xffffffff)
	for i, b := range d.mem[off:] {
		bits = bits&^(0xff<<(8*i)) | uint32(b)<<(8*i)
	}
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.bitSet(d.abi.table(tbIcmpType), bits)
	d.Close()
}

// bitSet adds the numbers of the bits that are set, or if these are most of
// them ~ and the others.
func (d *Decoder) bitSet(t *Table, bits uint32) {
	set := 0
	for b := bits; b != 0; b &= b - 1 {
		set++
	}
	if set > 32/2 {
		d.Add(Node{Kind: Lit, Name: "~"})
		d.flags |= Attach
		bits = ^bits
	}
	d.Open(Node{Kind: BitArray})
	for i := range uint64(32) {
		if bits>>i&1 != 0 {
			d.enumOf(t, i, 4)
		}
	}
	d.Close()
}

// sockaddrStorage adds the address in a struct sockaddr_storage.
func (d *Decoder) sockaddrStorage(v value, _ []uint64) { d.sockaddrOf(v.addr, sockaddrMost) }

// tcpAoAdd adds struct tcp_ao_add (include/uapi/linux/tcp.h) of which arg[0]
// bytes are given; the others are taken as zero.
func (d *Decoder) tcpAoAdd(v value, arg []uint64) {
	const size = 288
	n := min(int(uint32(arg[0])), size)
	off := len(d.mem)
	if v.raw == 0 || int32(arg[0]) <= 0 || !d.ev.Verbose || !d.load(v.raw, n) {
		d.address(v.raw)
		return
	}
	d.mem = grow(d.mem, size-n)
	clear(d.mem[off+n:])
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.name = "addr"
	d.sockaddrBytes(off, sockaddrMost)
	d.tcpAoKey(off + sockaddrMost)
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// tcpAoKey adds what stands behind the address of a struct tcp_ao_add.
func (d *Decoder) tcpAoKey(off int) {
	byteAt := func(i int) uint64 { return uint64(d.mem[off+i]) }
	set := byteAt(68)
	d.Named("prefix", Uint, byteAt(74))
	d.name = "alg_name"
	d.cstring(d.mem[off : off+64])
	d.name = "ifindex"
	d.ifindexOf(number(d.mem[off+64:], 4, true, false))
	d.Named("set_current", Uint, set&1)
	d.Named("set_rnext", Uint, set>>1&1)
	d.Named("sndid", Uint, byteAt(75))
	d.Named("rcvid", Uint, byteAt(76))
	d.Named("maclen", Uint, byteAt(77))
	d.name = "keyflags"
	d.flagsOf(d.abi.table(tbTcpAoKeyf), byteAt(78), 1)
	d.name = "key"
	d.bytesOf(d.mem[off+80:off+80+int(min(byteAt(79), 80))], ForceHex)
	d.Named("keylen", Uint, byteAt(79))
}

// cstring adds bytes up to the first NUL; without one they are cut.
func (d *Decoder) cstring(p []byte) {
	for i, c := range p {
		if c == 0 {
			d.bytesOf(p[:i], 0)
			return
		}
	}
	d.bytesOf(p[:max(len(p)-1, 0)], Cut)
}

// ifindex adds the index of a network interface, with its name if there is one.
func (d *Decoder) ifindex(v value, _ []uint64) { d.ifindexOf(v.raw) }

func (d *Decoder) ifindexOf(index uint64) {
	node := Node{Kind: IfIndex, Val: index, Width: 4}
	a := len(d.ev.arena)
	if n, ok := d.t.(IfNamer); ok && int32(index) > 0 {
		d.ev.arena = n.AppendIfName(d.ev.arena, uint32(index))
	}
	if n := len(d.ev.arena) - a; n > 0 {
		node.Off, node.Len, node.Flags = uint32(a), uint32(n), HasFD
	}
	d.Add(node)
}

// openCall begins the value fn(...), which keeps the name of its field; closeCall
// ends it.
func (d *Decoder) openCall(fn string) bool {
	if !d.Open(Node{Kind: Group}) {
		return false
	}
	if !d.Open(Node{Kind: Func, Name: fn}) {
		d.Close()
		return false
	}
	return true
}

func (d *Decoder) closeCall() {
	d.Close()
	d.Close()
}
