package print

import (
	"bytes"
	"encoding/base64"
	"net/netip"
	"strconv"
	"unicode/utf8"

	"strait/syscalls"
)

// JSONLines writes an object a line for each event, as docs/json.md and
// docs/json.schema.json say.
type JSONLines struct {
	Out *Writer
	// Stack, if not nil, appends the stack of a call or a signal, as lines of text.
	Stack  func(dst []byte, ev *syscalls.Event) []byte
	buf    []byte
	frames []byte
}

// Enter writes nothing: a call is one object, written when it is over.
func (j *JSONLines) Enter(*syscalls.Event) {}

// Exit writes a call.
func (j *JSONLines) Exit(ev *syscalls.Event) { j.Event(ev) }

// Event writes any event.
func (j *JSONLines) Event(ev *syscalls.Event) {
	j.buf = AppendJSON(j.buf[:0], ev)
	if j.Stack != nil {
		if j.frames = j.Stack(j.frames[:0], ev); len(j.frames) > 0 {
			j.buf = append(jsonFrames(j.buf[:len(j.buf)-1], j.frames), '}')
		}
	}
	j.buf = append(j.buf, '\n')
	j.Out.Write(j.buf)
}

// jsonFrames appends a stack, a string a line, without what begins the lines of text.
func jsonFrames(dst, lines []byte) []byte {
	dst = append(jsonKey(dst, "stack"), '[')
	for first := true; len(lines) > 0; first = false {
		line, rest, _ := bytes.Cut(lines, []byte("\n"))
		if !first {
			dst = append(dst, ',')
		}
		dst, lines = jsonString(dst, bytes.TrimPrefix(line, []byte(" > "))), rest
	}
	return append(dst, ']')
}

// Flush writes what is buffered.
func (j *JSONLines) Flush() error { return j.Out.Flush() }

var eventNames = [...]string{
	syscalls.EventCall: "call", syscalls.EventSignal: "signal", syscalls.EventStopped: "stop",
	syscalls.EventNew: "start", syscalls.EventExec: "exec", syscalls.EventExited: "exit",
	syscalls.EventKilled: "killed", syscalls.EventSuperseded: "superseded", syscalls.EventDetached: "detached",
}

// AppendJSON appends ev as one JSON object, without a newline. Numbers are
// integers, written exactly; see docs/json.md for those beyond 2^53.
func AppendJSON(dst []byte, ev *syscalls.Event) []byte {
	dst = append(append(append(dst, `{"type":"`...), eventNames[ev.Kind]...), `","pid":`...)
	dst = strconv.AppendInt(dst, int64(ev.PID), 10)
	dst = jsonInt(dst, "tid", int64(ev.TID))
	dst = jsonInt(dst, "mono", ev.Mono)
	dst = jsonInt(dst, "wall", ev.Wall)
	switch ev.Kind {
	case syscalls.EventCall:
		dst = jsonCall(dst, ev)
	case syscalls.EventSignal, syscalls.EventStopped:
		dst = jsonSignal(dst, ev)
	case syscalls.EventKilled:
		dst = strconv.AppendBool(append(jsonSignal(dst, ev), `,"core":`...), ev.Core)
	case syscalls.EventExited:
		dst = jsonInt(dst, "status", int64(ev.Status))
	case syscalls.EventNew:
		dst = jsonInt(dst, "parent", int64(ev.OtherTID))
	case syscalls.EventExec:
		dst = jsonInt(dst, "from", int64(ev.OtherTID))
		if ev.ExePath != "" {
			dst = jsonPath(dst, "exe", ev.ExePath)
		}
	case syscalls.EventSuperseded:
		dst = jsonInt(dst, "by", int64(ev.OtherTID))
	}
	return append(dst, '}')
}

func jsonInt(dst []byte, name string, v int64) []byte {
	return strconv.AppendInt(jsonKey(dst, name), v, 10)
}

// jsonUint appends a number and, if a reader with doubles would round it, its
// hexadecimal digits beside it.
func jsonUint(dst []byte, name string, v uint64) []byte {
	dst = strconv.AppendUint(jsonKey(dst, name), v, 10)
	if v <= 1<<53 {
		return dst
	}
	return append(appendHex(append(dst, `,"hex":"`...), v), '"')
}

