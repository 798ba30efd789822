package print

import (
	"encoding/base64"
	"strconv"
	"unicode/utf8"

	"strait/syscalls"
)

// JSONLines writes an object a line for each event: docs/json.md.
type JSONLines struct {
	Out *Writer
	buf []byte
}

// Enter writes nothing: a call is one object, written when it is over.
func (j *JSONLines) Enter(*syscalls.Event) {}

// Exit writes a call.
func (j *JSONLines) Exit(ev *syscalls.Event) { j.Event(ev) }

// Event writes any event.
func (j *JSONLines) Event(ev *syscalls.Event) {
	j.buf = append(AppendJSON(j.buf[:0], ev), '\n')
	j.Out.Write(j.buf)
}

// Flush writes what is buffered.
func (j *JSONLines) Flush() error { return j.Out.Flush() }

var eventNames = [...]string{
	syscalls.EventCall: "call", syscalls.EventSignal: "signal", syscalls.EventStopped: "stop",
	syscalls.EventNew: "start", syscalls.EventExec: "exec", syscalls.EventExited: "exit",
	syscalls.EventKilled: "killed", syscalls.EventSuperseded: "superseded", syscalls.EventDetached: "detached",
}

// AppendJSON appends ev as one JSON object.
func AppendJSON(dst []byte, ev *syscalls.Event) []byte {
	dst = append(append(append(dst, `{"type":"`...), eventNames[ev.Kind]...), `","pid":`...)
	dst = strconv.AppendInt(dst, int64(ev.PID), 10)
	dst = jsonInt(dst, "tid", int64(ev.TID))
	dst = jsonInt(dst, "mono", ev.Mono)
	dst = jsonInt(dst, "wall", ev.Wall)
	switch ev.Kind {
	case syscalls.EventCall:
		dst = jsonCall(dst, ev)
	case syscalls.EventSignal, syscalls.EventStopped, syscalls.EventKilled:
		dst = append(append(append(dst, `,"signal":"`...), appendSignal([]byte("SIG"), int64(ev.Sig))...), '"')
		if ev.Kind == syscalls.EventKilled {
			dst = strconv.AppendBool(append(dst, `,"core":`...), ev.Core)
		}
		if len(ev.Nodes) > 0 {
			dst = jsonNode(append(dst, `,"siginfo":`...), ev, ev.Nodes, 0)
		}
	case syscalls.EventExited:
		dst = jsonInt(dst, "status", int64(ev.Status))
	case syscalls.EventNew:
		dst = jsonInt(dst, "parent", int64(ev.OtherTID))
	case syscalls.EventExec:
		dst = jsonInt(dst, "from", int64(ev.OtherTID))
		if ev.ExePath != "" {
			dst = jsonString(append(dst, `,"exe":`...), []byte(ev.ExePath))
		}
	case syscalls.EventSuperseded:
		dst = jsonInt(dst, "by", int64(ev.OtherTID))
	}
	return append(dst, '}')
}

func jsonInt(dst []byte, name string, v int64) []byte {
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendInt(dst, v, 10)
}

func jsonCall(dst []byte, ev *syscalls.Event) []byte {
	dst = append(AppendName(append(dst, `,"name":"`...), ev), `","nr":`...)
	dst = strconv.AppendUint(dst, ev.Nr, 10)
	if ev.ABI != nil {
		dst = append(append(append(dst, `,"abi":"`...), ev.ABI.Name...), '"')
	}
	dst = jsonInt(dst, "ip", int64(ev.IP))
	dst = append(dst, `,"args":[`...)
	for i, first := uint32(0), true; i < uint32(len(ev.Nodes)); i = ev.Nodes[i].End {
		if !first {
			dst = append(dst, ',')
		}
		dst, first = jsonNode(dst, ev, ev.Nodes, i), false
	}
	dst = append(dst, ']')
	if !ev.Returned {
		return append(dst, `,"ret":null`...)
	}
	dst = jsonInt(dst, "ret", ev.Ret)
	if ev.Errno != 0 {
		name, _ := syscalls.ErrnoName(ev.Errno)
		dst = append(append(append(dst, `,"errno":"`...), name...), '"')
	}
	if len(ev.RetNodes) > 0 && ev.Errno == 0 {
		dst = append(dst, `,"result":[`...)
		for i, first := uint32(0), true; i < uint32(len(ev.RetNodes)); i = ev.RetNodes[i].End {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = jsonNode(dst, ev, ev.RetNodes, i), false
		}
		dst = append(dst, ']')
	}
	return jsonInt(dst, "duration", max(ev.MonoExit-ev.Mono, 0))
}

// jsonNode appends one node as an object: its name, kind and value; a container
// with its children under "items".
func jsonNode(dst []byte, ev *syscalls.Event, list []syscalls.Node, i uint32) []byte {
	n := &list[i]
	dst = append(append(append(dst, `{"kind":"`...), kindNames[n.Kind]...), '"')
	if n.Name != "" {
		dst = jsonString(append(dst, `,"name":`...), []byte(n.Name))
	}
	if n.Flags&syscalls.Arrow != 0 {
		dst = append(dst, `,"after":true`...)
	}
	dst = jsonValue(dst, ev, n)
	if container(n.Kind) {
		dst = append(dst, `,"items":[`...)
		for c, first := i+1, true; c < n.End; c = list[c].End {
			if !first {
				dst = append(dst, ',')
			}
			dst, first = jsonNode(dst, ev, list, c), false
		}
		dst = append(dst, ']')
	}
	return append(dst, '}')
}

