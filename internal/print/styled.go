package print

import (
	"math/bits"
	"strconv"

	"strait/syscalls"
)

// Values about which the style of constants decides as a whole.

// sentinel appends a structure that stands for a name: UTIME_NOW.
func (t *Text) sentinel(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	var name string
	if n := &list[i]; n.Table != nil {
		name = n.Table.Lookup(n.Val)
	} else {
		name = string(ev.Bytes(n))
	}
	if t.Xlat == XlatAbbrev {
		return t.inked(dst, shadeConst, name)
	}
	dst = t.punct(t.fields(t.punct(dst, "{"), ev, list, i), "}")
	if t.Xlat == XlatVerbose {
		dst = t.endComment(t.inked(t.comment(dst), shadeComment, name))
	}
	return dst
}

// styledCall appends a number that a macro makes: QCMD(Q_SYNC, USRQUOTA).
func (t *Text) styledCall(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	switch {
	case n.Flags&syscalls.ForceHex != 0:
		dst = appendBytes(dst, bits.ReverseBytes64(n.Val)>>(64-8*n.Width), int(n.Width))
	case n.Flags&syscalls.HexVal != 0:
		dst = appendHex(dst, masked(n))
	case n.Width < 8:
		dst = strconv.AppendInt(dst, int64(int32(masked(n))), 10)
	default:
		dst = strconv.AppendUint(dst, n.Val, 10)
	}
	if t.Xlat == XlatRaw {
		return dst
	}
	inner := *t
	if list[i].Flags&syscalls.InWords != 0 {
		inner.Xlat = XlatAbbrev
	}
	dst = t.call(t.comment(dst), list[i].Name)
	dst = t.endCall(inner.nodes(dst, ev, list, i+1, list[i].End, ", "))
	return t.endComment(dst)
}

// apart appends values joined by |, each in its own style. Raw style has nothing
// for a set of no bits, as strace's statx(2) has.
func (t *Text) apart(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	if t.Xlat == XlatRaw && list[i].Flags&syscalls.Numbered != 0 {
		return appendHex(dst, masked(&list[i]))
	}
	for at := i + 1; at < list[i].End; at = list[at].End {
		n := &list[at]
		if at > i+1 && n.Kind != syscalls.Comment && (t.Xlat == XlatRaw || n.Flags&syscalls.Attach == 0) {
			dst = t.punct(dst, "|")
		}
		if t.Xlat != XlatRaw || n.Kind != syscalls.Flags || n.Val != 0 {
			dst = t.node(dst, ev, list, at)
		}
	}
	return dst
}

// explain appends a comment about a number in words, unless -X asks for numbers only.
func (t *Text) explain(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	if t.Xlat == XlatRaw {
		return dst
	}
	inner := *t
	inner.Xlat = XlatAbbrev
	return t.endComment(inner.nodes(t.comment(dst), ev, list, i+1, list[i].End, " "))
}

// styledSet appends a set whose last child is what stands in memory: only that, with numbers for all constants;
// with both, as a comment behind it.
func (t *Text) styledSet(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	memory := memoryOf(list, i)
	whole := memory < list[i].End
	if whole && t.Xlat == XlatRaw {
		return t.node(dst, ev, list, memory)
	}
	dst = t.punct(t.nodes(t.punct(dst, "["), ev, list, i+1, memory, " "), "]")
	if whole && t.Xlat == XlatVerbose {
		dst = t.endComment(t.node(t.comment(dst), ev, list, memory))
	}
	return dst
}

// memoryOf is the last child of such a set, node i: an array, or its end if there was no room for that.
func memoryOf(list []syscalls.Node, i uint32) uint32 {
	end := list[i].End
	last := i + 1
	for last < end && list[last].End < end {
		last = list[last].End
	}
	if last < end && list[last].Kind != syscalls.Array {
		return end
	}
	return last
}
