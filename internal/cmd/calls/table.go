package main

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"os"
	"slices"
	"strings"

	"strait/syscalls"
)

// A table is a text of statements:
//
//	let NAME = EXPR              a number with a name
//	for NAME in A, B..C, D {     the statements up to the closing brace, for each
//	}
//	at(ADDR, DATA, ...)          writes into the memory that the calls point to
//	clear()                      all of that memory is 0 again
//	styles()                     the calls are shown under more sets of options than those of other tables
//	abi(x32)                     the ABI of the calls below, or i386; amd64 without it
//	NAME(ARG, ...) [= RESULT] [=> at(ADDR, DATA, ...), ...]
//	                             a call; RESULT is -EINVAL without it. What stands
//	                             behind => is what the kernel would have written
//	netlink(P, DATA, ...)        sends DATA on the socket 100+P, which is one of netlink's
//	                             protocol P; it stands at the end of the memory
//
// Expressions are Go's, with the names of constants that the tables of package
// syscalls have. DATA is u8(N, ...) u16(...) u32(...) u64(...), be16(N, ...)
// be32(...) be64(...), "bytes\x00", nl(TYPE, FLAGS, DATA, ...), attr(TYPE, DATA, ...), zero(N), fill(N, BYTE) or seq(N), the bytes 1 2 3 ....
// Descriptor 99 is a terminal. The memory is from m to end; what is beyond end is not mapped.
type table struct {
	name   string
	calls  []call
	vars   map[string]uint64
	start  *syscalls.ABI // of calls that no abi() is before
	abi    *syscalls.ABI
	left   int // calls that are left out, as start has no such call
	mem    []byte
	dirty  int // bytes of mem that may differ from 0
	events []event

	protocols []uint64 // of netlink sockets
	variants  []variant
}

// The memory of the calls. The runner has the same.
const (
	memStart = 0x10000000
	memSize  = 0x10000
)

// A call is one system call and its answer.
type call struct {
	line    int
	abi     *syscalls.ABI
	nr      uint64
	args    [6]uint64
	ret     int64
	patches []patch
}

// A patch is a piece of memory that is written.
type patch struct {
	addr uint64
	data []byte
}

// An event is what the runner does next: write memory, or make call number call.
type event struct {
	patch *patch
	call  int
}

// readTable reads a table. Where start is not amd64, for which the tables are written, all calls are
// start's: abi() says nothing, what start does not have is left out, and a constant that it
// lacks is amd64's.
func readTable(name string, start *syscalls.ABI) (*table, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t := &table{name: name, start: start, abi: start, mem: make([]byte, memSize), variants: slices.Clone(variants)}
	t.vars = map[string]uint64{"m": memStart, "end": memStart + memSize}
	_, err = t.block(strings.Split(string(text), "\n"), 0, 1<<30)
	return t, err
}

// foreign reports whether the calls are of another ABI than the table was written for.
func (t *table) foreign() bool { return t.start.ID != syscalls.AMD64 }

// block runs the statements from line i on, up to the closing brace of the block
// or line end, and returns the line behind it.
func (t *table) block(lines []string, i, end int) (int, error) {
	for i < len(lines) && i < end {
		text, next := statement(lines, i)
		var err error
		switch word, _, _ := strings.Cut(text, " "); {
		case text == "":
		case text == "}":
			return next, nil
		case word == "for":
			next, err = t.loop(lines, text, next)
		case word == "let":
			err = t.let(text)
		default:
			err = t.do(text, i+1)
		}
		if err != nil {
			var at *lineError
			if !errors.As(err, &at) {
				err = &lineError{t.name, i + 1, err}
			}
			return 0, err
		}
		i = next
	}
	return i, nil
}

type lineError struct {
	name string
	line int
	err  error
}

func (e *lineError) Error() string { return fmt.Sprintf("%s:%d: %v", e.name, e.line, e.err) }
func (e *lineError) Unwrap() error { return e.err }

// statement returns the statement that begins on line i, which may go on while
// parentheses are open, and the line behind it.
func statement(lines []string, i int) (string, int) {
	var all []string
	depth := 0
	for ; i < len(lines); i++ {
		s := strings.TrimSpace(lines[i])
		if strings.HasPrefix(s, "#") {
			s = ""
		}
		all = append(all, s)
		depth += strings.Count(s, "(") - strings.Count(s, ")")
		if depth <= 0 && !strings.HasSuffix(s, "=>") {
			return strings.Join(all, " "), i + 1
		}
	}
	return strings.Join(all, " "), i
}

// loop runs "for NAME in LIST {", whose block begins on line i.
func (t *table) loop(lines []string, text string, i int) (int, error) {
	name, list, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(text, "for "), "{"), " in ")
	if !ok || !strings.HasSuffix(text, "{") {
		return 0, errors.New("want: for NAME in LIST {")
	}
	values, err := t.list(list)
	if err != nil {
		return 0, err
	}
	next := i
	for _, v := range values {
		t.vars[name] = v
		if next, err = t.block(lines, i, len(lines)); err != nil {
			return 0, err
		}
	}
	return next, nil
}

// list evaluates A, B..C, D.
func (t *table) list(text string) (values []uint64, err error) {
	for item := range strings.SplitSeq(text, ",") {
		first, last, ranged := strings.Cut(item, "..")
		lo, err := t.number(first)
		if err != nil {
			return nil, err
		}
		hi := lo
		if ranged {
			if hi, err = t.number(last); err != nil {
				return nil, err
			}
		}
		for v := lo; ; v++ {
			if values = append(values, v); v == hi || len(values) > 1<<16 {
				break
			}
		}
	}
	return values, nil
}