func container(k syscalls.Kind) bool {
	return k >= syscalls.Struct && k <= syscalls.Labelled || k == syscalls.Ptr
}

func jsonValue(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch n.Kind {
	case syscalls.Str, syscalls.IP6, syscalls.SigSet, syscalls.MAC, syscalls.UUID:
		dst = jsonBytes(dst, ev.Bytes(n))
		if n.Flags&syscalls.Cut != 0 {
			dst = append(dst, `,"cut":true`...)
		}
		return dst
	case syscalls.Int, syscalls.FD, syscalls.DirFD, syscalls.PID, syscalls.TGID, syscalls.PGID, syscalls.SID, syscalls.Sig:
		dst = strconv.AppendInt(append(dst, `,"value":`...), int64(n.Val), 10)
	case syscalls.Struct, syscalls.Array, syscalls.BitArray, syscalls.Func, syscalls.Comment, syscalls.Group, syscalls.Lit, syscalls.More:
		return dst
	default:
		dst = strconv.AppendUint(append(dst, `,"value":`...), masked(n), 10)
	}
	return jsonNames(dst, ev, n)
}

// jsonNames appends what a number stands for: names of flags, a path.
func jsonNames(dst []byte, ev *syscalls.Event, n *syscalls.Node) []byte {
	switch {
	case n.Flags&syscalls.HasFD != 0:
		return jsonString(append(dst, `,"path":`...), ev.Bytes(n))
	case n.Kind == syscalls.Enum && n.Table != nil:
		if name := n.Table.Lookup(masked(n)); name != "" {
			return jsonString(append(dst, `,"text":`...), []byte(name))
		}
	case n.Kind == syscalls.Flags && n.Table != nil:
		var t Text
		return jsonText(dst, func(dst []byte) []byte { return t.flags(dst, n) })
	case n.Kind == syscalls.Sig:
		return append(appendSignal(append(dst, `,"text":"SIG`...), int64(int32(n.Val))), '"')
	case n.Kind == syscalls.Mode:
		var t Text
		return jsonText(dst, func(dst []byte) []byte { return t.mode(dst, masked(n)) })
	}
	return dst
}

func jsonText(dst []byte, text func([]byte) []byte) []byte {
	return append(text(append(dst, `,"text":"`...)), '"')
}

// jsonBytes appends a byte string: as text if it is UTF-8, else in base64.
func jsonBytes(dst, p []byte) []byte {
	if utf8.Valid(p) {
		return jsonString(append(dst, `,"value":`...), p)
	}
	dst = base64.StdEncoding.AppendEncode(append(dst, `,"base64":"`...), p)
	return append(dst, '"')
}

// jsonString appends a JSON string of valid UTF-8; bytes that are not become
// U+FFFD.
func jsonString(dst, p []byte) []byte {
	dst = append(dst, '"')
	for len(p) > 0 {
		r, size := utf8.DecodeRune(p)
		switch {
		case r == '"' || r == '\\':
			dst = append(dst, '\\', byte(r))
		case r < ' ' || r == 0x7f:
			dst = append(dst, '\\', 'u', '0', '0', hexDigits[r>>4], hexDigits[r&15])
		case r == utf8.RuneError && size == 1:
			dst = append(dst, "\\ufffd"...)
		default:
			dst = append(dst, p[:size]...)
		}
		p = p[size:]
	}
	return append(dst, '"')
}

// kindNames are the words for kinds of nodes.
var kindNames = [...]string{
	syscalls.None: "none", syscalls.Int: "int", syscalls.Uint: "uint", syscalls.Hex: "hex", syscalls.Oct: "oct",
	syscalls.Addr: "addr", syscalls.FD: "fd", syscalls.DirFD: "dirfd", syscalls.PID: "tid", syscalls.TGID: "pid",
	syscalls.PGID: "pgid", syscalls.SID: "sid", syscalls.ID: "id", syscalls.Mode: "mode", syscalls.Perm: "perm",
	syscalls.Dev: "dev", syscalls.Sig: "signal", syscalls.Flags: "flags", syscalls.Enum: "enum", syscalls.Port: "port",
	syscalls.IP4: "ip4", syscalls.BE16: "be16", syscalls.BE32: "be32", syscalls.Char: "char", syscalls.Str: "string",
	syscalls.IP6: "ip6", syscalls.SigSet: "sigset", syscalls.MAC: "mac", syscalls.UUID: "uuid", syscalls.Struct: "struct",
	syscalls.Array: "array", syscalls.BitArray: "set", syscalls.OrList: "or", syscalls.Func: "call",
	syscalls.Comment: "comment", syscalls.Group: "group", syscalls.Shift: "shift", syscalls.Index: "index",
	syscalls.Labelled: "labelled", syscalls.More: "more", syscalls.Unread: "unread", syscalls.Vars: "vars",
	syscalls.WaitStatus: "wait_status", syscalls.ClockTicks: "clock_ticks", syscalls.SyscallNr: "syscall",
	syscalls.Errno: "errno", syscalls.Kilo: "uint", syscalls.Entries: "entries", syscalls.Date: "date",
	syscalls.ShiftBy: "shift_by", syscalls.Shifted: "shifted", syscalls.Lit: "word", syscalls.Resuming: "resuming", syscalls.Ptr: "ptr",
}
