package syscalls

// Several messages at once: sendmmsg(2), recvmmsg(2). Source: net/socket.c,
// include/linux/socket.h (struct mmsghdr).

// mmsghdrIn adds the arg[0] messages of sendmmsg(2) at its exit; those that were
// sent have lengths.
func (d *Decoder) mmsghdrIn(v value, arg []uint64) {
	d.socket(arg[1])
	sent := uint64(0)
	if d.succeeded() {
		sent = uint64(d.ev.Ret)
	}
	d.mmsgs(v.raw, uint64(uint32(arg[0])), sent, false)
}

// mostMsgs is how many messages one call receives or sends at most (UIO_MAXIOV in
// net/socket.c).
const mostMsgs = 1024

// mmsghdrOut adds the messages that recvmmsg(2) received. At entry it remembers the
// lengths of their name buffers.
func (d *Decoder) mmsghdrOut(v value, arg []uint64) {
	d.socket(arg[0])
	if !d.exit {
		d.saveNamelens(v.raw, uint64(uint32(arg[1])))
		return
	}
	if !d.succeeded() {
		d.address(v.raw)
		return
	}
	d.mmsgs(v.raw, min(uint64(d.ev.Ret), uint64(uint32(arg[1]))), uint64(d.ev.Ret), true)
}

// saveNamelens keeps msg_namelen of those of the n messages at addr that will be shown,
// as far as they can be read.
func (d *Decoder) saveNamelens(addr, n uint64) {
	d.ev.namelens = d.ev.namelens[:0]
	n = min(n, mostMsgs)
	if d.ev.Abbrev {
		n = min(n, uint64(d.limit()))
	}
	if addr == 0 || n == 0 || !d.reaches(addr) {
		return
	}
	l, size, off := d.msgLayout(), d.mmsgSize(), len(d.mem)
	d.mem = grow(d.mem, int(n)*size)
	p := d.mem[off:]
	p = p[:max(d.t.ReadMemory(addr, p), 0)]
	for ; len(p) >= l.size; p = p[min(size, len(p)):] {
		d.ev.namelens = append(d.ev.namelens, int32(number(p[l.namelen:], 4, true, false)))
	}
	d.mem = d.mem[:off]
}

// mmsgSize returns the size of a struct mmsghdr.
func (d *Decoder) mmsgSize() int {
	w := d.abi.Word
	return (d.msgLayout().size + 4 + w - 1) / w * w
}

// mmsgs adds n messages, of which the kernel is done with the first done and has
// stored their lengths.
func (d *Decoder) mmsgs(addr, n, done uint64, received bool) {
	if addr == 0 || !d.ev.Verbose {
		d.address(addr)
		return
	}
	l := d.msgLayout()
	size, off := d.mmsgSize(), len(d.mem)
	if (n > 0 || received && done > 0) && !d.load(addr, size) {
		d.address(addr)
		return
	}
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Array})
	left := received && done > n
	for i := uint64(0); i < n && d.work < maxNodes; i++ {
		at := addr + i*uint64(size)
		if d.beyondLimit(i, at, size) {
			left = false
			break
		}
		if i == mostMsgs {
			d.leaveOff(i, at, size)
			left = false
			break
		}
		if !d.load(at, size) {
			d.Add(Node{Kind: Unread, Val: at, Width: uint8(d.abi.Word)})
			break
		}
		before := int64(int32(number(d.mem[off+l.namelen:], 4, true, false)))
		if received && i < uint64(len(d.ev.namelens)) {
			before = int64(d.ev.namelens[i])
		}
		d.mmsg(off, l, before, i < done, received)
		d.mem = d.mem[:off]
	}
	if left {
		d.more()
	}
	d.Close()
}

// mmsg adds the message in d.mem[off:], whose name buffer had before bytes.
func (d *Decoder) mmsg(off int, l msgLayout, before int64, done, received bool) {
	length := number(d.mem[off+l.size:], 4, false, false)
	d.Open(Node{Kind: Struct})
	d.name = "msg_hdr"
	got := int64(-1)
	if received {
		got = int64(length)
	}
	// A message that is sent is shown as at entry, where it was ready already.
	exit := d.exit
	d.exit = received
	d.msghdr(off, got, before)
	d.exit = exit
	if done {
		d.Named("msg_len", Uint, length)
	}
	d.Close()
}

// Slots of Event.saved behind those of the six arguments.
const (
	savedSec  = 6
	savedNsec = 7
)

// timeoutIn adds a timeout that the kernel changes, as it was at entry. arg[0]
// says what it is: see timeLeft.
func (d *Decoder) timeoutIn(v value, arg []uint64) {
	id := d.timeoutType(arg[0])
	def := &structs[types[id].a]
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, int(def.size)) {
		d.address(v.raw)
		return
	}
	d.mem = d.mem[:off]
	sec, nsec := d.timeoutFields(v.raw, def)
	if !d.exit {
		d.ev.saved[savedSec], d.ev.saved[savedNsec] = sec, nsec
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("tv_sec", Int, d.ev.saved[savedSec])
	d.Named("tv_nsec", Uint, d.ev.saved[savedNsec])
	d.Close()
	d.Close()
}

func (d *Decoder) timeoutType(what uint64) typeID {
	if what == 3 {
		return d.abi.typ(nmTimespec64)
	}
	return d.abi.typ(nmTimespec)
}

// timeoutFields reads the two numbers of a timespec.
func (d *Decoder) timeoutFields(addr uint64, def *structDef) (sec, nsec uint64) {
	s, n := &def.fields[0], &def.fields[1]
	sec, _ = d.peekWidth(addr+uint64(s.off), types[s.typ].width, true, false)
	nsec, _ = d.peekWidth(addr+uint64(n.off), types[n.typ].width, false, false)
	return sec, nsec
}

// mmsgResult adds what recvmmsg(2) left of its timeout. arg: its address, and
// what it is.
func (d *Decoder) mmsgResult(_ value, arg []uint64) {
	switch {
	case d.ev.Errno != 0:
	case d.ev.Ret == 0:
		d.lit("Timeout")
	case d.ev.Verbose && arg[0] != 0:
		d.timeLeft(arg[0], arg[1])
	}
}
