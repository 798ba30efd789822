package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"strait/internal/print"
	"strait/syscalls"
)

// A variant is a set of options under which calls are shown.
type variant struct {
	name    string // in TABLE.want
	options []string
	set     func(*syscalls.Event)
	xlat    print.XlatStyle
	halves  bool // each line is cut in two, with " ~ " between
	whole   bool // such lines are recorded whole, not only where they are cut
	limit   int  // of strings and arrays, 0 for what it is without -s
	hex     print.HexStyle
	names   bool // of arguments
}

var variants = []variant{
	{name: "", set: func(*syscalls.Event) {}},
	{name: "v", options: []string{"-v"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }},
	{name: "Xraw", options: []string{"-v", "-Xraw"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }, xlat: print.XlatRaw},
	{name: "Xverbose", options: []string{"-v", "-Xverbose"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }, xlat: print.XlatVerbose},
	{name: "raw", options: []string{"-eraw=all"}, set: func(ev *syscalls.Event) { ev.Raw = true }},
	{name: "noverbose", options: []string{"-everbose=none"}, set: func(ev *syscalls.Event) { ev.Verbose = false }},
	{name: "f", options: []string{"-f"}, set: func(*syscalls.Event) {}, halves: true},
}

// more are the variants of tables that say styles(): what the others do not show of each kind of value.
var more = []variant{
	{name: "Nf", options: []string{"-N", "-f"}, set: func(*syscalls.Event) {}, halves: true, whole: true, names: true},
	{name: "noverbosef", options: []string{"-everbose=none", "-f"}, set: func(ev *syscalls.Event) { ev.Verbose = false }, halves: true, whole: true},
	{name: "s1", options: []string{"-s1"}, set: func(*syscalls.Event) {}, limit: 1},
	{name: "s3xx", options: []string{"-s3", "-xx"}, set: func(*syscalls.Event) {}, limit: 3, hex: print.HexAll},
	{name: "x", options: []string{"-x"}, set: func(*syscalls.Event) {}, hex: print.HexNonASCII},
}

// lines are those of a table's calls, for each variant.
type lines [][]string

// ReadMemory makes the table's memory that of a tracee.
func (t *table) ReadMemory(addr uint64, p []byte) int {
	if addr < memStart || addr >= memStart+memSize {
		return 0
	}
	return copy(p, t.mem[addr-memStart:])
}

// AppendFD knows no descriptors.
func (t *table) AppendFD(dst []byte, _ int32) []byte { return dst }

// NetlinkProtocol knows the descriptors that the runner opens.
func (t *table) NetlinkProtocol(fd int32) (protocol int, known, netlink bool) {
	p := uint64(fd - netlinkFD)
	ok := slices.Contains(t.protocols, p)
	return int(p), ok, ok
}

// Terminal knows the descriptor that the runner opens.
func (t *table) Terminal(fd int32) bool { return fd == terminalFD }

// AppendIfName knows the interface that every machine has.
func (t *table) AppendIfName(dst []byte, index uint32) []byte {
	if index == 1 {
		return append(dst, "lo"...)
	}
	return dst
}

// AppendPID knows no processes.
func (t *table) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

// decode decodes every call of the table under every variant.
func (t *table) decode() lines {
	all := make(lines, len(t.variants))
	t.each(func(c *call, before *syscalls.Call) {
		for v := range t.variants {
			all[v] = append(all[v], t.line(c, before, &t.variants[v]))
		}
	})
	all.markCuts(t.variants)
	return all
}

// markCuts leaves of the lines in halves where each is cut.
func (all lines) markCuts(variants []variant) {
	for v := 1; v < len(variants); v++ {
		for i := range all[v] {
			if variants[v].halves && !variants[v].whole {
				all[v][i] = cutOf(all[v][i], all[0][i])
			}
		}
	}
}

// cutOf says where line, with " ~ " between its halves, is cut, if it is otherwise
// whole: by the number of bytes before the cut and what stands around it. It is
// empty where all arguments stand before the cut, as in most lines.
func cutOf(line, whole string) string {
	const before, behind = 32, 16
	for at := 0; ; at++ {
		i := strings.Index(line[at:], " ~ ")
		if i < 0 {
			return line
		}
		at += i
		if line[:at]+line[at+3:] != whole {
			continue
		}
		if at == strings.LastIndex(whole, ") = ") {
			return ""
		}
		return fmt.Sprintf("%d %s ~ %s", at, whole[max(0, at-before):at], whole[at:min(len(whole), at+behind)])
	}
}

// each calls f for every call of the table, with the memory as it is then and the call
// that was made before it. What play changes in memory is undone.
func (t *table) each(f func(c *call, before *syscalls.Call)) {
	m := marker(t.start)
	before := m.abi.Call(m.nr)
	for _, e := range t.events {
		if e.patch != nil {
			t.store(e.patch)
			continue
		}
		c := &t.calls[e.call]
		f(c, before)
		before = c.abi.Begun(c.nr, before)
		for i := range c.patches {
			t.store(&c.patches[i])
		}
	}
}

func (t *table) store(p *patch) { copy(t.mem[p.addr-memStart:], p.data) }

// line is what we print for a call that is made after another one.
func (t *table) line(c *call, before *syscalls.Call, v *variant) string {
	var b strings.Builder
	w := print.NewWriter(&b)
	l := &print.Lines{Out: w, Text: print.Text{Xlat: v.xlat, Hex: v.hex, ArgNames: v.names, Location: time.UTC}}
	if v.halves {
		t.play(c, before, v, inHalves{l})
	} else {
		t.play(c, before, v, l)
	}
	if err := w.Close(); err != nil && !errors.Is(err, io.EOF) {
		return err.Error()
	}
	text := strings.TrimSuffix(b.String(), "\n")
	if v.halves {
		entry, rest, _ := strings.Cut(text, " <unfinished ...>\n")
		_, exit, _ := strings.Cut(rest, " resumed>")
		text = entry + " ~ " + exit
	}
	return text
}

// inHalves cuts the lines in two, as those of another task would.
type inHalves struct{ *print.Lines }

func (h inHalves) Exit(ev *syscalls.Event) {
	h.Break()
	h.Lines.Exit(ev)
}

// play shows a call to l as it is made and as it returns.
func (t *table) play(c *call, before *syscalls.Call, v *variant, l interface {
	Enter(*syscalls.Event)
	Exit(*syscalls.Event)
},
) {
	if len(c.patches) > 0 {
		saved := bytes.Clone(t.mem)
		defer func() { copy(t.mem, saved) }()
	}
	ev := &syscalls.Event{TID: 1, PID: 1, ABI: c.abi, Nr: c.nr, Args: c.args, Abbrev: true, Verbose: true, SP: memStart + memSize - 0x1000, Interrupted: before}
	v.set(ev)
	d := syscalls.Decoder{Inner: true, StringLimit: v.limit}
	d.Enter(ev, t)
	l.Enter(ev)
	for i := range c.patches {
		t.store(&c.patches[i])
	}
	ev.Returned, ev.Ret = true, c.ret
	if c.ret < 0 && c.ret >= -4095 { // the kernel's own test
		ev.Errno = int(-c.ret)
	}
	d.Exit(ev, t)
	l.Exit(ev)
}
