package print

import (
	"strconv"

	"strait/syscalls"
)

// AppendName appends the name of ev's call: syscall_0xbad for a number without
// one, name#64 for a 64-bit call made with x32's bit.
func AppendName(dst []byte, ev *syscalls.Event) []byte {
	if ev.Call != nil {
		return append(dst, ev.Call.Name...)
	}
	nr := ev.Nr
	if ev.ABI == nil {
		return append(dst, "???"...)
	}
	if int32(nr) < 0 && nr>>32 == 0 { // the kernel takes it for a signed one
		nr = uint64(int64(int32(nr)))
	}
	if c := ev.Wide(); c != nil {
		return append(append(dst, c.Name...), "#64"...)
	}
	if ev.ABI.ID == syscalls.X32 {
		nr |= syscalls.X32Bit
	}
	return appendHex(append(dst, "syscall_"...), nr)
}

// AppendEnter appends what is known of a call at its entry: its name and the
// arguments that the kernel does not fill in.
func (t *Text) AppendEnter(dst []byte, ev *syscalls.Event) []byte {
	dst = t.inkedName(dst, ev)
	t.around = shadeArgVal
	if ev.Split {
		t.part = part{to: uint32(ev.EnterEnd)}
	}
	dst = t.args(t.punct(dst, "("), ev, 0, uint32(ev.EnterEnd))
	t.part = part{}
	switch ev.Joint {
	case syscalls.JointNone:
	case syscalls.JointComma:
		dst = t.punct(dst, ", ")
	case syscalls.JointArrow:
		dst = t.punct(dst, " => ")
	}
	if t.namesJoint(ev) {
		dst = t.nameIs(dst, ev.JointName)
	}
	return t.plain(dst)
}

// AppendArgs appends the arguments that Exit decoded.
func (t *Text) AppendArgs(dst []byte, ev *syscalls.Event) []byte {
	t.around = shadeArgVal
	t.part = part{from: uint32(ev.EnterEnd), joined: ev.Joint != syscalls.JointNone || ev.JointName != "", named: t.namesJoint(ev)}
	dst = t.args(dst, ev, 0, uint32(len(ev.Nodes)))
	t.part = part{}
	return dst
}

// namesJoint says that the name of the first node of the exit is written at entry.
func (t *Text) namesJoint(ev *syscalls.Event) bool {
	return ev.JointName != "" && (!ev.JointArg || t.namesArgs(ev))
}

// namesArgs says that the names of arguments are shown.
func (t *Text) namesArgs(ev *syscalls.Event) bool {
	return (t.ArgNames || ev.Call != nil && ev.Call.Flags&syscalls.ShowNames != 0) && !ev.Raw
}

// args appends the top-level nodes from i to end.
func (t *Text) args(dst []byte, ev *syscalls.Event, i, end uint32) []byte {
	registers := ev.Raw || ev.Call == nil || ev.Call.Flags&syscalls.Plain != 0
	names := t.namesArgs(ev)
	for i < end {
		n := &ev.Nodes[i]
		if t.part.passed(i, n) {
			i = n.End
			continue
		}
		joined := n.Flags&(syscalls.Arrow|syscalls.Attach) != 0 || n.Kind == syscalls.Comment || n.Kind == syscalls.Date
		switch {
		case t.part.begun(i):
		case n.Flags&syscalls.Arrow != 0:
			dst = t.punct(dst, " => ")
		case i > 0 && !joined:
			dst = t.punct(dst, ", ")
		}
		switch {
		case registers && t.ArgNames:
			dst = append(t.ink(dst, shadeArgName), "arg"...)
			dst = t.punct(strconv.AppendUint(dst, uint64(i)+1, 10), "=")
		case names && n.Name != "" && !joined && t.named(n.Kind) && !t.part.toldName(i):
			dst = t.nameIs(dst, n.Name)
		}
		dst = t.node(dst, ev, ev.Nodes, i)
		i = n.End
	}
	return dst
}

// AppendResult appends what stands behind "= ".
func (t *Text) AppendResult(dst []byte, ev *syscalls.Event) []byte {
	t.around = shadeRetVal
	dst = t.ink(dst, shadeRetVal)
	switch {
	case ev.Lost && ev.ABI != nil:
		return append(dst, "? <unavailable>"...)
	case !ev.Returned:
		return append(dst, '?')
	case ev.Errno != 0:
		return t.failure(dst, ev.Errno, ev.Raw)
	case ev.Raw || len(ev.RetNodes) == 0 && ev.Call == nil && ev.ABI != nil && ev.Wide() == nil:
		return appendHex(dst, returned(ev))
	case len(ev.RetNodes) == 0:
		return strconv.AppendUint(dst, returned(ev), 10)
	}
	n := &ev.RetNodes[0]
	switch n.Kind {
	case syscalls.Int: // the register as a whole: rt_sigreturn(2) has any number there
		dst = strconv.AppendUint(dst, returned(ev), 10)
	case syscalls.Flags:
		dst = t.flags(dst, n)
	case syscalls.Addr: // a result of 0 is no NULL pointer
		dst = appendHex(dst, n.Val)
	default:
		dst = t.node(dst, ev, ev.RetNodes, 0)
	}
	if n.End < uint32(len(ev.RetNodes)) {
		dst = t.note(dst, ev, n.End)
	}
	return dst
}

