package match

import (
	"fmt"
	"slices"
)

// Parse parses an expression. Errors are of type *Error.
func Parse(src string) (*Expr, error) {
	toks, err := lex(src)
	if err != nil {
		return nil, err
	}
	p := &parser{toks: toks}
	root, err := p.or(0)
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != tokEnd {
		hint := ""
		if t.kind == tokName {
			hint = "conditions are joined by && or ||"
		}
		return nil, &Error{t.off, fmt.Sprintf("unexpected %s", t), hint}
	}
	return &Expr{root}, nil
}

// maxNesting keeps a hostile expression from using up the stack.
const maxNesting = 100

type parser struct {
	toks []token
	pos  int
}

func (p *parser) peek() token { return p.toks[p.pos] }

func (p *parser) next() token {
	t := p.toks[p.pos]
	if t.kind != tokEnd {
		p.pos++
	}
	return t
}

// accept takes the operator op if it is next.
func (p *parser) accept(op string) bool {
	if t := p.peek(); t.kind == tokOp && t.text == op {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(op string) error {
	if !p.accept(op) {
		return &Error{p.peek().off, fmt.Sprintf("expected %q, found %s", op, p.peek()), ""}
	}
	return nil
}

func (p *parser) or(depth int) (node, error) {
	if depth > maxNesting {
		return nil, &Error{p.peek().off, "nested too deeply", ""}
	}
	list, err := p.list("||", func() (node, error) {
		and, err := p.list("&&", func() (node, error) { return p.unary(depth) })
		if err != nil || len(and) == 1 {
			return first(and), err
		}
		return andNode(and), nil
	})
	if err != nil || len(list) == 1 {
		return first(list), err
	}
	return orNode(list), nil
}

func first(list []node) node {
	if len(list) == 0 {
		return nil
	}
	return list[0]
}

func (p *parser) list(op string, part func() (node, error)) ([]node, error) {
	var list []node
	for {
		x, err := part()
		if err != nil {
			return nil, err
		}
		list = appendFlat(list, x, op)
		if !p.accept(op) {
			return list, nil
		}
	}
}

// appendFlat appends x, or its parts if it is of the same operator: (a && b) && c
// is a && b && c.
func appendFlat(list []node, x node, op string) []node {
	switch x := x.(type) {
	case orNode:
		if op == "||" {
			return append(list, x...)
		}
	case andNode:
		if op == "&&" {
			return append(list, x...)
		}
	}
	return append(list, x)
}

func (p *parser) unary(depth int) (node, error) {
	if p.accept("!") {
		if depth > maxNesting {
			return nil, &Error{p.peek().off, "nested too deeply", ""}
		}
		x, err := p.unary(depth + 1)
		if err != nil {
			return nil, err
		}
		if n, ok := x.(notNode); ok {
			return n.x, nil
		}
		return notNode{x}, nil
	}
	if p.accept("(") {
		x, err := p.or(depth + 1)
		if err != nil {
			return nil, err
		}
		return x, p.expect(")")
	}
	return p.comparison()
}

var comparisons = [...]string{"==", "!=", "<=", ">=", "<", ">", "~"}

func (p *parser) comparison() (node, error) {
	t := p.next()
	if t.kind != tokName {
		return nil, &Error{t.off, fmt.Sprintf("expected the name of an argument, found %s", t), ""}
	}
	n := &cmpNode{field: []string{t.text}, off: t.off}
	for p.accept(".") {
		m := p.next()
		if m.kind != tokName {
			return nil, &Error{m.off, fmt.Sprintf("expected the name of a member, found %s", m), ""}
		}
		n.field = append(n.field, m.text)
	}
	if p.accept("&") {
		mask, err := p.maskConstant()
		if err != nil {
			return nil, err
		}
		n.mask = mask
	}
	return n, p.operator(n)
}

// operator parses what follows the field.
func (p *parser) operator(n *cmpNode) error {
	t := p.peek()
	switch {
	case t.kind == tokName && (t.text == "in" || t.text == "has"):
		p.next()
		n.op = t.text
	case t.kind == tokOp && slices.Contains(comparisons[:], t.text):
		p.next()
		n.op = t.text
	default:
		return nil
	}
	if n.op == "in" {
		return p.set(n)
	}
	it, err := p.item(false)
	if err != nil {
		return err
	}
	if it.isStr && n.op != "==" && n.op != "!=" && n.op != "~" {
		return &Error{it.off, fmt.Sprintf("a string after %q", n.op), `strings are compared by == and !=, and matched by ~`}
	}
	if !it.isStr && n.op == "~" {
		return &Error{it.off, "expected a pattern in double quotes", ""}
	}
	n.set = []item{it}
	return nil
}

func (p *parser) set(n *cmpNode) error {
	if err := p.expect("{"); err != nil {
		return err
	}
	for {
		it, err := p.item(true)
		if err != nil {
			return err
		}
		n.set = append(n.set, it)
		if p.accept("}") {
			return nil
		}
		if err := p.expect(","); err != nil {
			return err
		}
	}
}

func (p *parser) item(ranges bool) (item, error) {
	t := p.peek()
	if t.kind == tokString {
		p.next()
		return item{str: t.text, isStr: true, off: t.off}, nil
	}
	lo, err := p.constant()
	if err != nil {
		return item{}, err
	}
	it := item{lo: lo, off: t.off}
	if ranges && p.accept("..") {
		it.hi, err = p.constant()
	}
	return it, err
}

// maskConstant is a term, or several in parentheses: | binds less than &.
func (p *parser) maskConstant() (*constant, error) {
	if p.accept("(") {
		c, err := p.constant()
		if err != nil {
			return nil, err
		}
		return c, p.expect(")")
	}
	t, err := p.term()
	return &constant{terms: []term{t}, off: t.off}, err
}

func (p *parser) constant() (*constant, error) {
	c := &constant{off: p.peek().off}
	for {
		t, err := p.term()
		if err != nil {
			return nil, err
		}
		c.terms = append(c.terms, t)
		if !p.accept("|") {
			return c, nil
		}
	}
}

func (p *parser) term() (term, error) {
	out := term{off: p.peek().off}
	out.compl = p.accept("~")
	out.neg = p.accept("-")
	switch t := p.next(); t.kind {
	case tokName:
		out.name = t.text
	case tokNumber:
		out.num, out.text = t.num, t.text
	default:
		return out, &Error{t.off, fmt.Sprintf("expected a number or a constant, found %s", t), ""}
	}
	if p.accept("<<") {
		s := p.next()
		if s.kind != tokNumber || s.num > 63 {
			return out, &Error{s.off, "expected how far to shift, 0 to 63", ""}
		}
		out.shift = &term{num: s.num, text: s.text, off: s.off}
	}
	return out, nil
}
