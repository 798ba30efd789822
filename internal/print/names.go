package print

import (
	"net/netip"
	"strconv"
	"strings"

	"strait/syscalls"
)

// flags appends a set of bits: names in the table's order, what is left over in
// hexadecimal.
func (t *Text) flags(dst []byte, n *syscalls.Node) []byte {
	v := masked(n)
	if v == 0 && n.Flags&syscalls.NoneEmpty != 0 {
		return dst
	}
	if t.Xlat == XlatRaw || n.Table == nil {
		return appendHex(dst, v)
	}
	start := len(dst)
	if t.style(n) == XlatVerbose {
		dst = appendHex(dst, v)
		start = len(dst)
		out, named := t.setNames(t.comment(dst), n.Table, v, false)
		switch {
		case named:
			return t.endComment(out)
		case v == 0:
			return dst[:start]
		}
		return t.unknown(dst[:start], n.Table)
	}
	if n.Table.Prefix == openFlags {
		dst = t.ink(dst, shadeConst)
	}
	out, named := t.setNames(dst, n.Table, v, true)
	switch {
	case named && n.Table.Prefix == openFlags:
		return t.rest(out)
	case named:
		return out
	}
	dst = appendHex(dst[:start], v)
	if v == 0 {
		return dst
	}
	return t.unknown(dst, n.Table)
}

// openFlags is the prefix of a file's flags, which have one colour as a whole.
const openFlags = "O_"

// setNames appends the names of the bits of v and, if there was one, the rest in
// hexadecimal. It reports whether there was a name.
func (t *Text) setNames(dst []byte, tab *syscalls.Table, v uint64, inked bool) ([]byte, bool) {
	whole := tab.Prefix == openFlags
	named := false
	rest := eachFlag(tab, v, func(name string) {
		switch {
		case named && whole:
			dst = append(dst, '|')
		case named:
			dst = t.punct(dst, "|")
		}
		named = true
		if inked && !whole {
			dst = t.inked(dst, shadeConst, name)
		} else {
			dst = append(dst, name...)
		}
	})
	switch {
	case !named || rest == 0:
	case whole:
		dst = appendHex(append(dst, '|'), rest)
	default:
		dst = appendHex(t.punct(dst, "|"), rest)
	}
	return dst, named
}

// eachFlag calls name for each name of the bits of v, in the table's order, and
// returns the bits that have none.
func eachFlag(tab *syscalls.Table, v uint64, name func(string)) (rest uint64) {
	rest = v
	done := uint64(0) // masks that were dealt with
	for i := range tab.Entries {
		e := &tab.Entries[i]
		switch {
		case e.Mask != 0:
			if done&e.Mask == e.Mask || v&e.Mask != e.Val {
				continue
			}
			done |= e.Mask
			rest &^= e.Mask
			name(e.Name)
		case e.Val == 0:
			if v == 0 {
				name(e.Name)
				return 0
			}
		case rest&e.Val == e.Val:
			rest &^= e.Val
			name(e.Name)
		}
	}
	return rest
}

// nameOf returns the name of a value of an enumeration, or "".
func nameOf(n *syscalls.Node) string {
	if n.Table == nil {
		return ""
	}
	if negated(n) {
		return n.Table.Lookup(-n.Val)
	}
	if name := n.Table.Lookup(masked(n)); name != "" {
		return name
	}
	return n.Table.Lookup(n.Val)
}

// negated reports whether a value of an enumeration is the negative of what it stands for.
func negated(n *syscalls.Node) bool {
	return n.Flags&syscalls.Negatable != 0 && int64(n.Val) < 0
}

// unknown appends the comment that says where a name was looked for.
func (t *Text) unknown(dst []byte, tab *syscalls.Table) []byte {
	if tab.Prefix == "" || t.inner {
		return dst
	}
	dst = append(t.comment(dst), tab.Prefix...)
	if strings.IndexByte(tab.Prefix, '?') < 0 { // else it is all of the word: ?_OK
		dst = append(dst, "???"...)
	}
	return t.endComment(dst)
}