// jsonSigned appends a signed number, with its digits as jsonUint has them.
func jsonSigned(dst []byte, name string, v int64) []byte {
	dst = jsonInt(dst, name, v)
	switch {
	case v > 1<<53:
		dst = appendHex(append(dst, `,"hex":"`...), uint64(v))
	case v < -1<<53:
		dst = appendHex(append(dst, `,"hex":"-`...), -uint64(v))
	default:
		return dst
	}
	return append(dst, '"')
}

func jsonKey(dst []byte, name string) []byte {
	return append(append(append(dst, `,"`...), name...), `":`...)
}

func jsonSignal(dst []byte, ev *syscalls.Event) []byte {
	dst = append(appendSIG(append(dst, `,"signal":"`...), int64(ev.Sig)), '"')
	if len(ev.Nodes) > 0 {
		dst = jsonNode(append(dst, `,"siginfo":`...), ev, ev.Nodes, 0)
	}
	if ev.Instruction != "" {
		dst = strconv.AppendUint(jsonKey(jsonStringKey(dst, "instruction", ev.Instruction), "ip"), ev.IP, 10)
	}
	return dst
}

func jsonCall(dst []byte, ev *syscalls.Event) []byte {
	dst = append(AppendName(append(dst, `,"name":"`...), ev), `","nr":`...)
	dst = strconv.AppendUint(dst, ev.Nr, 10)
	if ev.ABI != nil {
		dst = jsonStringKey(dst, "abi", ev.ABI.Name)
	}
	dst = strconv.AppendUint(append(dst, `,"ip":`...), ev.IP, 10)
	dst = jsonList(dst, "args", ev, ev.Nodes, 0, uint32(len(ev.Nodes)))
	if ev.Injected != 0 {
		dst = jsonInjected(dst, ev.Injected)
	}
	if !ev.Returned {
		return append(dst, `,"ret":null`...)
	}
	dst = jsonInt(dst, "ret", ev.Ret)
	switch name, words := syscalls.ErrnoName(ev.Errno); {
	case ev.Errno == 0:
	case name == "":
		dst = append(strconv.AppendInt(append(dst, `,"errno":"`...), int64(ev.Errno), 10), '"')
	default:
		dst = jsonStringKey(jsonStringKey(dst, "errno", name), "message", words)
	}
	if len(ev.RetNodes) > 0 && ev.Errno == 0 {
		dst = jsonList(dst, "result", ev, ev.RetNodes, 0, uint32(len(ev.RetNodes)))
	}
	dst = jsonInt(dst, "duration", max(ev.MonoExit-ev.Mono, 0))
	if ev.CPUExit != 0 {
		dst = jsonInt(dst, "cpu", max(ev.CPUExit-ev.CPUEnter, 0))
	}
	return dst
}

func jsonInjected(dst []byte, in syscalls.Injection) []byte {
	dst = append(dst, `,"injected":[`...)
	n := len(dst)
	for i, word := range [...]string{`,"result"`, `,"delay"`, `,"args"`, `,"retval"`} {
		if in&(1<<i) == 0 {
			continue
		}
		if len(dst) == n {
			word = word[1:]
		}
		dst = append(dst, word...)
	}
	return append(dst, ']')
}

// jsonList appends the nodes list[i:end] as an array.
func jsonList(dst []byte, name string, ev *syscalls.Event, list []syscalls.Node, i, end uint32) []byte {
	dst = append(jsonKey(dst, name), '[')
	for first := true; i < end; i = list[i].End {
		if !first {
			dst = append(dst, ',')
		}
		dst, first = jsonNode(dst, ev, list, i), false
	}
	return append(dst, ']')
}

// jsonNode appends one node as an object: its kind, name and value; a container
// with its children under "items".
func jsonNode(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	dst = append(append(append(dst, `{"kind":"`...), kindNames[n.Kind]...), '"')
	if n.Name != "" && !wordy(n.Kind) {
		dst = jsonStringKey(dst, "name", n.Name)
	}
	if n.Flags&syscalls.Arrow != 0 {
		dst = append(dst, `,"after":true`...)
	}
	switch {
	case wordy(n.Kind):
		dst = jsonStringKey(dst, "text", n.Name)
		if n.Kind == syscalls.Shifted {
			dst = jsonUint(dst, "value", n.Val)
		}
	case inArena(n.Kind):
		dst = jsonBytes(dst, ev, n)
	default:
		dst = jsonNumber(dst, ev, n)
	}
	if n.Flags&syscalls.Cut != 0 {
		dst = append(dst, `,"cut":true`...)
	}
	if n.Kind == syscalls.OrList && n.Flags&syscalls.AllNames != 0 {
		dst = append(dst, `,"alternatives":true`...)
	}
	switch {
	case n.Kind == syscalls.BitArray && n.Flags&syscalls.Styled != 0:
		memory := memoryOf(list, i)
		dst = jsonList(dst, "items", ev, list, i+1, memory)
		if memory == n.End {
			break
		}
		dst = jsonList(dst, "memory", ev, list, memory+1, n.End)
	case container(n.Kind):
		dst = jsonList(dst, "items", ev, list, i+1, n.End)
	}
	return append(dst, '}')
}

