package tracer

import (
	"bytes"
	"strconv"
	"syscall"
	"unsafe"

	"strait/internal/ownthread"

	"golang.org/x/sys/unix"
)

// sockets remembers what was found out about sockets, by inode number: once a
// socket has an address or a peer it is not asked about again, even when the
// kernel knows no more of it.
type sockets struct {
	names []sockName // socketNames of them, at inode modulo socketNames
	query diagQuery
	proto [64]byte
	ns    uint64 // inode number of our own network namespace
}

type sockName struct {
	inode    uint64
	protocol int32 // of a netlink socket
	text     []byte
}

const socketNames = 1024

// A family is a kind of socket, by the name that its protocol has in the kernel
// (struct proto in net/; the xattr system.sockprotoname has it) and by the one
// that is shown, which is that of man-pages' section 7.
type family struct {
	proto    string
	name     string
	family   uint8
	protocol uint8 // of inet families
}

// families are the kinds of sockets that sock_diag(7) can tell something of.
var families = [...]family{
	{"UNIX", "UNIX", unix.AF_UNIX, 0},
	{"UNIX-STREAM", "UNIX-STREAM", unix.AF_UNIX, 0},
	{"TCP", "TCP", unix.AF_INET, unix.IPPROTO_TCP},
	{"UDP", "UDP", unix.AF_INET, unix.IPPROTO_UDP},
	{"UDPLITE", "UDPLITE", unix.AF_INET, unix.IPPROTO_UDPLITE},
	{"DCCP", "DCCP", unix.AF_INET, unix.IPPROTO_DCCP},
	{"L2TP/IP", "L2TP/IP", unix.AF_INET, unix.IPPROTO_L2TP},
	{"SCTP", "SCTP", unix.AF_INET, unix.IPPROTO_SCTP},
	{"PING", "PING", unix.AF_INET, unix.IPPROTO_ICMP},
	{"RAW", "RAW", unix.AF_INET, unix.IPPROTO_RAW},
	{"TCPv6", "TCPv6", unix.AF_INET6, unix.IPPROTO_TCP},
	{"UDPv6", "UDPv6", unix.AF_INET6, unix.IPPROTO_UDP},
	{"UDPLITEv6", "UDPLITEv6", unix.AF_INET6, unix.IPPROTO_UDPLITE},
	{"DCCPv6", "DCCPv6", unix.AF_INET6, unix.IPPROTO_DCCP},
	{"L2TP/IPv6", "L2TP/IPv6", unix.AF_INET6, unix.IPPROTO_L2TP},
	{"SCTPv6", "SCTPv6", unix.AF_INET6, unix.IPPROTO_SCTP},
	{"PINGv6", "PINGv6", unix.AF_INET6, unix.IPPROTO_ICMP},
	{"RAWv6", "RAWv6", unix.AF_INET6, unix.IPPROTO_RAW},
	{"NETLINK", "NETLINK", unix.AF_NETLINK, 0},
}

// socket replaces the link in dst[at:], socket:[INODE], by a NUL and what is
// known of the socket: TCP:[127.0.0.1:80], TCP:[INODE], socket:[INODE].
func (k *Task) socket(dst []byte, at int) []byte {
	inode, ok := socketInode(dst[at:])
	if !ok {
		return dst
	}
	dst = append(dst[:at], 0)
	name, proto := k.findSocket(inode)
	if name != nil {
		return append(dst, name.text...)
	}
	word := "socket"
	if f := familyOf(proto); f != nil {
		word = f.name
	}
	dst = append(append(dst, word...), ":["...)
	return append(strconv.AppendUint(dst, inode, 10), ']')
}

// socketInode returns the number in socket:[NUMBER].
func socketInode(link []byte) (uint64, bool) {
	n, ok := bytes.CutPrefix(link, socketLink)
	if !ok || len(n) < 2 || n[len(n)-1] != ']' {
		return 0, false
	}
	inode, err := strconv.ParseUint(string(n[:len(n)-1]), 10, 64)
	return inode, err == nil
}