// style is how a value with names is shown.
func (t *Text) style(n *syscalls.Node) XlatStyle {
	if n.Flags&syscalls.Numbered != 0 && (t.Xlat == XlatAbbrev || n.Flags&syscalls.InWords != 0) {
		return XlatVerbose
	}
	return t.Xlat
}

// AppendEnum appends a value by its name in a table, in the style of t.
func (t *Text) AppendEnum(dst []byte, table *syscalls.Table, v uint64) []byte {
	return t.enum(dst, &syscalls.Node{Kind: syscalls.Enum, Table: table, Val: v, Flags: syscalls.HexVal})
}

// enum appends one value of an enumeration.
func (t *Text) enum(dst []byte, n *syscalls.Node) []byte {
	if n.Flags&syscalls.LeftBy != 0 {
		return t.shifted(dst, n)
	}
	v := masked(n)
	name := nameOf(n)
	switch style := t.style(n); {
	case style == XlatRaw:
		return enumNumber(dst, n)
	case name == "":
		if dst = enumNumber(dst, n); n.Table == nil {
			return dst
		}
		return t.unknown(dst, n.Table)
	case style == XlatVerbose:
		return t.endComment(enumNames(t.comment(enumNumber(dst, n)), n, v, name))
	}
	dst = t.ink(dst, shadeConst)
	if negated(n) {
		dst = append(dst, '-')
	}
	return t.rest(enumNames(dst, n, v, name))
}

// enumNumber appends the value of an enumeration as a number.
func enumNumber(dst []byte, n *syscalls.Node) []byte {
	v := masked(n)
	switch {
	case negated(n):
		return appendHex(append(dst, '-'), -n.Val)
	case n.Flags&syscalls.HexVal != 0:
		return appendHex(dst, v)
	case n.Width == 8:
		return strconv.AppendUint(dst, v, 10)
	}
	return strconv.AppendInt(dst, int64(int32(v)), 10)
}

// shifted appends a value that stands shifted to the left: FUTEX_OP_SET<<28. The
// comment about one without a name stands behind the shift, and -X raw takes all
// for such.
func (t *Text) shifted(dst []byte, n *syscalls.Node) []byte {
	plain := *n
	plain.Flags &^= syscalls.LeftBy
	left := func(dst []byte) []byte { return strconv.AppendUint(append(dst, "<<"...), uint64(n.Len), 10) }
	switch {
	case nameOf(n) != "" && t.Xlat != XlatRaw:
		return left(t.enum(dst, &plain))
	case nameOf(n) == "FUTEX_OP_OPARG_SHIFT":
		return left(enumNumber(dst, n))
	}
	return t.unknown(left(enumNumber(dst, n)), n.Table)
}

// enumNames appends the name of a value, or all its names with "or" between.
func enumNames(dst []byte, n *syscalls.Node, v uint64, name string) []byte {
	if n.Flags&syscalls.AllNames == 0 {
		return append(dst, name...)
	}
	first := true
	for i := range n.Table.Entries {
		if e := &n.Table.Entries[i]; e.Val == v {
			if !first {
				dst = append(dst, " or "...)
			}
			dst, first = append(dst, e.Name...), false
		}
	}
	return dst
}

// signalNames are the signals of every ABI here (asm-generic/signal.h).
var signalNames = [...]string{
	1: "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2", "PIPE", "ALRM",
	"TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU", "XFSZ", "VTALRM", "PROF",
	"WINCH", "IO", "PWR", "SYS",
}

const sigRTMin = 32

// appendSignal appends a signal's name without SIG: INT, RTMIN, RT_1.
func appendSignal(dst []byte, sig int64) []byte {
	switch {
	case sig > 0 && sig < int64(len(signalNames)):
		return append(dst, signalNames[sig]...)
	case sig == sigRTMin:
		return append(dst, "RTMIN"...)
	case sig > sigRTMin && sig <= 64:
		return strconv.AppendInt(append(dst, "RT_"...), sig-sigRTMin, 10)
	}
	return strconv.AppendInt(dst, sig, 10)
}