// wordy says whether a node's Name is its value.
func wordy(k syscalls.Kind) bool {
	return k == syscalls.Lit || k == syscalls.Resuming || k == syscalls.Shifted || k == syscalls.Labelled
}

func inArena(k syscalls.Kind) bool { return k >= syscalls.Str && k <= syscalls.UUID }

func container(k syscalls.Kind) bool {
	return k >= syscalls.Struct && k <= syscalls.Labelled || k == syscalls.Ptr
}

// jsonNumber appends the value of a node that has one, and what it stands for.
func jsonNumber(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Int, syscalls.Date, syscalls.Symbol:
		dst = jsonSigned(dst, "value", int64(n.Val))
	case syscalls.FD, syscalls.DirFD, syscalls.PID, syscalls.TGID, syscalls.PGID, syscalls.SID, syscalls.Errno:
		dst = jsonInt(dst, "value", int64(int32(n.Val)))
	case syscalls.Perm:
		return jsonUint(dst, "value", permBits(n))
	case syscalls.ID:
		if noID(n) {
			return jsonInt(dst, "value", -1)
		}
		return jsonUint(dst, "value", masked(n))
	case syscalls.Sig:
		if n.Width == 8 && n.Val>>31 != 0 { // of an unsigned long, no signal's number
			return jsonUint(dst, "value", n.Val)
		}
		dst = jsonInt(dst, "value", int64(int32(n.Val)))
	case syscalls.ClockTicks:
		if n.Len == 0 {
			return jsonUint(dst, "value", n.Val)
		}
		return jsonSigned(dst, "value", int64(n.Val))
	case syscalls.Enum:
		dst = jsonEnumNumber(dst, n)
	case syscalls.Struct:
		return jsonSentinel(dst, ev, n)
	case syscalls.Func:
		return jsonMacro(dst, n)
	case syscalls.Index:
		if n.Val == 0 {
			return dst
		}
		return jsonUint(dst, "minus", n.Val)
	case syscalls.None, syscalls.Array, syscalls.BitArray, syscalls.Comment, syscalls.Group, syscalls.Shift, syscalls.More:
		return dst
	default:
		dst = jsonUint(dst, "value", masked(n))
	}
	return jsonMeaning(dst, ev, n)
}

// jsonEnumNumber appends the value of an enumeration with the sign that it has as a
// number in text.
func jsonEnumNumber(dst []byte, n *syscalls.Node) []byte {
	switch {
	case negated(n):
		return jsonSigned(dst, "value", int64(n.Val))
	case n.Flags&syscalls.HexVal != 0 || n.Width == 8:
		return jsonUint(dst, "value", masked(n))
	}
	return jsonInt(dst, "value", int64(int32(masked(n))))
}

// jsonMacro appends the number that a macro makes, with the sign that it has in text. Of
// one in network order, only its argument is of use.
func jsonMacro(dst []byte, n *syscalls.Node) []byte {
	switch {
	case n.Flags&(syscalls.Styled|syscalls.ForceHex) != syscalls.Styled:
		return dst
	case n.Flags&syscalls.HexVal != 0 || n.Width >= 8:
		return jsonUint(dst, "value", masked(n))
	}
	return jsonInt(dst, "value", int64(int32(masked(n))))
}

// jsonSentinel appends the name that a structure stands for, if it does: UTIME_NOW.
func jsonSentinel(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch {
	case n.Flags&syscalls.Styled == 0:
	case n.Table == nil:
		return jsonText(dst, "text", ev.Bytes(n))
	default:
		return jsonStringKey(dst, "text", n.Table.Lookup(n.Val))
	}
	return dst
}

