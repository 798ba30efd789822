package match

import (
	"fmt"
	"strconv"
	"strings"
)

// An Expr is a parsed condition.
type Expr struct{ root node }

// A node is or, and, not or a comparison.
type node interface {
	write(b *strings.Builder, prec int)
}

type (
	orNode  []node
	andNode []node
	notNode struct{ x node }

	// A cmpNode compares a field: op is "" (nonzero), == != < <= > >= has in ~.
	cmpNode struct {
		field []string // the argument or pseudo-field, then members
		off   int
		mask  *constant // field & mask
		op    string
		set   []item // in: any number; has and comparisons: one
	}
)

// An item is a value, a range of values or a string.
type item struct {
	lo, hi *constant // hi: nil when not a range
	str    string
	isStr  bool
	off    int
}

// A constant is numbers and names joined by |, perhaps shifted or negative.
type constant struct {
	terms []term
	off   int
}

type term struct {
	name  string // or
	num   uint64
	text  string // the number as it was written
	neg   bool
	compl bool // ~
	shift *term
	off   int
}

// String writes the expression in canonical form.
func (e *Expr) String() string {
	var b strings.Builder
	e.root.write(&b, 0)
	return b.String()
}

const (
	precOr = iota
	precAnd
	precNot
)

func (n orNode) write(b *strings.Builder, prec int) { writeList(b, n, " || ", precOr, prec) }

func (n andNode) write(b *strings.Builder, prec int) { writeList(b, n, " && ", precAnd, prec) }

func writeList(b *strings.Builder, list []node, op string, own, outer int) {
	if own < outer {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	for i, x := range list {
		if i > 0 {
			b.WriteString(op)
		}
		x.write(b, own+1)
	}
}

func (n notNode) write(b *strings.Builder, _ int) {
	b.WriteByte('!')
	if c, ok := n.x.(*cmpNode); ok && (c.op != "" || c.mask != nil) {
		b.WriteByte('(')
		c.write(b, precNot)
		b.WriteByte(')')
		return
	}
	n.x.write(b, precNot)
}

func (n *cmpNode) write(b *strings.Builder, _ int) {
	b.WriteString(strings.Join(n.field, "."))
	if n.mask != nil {
		b.WriteString(" & ")
		n.mask.write(b, true)
	}
	if n.op == "" {
		return
	}
	b.WriteString(" " + n.op + " ")
	if n.op != "in" {
		n.set[0].write(b)
		return
	}
	b.WriteByte('{')
	for i := range n.set {
		if i > 0 {
			b.WriteString(", ")
		}
		n.set[i].write(b)
	}
	b.WriteByte('}')
}

func (it *item) write(b *strings.Builder) {
	if it.isStr {
		b.WriteString(strconv.Quote(it.str))
		return
	}
	it.lo.write(b, false)
	if it.hi != nil {
		b.WriteString("..")
		it.hi.write(b, false)
	}
}

func (c *constant) write(b *strings.Builder, parens bool) {
	if parens && len(c.terms) > 1 {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	for i := range c.terms {
		if i > 0 {
			b.WriteByte('|')
		}
		c.terms[i].write(b)
	}
}

func (t *term) write(b *strings.Builder) {
	if t.compl {
		b.WriteByte('~')
	}
	if t.neg {
		b.WriteByte('-')
	}
	if t.name != "" {
		b.WriteString(t.name)
	} else {
		b.WriteString(t.text)
	}
	if t.shift != nil {
		b.WriteString("<<")
		t.shift.write(b)
	}
}

// Fields returns the names that the expression starts its comparisons with:
// arguments and pseudo-fields.
func (e *Expr) Fields() []string {
	var names []string
	walk(e.root, func(c *cmpNode) {
		for _, n := range names {
			if n == c.field[0] {
				return
			}
		}
		names = append(names, c.field[0])
	})
	return names
}

func walk(n node, f func(*cmpNode)) {
	switch n := n.(type) {
	case orNode:
		for _, x := range n {
			walk(x, f)
		}
	case andNode:
		for _, x := range n {
			walk(x, f)
		}
	case notNode:
		walk(n.x, f)
	case *cmpNode:
		f(n)
	default:
		panic(fmt.Sprintf("match: no such node: %T", n))
	}
}