// signal appends a signal number as SIGINT.
func (t *Text) signal(dst []byte, sig int64) []byte {
	if sig <= 0 || sig > 64 {
		return strconv.AppendInt(dst, sig, 10)
	}
	switch t.Xlat {
	case XlatRaw:
		return strconv.AppendInt(dst, sig, 10)
	case XlatVerbose:
		dst = t.comment(strconv.AppendInt(dst, sig, 10))
		return t.endComment(appendSignal(append(dst, "SIG"...), sig))
	}
	return appendSignal(append(dst, "SIG"...), sig)
}

// bytes appends a node whose value is in the arena.
func (t *Text) bytes(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	p := ev.Bytes(n)
	switch n.Kind {
	case syscalls.SigSet:
		return t.sigset(dst, p)
	case syscalls.IP6:
		return t.inetPton(dst, n, p)
	case syscalls.MAC:
		return t.mac(dst, n, p)
	case syscalls.UUID:
		return appendUUID(dst, p)
	}
	if n.Flags&syscalls.Abstract != 0 {
		dst = append(dst, '@')
	}
	cut := n.Flags&syscalls.Cut != 0
	if n.Flags&syscalls.NULBehind != 0 {
		whole := *n
		whole.Len++
		if q := ev.Bytes(&whole); t.hexString(q) {
			p, cut = q, cut || n.Val != 0
		} else {
			cut = false
		}
	}
	dst = t.quote(dst, p, n.Flags&syscalls.ForceHex != 0)
	if cut {
		dst = t.punct(dst, "...")
	}
	return dst
}

func (t *Text) inetPton(dst []byte, n *syscalls.Node, p []byte) []byte {
	if len(p) != 16 {
		return t.quote(dst, p, true)
	}
	var buf [48]byte
	text := appendIP6(buf[:0], [16]byte(p))
	switch t.Xlat {
	case XlatRaw:
		return t.quote(dst, p, true)
	case XlatVerbose:
		dst = append(t.comment(t.quote(dst, p, true)), `inet_pton(AF_INET6, `...)
		return t.endComment(append(t.quote(dst, text, false), ')'))
	}
	dst = t.quote(append(dst, `inet_pton(AF_INET6, `...), text, false)
	if n.Name != "" {
		dst = append(append(dst, `, &`...), n.Name...)
	}
	return append(dst, ')')
}

// appendIP6 appends an IPv6 address as inet_ntop(3) does: one with an IPv4
// address in its last four bytes, of 96 bits of zero before, shows it so.
func appendIP6(dst []byte, a [16]byte) []byte {
	for _, c := range a[:12] {
		if c != 0 {
			return netip.AddrFrom16(a).AppendTo(dst)
		}
	}
	if a[12] == 0 && a[13] == 0 {
		return netip.AddrFrom16(a).AppendTo(dst)
	}
	return netip.AddrFrom4([4]byte(a[12:])).AppendTo(append(dst, "::"...))
}

// sigset appends a signal mask: [CHLD TTOU], or its complement ~[INT] when more
// than half of all signals are in it.
func (t *Text) sigset(dst []byte, p []byte) []byte {
	bits := len(p) * 8
	has := func(sig int) bool { return p[(sig-1)/8]>>((sig-1)%8)&1 != 0 }
	in := 0
	for sig := 1; sig <= bits; sig++ {
		if has(sig) {
			in++
		}
	}
	inverted := in >= bits*2/3
	if inverted {
		dst = append(dst, '~')
	}
	dst = append(dst, '[')
	first := true
	for sig := 1; sig <= bits; sig++ {
		if has(sig) == inverted {
			continue
		}
		if !first {
			dst = append(dst, ' ')
		}
		dst, first = t.member(dst, int64(sig)), false
	}
	return append(dst, ']')
}