// jsonMeaning appends what a number stands for: names of flags, a path.
func jsonMeaning(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	var t Text
	switch n.Kind {
	case syscalls.Enum:
		if name := nameOf(n); name != "" {
			dst = append(dst, `,"text":"`...)
			if negated(n) {
				dst = append(dst, '-')
			}
			dst = append(enumNames(dst, n, masked(n), name), '"')
		}
		if n.Flags&syscalls.LeftBy != 0 {
			dst = jsonUint(dst, "shift", uint64(n.Len))
		}
		return dst
	case syscalls.Flags:
		return jsonFlags(dst, n)
	case syscalls.Sig:
		return append(appendSIG(append(dst, `,"text":"`...), int64(int32(n.Val))), '"')
	case syscalls.Mode:
		return append(t.mode(append(dst, `,"text":"`...), masked(n)), '"')
	case syscalls.WaitStatus:
		return jsonWaitStatus(dst, n)
	case syscalls.IP4:
		v := uint32(n.Val)
		a := netip.AddrFrom4([4]byte{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)})
		dst = append(a.AppendTo(append(dst, `,"text":"`...)), '"')
		if n.Len > 0 {
			dst = jsonText(dst, "field", ev.Bytes(n))
		}
		return dst
	case syscalls.Dev:
		major, minor := majorMinor(masked(n))
		return jsonUint(jsonUint(dst, "major", major), "minor", minor)
	case syscalls.Vars, syscalls.Entries, syscalls.Rest:
		if dst = jsonUint(dst, "count", uint64(n.Len)); n.Flags&syscalls.Unsized != 0 {
			dst = append(dst, `,"unterminated":true`...)
		}
		return dst
	case syscalls.Date:
		if n.Flags&syscalls.IsNsec != 0 {
			return jsonUint(dst, "nsec", uint64(n.Len))
		}
		return jsonUint(dst, "usec", uint64(n.Len))
	case syscalls.Symbol:
		return jsonText(dst, "text", ev.Bytes(n))
	case syscalls.SyscallNr:
		if ev.ABI != nil && ev.ABI.Call(n.Val) != nil {
			return append(t.syscallNr(append(dst, `,"text":"`...), ev, n.Val), '"')
		}
		return dst
	case syscalls.Errno:
		if e := int(int32(n.Val)); e < 0 {
			if name, _ := syscalls.ErrnoName(-e); name != "" {
				return append(append(append(dst, `,"text":"-`...), name...), '"')
			}
		} else if name, _ := syscalls.ErrnoName(e); name != "" {
			return jsonStringKey(dst, "text", name)
		}
		return dst
	case syscalls.IfIndex:
		if n.Flags&syscalls.HasFD != 0 {
			return jsonText(dst, "text", ev.Bytes(n))
		}
		return dst
	}
	return jsonCalled(dst, ev, n)
}

// jsonCalled appends what a descriptor or a process is called.
func jsonCalled(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	if n.Kind == syscalls.DirFD && int32(n.Val) == atFDCWD {
		dst = jsonStringKey(dst, "text", "AT_FDCWD")
	}
	if n.Flags&syscalls.HasFD == 0 {
		return dst
	}
	path, details, found := bytes.Cut(ev.Bytes(n), []byte{0})
	if n.Kind > syscalls.DirFD {
		if len(path) > 0 {
			dst = jsonText(dst, "comm", path)
		}
		if found {
			dst = append(append(dst, `,"outside":`...), details...)
		}
		return dst
	}
	path, gone := cutDeleted(path, found)
	if len(path) > 0 {
		dst = jsonText(dst, "path", path)
	}
	if gone {
		dst = append(dst, `,"deleted":true`...)
	}
	if len(details) > 0 {
		var plain Text
		dst = jsonParts(jsonText(dst, "details", plain.details(nil, details)), details)
	}
	return dst
}

// jsonWaitStatus appends a wait status in words and what they say, by themselves.
func jsonWaitStatus(dst []byte, n *syscalls.Node) []byte {
	var t Text
	dst = append(t.waitStatus(append(dst, `,"text":"`...), n), '"')
	s := uint32(n.Val)
	switch sig := int64(s & 0x7f); {
	case s == 0xffff:
		dst = append(dst, `,"continued":true`...)
	case sig == 0:
		dst = jsonUint(dst, "exited", uint64(s>>8&0xff))
	case s&0xff == 0x7f:
		dst = append(appendSIG(append(dst, `,"stopped":"`...), int64(s>>8&0x7f)), '"')
		if event := s >> 16; event != 0 && n.Table != nil {
			if name := n.Table.Lookup(uint64(event)); name != "" {
				dst = jsonStringKey(dst, "event", name)
			}
		}
	case sig != 0x7f:
		dst = append(appendSIG(append(dst, `,"killed":"`...), sig), '"')
		dst = strconv.AppendBool(append(dst, `,"core":`...), s&0x80 != 0)
	}
	return dst
}

