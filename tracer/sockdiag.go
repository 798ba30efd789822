package tracer

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A diagQuery asks the kernel about one socket: sock_diag(7).
type diagQuery struct {
	inode uint64
	only  *family // what it is, nil if not known

	found    bool // the kernel knows the socket
	named    bool // and something to tell of it
	protocol int32
	text     []byte // TCP:[127.0.0.1:80->127.0.0.1:1025]

	req [72]byte
	buf [32 << 10]byte
}

// Requests and answers: include/uapi/linux/{unix,inet,netlink}_diag.h.
const (
	nlmsgHeader     = 16
	sockDiagFamily  = 20 // SOCK_DIAG_BY_FAMILY
	showNameAndPeer = 1 | 4
	allProtocols    = 0xff // NDIAG_PROTO_ALL

	unixReqSize    = 24
	inetReqSize    = 56
	netlinkReqSize = 20
	unixMsgSize    = 16
	inetMsgSize    = 72
	netlinkMsgSize = 28

	unixDiagName = 0
	unixDiagPeer = 2
)

// run asks in the network namespace of the calling thread. It uses plain system
// calls, for it may run on the tracer's thread at a stop.
func (q *diagQuery) run() {
	q.found, q.named, q.text = false, false, q.text[:0]
	fd, _, e := syscall.RawSyscall(unix.SYS_SOCKET, unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_SOCK_DIAG)
	if e != 0 {
		return
	}
	defer func() { _, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, fd, 0, 0) }()
	if q.only != nil {
		q.ask(fd, q.only)
		return
	}
	for i := range families {
		if q.ask(fd, &families[i]); q.found {
			return
		}
	}
}

// ask asks for sockets of a family: for the one of that inode number, or where
// the kernel cannot find it by that for all until it is among them.
func (q *diagQuery) ask(fd uintptr, f *family) {
	body, flags := q.request(f)
	n := nlmsgHeader + body
	binary.NativeEndian.PutUint32(q.req[0:], uint32(n))
	binary.NativeEndian.PutUint16(q.req[4:], sockDiagFamily)
	binary.NativeEndian.PutUint16(q.req[6:], flags)
	binary.NativeEndian.PutUint64(q.req[8:], 0)
	if _, _, e := syscall.RawSyscall6(unix.SYS_SENDTO, fd, uintptr(unsafe.Pointer(&q.req)), uintptr(n), 0, 0, 0); e != 0 {
		return
	}
	for {
		n, _, e := syscall.RawSyscall6(unix.SYS_RECVFROM, fd, uintptr(unsafe.Pointer(&q.buf)), uintptr(len(q.buf)), 0, 0, 0)
		if e == unix.EINTR {
			continue
		}
		if e != 0 || n == 0 || q.answers(q.buf[:n], f) {
			return
		}
	}
}

// request fills in what stands behind the header, and returns its size and the
// header's flags.
func (q *diagQuery) request(f *family) (size int, flags uint16) {
	b := q.req[nlmsgHeader:]
	clear(b)
	b[0], b[1] = f.family, f.protocol
	switch f.family {
	case unix.AF_UNIX:
		binary.NativeEndian.PutUint32(b[4:], ^uint32(0)) // states
		binary.NativeEndian.PutUint32(b[8:], uint32(q.inode))
		binary.NativeEndian.PutUint32(b[12:], showNameAndPeer)
		binary.NativeEndian.PutUint64(b[16:], ^uint64(0)) // no cookie
		return unixReqSize, unix.NLM_F_REQUEST
	case unix.AF_NETLINK:
		b[1] = allProtocols
		return netlinkReqSize, unix.NLM_F_REQUEST | unix.NLM_F_DUMP
	}
	binary.NativeEndian.PutUint32(b[4:], ^uint32(0))
	return inetReqSize, unix.NLM_F_REQUEST | unix.NLM_F_DUMP
}

// answers looks for the socket in a datagram of messages. It reports whether
// that is the end: it was there, or no more is to come.
func (q *diagQuery) answers(p []byte, f *family) bool {
	for len(p) >= nlmsgHeader {
		kind, m, rest := nextMessage(p)
		if kind != sockDiagFamily {
			return true // NLMSG_DONE, NLMSG_ERROR
		}
		if q.answer(m, f) {
			q.found = true
			return true
		}
		p = rest
	}
	return f.family == unix.AF_UNIX
}

// nextMessage takes a message of netlink(7) from p, which has a header at least, apart:
// its type, what stands behind its header, and what behind it. One whose length cannot be is NLMSG_ERROR.
func nextMessage(p []byte) (kind uint16, m, rest []byte) {
	size := int(binary.NativeEndian.Uint32(p))
	if size < nlmsgHeader || size > len(p) {
		return unix.NLMSG_ERROR, nil, nil
	}
	return binary.NativeEndian.Uint16(p[4:]), p[nlmsgHeader:size], p[min((size+3)&^3, len(p)):]
}

