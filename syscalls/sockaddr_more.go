package syscalls

// Addresses that need more than a description: AX.25's call signs, and those that
// hold an address of another family.

// ax25CallLen is sizeof(ax25_address): six characters and a station's number.
const ax25CallLen = 7

// sockaddrAX25 adds struct sockaddr_ax25, or a struct full_sockaddr_ax25 where
// there is more (include/uapi/linux/ax25.h).
func (d *Decoder) sockaddrAX25(off, n int) {
	const size, most = 16, 8 // AX25_MAX_DIGIS
	digis := int(int32(number(d.mem[off+12:], 4, true, false)))
	full := n > size || digis != 0
	if full {
		d.name = "fsa_ax25"
		d.Open(Node{Kind: Struct})
	}
	d.name = "sax25_call"
	d.ax25Call(off + 2)
	d.Named("sax25_ndigis", Int, uint64(digis))
	if full {
		d.Close()
	}
	digis = max(0, min(digis, most))
	has := min(digis, (n-size)/ax25CallLen)
	if digis > 0 {
		d.name = "fsa_digipeater"
		d.Open(Node{Kind: Array})
		if d.ev.Abbrev {
			has = min(has, d.limit())
		}
		for i := range has {
			d.ax25Call(off + size + i*ax25CallLen)
		}
		if has < digis {
			d.more()
		}
		d.Close()
	}
	if rest := n - size; rest%ax25CallLen != 0 || rest > most*ax25CallLen {
		d.more()
	}
}

// ax25Call adds a call sign: six characters shifted to the left by one and padded by
// spaces, and the number of a station. One that is well-formed has its name.
func (d *Decoder) ax25Call(off int) {
	p := d.mem[off : off+ax25CallLen]
	text, n := [ax25CallLen + 3]byte{}, 0
	readable, proper := true, p[ax25CallLen-1]&^0x1e == 0
	for i, c := range p[:ax25CallLen-1] {
		proper = proper && c&1 == 0
		c >>= 1
		readable = readable && c >= ' ' && c <= '~' && c != '*' && c != '/'
		if text[i] = c; c != ' ' {
			proper = proper && n == i && (c >= '0' && c <= '9' || c >= 'A' && c <= 'Z')
			n = i + 1
		}
	}
	station := p[ax25CallLen-1] >> 1 & 0xf
	switch {
	case n == 0 && station == 0:
		text[0], n = '*', 1
	case station >= 10:
		proper = proper && n > 0
		n += copy(text[n:], []byte{'-', '1', '0' + station - 10})
	default:
		proper = proper && n > 0
		n += copy(text[n:], []byte{'-', '0' + station})
	}
	call := Node{Kind: Struct}
	if proper {
		call.Flags = Styled
		call.Off, call.Len = d.keep(text[:n])
	}
	d.Open(call)
	d.name = "ax25_call"
	d.bytesOf(p, ForceHex)
	d.Close()
	if !readable || proper {
		return
	}
	if d.Open(Node{Kind: Comment, Flags: Attach}) {
		o, l := d.keep(text[:n])
		d.Add(Node{Kind: Symbol, Off: o, Len: l, Flags: InWords})
		d.Close()
	}
}

// sockaddrRXRPC adds struct sockaddr_rxrpc, which holds the address of what carries
// it (include/uapi/linux/rxrpc.h).
func (d *Decoder) sockaddrRXRPC(off, n int) {
	const start = 8
	d.Add(Node{
		Kind: Enum, Name: "srx_service", Table: d.abi.table(tbRxrpcService),
		Val: number(d.mem[off+2:], 2, false, false), Width: 2, Flags: Numbered | HexVal,
	})
	d.name = "transport_type"
	d.enumOf(d.abi.table(tbSockKind), number(d.mem[off+4:], 2, false, false), 2)
	size := number(d.mem[off+6:], 2, false, false)
	d.Named("transport_len", Uint, size)
	d.name = "transport"
	d.Open(Node{Kind: Struct})
	d.rxrpcTransport(off+start, min(int(size), n-start))
	d.Close()
}

// rxrpcTransport adds the address of n bytes at d.mem[off:].
func (d *Decoder) rxrpcTransport(off, n int) {
	family, outer, name := number(d.mem[off:], 2, false, false), "", "family"
	switch family {
	case afInet:
		outer, name = "sin", "sin_family"
	case afInet6:
		outer, name = "sin6", "sin6_family"
	}
	if outer != "" {
		d.name = outer
		d.Open(Node{Kind: Struct})
		defer d.Close()
	}
	d.name = name
	d.enumOf(d.abi.table(tbAf), family, 2)
	switch {
	case family == afInet && n >= 16, family == afInet6 && n >= 24:
		d.sockaddrFamily(family, off, n)
	case n > 2:
		d.bytesOf(d.mem[off+2:off+n], 0)
	}
}

// ax25P adds a protocol of AX.25 sockets (include/net/ax25.h).
func (d *Decoder) ax25P(v value, _ []uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbAx25P), Val: uint64(uint32(v.raw)), Width: 4, Flags: Numbered | InWords | HexVal})
}
