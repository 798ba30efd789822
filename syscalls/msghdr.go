package syscalls

import "math"

// Messages of sendmsg(2) and recvmsg(2), and vectors of buffers. Source:
// include/linux/socket.h (struct user_msghdr), include/uapi/linux/uio.h.

// A msgLayout is where the fields of struct user_msghdr stand.
type msgLayout struct{ namelen, iov, iovlen, control, controllen, flags, size int }

func (d *Decoder) msgLayout() msgLayout {
	if d.abi.Word == 4 {
		return msgLayout{4, 8, 12, 16, 20, 24, 28}
	}
	return msgLayout{8, 16, 24, 32, 40, 48, 56}
}

// msghdrIn adds a message that is sent.
func (d *Decoder) msghdrIn(v value, arg []uint64) {
	d.socket(arg[0])
	d.msghdrPtr(v.raw, -1, 0)
}

// msghdrOut adds a message that was received, or what is known of it when the
// call failed. At entry it remembers the length of the name buffer.
func (d *Decoder) msghdrOut(v value, arg []uint64) {
	d.socket(arg[0])
	if !d.exit {
		n, _ := d.peekWidth(v.raw+uint64(d.msgLayout().namelen), 4, true, false)
		d.ev.saved[d.ev.next] = n
		return
	}
	d.msghdrPtr(v.raw, d.ev.Ret, int64(d.ev.saved[d.ev.next]))
}

func (d *Decoder) msghdrPtr(addr uint64, got, namelen int64) {
	l := d.msgLayout()
	off := len(d.mem)
	if addr == 0 || !d.ev.Verbose || !d.load(addr, l.size) {
		d.address(addr)
		return
	}
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.msghdr(off, got, namelen)
	d.Close()
	d.mem = d.mem[:off]
}

// msghdr adds the message whose header is in d.mem[off:]. got is how many bytes
// were received, -1 for a message that is sent, or whose reception failed
// (d.exit says which).
func (d *Decoder) msghdr(off int, got, before int64) {
	l := d.msgLayout()
	w := uint8(d.abi.Word)
	word := func(at int) uint64 { return number(d.mem[off+at:], w, false, false) }
	name, namelen := word(0), int64(int32(number(d.mem[off+l.namelen:], 4, true, false)))
	iov, iovlen, control, controllen := word(l.iov), word(l.iovlen), word(l.control), word(l.controllen)
	flags := number(d.mem[off+l.flags:], 4, false, false)
	d.Open(Node{Kind: Struct})
	defer d.Close()
	if d.exit && !d.succeeded() {
		d.Named("msg_namelen", Int, uint64(before))
		return
	}
	d.name = "msg_name"
	room := namelen
	if d.exit {
		room = min(before, namelen)
	}
	d.peer(d.sockaddrOf(name, room))
	d.Named("msg_namelen", Int, uint64(namelen))
	if d.exit {
		d.renameLast(before, namelen)
	}
	d.name = "msg_iov"
	d.iovec(iov, iovlen, got)
	d.Named("msg_iovlen", Uint, iovlen)
	if controllen != 0 {
		d.name = "msg_control"
		d.control(control, controllen)
	}
	d.Named("msg_controllen", Uint, controllen)
	d.name = "msg_flags"
	d.flagsOf(d.abi.table(tbMsg), flags, 4)
}

// renameLast makes "a => b" of the number added last, if the kernel changed it.
func (d *Decoder) renameLast(before, now int64) {
	if before == now {
		return
	}
	l := *d.list()
	l[len(l)-1].Val = uint64(before)
	d.Add(Node{Kind: Int, Val: uint64(now), Flags: Arrow})
}

// iovRead adds the vector of readv(2): arg[0] elements of which the kernel filled
// arg[1] bytes. A failed call shows where the buffers are.
func (d *Decoder) iovRead(v value, arg []uint64) {
	got := int64(arg[1])
	if !d.succeeded() {
		got = -2
	}
	d.iovec(v.raw, arg[0], got)
}

// iovec adds n buffers. got is how many bytes of them mean something: -1 all,
// -2 none.
func (d *Decoder) iovec(addr, n uint64, got int64) {
	if addr == 0 || !d.ev.Verbose && n != 0 {
		d.address(addr)
		return
	}
	if n == 0 {
		d.Open(Node{Kind: Array})
		d.Close()
		return
	}
	w := uint8(d.abi.Word)
	step := uint64(2 * w)
	off := len(d.mem)
	if n > math.MaxUint64/step || addr+n*step <= addr || !d.load(addr, int(step)) {
		d.address(addr)
		return
	}
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Array})
	for i := uint64(0); i < n && d.work < maxNodes; i++ {
		if uint64(uint32(n)) > uint64(d.limit()) && d.beyondLimit(i, addr+i*step, int(step)) {
			break
		}
		if !d.load(addr+i*step, int(step)) {
			d.Add(Node{Kind: Unread, Val: addr + i*step, Width: w})
			break
		}
		base, size := number(d.mem[off:], w, false, false), number(d.mem[off+int(w):], w, false, false)
		d.mem = d.mem[:off]
		got = d.buffer(base, size, got)
	}
	d.Close()
}

// buffer adds one iovec and returns how many bytes are left for the next.
func (d *Decoder) buffer(base, size uint64, got int64) int64 {
	d.Open(Node{Kind: Struct})
	d.name = "iov_base"
	switch {
	case got == -2:
		d.address(base)
	case got == -1:
		d.socketBytes(base, int64(size))
	default:
		n := min(uint64(got), size)
		d.socketBytes(base, int64(n))
		got -= int64(n)
	}
	d.Named("iov_len", Uint, size)
	d.Close()
	return got
}
