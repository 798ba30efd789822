package policy

import (
	"strait/internal/match"
	"strait/syscalls"
)

// Calls within socketcall(2) (include/uapi/linux/net.h).
const (
	sysSocket     = 1
	sysBind       = 2
	sysConnect    = 3
	sysListen     = 4
	sysSocketpair = 8
	sysSendto     = 11
	sysSendmsg    = 16
	sysSendmmsg   = 20
)

// Socketcall returns the arguments of the call within socketcall, i386's one call
// for all that sockets do.
func Socketcall(ev *syscalls.Event) (args []uint64, ok bool) {
	i := match.Argument(ev, 1)
	if i < 0 {
		return nil, false
	}
	for j := i + 1; j < int(ev.Nodes[i].End); j++ {
		switch n := &ev.Nodes[j]; n.Kind {
		case syscalls.Unread, syscalls.More:
			return nil, false
		default:
			if n.End == uint32(j)+1 {
				args = append(args, n.Val)
			}
		}
	}
	return args, len(args) > 0
}

// socketcallPair says what the call within socketcall does. Where its address is,
// only a Resolver can look.
func socketcallPair(ev *syscalls.Event) Pair {
	p := Pair{Effect: "net.use", Known: true, Arg: -1, Dir: -1}
	switch args, ok := Socketcall(ev); ev.Arg(0) {
	case sysSocket, sysSocketpair:
		p.Effect, p.Known = "net.socket", ok && len(args) > 2
		if p.Known {
			p.Addr.Proto = protoOf(args[0], args[1]&0xf, args[2])
		}
	case sysBind:
		p.Effect, p.Known = "net.bind", false
	case sysConnect:
		p.Effect, p.Known = "net.connect", false
	case sysListen:
		p.Effect = "net.listen"
	case sysSendto:
		if !ok || len(args) < 6 || args[4] != 0 {
			p.Effect, p.Known = "net.send", false
		}
	case sysSendmsg, sysSendmmsg:
		p.Effect, p.Known = "net.send", false
	}
	return p
}
