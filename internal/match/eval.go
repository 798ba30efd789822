package match

import (
	"unsafe"

	"strait/syscalls"

	"github.com/bmatcuk/doublestar/v4"
)

// Truth is the value of a condition.
type Truth uint8

// The truth values.
const (
	False Truth = iota
	Unknown
	True
)

// Not returns the opposite; of Unknown, Unknown.
func (t Truth) Not() Truth { return True - t }

// Env is what an expression can ask about besides the event.
type Env struct {
	Comm string // name of the thread
	Exe  string // its program
}

// Eval asks about an event. Arguments that are looked at in memory must have
// been decoded. env may be nil.
func (p *Pred) Eval(ev *syscalls.Event, env *Env) Truth { return p.root.eval(ev, env) }

func (n *pnode) eval(ev *syscalls.Event, env *Env) Truth {
	switch n.kind {
	case pNot:
		return n.kids[0].eval(ev, env).Not()
	case pNumber:
		v, known := n.number(ev)
		if known != True {
			return known
		}
		return n.holds(v)
	case pString:
		return n.matchString(ev, env)
	}
	// The value of or is its greatest part, that of and its least.
	all := n.kind == pAnd
	out := False
	if all {
		out = True
	}
	for i := range n.kids {
		t := n.kids[i].eval(ev, env)
		if all {
			out = min(out, t)
		} else {
			out = max(out, t)
		}
		if all && out == False || !all && out == True {
			break
		}
	}
	return out
}

func (n *pnode) holds(v uint64) Truth {
	v &= n.cut
	if n.mask != 0 {
		v &= n.mask
	}
	v ^= n.bias
	for _, r := range n.set {
		if r.Lo <= v && v <= r.Hi {
			return True
		}
	}
	return False
}

// number returns the value to test; anything but True says that there is none.
func (n *pnode) number(ev *syscalls.Event) (uint64, Truth) {
	switch n.src {
	case srcArg:
		return ev.Arg(n.args[0]), True
	case srcRaw:
		return ev.Args[n.args[0]], True
	case srcMember:
		i, t := n.find(ev)
		if t != True {
			return 0, t
		}
		return ev.Nodes[i].Val, True
	case srcNr:
		return ev.Nr, True
	case srcTID:
		return uint64(ev.TID), True
	case srcPID:
		return uint64(ev.PID), True
	case srcSig:
		return uint64(ev.Sig), True
	}
	if !ev.Returned {
		return 0, Unknown
	}
	if n.src == srcErrno {
		return uint64(ev.Errno), True
	}
	return uint64(ev.Ret), True
}

func (n *pnode) matchString(ev *syscalls.Event, env *Env) Truth {
	switch n.src {
	case srcComm, srcExe:
		if env == nil {
			return Unknown
		}
		if n.src == srcComm {
			return n.among(env.Comm)
		}
		return n.among(env.Exe)
	case srcMember:
		i, t := n.find(ev)
		if t != True {
			return t
		}
		return n.matchNode(ev, i)
	}
	out := False
	for _, i := range n.args {
		node := Argument(ev, i)
		if node < 0 {
			return Unknown
		}
		if s := within(ev, node, ""); s >= 0 {
			node = s
		}
		out = max(out, n.matchNode(ev, node))
	}
	return out
}

func (n *pnode) matchNode(ev *syscalls.Event, i int) Truth {
	node := &ev.Nodes[i]
	switch node.Kind {
	case syscalls.Str:
		if node.Flags&syscalls.Cut != 0 {
			return Unknown
		}
	case syscalls.FD, syscalls.DirFD:
		if node.Flags&syscalls.HasFD == 0 {
			return Unknown
		}
	default:
		if node.Val == 0 {
			return False // NULL: no string
		}
		return Unknown
	}
	b := ev.Bytes(node)
	return n.among(unsafe.String(unsafe.SliceData(b), len(b)))
}

// among does not keep s.
func (n *pnode) among(s string) Truth {
	for _, p := range n.patterns {
		if !n.glob && p == s || n.glob && doublestar.MatchUnvalidated(p, s) {
			return True
		}
	}
	return False
}

// Argument returns the index of the node of argument i, or -1 if it has not been
// decoded.
func Argument(ev *syscalls.Event, i int) int {
	name := ev.Call.Args[i].Name
	for j := 0; j < len(ev.Nodes); j = int(ev.Nodes[j].End) {
		if ev.Nodes[j].Name == name {
			return j
		}
	}
	return -1
}

// find looks for a member of an argument: False says that there is none,
// Unknown that it could not be read.
func (n *pnode) find(ev *syscalls.Event) (int, Truth) {
	if ev.Call == nil || len(n.args) == 0 {
		return 0, Unknown
	}
	node := Argument(ev, n.args[0])
	if node < 0 {
		return 0, Unknown
	}
	for _, m := range n.member {
		next := within(ev, node, m)
		if next < 0 {
			return 0, missing(ev, node)
		}
		node = next
	}
	return node, True
}

// within returns the first node inside parent that is called name; of an empty
// name, the first that is a string; or -1.
func within(ev *syscalls.Event, parent int, name string) int {
	for i := parent + 1; i < int(ev.Nodes[parent].End); i++ {
		x := &ev.Nodes[i]
		if name != "" && x.Name == name || name == "" && x.Kind == syscalls.Str {
			return i
		}
	}
	return -1
}

// missing says what it means that a node has no such member: if something was
// left out or could not be read, nobody knows.
func missing(ev *syscalls.Event, parent int) Truth {
	node := &ev.Nodes[parent]
	inside := ev.Nodes[parent+1 : node.End]
	if len(inside) == 0 && node.Kind != syscalls.Ptr {
		if node.Val == 0 {
			return False
		}
		return Unknown
	}
	for i := range inside {
		switch inside[i].Kind {
		case syscalls.More, syscalls.Unread, syscalls.Vars:
			return Unknown
		}
	}
	return False
}
