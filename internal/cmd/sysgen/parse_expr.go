package main

import "slices"

// binary operators by precedence, loosest first: as in Go, so that a & b == c
// compares the masked value.
var precedence = [...][]string{
	{"||"},
	{"&&"},
	{"==", "!=", "<", "<=", ">", ">="},
	{"+", "-", "|", "^"},
	{"*", "/", "%", "<<", ">>", "&"},
}

// exprs reads EXPR, EXPR ... up to a closing parenthesis.
func (p *parser) exprs() (list []*expr) {
	for !p.peek().is(")") {
		list = append(list, p.expr())
		if !p.accept(",") {
			break
		}
	}
	return list
}

// expr reads COND ? EXPR : EXPR, or something that binds tighter.
func (p *parser) expr() *expr {
	p.deeper(1)
	defer p.deeper(-1)
	c := p.binary(0)
	t := p.peek()
	if !p.accept("?") {
		return c
	}
	a := p.expr()
	p.expect(":", "between the branches of ?:")
	return &expr{at: t.at, op: "?:", kids: []*expr{c, a, p.expr()}}
}

func (p *parser) binary(level int) *expr {
	if level == len(precedence) {
		return p.unary()
	}
	a := p.binary(level + 1)
	for {
		t := p.peek()
		if t.kind != tokPunct || !slices.Contains(precedence[level], t.text) {
			return a
		}
		p.pos++
		a = &expr{at: t.at, op: t.text, kids: []*expr{a, p.binary(level + 1)}}
	}
}

func (p *parser) unary() *expr {
	p.deeper(1)
	defer p.deeper(-1)
	t := p.peek()
	for _, op := range [...]string{"!", "-", "~"} {
		if p.accept(op) {
			return &expr{at: t.at, op: "u" + op, kids: []*expr{p.unary()}}
		}
	}
	return p.operand()
}

// exprFuncs are the functions of the language with the number of their
// arguments.
var exprFuncs = map[string]int{"sizeof": 1, "deref": 2, "entry": 1, "min": 2, "max": 2, "readable": 2, "defined": 1}

func (p *parser) operand() *expr {
	t := p.next()
	switch {
	case t.kind == tokNumber:
		return &expr{at: t.at, op: "num", val: number(t)}
	case t.is("("):
		p.pos--
		p.open("")
		e := p.expr()
		p.close("after an expression")
		return e
	case t.kind == tokIdent && p.peek().is("(") && exprFuncs[t.text] != 0:
		return p.exprCall(t)
	case t.kind == tokIdent:
		if p.paren > 0 && p.peek().is("(") {
			failf(t.at, "the functions are deref defined entry max min readable sizeof", "unknown function %q", t.text)
		}
		return &expr{at: t.at, op: "name", name: t.text}
	}
	failf(t.at, "", "got %v, want a value", t)
	return nil
}

func (p *parser) exprCall(t token) *expr {
	e := &expr{at: t.at, op: "call", name: t.text}
	p.open("")
	switch t.text {
	case "sizeof":
		e.typ = p.typ()
	case "deref":
		e.kids = []*expr{p.operand()}
		p.expect(",", "before the type of deref")
		e.typ = p.typ()
		if p.accept(",") {
			e.val = p.number("an offset")
		}
	default:
		e.kids = p.exprs()
		if len(e.kids) != exprFuncs[t.text] {
			failf(t.at, "", "%s takes %d arguments, got %d", t.text, exprFuncs[t.text], len(e.kids))
		}
	}
	p.close("after the arguments of " + t.text)
	return e
}
