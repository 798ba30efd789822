package print

import (
	"math"
	"net/netip"
	"strconv"
	"time"

	"strait/syscalls"
)

// special appends the scalars that have a notation of their own.
func (t *Text) special(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Sig:
		if n.Width == 8 && n.Val>>31 != 0 { // of an unsigned long
			return strconv.AppendUint(dst, n.Val, 10)
		}
		return t.signal(dst, int64(int32(n.Val)))
	case syscalls.Port, syscalls.BE16:
		return t.network(dst, "htons", n.Val, 2, n.Kind == syscalls.BE16)
	case syscalls.BE32:
		return t.network(dst, "htonl", n.Val, 4, false)
	case syscalls.IP4:
		return t.inetAddr(dst, ev, n)
	case syscalls.Char:
		return appendChar(dst, byte(n.Val), n.Flags&syscalls.HexVal != 0)
	case syscalls.More:
		return t.punct(dst, "...")
	case syscalls.Unread:
		return t.endComment(appendHex(t.comment(t.punct(dst, "...")), n.Val))
	case syscalls.Vars:
		return t.vars(dst, n)
	case syscalls.Entries:
		return t.entries(dst, n)
	case syscalls.WaitStatus:
		return t.waitStatus(dst, n)
	case syscalls.ClockTicks:
		return t.ticks(dst, n)
	case syscalls.SyscallNr:
		return t.syscallNr(dst, ev, n.Val)
	case syscalls.Errno:
		return t.errnoName(dst, int(int32(n.Val)))
	case syscalls.Kilo:
		return t.kilo(dst, n.Val)
	case syscalls.Date:
		if n.Flags&syscalls.Styled != 0 && t.Xlat == XlatRaw {
			return dst
		}
		if n.Flags&syscalls.IsTime != 0 {
			return t.bareDate(dst, int64(n.Val))
		}
		return t.date(dst, int64(n.Val), int64(n.Len), n.Flags&syscalls.IsNsec != 0)
	case syscalls.Symbol:
		return t.symbol(dst, ev, n)
	case syscalls.IfIndex:
		return t.ifIndex(dst, ev, n)
	case syscalls.ShiftBy:
		return strconv.AppendUint(append(dst, "<<"...), n.Val, 10)
	case syscalls.Shifted:
		return t.shiftedBy(dst, n)
	case syscalls.Resuming:
		return append(append(append(dst, "<... resuming interrupted "...), n.Name...), " ...>"...)
	case syscalls.Lit:
		return append(dst, n.Name...)
	}
	return dst
}

// shiftedBy appends a number shifted to the left by a constant: 21<<MFD_HUGE_SHIFT. -X
// asks for the constant's value, where it is given.
func (t *Text) shiftedBy(dst []byte, n *syscalls.Node) []byte {
	if n.Flags&syscalls.HexVal != 0 {
		dst = appendHex(dst, n.Val)
	} else {
		dst = strconv.AppendUint(dst, n.Val, 10)
	}
	dst = append(dst, "<<"...)
	if n.Len == 0 || t.Xlat == XlatAbbrev {
		return append(dst, n.Name...)
	}
	dst = strconv.AppendUint(dst, uint64(n.Len), 10)
	if t.Xlat == XlatRaw {
		return dst
	}
	return t.endComment(append(t.comment(dst), n.Name...))
}

// network appends fn(value) of a number of size bytes that is in host order here;
// -X shows the bytes as they stand in memory, in network order.
func (t *Text) network(dst []byte, fn string, v uint64, size int, hex bool) []byte {
	if t.Xlat != XlatAbbrev {
		dst = appendBytes(dst, v, size)
		if t.Xlat == XlatRaw {
			return dst
		}
		dst = t.comment(dst)
	}
	dst = t.call(dst, fn)
	if hex {
		dst = appendHex(dst, v)
	} else {
		dst = strconv.AppendUint(dst, v, 10)
	}
	dst = t.endCall(dst)
	if t.Xlat == XlatVerbose {
		dst = t.endComment(dst)
	}
	return dst
}