func (t *table) let(text string) error {
	name, value, ok := strings.Cut(strings.TrimPrefix(text, "let "), " = ")
	if !ok {
		return errors.New("want: let NAME = EXPR")
	}
	v, err := t.number(value)
	t.vars[strings.TrimSpace(name)] = v
	return err
}

// do runs a statement that looks like a call.
func (t *table) do(text string, line int) error {
	text, after, _ := strings.Cut(text, " => ")
	result := ""
	if i := strings.LastIndex(text, ") = "); i >= 0 {
		text, result = text[:i+1], text[i+4:]
	}
	e, err := parser.ParseExpr(text)
	if err != nil {
		return err
	}
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return fmt.Errorf("%s: neither a call nor a statement", text)
	}
	switch name := fmt.Sprint(c.Fun); name {
	case "clear":
		t.write(patch{memStart, make([]byte, t.dirty)})
		t.dirty = 0
		return nil
	case "styles":
		t.variants = append(t.variants, more...)
		return nil
	case "abi":
		if !t.foreign() {
			t.abi = syscalls.ByName(fmt.Sprint(c.Args[0]))
		}
		return nil
	case "at":
		p, err := t.patch(c)
		if err == nil {
			t.write(p)
		}
		return err
	case "netlink":
		return t.netlink(c, line)
	default:
		return t.call(name, c.Args, result, after, line)
	}
}

func (t *table) write(p patch) {
	t.dirty = max(t.dirty, int(p.addr-memStart)+len(p.data))
	t.events = append(t.events, event{patch: &p})
}

// call adds a call. A name may be nr(N) to make a call by its number.
func (t *table) call(name string, args []ast.Expr, result, after string, line int) error {
	const einval = 22
	c := call{line: line, abi: t.abi, ret: -einval}
	nr, ok := t.abi.Number(name)
	if name == "nr" && len(args) > 0 {
		v, err := t.eval(args[0])
		if err != nil {
			return err
		}
		nr, ok, args = v, true, args[1:]
	}
	if !ok && t.foreign() {
		t.left++
		return nil
	}
	if !ok {
		return fmt.Errorf("%s has no call %s", t.abi.Name, name)
	}
	c.nr = nr
	for i, a := range args {
		v, err := t.eval(a)
		if err != nil {
			return err
		}
		c.args[i] = v
	}
	if result != "" {
		v, err := t.number(result)
		if err != nil {
			return err
		}
		c.ret = int64(v)
	}
	if t.abi.RegWord == 4 {
		c.ret = int64(int32(c.ret))
	}
	err := t.after(&c, after)
	t.calls = append(t.calls, c)
	t.events = append(t.events, event{call: len(t.calls) - 1})
	return err
}

// netlinkFD is the descriptor of the netlink socket of protocol 0, terminalFD that of a terminal.
const (
	netlinkFD  = 100
	terminalFD = 99
)

// netlink adds a call that sends something on a netlink socket.
func (t *table) netlink(c *ast.CallExpr, line int) error {
	if len(c.Args) == 0 {
		return errors.New("want: netlink(PROTOCOL, DATA, ...)")
	}
	protocol, err := t.eval(c.Args[0])
	if err != nil {
		return err
	}
	var data []byte
	for _, a := range c.Args[1:] {
		if data, err = t.data(data, a); err != nil {
			return err
		}
	}
	if !slices.Contains(t.protocols, protocol) {
		t.protocols = append(t.protocols, protocol)
	}
	n := uint64(len(data))
	w := call{line: line, abi: t.abi, ret: int64(n), args: [6]uint64{netlinkFD + protocol, memStart + memSize - n, n}}
	w.nr, _ = t.abi.Number("sendto")
	t.write(patch{memStart + memSize - n, data})
	t.calls = append(t.calls, w)
	t.events = append(t.events, event{call: len(t.calls) - 1})
	return nil
}

// after parses what the kernel writes.
func (t *table) after(c *call, text string) error {
	if text == "" {
		return nil
	}
	e, err := parser.ParseExpr("f(" + text + ")")
	if err != nil {
		return err
	}
	for _, a := range e.(*ast.CallExpr).Args {
		w, ok := a.(*ast.CallExpr)
		if !ok {
			return errors.New("want: => at(ADDR, DATA, ...)")
		}
		p, err := t.patch(w)
		if err != nil {
			return err
		}
		t.dirty = max(t.dirty, int(p.addr-memStart)+len(p.data))
		c.patches = append(c.patches, p)
	}
	return nil
}

// thin leaves, of the calls of one number that a line of the table makes, at most n, spread over all
// of them; 0 is no limit.
func (t *table) thin(n int) {
	type made struct {
		line int
		nr   uint64
	}
	total, seen := map[made]int{}, map[made]int{}
	for i := range t.calls {
		total[made{t.calls[i].line, t.calls[i].nr}]++
	}
	all := t.calls
	t.calls = nil
	events := t.events[:0]
	for _, e := range t.events {
		if e.patch == nil {
			c := &all[e.call]
			key := made{c.line, c.nr}
			i, of := seen[key], total[key]
			seen[key]++
			// Of the n steps from 0 to of, those that i begins are taken.
			if n > 0 && of > n && i*n/of == (i-1+of)*n/of-n {
				continue
			}
			e.call = len(t.calls)
			t.calls = append(t.calls, *c)
		}
		events = append(events, e)
	}
	t.events = events
}
