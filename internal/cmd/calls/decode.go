package main

import (
	"bytes"
	"errors"
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
}

var variants = []variant{
	{name: "", set: func(*syscalls.Event) {}},
	{name: "v", options: []string{"-v"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }},
	{name: "Xraw", options: []string{"-v", "-Xraw"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }, xlat: print.XlatRaw},
	{name: "Xverbose", options: []string{"-v", "-Xverbose"}, set: func(ev *syscalls.Event) { ev.Abbrev = false }, xlat: print.XlatVerbose},
	{name: "raw", options: []string{"-eraw=all"}, set: func(ev *syscalls.Event) { ev.Raw = true }},
	{name: "noverbose", options: []string{"-everbose=none"}, set: func(ev *syscalls.Event) { ev.Verbose = false }},
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
	all := make(lines, len(variants))
	t.each(func(c *call, before *syscalls.Call) {
		for v := range variants {
			all[v] = append(all[v], t.line(c, before, &variants[v]))
		}
	})
	return all
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
	t.play(c, before, v, &print.Lines{Out: w, Text: print.Text{Xlat: v.xlat, Location: time.UTC}})
	if err := w.Close(); err != nil && !errors.Is(err, io.EOF) {
		return err.Error()
	}
	return strings.TrimSuffix(b.String(), "\n")
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
	d := syscalls.Decoder{Inner: true}
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