// appendBytes appends the size low bytes of v, the highest first: "\x00\x50".
func appendBytes(dst []byte, v uint64, size int) []byte {
	dst = append(dst, '"')
	for shift := 8 * (size - 1); shift >= 0; shift -= 8 {
		c := byte(v >> shift)
		dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	}
	return append(dst, '"')
}

// inetAddr appends an IPv4 address: inet_addr("127.0.0.1").
func (t *Text) inetAddr(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	v := uint32(n.Val)
	if t.Xlat != XlatAbbrev {
		if n.Len > 0 {
			dst = t.quote(dst, ev.Bytes(n), true)
		} else {
			dst = appendBytes(dst, uint64(v), 4)
		}
		if t.Xlat == XlatRaw {
			return dst
		}
		dst = t.comment(dst)
	}
	a := netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	var buf [16]byte
	dst = t.call(dst, "inet_addr")
	dst = t.endCall(t.quote(dst, a.AppendTo(buf[:0]), false))
	if t.Xlat == XlatVerbose {
		dst = t.endComment(dst)
	}
	return dst
}

// kilo appends a multiple of 1024: 8192*1024.
func (t *Text) kilo(dst []byte, v uint64) []byte {
	if t.Xlat != XlatAbbrev {
		dst = strconv.AppendUint(dst, v, 10)
		if t.Xlat == XlatRaw {
			return dst
		}
		dst = t.comment(dst)
	}
	dst = append(strconv.AppendUint(dst, v/1024, 10), "*1024"...)
	if t.Xlat == XlatVerbose {
		dst = t.endComment(dst)
	}
	return dst
}

// vars appends an environment that is not shown: 0x7ffc... /* 35 vars */.
func (t *Text) vars(dst []byte, n *syscalls.Node) []byte {
	dst = t.comment(appendHex(dst, n.Val))
	dst = strconv.AppendUint(dst, uint64(n.Len), 10)
	dst = append(dst, " var"...)
	if n.Len != 1 {
		dst = append(dst, 's')
	}
	if n.Flags&syscalls.Unsized != 0 {
		dst = append(dst, ", unterminated"...)
	}
	return t.endComment(dst)
}

// entries appends directory entries that are not shown: 0x55.. /* 3 entries */.
func (t *Text) entries(dst []byte, n *syscalls.Node) []byte {
	dst = t.comment(appendAddr(dst, n.Val))
	dst = strconv.AppendUint(dst, uint64(n.Len), 10)
	if n.Flags&syscalls.Cut != 0 {
		dst = append(dst, '+')
	}
	return t.endComment(append(dst, " entries"...))
}

// ticks appends clock ticks with the seconds they are: 4 /* 0.04 s */.
func (t *Text) ticks(dst []byte, n *syscalls.Node) []byte {
	v := int64(n.Val)
	if n.Len > 0 {
		dst = strconv.AppendInt(dst, v, 10)
	} else {
		dst = strconv.AppendUint(dst, n.Val, 10)
	}
	if v == 0 || t.Xlat == XlatRaw {
		return dst
	}
	dst = t.comment(dst)
	if n.Len > 0 {
		dst = strconv.AppendFloat(dst, float64(v)/math.Pow10(int(n.Len)), 'f', int(n.Len), 64)
	} else {
		dst = t.hundredths(dst, n.Val)
	}
	return t.endComment(append(dst, " s"...))
}

// hundredths appends how many seconds v clock ticks are, with two decimals.
func (t *Text) hundredths(dst []byte, v uint64) []byte {
	hz := uint64(t.Ticks)
	if hz == 0 {
		hz = 100
	}
	dst = append(strconv.AppendUint(dst, v/hz, 10), '.')
	part := v % hz * 100 / hz
	return append(dst, '0'+byte(part/10), '0'+byte(part%10))
}

func (t *Text) syscallNr(dst []byte, ev *syscalls.Event, nr uint64) []byte {
	if ev.ABI != nil {
		if c := ev.ABI.Call(nr); c != nil {
			return append(append(dst, "__NR_"...), c.Name...)
		}
	}
	return appendHex(dst, nr)
}

