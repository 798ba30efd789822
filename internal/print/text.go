package print

import (
	"bytes"
	"encoding/binary"
	"strconv"
	"strings"
	"time"

	"strait/syscalls"
)

// Text makes strace's notation. The zero value shows what strace shows without
// options, except that StringLimit and the columns are the caller's.
type Text struct {
	Hex      HexStyle
	Xlat     XlatStyle
	ArgNames bool // -N
	HideFDs  bool // what descriptors refer to is known and not to be shown
	Columns  int  // where "= result" stands
	Location *time.Location
	Color    *Colors // nil: none
	Ticks    int64   // clock ticks a second; 0: 100
	NoPaths  bool    // of a descriptor only details are shown, and its path only with these

	inner  bool          // within a comment, where unknown values are numbers alone
	begun  *syscalls.ABI // of whose width instruction pointers are; nil: the event's
	around shade         // of what surrounds the token being made
	part   part
}

// A part is a half of the arguments of a call: the nodes from from to to. What is
// before from is written already; the containers that Begun marks go over the cut.
type part struct {
	from, to uint32 // to is 0 where there is no cut behind
	joined   bool   // what stands before node from is written already
	named    bool   // ... with its name
}

// passed says that node i, n, is written already, with all of it.
func (p *part) passed(i uint32, n *syscalls.Node) bool {
	return i < p.from && n.Flags&syscalls.Begun == 0
}

// begun says that what stands before node i is written already.
func (p *part) begun(i uint32) bool { return i < p.from || p.joined && i == p.from }

// toldName says that the name of node i is written already.
func (p *part) toldName(i uint32) bool { return i < p.from || p.named && i == p.from }

// end is where the children of a container end that is written up to end.
func (p *part) end(end uint32) uint32 {
	if p.to != 0 {
		return min(end, p.to)
	}
	return end
}

// opening appends what begins the container n, node i, if that is not written.
func (t *Text) opening(dst []byte, i uint32, sign string) []byte {
	if i < t.part.from {
		return dst
	}
	return t.punct(dst, sign)
}

// closing appends what ends the container n, if it ends in this part.
func (t *Text) closing(dst []byte, n *syscalls.Node, sign string) []byte {
	if t.part.to != 0 && n.Flags&syscalls.Begun != 0 {
		return dst
	}
	return t.punct(dst, sign)
}

// HexStyle says which strings are written as \xNN: -x.
type HexStyle uint8

// The styles of --strings-in-hex.
const (
	HexNone HexStyle = iota
	HexNonASCIIChars
	HexNonASCII
	HexAll
)

// XlatStyle says how constants are written: -X.
type XlatStyle uint8

// The styles of --const-print-style.
const (
	XlatAbbrev XlatStyle = iota
	XlatRaw
	XlatVerbose
)

// nodes appends the nodes list[i:end], siblings separated by sep.
func (t *Text) nodes(dst []byte, ev *syscalls.Event, list []syscalls.Node, i, end uint32, sep string) []byte {
	first := true
	for i < t.part.end(end) {
		n := &list[i]
		if t.part.passed(i, n) {
			first, i = false, n.End
			continue
		}
		switch {
		case t.part.begun(i):
		case n.Flags&syscalls.Arrow != 0:
			dst = t.punct(dst, " => ")
		case n.Kind == syscalls.Comment || n.Kind == syscalls.Date || n.Flags&syscalls.Attach != 0 || first:
		default:
			dst = t.punct(dst, sep)
		}
		dst = t.node(dst, ev, list, i)
		first = false
		i = n.End
	}
	return dst
}