// jsonFlags appends the names of a set of bits, and the bits without a name.
func jsonFlags(dst []byte, n *syscalls.Node) []byte {
	dst = append(dst, `,"flags":[`...)
	start := len(dst)
	rest := masked(n)
	if n.Table != nil {
		rest = eachFlag(n.Table, rest, func(name string) {
			if len(dst) > start {
				dst = append(dst, ',')
			}
			dst = append(append(append(dst, '"'), name...), '"')
		})
	}
	dst = append(dst, ']')
	if rest != 0 {
		dst = jsonCount(dst, "rest", rest)
	}
	return dst
}

// jsonBytes appends a value of bytes.
func jsonBytes(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	p := ev.Bytes(n)
	switch {
	case n.Kind == syscalls.SigSet:
		dst = append(dst, `,"signals":[`...)
		return append(jsonSignals(dst, p), ']')
	case n.Kind == syscalls.IP6 && len(p) == 16:
		return append(appendIP6(append(dst, `,"text":"`...), [16]byte(p)), '"')
	case n.Kind == syscalls.UUID:
		return append(appendUUID(append(dst, `,"text":"`...), p), '"')
	case n.Kind == syscalls.MAC:
		dst = append(appendMAC(append(dst, `,"text":"`...), meantMAC(n, p)), '"')
		if len(meantMAC(n, p)) == len(p) {
			return dst
		}
		return jsonText(dst, "field", p)
	case n.Kind == syscalls.IP6:
		return jsonText(dst, "value", p)
	}
	if n.Flags&syscalls.Abstract != 0 {
		dst = append(dst, `,"abstract":true`...)
	}
	if n.Flags&syscalls.NULBehind != 0 {
		dst = append(dst, `,"nul":true`...)
	}
	return jsonText(dst, "value", p)
}

// jsonCount appends a number that is not the value of its object: one that not every reader of JSON
// takes exactly has its digits beside it, under the name and "_hex".
func jsonCount(dst []byte, name string, n uint64) []byte {
	if dst = strconv.AppendUint(jsonKey(dst, name), n, 10); n > 1<<53 {
		dst = append(appendHex(append(append(append(dst, `,"`...), name...), `_hex":"`...), n), '"')
	}
	return dst
}

// jsonSignals appends the names of the members of a set of signals.
func jsonSignals(dst, set []byte) []byte {
	start := len(dst)
	for i := range 8 * len(set) {
		if set[i/8]>>(i%8)&1 == 0 {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(appendSIG(append(dst, '"'), int64(i+1)), '"')
	}
	return dst
}

// jsonText appends a byte string: as text if it is UTF-8, else in base64 under a
// key that says so.
func jsonText(dst []byte, key string, p []byte) []byte {
	if utf8.Valid(p) {
		return jsonString(jsonKey(dst, key), p)
	}
	dst = append(append(append(dst, `,"`...), key...), `_base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, p), '"')
}

// jsonPath appends a path as jsonText does bytes.
func jsonPath(dst []byte, key, path string) []byte {
	if utf8.ValidString(path) {
		return jsonStringKey(dst, key, path)
	}
	dst = append(append(append(dst, `,"`...), key...), `_base64":"`...)
	return append(base64.StdEncoding.AppendEncode(dst, []byte(path)), '"')
}

// jsonStringKey appends a key with a string that is ours.
func jsonStringKey(dst []byte, key, s string) []byte {
	dst = append(jsonKey(dst, key), '"')
	for i := 0; i < len(s); {
		r, size := utf8.DecodeRuneInString(s[i:])
		dst = jsonRune(dst, r, size)
		i += size
	}
	return append(dst, '"')
}

// jsonString appends a JSON string of valid UTF-8.
func jsonString(dst, p []byte) []byte {
	dst = append(dst, '"')
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		dst = jsonRune(dst, r, size)
		p = p[size:]
	}
	return append(dst, '"')
}

// jsonRune appends one character; a byte that is none becomes U+FFFD.
func jsonRune(dst []byte, r rune, size int) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r < ' ' || r == 0x7f:
		return append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
	case r == utf8.RuneError && size == 1:
		return append(dst, "\\ufffd"...)
	}
	return utf8.AppendRune(dst, r)
}
