package syscalls

// Control messages. Source: include/linux/socket.h (struct cmsghdr, SCM_*).

const (
	solSocket      = 1
	scmRights      = 1
	scmCredentials = 2
	maxCmsg        = 1 << 16
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
	for at := uint64(0); at+head <= n && d.work < maxNodes; {
		p := off + int(at)
		size := number(d.mem[p:], uint8(word), false, false)
		d.Open(Node{Kind: Struct})
		d.Named("cmsg_len", Uint, size)
		level := number(d.mem[p+int(word):], 4, true, false)
		kind := number(d.mem[p+int(word)+4:], 4, true, false)
		d.name = "cmsg_level"
		d.enumOf(d.abi.table(tbSol), level, 4)
		d.name = "cmsg_type"
		d.cmsgType(level, kind)
		end := min(at+size, n)
		if size >= head && size <= n && end > at+head {
			d.name = "cmsg_data"
			d.cmsgData(level, kind, p+int(head), off+int(end))
		}
		d.Close()
		step := (size + word - 1) &^ (word - 1)
		if size < head || step < head {
			break
		}
		at += step
	}
	d.Close()
	d.mem = d.mem[:off]
}

func (d *Decoder) cmsgType(level, kind uint64) {
	switch level {
	case solSocket:
		d.enumOf(d.abi.table(tbScm), kind, 4)
	case 0:
		d.enumOf(d.abi.table(tbIpCmsg), kind, 4)
	default:
		d.Add(Node{Kind: Hex, Val: kind, Width: 4})
	}
}

func (d *Decoder) cmsgData(level, kind uint64, lo, hi int) {
	switch {
	case level == solSocket && kind == scmRights:
		d.Open(Node{Kind: Array})
		for p := lo; p+4 <= hi; p += 4 {
			n := Node{Kind: FD, Val: number(d.mem[p:], 4, true, false), Width: 4}
			d.named(&n)
			d.Add(n)
		}
		d.Close()
	case level == solSocket && kind == scmCredentials && hi-lo >= 12:
		d.Open(Node{Kind: Struct})
		d.Named("pid", Int, number(d.mem[lo:], 4, true, false))
		d.Named("uid", ID, number(d.mem[lo+4:], 4, false, false))
		d.Named("gid", ID, number(d.mem[lo+8:], 4, false, false))
		d.Close()
	default:
		d.bytesOf(d.mem[lo:hi], ForceHex)
	}
}