// node appends one node with its name, if it is a field.
func (t *Text) node(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	switch n.Kind {
	case syscalls.Str, syscalls.IP6, syscalls.SigSet, syscalls.MAC, syscalls.UUID:
		return t.bytes(dst, ev, n)
	case syscalls.Struct:
		if n.Flags&syscalls.Styled != 0 {
			return t.sentinel(dst, ev, list, i)
		}
		return t.closing(t.fields(t.opening(dst, i, "{"), ev, list, i), n, "}")
	case syscalls.Array:
		return t.closing(t.nodes(t.opening(dst, i, "["), ev, list, i+1, n.End, ", "), n, "]")
	case syscalls.BitArray:
		if n.Flags&syscalls.Styled != 0 {
			return t.styledSet(dst, ev, list, i)
		}
		return t.punct(t.nodes(t.punct(dst, "["), ev, list, i+1, n.End, " "), "]")
	case syscalls.OrList:
		return t.orList(dst, ev, list, i)
	case syscalls.Func:
		if n.Flags&syscalls.Styled != 0 && (t.Xlat == XlatRaw || t.Xlat == XlatVerbose && n.Flags&syscalls.Numbered == 0) {
			return t.styledCall(dst, ev, list, i)
		}
		dst = t.call(dst, n.Name)
		return t.endCall(t.nodes(dst, ev, list, i+1, n.End, ", "))
	case syscalls.Comment:
		if n.Flags&syscalls.Styled != 0 {
			return t.explain(dst, ev, list, i)
		}
		return t.endComment(t.nodes(t.comment(dst), ev, list, i+1, n.End, " "))
	case syscalls.Group, syscalls.Ptr:
		return t.nodes(dst, ev, list, i+1, n.End, ", ")
	case syscalls.Rest:
		return t.nodes(t.restComment(dst, n), ev, list, i+1, n.End, ", ")
	case syscalls.Labelled:
		return t.nodes(append(dst, n.Name...), ev, list, i+1, n.End, ", ")
	case syscalls.Index:
		return t.indexed(dst, ev, list, i)
	case syscalls.Shift:
		return t.nodes(append(dst, "1<<"...), ev, list, i+1, n.End, ", ")
	}
	return t.scalar(dst, ev, n)
}

// indexed appends an element of an array with the name of its index:
// [DEVCONF_FORWARDING]=1, [IPV4_DEVCONF_TAG-1]=0.
func (t *Text) indexed(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	if n.End == i+1 { // there was no room for what is in it
		return t.punct(t.punct(dst, "["), "]=")
	}
	mid := list[i+1].End
	dst = t.nodes(t.punct(dst, "["), ev, list, i+1, mid, "")
	if n.Val != 0 && t.Xlat != XlatRaw {
		dst = strconv.AppendUint(append(dst, '-'), n.Val, 10)
	}
	return t.nodes(t.punct(dst, "]="), ev, list, mid, n.End, "")
}

// fields appends the children of a structure, each as name=value.
func (t *Text) fields(dst []byte, ev *syscalls.Event, list []syscalls.Node, at uint32) []byte {
	first := true
	for i := at + 1; i < t.part.end(list[at].End); i = list[i].End {
		n := &list[i]
		joined := n.Flags&(syscalls.Arrow|syscalls.Attach) != 0 || n.Kind == syscalls.Comment || n.Kind == syscalls.Date
		if t.part.passed(i, n) {
			first = false
			continue
		}
		switch {
		case t.part.begun(i):
		case n.Flags&syscalls.Arrow != 0:
			dst = t.punct(dst, " => ")
		case !first && !joined:
			dst = t.punct(dst, ", ")
		}
		if n.Name != "" && !joined && t.named(n.Kind) && !t.part.toldName(i) {
			dst = t.nameIs(dst, n.Name)
		}
		dst = t.node(dst, ev, list, i)
		if n.Flags&syscalls.IsTime != 0 {
			dst = t.timeOf(dst, list[:list[at].End], n)
		}
		first = false
	}
	return dst
}

