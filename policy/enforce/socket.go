package enforce

import (
	"cmp"
	"strconv"
	"unsafe"

	"strait/policy"

	"golang.org/x/sys/unix"
)

// A netCall is a call about socket addresses, taken in once: the socket itself,
// whatever its number stands for by now, and copies of the words.
type netCall struct {
	fd       int // the thread's socket, in a descriptor of ours; -1: none
	err      unix.Errno
	domain   int
	typ      int
	proto    string // tcp, udp, ip; of the inet families
	blocking bool
	msgs     []message
	rights   []int // descriptors that control messages pass on, ours
	speaks   bool  // control messages say who sends
}

// A message is one address, and what is sent to it.
type message struct {
	name  []byte // nil: there is none
	addr  policy.Address
	known bool
	at    place // of the path in name
	head  uint64
	hdr   msghdr // sendmsg: as it was read
}

// msghdr is struct msghdr (sendmsg(2)), with addresses of the program's.
type msghdr struct {
	name                             uintptr
	namelen                          uint32
	iov, iovlen, control, controllen uintptr
	flags                            uint32
}

// mmsghdr is struct mmsghdr (sendmmsg(2)).
type mmsghdr struct {
	_   msghdr
	len uint32
}

// iovMost is UIO_MAXIOV (include/uapi/linux/uio.h).
const iovMost = 1024

// takeSocket takes the call in, as the supervisor itself.
func (w *worker) takeSocket() {
	c := &w.net
	fd, err := w.res.borrow(int32(w.ev.Arg(0)))
	if err != nil {
		c.err = errno(err)
		return
	}
	c.fd = fd
	if c.domain, err = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_DOMAIN); err != nil {
		if c.err = errno(err); w.ev.Call.Name == "connect" { // reads the address first
			c.err = cmp.Or(w.takeMessages(), c.err)
		}
		return
	}
	c.typ, _ = unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	flags, _ := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	c.blocking = flags&unix.O_NONBLOCK == 0
	c.proto = socketProtocol(fd)
	c.err = w.takeMessages()
	for i := range c.msgs {
		m := &c.msgs[i]
		m.at = place{fd: -1, dir: -1}
		c.readAddress(m, w.ev.Call.Effects[0].Name)
	}
}

func (c *netCall) close() {
	closeFD(&c.fd)
	for i := range c.msgs {
		c.msgs[i].at.close()
	}
	for i := range c.rights {
		closeFD(&c.rights[i])
	}
	*c = netCall{fd: -1, msgs: c.msgs[:0], rights: c.rights[:0]}
}

// addressMost is sizeof(struct sockaddr_storage): no address is longer.
const addressMost = 128

// takeMessages copies the addresses of the call.
func (w *worker) takeMessages() unix.Errno {
	ev := &w.ev
	switch ev.Call.Name {
	case "connect", "bind":
		return w.takeName(ev.Arg(1), int32(ev.Arg(2)))
	case "sendto":
		return w.takeName(ev.Arg(4), int32(ev.Arg(5)))
	case "sendmsg":
		return w.takeHeader(ev.Arg(1))
	}
	n := min(uint64(uint32(ev.Arg(2))), iovMost)
	for i := range n {
		e := w.takeHeader(ev.Arg(1) + i*uint64(unsafe.Sizeof(mmsghdr{})))
		if e != 0 && i == 0 {
			return e
		}
		if e != 0 {
			break // as many as can be read are sent
		}
	}
	return 0
}

// takeName copies one address.
func (w *worker) takeName(addr uint64, size int32) unix.Errno {
	if addr == 0 && w.ev.Call.Name == "sendto" {
		w.net.msgs = append(w.net.msgs, message{})
		return 0
	}
	if size < 0 || size > addressMost {
		return unix.EINVAL
	}
	m := message{name: make([]byte, size)}
	if size > 0 && w.mem.ReadMemory(addr, m.name) != len(m.name) {
		return unix.EFAULT
	}
	w.net.msgs = append(w.net.msgs, m)
	return 0
}

// takeHeader copies the header of a message and its address (copy_msghdr_from_user,
// net/socket.c).
func (w *worker) takeHeader(addr uint64) unix.Errno {
	m := message{head: addr}
	b := unsafe.Slice((*byte)(unsafe.Pointer(&m.hdr)), unsafe.Sizeof(m.hdr))
	if w.mem.ReadMemory(addr, b) != len(b) {
		return unix.EFAULT
	}
	size := int32(m.hdr.namelen)
	switch {
	case size < 0:
		return unix.EINVAL
	case m.hdr.name == 0 || size == 0:
		w.net.msgs = append(w.net.msgs, m)
		return 0
	}
	m.name = make([]byte, min(size, addressMost))
	if w.mem.ReadMemory(uint64(m.hdr.name), m.name) != len(m.name) {
		return unix.EFAULT
	}
	w.net.msgs = append(w.net.msgs, m)
	return 0
}

// findNames walks to the sockets that paths name.
func (w *worker) findNames() {
	c := &w.net
	binds := w.ev.Call.Name == "bind"
	for i := range c.msgs {
		m := &c.msgs[i]
		if words := c.path(m); words != "" {
			m.at = w.res.walk(unix.AT_FDCWD, words, want{follow: !binds, parent: binds, name: binds})
			m.addr.Path, m.known = m.at.path, m.at.path != ""
		}
	}
}

// netPairs returns what the call does, by the words that were copied.
func (w *worker) netPairs() []policy.Pair {
	effect := &w.ev.Call.Effects[0]
	out := w.netBuf[:0]
	for i := range w.net.msgs {
		m := &w.net.msgs[i]
		p := policy.Pair{Known: true, Arg: -1, Dir: -1}
		switch {
		case len(m.name) > 0:
			p = policy.Pair{Effect: effect.Name, Addr: m.addr, Known: m.known, Arg: int(effect.Arg), Dir: -1}
		case effect.Name == "net.send":
			p.Effect = "net.use"
		}
		out = append(out, p)
	}
	if len(out) == 0 {
		out = append(out, policy.Pair{Effect: "net.use", Known: true, Arg: -1, Dir: -1})
	}
	w.netBuf = out
	return out
}

// netlinkName gives a netlink socket that has none the address that the kernel
// would make of the caller's process (netlink_autobind): which would be the
// supervisor's.
func (w *worker) netlinkName() {
	if w.net.domain != unix.AF_NETLINK {
		return
	}
	sa, err := unix.Getsockname(w.net.fd)
	if at, ok := sa.(*unix.SockaddrNetlink); err != nil || !ok || at.Pid != 0 {
		return
	}
	pid, _ := w.res.ids()
	n, err := strconv.ParseUint(pid, 10, 32)
	if err != nil {
		return
	}
	// Where it is taken, the kernel finds another one.
	_ = unix.Bind(w.net.fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Pid: uint32(n)})
}

// socketProtocol asks a socket what it speaks; ip when nobody knows.
func socketProtocol(sock int) string {
	typ, err := unix.GetsockoptInt(sock, unix.SOL_SOCKET, unix.SO_TYPE)
	proto, err2 := unix.GetsockoptInt(sock, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	switch {
	case err != nil || err2 != nil:
	case typ == unix.SOCK_STREAM && (proto == unix.IPPROTO_TCP || proto == unix.IPPROTO_MPTCP):
		return "tcp"
	case typ == unix.SOCK_DGRAM && proto == unix.IPPROTO_UDP:
		return "udp"
	}
	return "ip"
}
