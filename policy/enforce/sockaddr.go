package enforce

import (
	"bytes"
	"encoding/binary"
	"net/netip"

	"strait/policy"

	"golang.org/x/sys/unix"
)

// readAddress reads an address as the socket will. Where the kernel takes one for
// another, the copy becomes that other one, so that what is judged is what is used:
// no family is inet's, for a datagram or to bind (udp_sendmsg, __inet_bind), and no
// host is this machine.
func (c *netCall) readAddress(m *message, effect string) {
	if len(m.name) < 2 {
		return
	}
	binds := effect == "net.bind"
	family := int(binary.NativeEndian.Uint16(m.name))
	switch {
	case c.domain == unix.AF_INET && family == unix.AF_UNSPEC && (binds || effect == "net.send" && c.typ != unix.SOCK_STREAM):
		family = unix.AF_INET
		binary.NativeEndian.PutUint16(m.name, unix.AF_INET)
	case c.domain != unix.AF_INET && c.domain != unix.AF_INET6 && family != unix.AF_UNSPEC:
		family = c.domain // what is said in the address, not all look at
	}
	switch family {
	case unix.AF_INET:
		c.readInet(m, binds)
	case unix.AF_INET6:
		c.readInet6(m, binds)
	case unix.AF_UNIX:
		m.addr, m.known = policy.Address{Proto: "unix", Path: unixName(m.name)}, true
	default:
		m.addr, m.known = policy.Address{Proto: policy.FamilyName(uint64(family))}, true
	}
}

func (c *netCall) readInet(m *message, binds bool) {
	m.addr.Proto = c.proto
	if len(m.name) < 16 { // struct sockaddr_in: the call fails
		return
	}
	if !binds && bytes.Equal(m.name[4:8], make([]byte, 4)) {
		copy(m.name[4:8], []byte{127, 0, 0, 1})
	}
	m.addr.Port = binary.BigEndian.Uint16(m.name[2:])
	m.addr.Host, m.known = netip.AddrFrom4([4]byte(m.name[4:8])), true
}

func (c *netCall) readInet6(m *message, binds bool) {
	m.addr.Proto = c.proto
	if len(m.name) < 24 { // SIN6_LEN_RFC2133: the call fails
		return
	}
	host := netip.AddrFrom16([16]byte(m.name[8:24])).Unmap()
	if !binds && host.IsUnspecified() {
		if host = netip.IPv6Loopback(); m.name[18] == 0xff { // ::ffff:0.0.0.0
			host = netip.AddrFrom4([4]byte{127, 0, 0, 1})
		}
		a := host.As16()
		copy(m.name[8:24], a[:])
	}
	m.addr.Port = binary.BigEndian.Uint16(m.name[2:])
	m.addr.Host, m.known = host, true
}

// unixName returns the name in a Unix domain address: a path, @NAME of an abstract
// one, or nothing (unix(7)).
func unixName(raw []byte) string {
	name := raw[2:]
	switch {
	case len(name) == 0:
		return ""
	case name[0] == 0:
		return "@" + string(name[1:])
	}
	name, _, _ = bytes.Cut(name, []byte{0})
	return string(name)
}

// path returns the path that an address names, "" if it names none.
func (c *netCall) path(m *message) string {
	if c.domain != unix.AF_UNIX || len(m.name) < 3 || m.name[2] == 0 || binary.NativeEndian.Uint16(m.name) != unix.AF_UNIX {
		return ""
	}
	return unixName(m.name)
}

// unixAddress makes the address of a path.
func unixAddress(path string) []byte {
	out := make([]byte, 2, 3+len(path))
	binary.NativeEndian.PutUint16(out, unix.AF_UNIX)
	out = append(out, path...)
	return append(out, 0)
}