// timeOf appends the date of a field that is a time; its fraction is the field
// behind it if that has the same name with _nsec, as in struct stat.
func (t *Text) timeOf(dst []byte, list []syscalls.Node, n *syscalls.Node) []byte {
	nsec := int64(0)
	if int(n.End) < len(list) {
		if name, ok := strings.CutSuffix(list[n.End].Name, "_nsec"); ok && name == n.Name {
			nsec = int64(list[n.End].Val)
		}
	}
	return t.date(dst, int64(n.Val), nsec, true)
}

// named says whether a field of this kind shows its name before it; of the
// others the name is part of the value.
func (t *Text) named(k syscalls.Kind) bool {
	switch k {
	case syscalls.IP6:
		return t.Xlat != XlatAbbrev
	case syscalls.Lit, syscalls.Resuming, syscalls.More, syscalls.Func:
		return false
	}
	return true
}

func (t *Text) orList(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	if n.Flags&syscalls.Styled != 0 {
		return t.apart(dst, ev, list, i)
	}
	sep := "|"
	if n.Flags&syscalls.AllNames != 0 {
		sep = " or "
	}
	// The signal in clone's flags is a value of its own.
	whole := n.End > i+1 && list[n.End-1].Kind != syscalls.Sig
	if whole && t.Xlat == XlatRaw {
		return appendHex(dst, masked(n))
	}
	if whole && t.Xlat == XlatVerbose {
		dst = t.comment(appendHex(dst, masked(n)))
		inner := *t
		inner.inner = n.Flags&syscalls.AllNames != 0
		if n.Flags&syscalls.Numbered == 0 {
			inner.Xlat = XlatAbbrev
		}
		return t.endComment(inner.nodes(dst, ev, list, i+1, n.End, sep))
	}
	return t.nodes(dst, ev, list, i+1, n.End, sep)
}

// scalar appends a node without children and without bytes.
func (t *Text) scalar(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Int:
		return strconv.AppendInt(dst, int64(n.Val), 10)
	case syscalls.Uint:
		return strconv.AppendUint(dst, masked(n), 10)
	case syscalls.Hex:
		if n.Flags&syscalls.PadHex != 0 {
			return appendPadded(dst, masked(n), n.Width)
		}
		return appendHex(dst, masked(n))
	case syscalls.Oct:
		return appendOct(dst, masked(n))
	case syscalls.Addr:
		return appendAddr(dst, masked(n))
	case syscalls.FD, syscalls.DirFD, syscalls.PID, syscalls.TGID, syscalls.PGID, syscalls.SID:
		return t.identifier(dst, ev, n)
	case syscalls.ID:
		if noID(n) {
			return append(dst, "-1"...)
		}
		return strconv.AppendUint(dst, masked(n), 10)
	case syscalls.Mode:
		return t.mode(dst, masked(n))
	case syscalls.Perm:
		return appendPerm(dst, permBits(n))
	case syscalls.Dev:
		return t.dev(dst, masked(n))
	case syscalls.Flags:
		return t.flags(dst, n)
	case syscalls.Enum:
		return t.enum(dst, n)
	}
	return t.special(dst, ev, n)
}

// noID says whether a user or group id is -1, which stands for none, in the width that it has.
func noID(n *syscalls.Node) bool {
	return uint32(n.Val) == 1<<32-1 || n.Width == 2 && uint16(n.Val) == 1<<16-1
}

// permBits are permissions as far as the kernel looks at them.
func permBits(n *syscalls.Node) uint64 {
	if n.Width == 8 { // in a structure, where nothing cuts it to an umode_t
		return n.Val
	}
	return uint64(uint16(n.Val))
}

// appendPadded is printf's %#08x.
func appendPadded(dst []byte, v uint64, width uint8) []byte {
	if v == 0 {
		return append(dst, "0000000000000000"[:2*min(width, 8)]...)
	}
	dst = append(dst, "0x"...)
	for shift := 8*int(width) - 12; shift > 0 && v>>shift == 0; shift -= 4 {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, v, 16)
}

