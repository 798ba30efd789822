package match

import (
	"fmt"
	"iter"

	"strait/internal/bpf"
	"strait/syscalls"

	"github.com/bmatcuk/doublestar/v4"
)

// A Pred is an expression bound to a call of an ABI. It holds no state of its
// own: any number of goroutines may use it.
type Pred struct{ root pnode }

type predKind uint8

const (
	pOr predKind = iota
	pAnd
	pNot
	pNumber // a number in ranges
	pString // a string among patterns
)

// A source is where a value comes from.
type source uint8

const (
	srcArg    source = iota // argument args[0] of the row
	srcRaw                  // register args[0]
	srcMember               // a member within argument args[0]
	srcComm
	srcExe
	srcNr
	srcTID
	srcPID
	srcSig
	srcErrno
	srcRet
)

type pnode struct {
	kind predKind
	kids []pnode

	src    source
	args   []int // strings: any of these arguments
	member []string

	// pNumber: (value & mask) ^ bias is in one of set.
	test            bpf.Test // for the filter, if lowers
	lowers          bool
	set             []bpf.Range
	mask, bias, cut uint64

	glob     bool
	patterns []string
}

// Bind resolves the names of the expression for a call of an ABI; call may be
// nil for a number without a row. Strings may hold ${NAME}, which expand turns
// into text; nil leaves them alone. Errors are of type *Error.
func (e *Expr) Bind(abi *syscalls.ABI, call *syscalls.Call, expand func(string) string) (*Pred, error) {
	b := &binder{abi, call, expand}
	root, err := b.node(e.root)
	if err != nil {
		return nil, err
	}
	return &Pred{root}, nil
}

// Applies reports whether a call has all arguments that the expression names.
func (e *Expr) Applies(abi *syscalls.ABI, call *syscalls.Call) bool {
	b := &binder{abi: abi, call: call}
	for _, f := range e.Fields() {
		if _, err := b.field(f, 0); err != nil {
			return false
		}
	}
	return true
}

type binder struct {
	abi    *syscalls.ABI
	call   *syscalls.Call
	expand func(string) string
}

func (b *binder) node(n node) (pnode, error) {
	switch n := n.(type) {
	case orNode:
		return b.nodes(pOr, n)
	case andNode:
		return b.nodes(pAnd, n)
	case notNode:
		return b.nodes(pNot, []node{n.x})
	}
	return b.comparison(n.(*cmpNode))
}

func (b *binder) nodes(kind predKind, list []node) (pnode, error) {
	out := pnode{kind: kind}
	for _, x := range list {
		p, err := b.node(x)
		if err != nil {
			return out, err
		}
		out.kids = append(out.kids, p)
	}
	return out, nil
}

// A ref is what the first name of a field stands for.
type ref struct {
	src   source
	args  []int
	kind  syscalls.Kind // of the argument
	arg   *syscalls.Arg
	table *syscalls.Table
}

// pseudo are the names that are no arguments.
var pseudo = [...]struct {
	name string
	src  source
	kind syscalls.Kind
}{
	{"comm", srcComm, syscalls.Str},
	{"exe", srcExe, syscalls.Str},
	{"nr", srcNr, syscalls.Uint},
	{"tid", srcTID, syscalls.Int},
	{"pid", srcPID, syscalls.Int},
	{"sig", srcSig, syscalls.Sig},
	{"errno", srcErrno, syscalls.Enum},
	{"ret", srcRet, syscalls.Int},
}

func (b *binder) field(name string, off int) (ref, error) {
	if b.call != nil {
		if r, ok := b.argument(name); ok {
			return r, nil
		}
	}
	if len(name) == 4 && name[:3] == "arg" && '0' <= name[3] && name[3] <= '5' {
		return ref{src: srcRaw, args: []int{int(name[3] - '0')}, kind: syscalls.Hex}, nil
	}
	for _, p := range pseudo {
		if p.name == name {
			return ref{src: p.src, kind: p.kind}, nil
		}
	}
	return ref{}, b.unknownField(name, off)
}