// findSocket returns what is known of the socket that t.path leads to; if that
// is nothing, the name of its protocol.
func (k *Task) findSocket(inode uint64) (*sockName, []byte) {
	s := &k.t.sockets
	if s.names == nil {
		s.names = make([]sockName, socketNames)
	}
	slot := &s.names[inode%socketNames]
	if slot.inode == inode && slot.text != nil {
		return slot, nil
	}
	proto := k.t.protoName()
	found, named := s.ask(k.tid, inode, proto)
	if !found {
		return nil, proto
	}
	if named {
		*slot = sockName{inode: inode, protocol: s.query.protocol, text: bytes.Clone(s.query.text)}
		return slot, nil
	}
	return &sockName{text: s.query.text}, nil
}

// protoName returns the name of the protocol of the socket that t.path leads to.
func (t *Tracer) protoName() []byte {
	const attr = "system.sockprotoname\x00"
	buf := &t.sockets.proto
	n, _, e := syscall.RawSyscall6(unix.SYS_GETXATTR, uintptr(unsafe.Pointer(&t.path[0])),
		uintptr(unsafe.Pointer(unsafe.StringData(attr))), uintptr(unsafe.Pointer(buf)), uintptr(len(buf)), 0, 0)
	if e != 0 {
		return nil
	}
	return bytes.TrimRight(buf[:n], "\x00")
}

func familyOf(proto []byte) *family {
	for i := range families {
		if families[i].proto == string(proto) {
			return &families[i]
		}
	}
	return nil
}

// ask asks the kernel for the socket in the network namespace of a task, and if
// that does not know it, in ours. found says that there is something to tell in
// s.query, named that it is more than that the socket exists.
func (s *sockets) ask(tid int, inode uint64, proto []byte) (found, named bool) {
	q := &s.query
	q.inode, q.only = inode, familyOf(proto)
	if s.ns == 0 {
		s.ns = namespaceOf("/proc/thread-self/ns/net")
	}
	path := procPath(tid, "ns/net")
	if ns := namespaceOf(path); ns != 0 && ns != s.ns {
		done := make(chan struct{})
		ownthread.Go(func() {
			defer close(done)
			if enterNetwork(path) == nil {
				q.run()
			}
		})
		if <-done; q.found {
			return true, q.named
		}
	}
	q.run()
	return q.found, q.named
}

// namespaceOf returns the inode number of a namespace, 0 if it is not known.
func namespaceOf(path string) uint64 {
	var st unix.Stat_t
	if unix.Stat(path, &st) != nil {
		return 0
	}
	return st.Ino
}

// enterNetwork moves the calling thread to another network namespace.
func enterNetwork(path string) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unix.Setns(fd, unix.CLONE_NEWNET)
}

// NetlinkProtocol implements [syscalls.NetlinkNamer].
func (k *Task) NetlinkProtocol(fd int32) (protocol int, known, netlink bool) {
	if fd < 0 {
		return 0, false, false
	}
	k.fdPath("fd", fd)
	link := &k.t.link
	at := unix.AT_FDCWD
	n, _, e := syscall.RawSyscall6(unix.SYS_READLINKAT, uintptr(at), uintptr(unsafe.Pointer(&k.t.path[0])),
		uintptr(unsafe.Pointer(link)), uintptr(len(link)), 0, 0)
	if e != 0 {
		return 0, false, false
	}
	inode, ok := socketInode(link[:n])
	if !ok {
		return 0, false, false
	}
	if s := k.t.sockets.names; s != nil {
		if slot := &s[inode%socketNames]; slot.inode == inode && slot.text != nil {
			return int(slot.protocol), true, bytes.HasPrefix(slot.text, netlinkName)
		}
	}
	if string(k.t.protoName()) != "NETLINK" {
		return 0, false, false
	}
	if name, _ := k.findSocket(inode); name != nil {
		return int(name.protocol), true, true
	}
	return 0, false, true
}

var netlinkName = []byte("NETLINK:")
