package syscalls

// Socket addresses, for connect(2) and its relatives. Sources: struct
// sockaddr_* in include/uapi/linux/{un,in,in6,netlink,if_packet,vm_sockets}.h.

// Address families that have a layout of their own here
// (include/linux/socket.h); the others show their bytes.
const (
	afUnix    = 1
	afInet    = 2
	afInet6   = 10
	afNetlink = 16
	afPacket  = 17
	afVsock   = 40
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

func (d *Decoder) sockaddrOf(addr uint64, n int64) {
	if addr == 0 || n < 2 || !d.ev.Verbose {
		d.address(addr)
		return
	}
	n = min(n, sockaddrMost)
	off := len(d.mem)
	if !d.load(addr, int(n)) {
		d.address(addr)
		return
	}
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.sockaddrBytes(off, int(n))
	d.Close()
	d.mem = d.mem[:off]
}

// sockaddrBytes adds the address in d.mem[off:off+n].
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
		d.Named("sin6_port", Port, number(d.mem[off+2:], 2, false, true))
		d.Named("sin6_flowinfo", BE32, number(d.mem[off+4:], 4, false, true))
		o, l := d.keep(d.mem[off+8 : off+24])
		d.Add(Node{Kind: IP6, Name: "sin6_addr", Off: o, Len: l})
		if n >= 28 {
			d.Named("sin6_scope_id", Uint, number(d.mem[off+24:], 4, false, false))
		}
	case family == afNetlink && n >= 12:
		d.Named("nl_pid", Int, number(d.mem[off+4:], 4, true, false))
		d.name = "nl_groups"
		d.Add(Node{Kind: Hex, Val: number(d.mem[off+8:], 4, false, false), Width: 4, Flags: PadHex})
	default:
		return false
	}
	return true
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