// answer reports whether a message is about the socket, and makes its text.
func (q *diagQuery) answer(m []byte, f *family) bool {
	switch {
	case f.family == unix.AF_UNIX && len(m) >= unixMsgSize:
		return q.unix(m, f)
	case f.family == unix.AF_NETLINK && len(m) >= netlinkMsgSize:
		return q.netlink(m, f)
	case len(m) >= inetMsgSize:
		return q.inet(m, f)
	}
	return false
}

func (q *diagQuery) begin(f *family) { q.text = append(append(q.text[:0], f.name...), ":["...) }

// unix is about a struct unix_diag_msg: UNIX:[INODE->PEER,"NAME"].
func (q *diagQuery) unix(m []byte, f *family) bool {
	if uint64(binary.NativeEndian.Uint32(m[4:])) != q.inode {
		return false
	}
	var name []byte
	peer := uint32(0)
	for a := m[unixMsgSize:]; len(a) >= 4; {
		size := int(binary.NativeEndian.Uint16(a))
		if size < 4 || size > len(a) {
			break
		}
		switch binary.NativeEndian.Uint16(a[2:]) {
		case unixDiagName:
			name = a[4:size]
		case unixDiagPeer:
			if size >= 8 {
				peer = binary.NativeEndian.Uint32(a[4:])
			}
		}
		a = a[min((size+3)&^3, len(a)):]
	}
	q.named = peer != 0 || len(name) > 0
	q.begin(f)
	q.text = strconv.AppendUint(q.text, q.inode, 10)
	if peer != 0 {
		q.text = strconv.AppendUint(append(q.text, "->"...), uint64(peer), 10)
	}
	if len(name) > 0 {
		q.unixName(name)
	}
	q.text = append(q.text, ']')
	return true
}

// unixName appends the name of a UNIX socket between two NULs, as
// syscalls.Tracee has it: what is between them is quoted.
func (q *diagQuery) unixName(name []byte) {
	q.text = append(q.text, ',')
	if name[0] == 0 {
		q.text, name = append(q.text, '@'), name[1:]
	}
	for i, c := range name {
		if c == 0 {
			name = name[:i]
			break
		}
	}
	q.text = append(append(append(q.text, 0), name...), 0)
}

// inet is about a struct inet_diag_msg: TCP:[127.0.0.1:80->127.0.0.1:1025].
func (q *diagQuery) inet(m []byte, f *family) bool {
	if uint64(binary.NativeEndian.Uint32(m[68:])) != q.inode {
		return false
	}
	size := 4
	if f.family == unix.AF_INET6 {
		size = 16
	}
	src, dst := m[8:8+size], m[24:24+size]
	q.named = true
	q.begin(f)
	q.address(src, m[4:])
	peer := m[6] != 0 || m[7] != 0
	for _, c := range dst {
		peer = peer || c != 0
	}
	if peer {
		q.text = append(q.text, "->"...)
		q.address(dst, m[6:])
	}
	q.text = append(q.text, ']')
	return true
}

// address appends an address and a port in network order.
func (q *diagQuery) address(ip, port []byte) {
	a, _ := netip.AddrFromSlice(ip)
	if a.Is6() {
		q.text = append(a.AppendTo(append(q.text, '[')), ']')
	} else {
		q.text = a.AppendTo(q.text)
	}
	q.text = strconv.AppendUint(append(q.text, ':'), uint64(binary.BigEndian.Uint16(port)), 10)
}

// netlink is about a struct netlink_diag_msg: NETLINK:[ROUTE:PORTID].
func (q *diagQuery) netlink(m []byte, f *family) bool {
	if uint64(binary.NativeEndian.Uint32(m[16:])) != q.inode {
		return false
	}
	q.named, q.protocol = true, int32(m[2])
	q.begin(f)
	if int(m[2]) < len(netlinkNames) && netlinkNames[m[2]] != "" {
		q.text = append(q.text, netlinkNames[m[2]]...)
	} else {
		q.text = strconv.AppendUint(q.text, uint64(m[2]), 10)
	}
	q.text = strconv.AppendUint(append(q.text, ':'), uint64(binary.NativeEndian.Uint32(m[4:])), 10)
	q.text = append(q.text, ']')
	return true
}

// netlinkNames are the protocols of netlink(7), NETLINK_* of
// include/uapi/linux/netlink.h.
var netlinkNames = [...]string{
	0: "ROUTE", 1: "UNUSED", 2: "USERSOCK", 3: "FIREWALL", 4: "SOCK_DIAG", 5: "NFLOG", 6: "XFRM", 7: "SELINUX",
	8: "ISCSI", 9: "AUDIT", 10: "FIB_LOOKUP", 11: "CONNECTOR", 12: "NETFILTER", 13: "IP6_FW", 14: "DNRTMSG",
	15: "KOBJECT_UEVENT", 16: "GENERIC", 18: "SCSITRANSPORT", 19: "ECRYPTFS", 20: "RDMA", 21: "CRYPTO", 22: "SMC",
}
