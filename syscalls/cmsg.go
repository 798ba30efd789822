package syscalls

// Control messages of sendmsg(2) and recvmsg(2): cmsg(3). Sources:
// include/linux/socket.h (struct cmsghdr, SCM_*), net/core/scm.c,
// net/ipv4/ip_sockglue.c.

// Levels and types of control messages.
const (
	solIP     = 0
	solSocket = 1

	scmRights      = 1
	scmCredentials = 2
	scmSecurity    = 3
	scmPidfd       = 4

	soTimestampOld    = 29
	soTimestampNSOld  = 35
	soTimestampingOld = 37
	soTimestampNew    = 63
	soTimestampNSNew  = 64
	soTimestampingNew = 65

	ipTOS         = 1
	ipTTL         = 2
	ipRecvOpts    = 6
	ipRetOpts     = 7
	ipPktInfo     = 8
	ipRecvErr     = 11
	ipOrigDstAddr = 20
	ipChecksum    = 23
	ipProtocol    = 52

	maxCmsg = 1 << 16
)

// control adds the control messages in the n bytes at addr.
func (d *Decoder) control(addr, n uint64) {
	word := uint64(d.abi.Word)
	head := word + 8
	off := len(d.mem)
	if addr == 0 || n < head || n > maxCmsg || !d.load(addr, int(n)) {
		d.address(addr)
		return
	}
	d.Open(Node{Kind: Array})
	for at := uint64(0); at < n && d.work < maxNodes; {
		if n-at < head {
			d.Add(Node{Kind: Unread, Val: addr + at, Width: uint8(word)})
			break
		}
		size := number(d.mem[off+int(at):], uint8(word), false, false)
		d.cmsg(off+int(at), int(min(size, n-at)), size)
		if size < head {
			if n-at > head {
				d.Add(Node{Kind: Unread, Val: addr + at + head, Width: uint8(word)})
			}
			break
		}
		if size > n-at {
			break
		}
		at += (size + word - 1) &^ (word - 1)
	}
	d.Close()
	d.mem = d.mem[:off]
}

// cmsg adds the message at d.mem[p:]: it says that it has size bytes, of which n
// are there.
func (d *Decoder) cmsg(p, n int, size uint64) {
	word := d.abi.Word
	level := number(d.mem[p+word:], 4, false, false)
	kind := number(d.mem[p+word+4:], 4, false, false)
	d.Open(Node{Kind: Struct})
	d.Named("cmsg_len", Uint, size)
	d.name = "cmsg_level"
	d.enumOf(d.abi.table(tbCmsgLevel), level, 4)
	d.name = "cmsg_type"
	switch level {
	case solSocket:
		d.enumOf(d.abi.table(tbScm), kind, 4)
	case solIP:
		d.enumOf(d.abi.table(tbIpCmsg), kind, 4)
	default:
		d.Add(Node{Kind: Hex, Val: kind, Width: 4})
	}
	if lo, hi := p+word+8, p+n; hi > lo {
		d.name = "cmsg_data"
		if !d.cmsgData(level, kind, lo, hi) {
			d.bytesOf(d.mem[lo:hi], ForceHex)
		}
	}
	d.Close()
}

// cmsgData adds the data of a message, which is d.mem[lo:hi]. It reports whether
// it knows what that is.
func (d *Decoder) cmsgData(level, kind uint64, lo, hi int) bool {
	switch level {
	case solSocket:
		return d.cmsgSocket(kind, lo, hi)
	case solIP:
		return d.cmsgIP(kind, lo, hi)
	}
	return false
}

