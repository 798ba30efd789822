package print

import (
	"net/netip"
	"strconv"
	"time"

	"strait/syscalls"
)

// special appends the scalars that have a notation of their own.
func (t *Text) special(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Sig:
		return t.signal(dst, int64(int32(n.Val)))
	case syscalls.Port, syscalls.BE16:
		return t.call1(dst, "htons", n.Val, 16, 10, n.Kind == syscalls.BE16)
	case syscalls.BE32:
		return t.call1(dst, "htonl", n.Val, 32, 10, false)
	case syscalls.IP4:
		return t.inetAddr(dst, uint32(n.Val))
	case syscalls.Char:
		c := [1]byte{byte(n.Val)}
		return append(t.escape(append(dst, '\''), c[:], false, "'\\"), '\'')
	case syscalls.More:
		return append(dst, "..."...)
	case syscalls.Unread:
		return append(appendHex(append(dst, "... /* "...), n.Val), " */"...)
	case syscalls.Vars:
		return t.vars(dst, n)
	case syscalls.Entries:
		return count(dst, n, "entries", "entry")
	case syscalls.WaitStatus:
		return t.waitStatus(dst, uint32(n.Val))
	case syscalls.ClockTicks:
		return t.ticks(dst, int64(n.Val))
	case syscalls.SyscallNr:
		return t.syscallNr(dst, ev, n.Val)
	case syscalls.Errno:
		return t.errnoName(dst, int(int32(n.Val)))
	case syscalls.Kilo:
		return append(strconv.AppendUint(dst, n.Val/1024, 10), "*1024"...)
	case syscalls.Date:
		return t.date(dst, int64(n.Val), int64(n.Len), n.Flags&syscalls.IsNsec != 0)
	case syscalls.ShiftBy:
		return strconv.AppendUint(append(dst, "<<"...), n.Val, 10)
	case syscalls.Shifted:
		return append(append(strconv.AppendUint(dst, n.Val, 10), "<<"...), n.Name...)
	case syscalls.Resuming:
		return append(append(append(dst, "<... resuming interrupted "...), n.Name...), " ...>"...)
	case syscalls.Lit:
		return append(dst, n.Name...)
	}
	return dst
}

// call1 appends fn(value) of a number that is in host order here and in
// network order in memory, which is how raw style has it.
func (t *Text) call1(dst []byte, fn string, v uint64, bits, base int, hex bool) []byte {
	if t.Xlat != XlatAbbrev {
		raw := v>>8&0xff | v&0xff<<8
		if bits == 32 {
			raw = v>>24&0xff | v>>8&0xff00 | v<<8&0xff0000 | v&0xff<<24
		}
		dst = appendHex(dst, raw)
		if t.Xlat == XlatRaw {
			return dst
		}
		dst = append(dst, " /* "...)
	}
	dst = append(append(dst, fn...), '(')
	if hex {
		dst = appendHex(dst, v)
	} else {
		dst = strconv.AppendUint(dst, v, base)
	}
	dst = append(dst, ')')
	if t.Xlat == XlatVerbose {
		dst = append(dst, " */"...)
	}
	return dst
}

// inetAddr appends an IPv4 address: inet_addr("127.0.0.1").
func (t *Text) inetAddr(dst []byte, v uint32) []byte {
	if t.Xlat != XlatAbbrev {
		dst = appendHex(dst, uint64(v>>24|v>>8&0xff00|v<<8&0xff0000|v<<24))
		if t.Xlat == XlatRaw {
			return dst
		}
		dst = append(dst, " /* "...)
	}
	a := netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
	dst = append(a.AppendTo(append(dst, `inet_addr("`...)), `")`...)
	if t.Xlat == XlatVerbose {
		dst = append(dst, " */"...)
	}
	return dst
}

// vars appends an environment that is not shown: 0x7ffc... /* 35 vars */.
func (t *Text) vars(dst []byte, n *syscalls.Node) []byte {
	dst = append(appendHex(dst, n.Val), " /* "...)
	dst = strconv.AppendUint(dst, uint64(n.Len), 10)
	dst = append(dst, " var"...)
	if n.Len != 1 {
		dst = append(dst, 's')
	}
	if n.Flags&syscalls.Unsized != 0 {
		dst = append(dst, ", unterminated"...)
	}
	return append(dst, " */"...)
}

func count(dst []byte, n *syscalls.Node, many, one string) []byte {
	dst = append(appendAddr(dst, n.Val), " /* "...)
	dst = strconv.AppendUint(dst, uint64(n.Len), 10)
	word := many
	if n.Len == 1 {
		word = many // strace's word for any number
	}
	_ = one
	return append(append(append(dst, ' '), word...), " */"...)
}

// ticks appends clock ticks with the seconds they are: 4 /* 0.04 s */.
func (t *Text) ticks(dst []byte, v int64) []byte {
	dst = strconv.AppendInt(dst, v, 10)
	if v == 0 {
		return dst
	}
	hz := t.Ticks
	if hz == 0 {
		hz = 100
	}
	dst = append(dst, " /* "...)
	dst = strconv.AppendFloat(dst, float64(v)/float64(hz), 'f', 2, 64)
	return append(dst, " s */"...)
}

func (t *Text) syscallNr(dst []byte, ev *syscalls.Event, nr uint64) []byte {
	if ev.ABI != nil {
		if c := ev.ABI.Call(nr); c != nil {
			return append(append(dst, "__NR_"...), c.Name...)
		}
	}
	return appendHex(dst, nr)
}

func (t *Text) errnoName(dst []byte, e int) []byte {
	if name, _ := syscalls.ErrnoName(e); name != "" {
		return append(dst, name...)
	}
	return strconv.AppendInt(dst, int64(e), 10)
}

// date appends a time as a comment: /* 1970-01-01T00:00:01.000000005+0000 */.
func (t *Text) date(dst []byte, sec, frac int64, nano bool) []byte {
	layout := "2006-01-02T15:04:05"
	ns := frac
	if !nano {
		ns = frac * 1000
	}
	if frac > 0 {
		layout += ".000000"
		if nano {
			layout += "000"
		}
	}
	dst = append(dst, " /* "...)
	dst = time.Unix(sec, ns).In(t.location()).AppendFormat(dst, layout+"-0700")
	return append(dst, " */"...)
}

func (t *Text) location() *time.Location {
	if t.Location == nil {
		return time.Local
	}
	return t.Location
}
