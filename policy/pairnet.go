package policy

import (
	"net/netip"
	"strconv"

	"strait/internal/match"
	"strait/syscalls"
)

// pidPair reads the process that a call is about.
func pidPair(ev *syscalls.Event, p *Pair) {
	if ev.ABI.ArgKind(ev.Call, p.Arg) == syscalls.FD {
		p.Known = false // a pidfd: the Resolver's
		return
	}
	p.PID = int(int32(ev.Arg(p.Arg)))
	p.Self = p.PID > 0 && (p.PID == ev.PID || ev.Call.Name == "tkill" && p.PID == ev.TID)
}

// socketProto is what a socket of this domain, type and protocol speaks.
func socketProto(ev *syscalls.Event) string {
	if len(ev.Call.Args) < 3 {
		return "ip"
	}
	return protoOf(ev.Arg(0), ev.Arg(1)&0xf, ev.Arg(2))
}

func protoOf(domain, typ, proto uint64) string {
	if domain != 2 && domain != 10 { // AF_INET, AF_INET6
		return FamilyName(domain)
	}
	const stream, dgram, tcp, udp, mptcp = 1, 2, 6, 17, 262
	switch {
	case typ == stream && (proto == 0 || proto == tcp || proto == mptcp):
		return "tcp"
	case typ == dgram && (proto == 0 || proto == udp):
		return "udp"
	}
	return "ip"
}

// FamilyName returns the name of an address family (AF_*) as rules write it; inet has
// none, there the protocols have names.
func FamilyName(family uint64) string {
	switch family {
	case 1:
		return "unix"
	case 16:
		return "netlink"
	case 17:
		return "packet"
	case 29:
		return "can"
	case 31:
		return "bluetooth"
	case 38:
		return "alg"
	case 40:
		return "vsock"
	case 44:
		return "xdp"
	}
	return "family-" + strconv.FormatUint(family, 10)
}

// appendAddresses appends a pair for each socket address within argument p.Arg.
func appendAddresses(dst []Pair, ev *syscalls.Event, p Pair) []Pair {
	i := match.Argument(ev, p.Arg)
	if i < 0 {
		p.Known = false
		return append(dst, p)
	}
	n := len(dst)
	unread := ev.Nodes[i].End == uint32(i)+1 && ev.Nodes[i].Val != 0
	for j := i + 1; j < int(ev.Nodes[i].End); j++ {
		switch node := &ev.Nodes[j]; node.Name {
		case "sa_family":
			q := p
			readAddress(ev, j, &q)
			if q.Effect != "net.bind" {
				q.Addr.Host = reached(q.Addr.Host)
			}
			dst = append(dst, q)
		case "msg_name":
			unread = unread || node.End == uint32(j)+1 && node.Val != 0 && node.Kind != syscalls.Struct
		default:
			unread = unread || node.Kind == syscalls.Unread || node.Kind == syscalls.More && len(dst) > n
		}
	}
	switch {
	case unread:
		p.Known = false
		return append(dst, p)
	case len(dst) == n && p.Effect == "net.send":
		return append(dst, Pair{Effect: "net.use", Known: true, Arg: -1, Dir: -1})
	}
	return dst
}

// reached returns the host that a socket gets to by an address: none at all
// (0.0.0.0, ::) is this machine itself (ip_route_output_key_hash_rcu,
// tcp_v6_connect).
func reached(a netip.Addr) netip.Addr {
	switch {
	case !a.IsValid() || !a.IsUnspecified():
		return a
	case a.Is4():
		return netip.AddrFrom4([4]byte{127, 0, 0, 1})
	}
	return netip.IPv6Loopback()
}

// readAddress reads the address whose family is node i.
func readAddress(ev *syscalls.Event, i int, p *Pair) {
	family := ev.Nodes[i].Val
	p.Addr.Proto = FamilyName(family)
	if family == 2 || family == 10 {
		p.Addr.Proto, p.Known = "ip", false
	}
	for j := i + 1; j < len(ev.Nodes); j++ {
		n := &ev.Nodes[j]
		switch n.Name {
		case "sa_family":
			return
		case "sin_port", "sin6_port":
			p.Addr.Port = uint16(n.Val)
		case "sin_addr":
			v := uint32(n.Val)
			p.Addr.Host, p.Known = netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)}), true
		case "sin6_addr":
			var a [16]byte
			copy(a[:], ev.Bytes(n))
			p.Addr.Host, p.Known = netip.AddrFrom16(a).Unmap(), n.Len == 16
		case "sun_path":
			p.Addr.Path = string(ev.Bytes(n))
			if n.Flags&syscalls.Abstract != 0 {
				p.Addr.Path = "@" + p.Addr.Path
			}
			p.Known = n.Flags&syscalls.Cut == 0
		}
	}
}