func (d *Decoder) cmsgSocket(kind uint64, lo, hi int) bool {
	switch {
	case kind == scmRights && hi-lo >= 4:
		d.inlineInts(FD, lo, hi)
	case kind == scmCredentials && hi-lo >= 12:
		d.inline(nmUcred, lo, hi)
	case kind == scmSecurity:
		d.bytesOf(d.mem[lo:hi], 0)
	case kind == scmPidfd && hi-lo >= 4:
		n := Node{Kind: FD, Val: number(d.mem[lo:], 4, true, false), Width: 4}
		d.named(&n)
		d.Add(n)
	case kind == soTimestampOld:
		d.inlineTimes(nmTimeval, 1, lo, hi)
	case kind == soTimestampNSOld:
		d.inlineTimes(nmTimespec, 1, lo, hi)
	case kind == soTimestampingOld:
		d.inlineTimes(nmTimespec, 3, lo, hi)
	case kind == soTimestampNew:
		d.inlineTimes(nmScmTimeval64, 1, lo, hi)
	case kind == soTimestampNSNew:
		d.inlineTimes(nmTimespec64, 1, lo, hi)
	case kind == soTimestampingNew:
		d.inlineTimes(nmTimespec64, 3, lo, hi)
	default:
		return false
	}
	return true
}

func (d *Decoder) cmsgIP(kind uint64, lo, hi int) bool {
	switch {
	case kind == ipTOS, kind == ipRecvOpts, kind == ipRetOpts:
		d.Open(Node{Kind: Array})
		for i, b := range d.mem[lo:hi] {
			if d.ev.Abbrev && i >= d.limit() {
				d.more()
				break
			}
			d.Add(Node{Kind: Hex, Val: uint64(b)})
		}
		d.Close()
	case (kind == ipTTL || kind == ipChecksum) && hi-lo >= 4:
		d.inlineInts(Uint, lo, hi)
	case kind == ipProtocol && hi-lo >= 4:
		d.Open(Node{Kind: Array})
		d.enumOf(d.abi.table(tbIpCmsgProtocol), number(d.mem[lo:], 4, false, false), 4)
		d.Close()
	case kind == scmSecurity:
		d.bytesOf(d.mem[lo:hi], 0)
	case kind == ipPktInfo && hi-lo >= 12:
		d.inline(nmInPktinfo, lo, hi)
	case kind == ipRecvErr && hi-lo >= 32:
		d.inline(nmSockExtendedErr, lo, hi)
	case kind == ipOrigDstAddr && hi-lo >= 16:
		d.inlineSockaddr(lo, hi)
	default:
		return false
	}
	return true
}

// inline adds a structure that is d.mem[lo:] already.
func (d *Decoder) inline(name nameID, lo, hi int) {
	id := d.abi.typ(name)
	saved := d.cur
	d.cur = frame{off: lo, size: min(int(structs[types[id].a].size), hi-lo), have: -1}
	d.fields(&types[id], &structs[types[id].a])
	d.cur = saved
}

// inlineInts adds a list of the 32-bit numbers in d.mem[lo:hi].
func (d *Decoder) inlineInts(kind Kind, lo, hi int) {
	d.Open(Node{Kind: Array})
	for p, i := lo, 0; p+4 <= hi; p, i = p+4, i+1 {
		if d.ev.Abbrev && i >= d.limit() {
			d.more()
			break
		}
		n := Node{Kind: kind, Val: number(d.mem[p:], 4, kind == FD, false), Width: 4}
		d.named(&n)
		if !d.Add(n) {
			break
		}
	}
	d.Close()
}

// inlineTimes adds n times, a list if more than one; ??? if they are not all
// there.
func (d *Decoder) inlineTimes(name nameID, n, lo, hi int) {
	size := int(types[d.abi.typ(name)].size)
	if hi-lo < n*size {
		field := d.name
		d.Open(Node{Kind: Group, Name: field})
		d.lit("???")
		d.Close()
		return
	}
	if n == 1 {
		d.inline(name, lo, hi)
		return
	}
	d.Open(Node{Kind: Array})
	for i := range n {
		d.inline(name, lo+i*size, hi)
	}
	d.Close()
}

// inlineSockaddr adds the address in d.mem[lo:hi].
func (d *Decoder) inlineSockaddr(lo, hi int) {
	off, n := len(d.mem), min(hi-lo, sockaddrMost)
	d.mem = grow(d.mem, sockaddrMost)
	copy(d.mem[off:], d.mem[lo:lo+n])
	clear(d.mem[off+n:])
	d.sockaddrBytes(off, n)
	d.mem = d.mem[:off]
}

// offender adds the address behind a struct sock_extended_err.
func (d *Decoder) offender(_ value, _ []uint64) {
	at := d.cur.off + 16
	d.inlineSockaddr(at, at+16)
}
