package print

import (
	"strconv"
	"time"

	"strait/syscalls"
)

// Text makes strace's notation. The zero value shows what strace shows without
// options, except that StringLimit and the columns are the caller's.
type Text struct {
	Hex      HexStyle
	Xlat     XlatStyle
	ArgNames bool // -N
	Columns  int  // where "= result" stands
	Location *time.Location
	Color    *Colors // nil: none
	Ticks    int64   // clock ticks a second; 0: 100
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
func (t *Text) nodes(dst []byte, ev *syscalls.Event, list []syscalls.Node, i, end uint32, sep string, first bool) []byte {
	for i < end {
		n := &list[i]
		switch {
		case n.Flags&syscalls.Arrow != 0:
			dst = append(dst, " => "...)
		case n.Kind == syscalls.Comment || n.Kind == syscalls.Date || n.Flags&syscalls.Attach != 0 || first:
		default:
			dst = append(dst, sep...)
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
		return append(t.fields(append(dst, '{'), ev, list, i), '}')
	case syscalls.Array:
		return append(t.nodes(append(dst, '['), ev, list, i+1, n.End, ", ", true), ']')
	case syscalls.BitArray:
		return append(t.nodes(append(dst, '['), ev, list, i+1, n.End, " ", true), ']')
	case syscalls.OrList:
		return t.orList(dst, ev, list, i)
	case syscalls.Func:
		dst = append(append(dst, n.Name...), '(')
		return append(t.nodes(dst, ev, list, i+1, n.End, ", ", true), ')')
	case syscalls.Comment:
		dst = append(dst, " /* "...)
		return append(t.nodes(dst, ev, list, i+1, n.End, " ", true), " */"...)
	case syscalls.Group, syscalls.Ptr:
		return t.nodes(dst, ev, list, i+1, n.End, ", ", true)
	case syscalls.Labelled:
		return t.nodes(append(dst, n.Name...), ev, list, i+1, n.End, ", ", true)
	case syscalls.Shift:
		return t.nodes(append(dst, "1<<"...), ev, list, i+1, n.End, ", ", true)
	}
	return t.scalar(dst, ev, n)
}

// fields appends the children of a structure, each as name=value.
func (t *Text) fields(dst []byte, ev *syscalls.Event, list []syscalls.Node, at uint32) []byte {
	first := true
	for i := at + 1; i < list[at].End; i = list[i].End {
		n := &list[i]
		joined := n.Flags&(syscalls.Arrow|syscalls.Attach) != 0 || n.Kind == syscalls.Comment || n.Kind == syscalls.Date
		switch {
		case n.Flags&syscalls.Arrow != 0:
			dst = append(dst, " => "...)
		case !first && !joined:
			dst = append(dst, ", "...)
		}
		if n.Name != "" && !joined && named(n.Kind) {
			dst = append(append(dst, n.Name...), '=')
		}
		dst = t.node(dst, ev, list, i)
		first = false
	}
	return dst
}

// named says whether a field of this kind shows its name before it; of the
// others the name is part of the value.
func named(k syscalls.Kind) bool {
	switch k {
	case syscalls.IP6, syscalls.Lit, syscalls.Resuming, syscalls.More, syscalls.Func:
		return false
	}
	return true
}

func (t *Text) orList(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	if t.Xlat == XlatRaw {
		return appendHex(dst, masked(n))
	}
	if t.Xlat == XlatVerbose {
		dst = append(appendHex(dst, masked(n)), " /* "...)
		plain := *t
		plain.Xlat = XlatAbbrev
		dst = plain.nodes(dst, ev, list, i+1, n.End, "|", true)
		return append(dst, " */"...)
	}
	return t.nodes(dst, ev, list, i+1, n.End, "|", true)
}

// scalar appends a node without children and without bytes.
func (t *Text) scalar(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Int:
		dst = strconv.AppendInt(dst, int64(n.Val), 10)
		if n.Flags&syscalls.IsTime != 0 {
			return t.dateOf(dst, int64(n.Val))
		}
		return dst
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
		if uint32(n.Val) == 1<<32-1 || n.Width == 2 && uint16(n.Val) == 1<<16-1 {
			return append(dst, "-1"...)
		}
		return strconv.AppendUint(dst, masked(n), 10)
	case syscalls.Mode:
		return t.mode(dst, masked(n))
	case syscalls.Perm:
		return appendPerm(dst, masked(n))
	case syscalls.Dev:
		return t.dev(dst, masked(n))
	case syscalls.Flags:
		return t.flags(dst, n)
	case syscalls.Enum:
		return t.enum(dst, n)
	}
	return t.special(dst, ev, n)
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

// identifier appends a descriptor or process id with what it stands for.
func (t *Text) identifier(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	const atFDCWD = -100
	v := int64(int32(n.Val))
	if n.Kind == syscalls.DirFD && v == atFDCWD {
		switch t.Xlat {
		case XlatAbbrev:
			dst = append(dst, "AT_FDCWD"...)
		case XlatRaw:
			dst = append(dst, "-100"...)
		default:
			dst = append(dst, "-100 /* AT_FDCWD */"...)
		}
	} else {
		dst = strconv.AppendInt(dst, v, 10)
	}
	if n.Flags&syscalls.HasFD == 0 {
		return dst
	}
	dst = append(dst, '<')
	dst = t.escape(dst, ev.Bytes(n), false, "\"\\<>")
	return append(dst, '>')
}