// waitStatus appends a status in the words of the macros of wait(2):
// {WIFEXITED(s) && WEXITSTATUS(s) == 0}.
func (t *Text) waitStatus(dst []byte, n *syscalls.Node) []byte {
	s := uint32(n.Val)
	sig, rest := int64(s&0x7f), s
	switch {
	case s == 0xffff:
		return append(dst, "{WIFCONTINUED(s)}"...)
	case sig == 0:
		dst = append(dst, "{WIFEXITED(s) && WEXITSTATUS(s) == "...)
		dst = strconv.AppendUint(dst, uint64(s>>8&0xff), 10)
		rest &^= 0xff00
	case s&0xff == 0x7f:
		dst = append(dst, "{WIFSTOPPED(s) && WSTOPSIG(s) == "...)
		stop := int64(s >> 8 & 0xff)
		dst = appendSIG(dst, stop&0x7f)
		if stop&0x80 != 0 { // PTRACE_O_TRACESYSGOOD
			dst = append(dst, " | 0x80"...)
		}
		rest &^= 0xffff
	case sig == 0x7f: // none of the macros holds
		return appendHex(dst, uint64(s))
	default:
		dst = appendSIG(append(dst, "{WIFSIGNALED(s) && WTERMSIG(s) == "...), sig)
		if s&0x80 != 0 {
			dst = append(dst, " && WCOREDUMP(s)"...)
		}
		rest &^= 0xff
	}
	dst = append(dst, '}')
	if event := rest >> 16; event != 0 {
		dst = t.enum(append(dst, '|'), &syscalls.Node{Val: uint64(event), Width: 4, Table: n.Table, Flags: syscalls.HexVal})
		dst = append(dst, "<<16"...)
	}
	if rest &= 0xffff; rest != 0 {
		dst = appendHex(append(dst, '|'), uint64(rest))
	}
	return dst
}

// member appends a signal of a set: its name without SIG.
func (t *Text) member(dst []byte, sig int64) []byte {
	switch t.Xlat {
	case XlatRaw:
		return strconv.AppendInt(dst, sig, 10)
	case XlatVerbose:
		return t.endComment(appendSignal(t.comment(strconv.AppendInt(dst, sig, 10)), sig))
	}
	return appendSignal(dst, sig)
}

// appendSIG appends the name of a signal whatever -X says: what strace says of
// tracing itself, and of a wait status, is always in words.
func appendSIG(dst []byte, sig int64) []byte {
	if sig <= 0 || sig > 64 {
		return strconv.AppendInt(dst, sig, 10)
	}
	return appendSignal(append(dst, "SIG"...), sig)
}

// mac appends a link-layer address, which may be the start of a longer field.
func (t *Text) mac(dst []byte, n *syscalls.Node, p []byte) []byte {
	meant := meantMAC(n, p)
	switch t.Xlat {
	case XlatRaw:
		return t.quote(dst, p, true)
	case XlatVerbose:
		if dst = t.quote(dst, p, true); len(p) == 0 {
			return dst
		}
		return t.endComment(appendMAC(t.comment(dst), meant))
	}
	return appendMAC(dst, meant)
}

// appendUUID appends a UUID: 01020304-0506-0708-090a-0b0c0d0e0f10.
func appendUUID(dst, p []byte) []byte {
	for i, c := range p {
		if i >= 4 && i <= 10 && i%2 == 0 {
			dst = append(dst, '-')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// meantMAC is as much of a link-layer address's field as is meant.
func meantMAC(n *syscalls.Node, p []byte) []byte {
	if n.Val > 0 && n.Val < uint64(len(p)) {
		return p[:n.Val]
	}
	return p
}

func appendMAC(dst, p []byte) []byte {
	for i, c := range p {
		if i > 0 {
			dst = append(dst, ':')
		}
		dst = append(dst, hexDigits[c>>4], hexDigits[c&15])
	}
	return dst
}

// ifIndex appends the index of a network interface by its name.
func (t *Text) ifIndex(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	named := n.Flags&syscalls.HasFD != 0
	if !named || t.Xlat != XlatAbbrev {
		dst = strconv.AppendUint(dst, masked(n), 10)
	}
	if !named || t.Xlat == XlatRaw {
		return dst
	}
	if t.Xlat == XlatVerbose {
		dst = t.comment(dst)
	}
	dst = append(t.quote(append(dst, "if_nametoindex("...), ev.Bytes(n), false), ')')
	if t.Xlat == XlatVerbose {
		dst = t.endComment(dst)
	}
	return dst
}