// symbol appends a number by a name that a decoder made up: 8*RAX+4, __NR_read.
func (t *Text) symbol(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	number := func(dst []byte) []byte {
		if n.Flags&syscalls.HexVal != 0 {
			return appendAddr(dst, n.Val)
		}
		return strconv.AppendInt(dst, int64(n.Val), 10)
	}
	switch style := t.style(n); {
	case n.Flags&(syscalls.InWords|syscalls.Numbered) == syscalls.InWords:
	case style == XlatRaw:
		return number(dst)
	case style == XlatVerbose:
		return t.endComment(append(t.comment(number(dst)), ev.Bytes(n)...))
	}
	return append(dst, ev.Bytes(n)...)
}

func (t *Text) errnoName(dst []byte, e int) []byte {
	name, _ := syscalls.ErrnoName(e)
	switch {
	case e < 0:
		return t.negativeErrno(dst, e)
	case name == "" || t.Xlat == XlatRaw:
		return strconv.AppendInt(dst, int64(e), 10)
	case t.Xlat == XlatVerbose:
		return t.endComment(append(t.comment(strconv.AppendInt(dst, int64(e), 10)), name...))
	}
	return append(dst, name...)
}

// negativeErrno appends an error as the kernel has it: -EPERM.
func (t *Text) negativeErrno(dst []byte, e int) []byte {
	name, _ := syscalls.ErrnoName(-e)
	if t.Xlat == XlatAbbrev && name != "" {
		return append(append(dst, '-'), name...)
	}
	dst = strconv.AppendInt(dst, int64(e), 10)
	if t.Xlat == XlatRaw || name == "" {
		return dst
	}
	return t.endComment(append(append(t.comment(dst), '-'), name...))
}

// The seconds of the years that fit C's struct tm, whose years are ints: beyond,
// there is no date to show.
const (
	minTime = -67768040609740800
	maxTime = 67768036191676799
)

// date appends a time as a comment, /* 1970-01-01T00:00:01.000000005+0000 */, or
// nothing for a time of zero or one that is none.
func (t *Text) date(dst []byte, sec, frac int64, nano bool) []byte {
	layout, unit := "-01-02T15:04:05.000000", int64(1e6)
	if nano {
		layout, unit = "-01-02T15:04:05.000000000", 1e9
	}
	switch {
	case sec == 0 && frac == 0, frac < 0, frac >= unit, sec > maxTime, sec < minTime:
		return dst
	case frac == 0:
		layout = "-01-02T15:04:05"
	}
	at := time.Unix(sec, frac*(1e9/unit)).In(t.location())
	dst = at.AppendFormat(appendYear(t.comment(dst), at.Year()), layout)
	return t.endComment(at.AppendFormat(dst, "-0700"))
}

// bareDate appends the date that sec is, without the marks of a comment.
func (t *Text) bareDate(dst []byte, sec int64) []byte {
	if sec > maxTime || sec < minTime {
		return dst
	}
	at := time.Unix(sec, 0).In(t.location())
	return at.AppendFormat(appendYear(dst, at.Year()), "-01-02T15:04:05-0700")
}

// appendYear appends a year as strftime(3) does: an int, which the last 1900 years
// of C's struct tm overflow.
func appendYear(dst []byte, year int) []byte {
	return strconv.AppendInt(dst, int64(int32(year)), 10)
}

func (t *Text) location() *time.Location {
	if t.Location == nil {
		return time.Local
	}
	return t.Location
}

// restComment appends where the bytes behind a structure stood: /* bytes 24..31 */.
func (t *Text) restComment(dst []byte, n *syscalls.Node) []byte {
	dst = strconv.AppendUint(append(dst, "/* bytes "...), n.Val, 10)
	dst = strconv.AppendUint(append(dst, ".."...), n.Val+uint64(n.Len)-1, 10)
	return append(dst, " */ "...)
}