// atFDCWD stands for the working directory where a descriptor of one is asked for (linux/fcntl.h).
const atFDCWD = -100

// identifier appends a descriptor or process id with what it stands for.
func (t *Text) identifier(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	v := int64(int32(n.Val))
	if n.Kind == syscalls.DirFD && v == atFDCWD {
		switch t.Xlat {
		case XlatAbbrev:
			dst = t.inked(dst, shadeConst, "AT_FDCWD")
		case XlatRaw:
			dst = append(dst, "-100"...)
		default:
			dst = t.endComment(append(t.comment(append(dst, "-100"...)), "AT_FDCWD"...))
		}
	} else {
		dst = strconv.AppendInt(dst, v, 10)
	}
	switch {
	case n.Flags&syscalls.HasFD == 0:
		return dst
	case n.Kind > syscalls.DirFD:
		return t.process(dst, ev.Bytes(n))
	case t.HideFDs:
		return dst
	}
	if t.NoPaths {
		if p := ev.Bytes(n); bytes.IndexByte(p[:len(p)-1], 0) < 0 {
			return dst
		}
	}
	return t.angled(dst, ev.Bytes(n))
}

// process appends the comm of a process and, in a comment, its id in our PID
// namespace.
func (t *Text) process(dst, p []byte) []byte {
	comm, id, found := bytes.Cut(p, []byte{0})
	if len(comm) > 0 {
		dst = t.angled(dst, comm)
	}
	if found {
		dst = t.endComment(append(append(t.comment(dst), id...), " in strace's PID NS"...))
	}
	return dst
}

// angled appends what a descriptor or process id stands for: <path>. What stands
// behind a NUL is shown as it is, </dev/null<char 1:3>>; the word behind the path
// of an unlinked file stands outside.
func (t *Text) angled(dst, p []byte) []byte {
	p, details, more := bytes.Cut(p, []byte{0})
	p, gone := cutDeleted(p, more)
	around := t.around
	defer func() { t.around = around }()
	t.around = shadeArgVal
	dst = t.escape(t.punct(dst, "<"), p, false, "\"\\<>")
	dst = t.details(dst, details)
	dst = t.punct(dst, ">")
	if gone {
		dst = append(dst, deleted[1:]...)
	}
	return dst
}

// deleted is what the kernel writes behind the path of an unlinked file.
const deleted = " (deleted)"

// cutDeleted takes that off a path; a path with a NUL behind it (more) only looks as if it had it.
func cutDeleted(p []byte, more bool) (path []byte, gone bool) {
	if more || len(p) == 0 || p[0] != '/' {
		return p, false
	}
	return bytes.CutSuffix(p, []byte(deleted))
}

// plainDetails appends details that are shown as they are: <char 1:3>.
func (t *Text) plainDetails(dst, part []byte) []byte {
	if t.Color == nil {
		return append(dst, part...)
	}
	for i := range part {
		if c := part[i]; c == '<' || c == '>' {
			dst = t.rest(append(t.plain(dst), c))
		} else {
			dst = append(dst, c)
		}
	}
	return dst
}

// details appends what a Tracee tells of a descriptor beside its path.
func (t *Text) details(dst, p []byte) []byte {
	for quoted := false; len(p) > 0; quoted = !quoted {
		part, rest, _ := bytes.Cut(p, []byte{0})
		words, mask, masked := bytes.Cut(part, []byte{1})
		pid, comm, named := bytes.Cut(part, []byte{2})
		var set [8]byte
		switch n, err := strconv.ParseUint(string(mask), 16, 64); {
		case quoted:
			dst = t.quote(dst, part, false)
		case masked && err == nil:
			binary.LittleEndian.PutUint64(set[:], n)
			dst = t.sigset(append(dst, words...), set[:])
		case named:
			dst = t.angled(append(dst, pid...), comm)
		default:
			dst = t.plainDetails(dst, part)
		}
		p = rest
	}
	return dst
}