// argument finds an argument by its name, or by what it is: "fd" is the first
// descriptor, "sig" the first signal, "path" any pathname.
func (b *binder) argument(name string) (ref, bool) {
	r := ref{src: srcArg}
	for i := range b.call.Args {
		a := &b.call.Args[i]
		if a.Name == name {
			return ref{src: srcArg, args: []int{i}, kind: b.abi.ArgKind(b.call, i), arg: a, table: b.abi.ArgTable(b.call, i)}, true
		}
	}
	for i := range b.call.Args {
		kind := b.abi.ArgKind(b.call, i)
		switch {
		case name == "fd" && (kind == syscalls.FD || kind == syscalls.DirFD):
			return ref{src: srcArg, args: []int{i}, kind: kind, arg: &b.call.Args[i]}, true
		case name == "sig" && kind == syscalls.Sig:
			return ref{src: srcArg, args: []int{i}, kind: kind, arg: &b.call.Args[i]}, true
		case name == "path" && b.abi.ArgIsPath(b.call, i):
			r.args, r.kind = append(r.args, i), kind
		}
	}
	return r, r.args != nil
}

func (b *binder) unknownField(name string, off int) error {
	e := &Error{Off: off, Msg: fmt.Sprintf("no argument or field %q", name)}
	if b.call == nil {
		return e
	}
	e.Msg = fmt.Sprintf("%s has no argument %q", b.call.Name, name)
	if n := Nearest(name, b.fieldNames); n != "" {
		e.Hint = "did you mean " + n + "?"
		return e
	}
	for i := range b.call.Args {
		if i > 0 {
			e.Hint += " "
		}
		e.Hint += b.call.Args[i].Name
	}
	if e.Hint != "" {
		e.Hint = "it has: " + e.Hint
	}
	return e
}

func (b *binder) fieldNames(yield func(string) bool) {
	for i := range b.call.Args {
		if !yield(b.call.Args[i].Name) {
			return
		}
	}
	for _, p := range pseudo {
		if !yield(p.name) {
			return
		}
	}
}

func (b *binder) comparison(c *cmpNode) (pnode, error) {
	r, err := b.field(c.field[0], c.off)
	if err != nil {
		return pnode{}, err
	}
	if isString(c) {
		return b.stringTest(c, r)
	}
	if r.kind == syscalls.Str && c.op != "" && len(c.field) == 1 && r.src != srcArg {
		return pnode{}, &Error{c.off, c.field[0] + " is a string", "strings stand in double quotes"}
	}
	return b.numberTest(c, r)
}

func isString(c *cmpNode) bool {
	for i := range c.set {
		if c.set[i].isStr {
			return true
		}
	}
	return false
}

func (b *binder) stringTest(c *cmpNode, r ref) (pnode, error) {
	out := pnode{kind: pString, src: r.src, args: r.args, member: c.field[1:], glob: c.op == "~"}
	if len(out.member) > 0 {
		out.src = srcMember
	}
	if c.mask != nil {
		return out, &Error{c.set[0].off, "a string after a mask", ""}
	}
	switch r.kind {
	case syscalls.Str, syscalls.Ptr, syscalls.FD, syscalls.DirFD:
	default:
		if len(out.member) == 0 {
			return out, &Error{c.set[0].off, c.field[0] + " is not a string", ""}
		}
	}
	for _, it := range c.set {
		if !it.isStr {
			return out, &Error{it.off, "numbers and strings in one set", ""}
		}
		s := it.str
		if b.expand != nil {
			s = b.expand(s)
		}
		if out.glob && !doublestar.ValidatePattern(s) {
			return out, &Error{it.off, fmt.Sprintf("%q is not a pattern", it.str), ""}
		}
		out.patterns = append(out.patterns, s)
	}
	if c.op == "!=" {
		return pnode{kind: pNot, kids: []pnode{out}}, nil
	}
	return out, nil
}

// constants yields the names that a value of r may have.
func (b *binder) constants(r ref) iter.Seq[string] {
	return func(yield func(string) bool) {
		if r.table == nil {
			return
		}
		for i := range r.table.Entries {
			if !yield(r.table.Entries[i].Name) {
				return
			}
		}
	}
}