// returned is what stands in the register of the result, of which ev.Ret is the
// signed value. A number that is no error has no sign.
func returned(ev *syscalls.Event) uint64 {
	if ev.ABI != nil && ev.ABI.RegWord == 4 {
		return uint64(uint32(ev.Ret))
	}
	return uint64(ev.Ret)
}

// note appends what stands in parentheses behind a result, the nodes from i on.
func (t *Text) note(dst []byte, ev *syscalls.Event, i uint32) []byte {
	note := *t
	switch n := &ev.RetNodes[i]; {
	case n.Kind == syscalls.Func && n.Flags&syscalls.Styled != 0:
		if t.Xlat == XlatRaw {
			return dst
		}
		note.Color = nil
		dst = append(append(append(t.gap(dst, shadeRetVal), '('), n.Name...), '(')
		return append(note.nodes(dst, ev, ev.RetNodes, i+1, n.End, ", "), "))"...)
	case n.Flags&syscalls.InWords != 0:
		if t.Xlat == XlatRaw && n.Kind != syscalls.Enum && !policy(n) {
			return dst
		}
		note.Xlat = XlatAbbrev
	case n.Kind == syscalls.Errno && n.Flags&syscalls.Attach != 0:
		return t.errno(t.gap(dst, shadeRetVal), int(n.Val))
	case inWords(ev.RetNodes[i:]):
		note.Xlat = XlatAbbrev
	}
	note.Color = nil // it is one word
	dst = append(t.gap(dst, shadeRetVal), '(')
	return append(note.nodes(dst, ev, ev.RetNodes, i, uint32(len(ev.RetNodes)), ", "), ')')
}

// policy says whether a set of bits is a scheduling policy, which has its name
// even where -X asks for numbers.
func policy(n *syscalls.Node) bool {
	return n.Table != nil && n.Table.Name == "sched_policy_flags"
}

// inWords says whether a note behind a result is in words whatever -X says: a
// single name is, and so are the flags of a file; other flags are not.
func inWords(note []syscalls.Node) bool {
	last := &note[len(note)-1]
	return last.Kind == syscalls.Sig && len(note) == 1 ||
		last.Kind == syscalls.Flags && last.Table != nil && last.Table.Prefix == "O_"
}

// failure appends a failed result: -1 ENOENT (No such file or directory), or for
// a call that the kernel will restart ? ERESTARTSYS (...).
func (t *Text) failure(dst []byte, e int, raw bool) []byte {
	name, _ := syscalls.ErrnoName(e)
	switch {
	case raw && e >= 512 && name != "": // no errno of a program's
		dst = append(t.gap(append(dst, "-1"...), shadeError), name...)
		return append(strconv.AppendInt(append(t.gap(dst, shadeError), "(Unknown error "...), int64(e), 10), ')')
	case e == 512 || e == 513 || e == 514 || e == 516:
		dst = append(dst, '?')
	default:
		dst = append(dst, "-1"...)
	}
	return t.errno(t.gap(dst, shadeError), e)
}

// errno appends an error that has a name: ENOENT (No such file or directory), or
// its number where it has none.
func (t *Text) errno(dst []byte, e int) []byte {
	name, words := syscalls.ErrnoName(e)
	if name == "" {
		return append(strconv.AppendInt(append(dst, "(errno "...), int64(e), 10), ')')
	}
	return append(append(append(t.gap(append(dst, name...), shadeError), '('), words...), ')')
}

// AppendInjected appends what was tampered with: " (INJECTED)".
func (t *Text) AppendInjected(dst []byte, i syscalls.Injection) []byte {
	args := i&(syscalls.InjectedArgs|syscalls.InjectedRetvals) != 0
	switch result := i&syscalls.InjectedResult != 0; {
	case args && result:
		dst = append(t.gap(dst, shadeRetVal), "(INJECTED: args, retval)"...)
	case args:
		dst = append(t.gap(dst, shadeRetVal), "(INJECTED: args)"...)
	case result:
		dst = append(t.gap(dst, shadeRetVal), "(INJECTED)"...)
	}
	if i&syscalls.InjectedDelay != 0 {
		dst = append(t.gap(dst, shadeRetVal), "(DELAYED)"...)
	}
	return dst
}

func (t *Text) inkedName(dst []byte, ev *syscalls.Event) []byte {
	return AppendName(t.ink(dst, shadeSyscall), ev)
}
