package main

// body reads { ITEM; ITEM ... } and calls item for each.
func (p *parser) body(what string, item func()) {
	p.expect("{", "before "+what)
	p.deeper(1)
	saved := p.paren
	p.paren = 0
	for p.skipLines(); !p.peek().is("}"); p.skipLines() {
		if t := p.peek(); t.kind == tokEOF {
			failf(t.at, `a closing brace "}" is missing`, "end of file within %s", what)
		}
		item()
		if t := p.peek(); t.kind != tokNewline && !t.is(";") && !t.is("}") && t.kind != tokEOF {
			failf(t.at, "items stand on lines of their own or are separated by \";\"", "got %v within %s", t, what)
		}
	}
	p.paren = saved
	p.expect("}", "")
	p.deeper(-1)
}

func (p *parser) tableStmt(kind string) stmt {
	t := &tableStmt{header: p.header("the name of a table"), enum: kind == "enum", bits: kind == "bits" || kind == "bits1", ordinals: kind == "bits1"}
	if len(t.params) > 0 {
		failf(t.at, "", "a table has no parameters")
	}
	for p.accept("?") {
		t.prefix += "?"
	}
	if p.peek().kind == tokIdent {
		t.prefix += p.next().text
	}
	for p.accept("?") { // a prefix with a "?" is the whole comment: SOL_??, TIPC_???_SCOPE
		t.prefix += "?"
		if p.peek().kind == tokIdent {
			t.prefix += p.next().text
		}
	}
	if p.accept("=") {
		p.tableSource(t)
		return t
	}
	p.body("a table", func() { p.tableLine(t) })
	return t
}

// tableSource reads prefix(X), suffix(X) or file(X Y ...), and except(NAMES[@ABIS]).
func (p *parser) tableSource(t *tableStmt) {
	src := p.word(`"prefix", "suffix" or "file"`)
	if src.text != "prefix" && src.text != "suffix" && src.text != "file" {
		failf(src.at, "", `got %q, want "prefix", "suffix" or "file"`, src.text)
	}
	t.from = src.text
	p.open("")
	t.fromOf = p.word("a name")
	for t.from == "file" && p.peek().kind == tokIdent {
		t.also = append(t.also, p.word(""))
	}
	p.close("")
	if !p.acceptWord("except") {
		return
	}
	p.open("after except")
	for p.peek().kind == tokIdent {
		t.except = append(t.except, exception{p.word(""), p.abis()})
	}
	p.close("after the exceptions")
}

// tableLine reads the items up to the end of a line, which may begin with a mask
// and a colon.
func (p *parser) tableLine(t *tableStmt) {
	var mask *expr
	for first := true; ; first = false {
		tok := p.peek()
		if first && (tok.kind == tokNumber || tok.is("(")) {
			mask = p.operand()
			p.expect(":", "after a mask")
			continue
		}
		if tok.kind != tokIdent {
			break
		}
		w := p.word("a name")
		if first && p.accept(":") {
			mask = &expr{at: w.at, op: "name", name: w.text}
			continue
		}
		item := tableItem{word: w, mask: mask}
		if p.accept("=") {
			item.val = p.expr()
			if first && p.accept(":") {
				mask = item.val
				continue
			}
		}
		t.items = append(t.items, item)
	}
}

func (p *parser) structStmt(union, packed bool) stmt {
	s := &structStmt{header: p.header("the name of a structure"), union: union, packed: packed}
	if p.acceptWord("align") {
		p.open("after align")
		n := p.number("an alignment")
		if n == 0 || n&(n-1) != 0 || n > 4096 {
			failf(s.at, "", "alignment %d is not a power of two up to 4096", n)
		}
		s.align = uint32(n)
		p.close("after the alignment")
	}
	p.body("a structure", func() { s.fields = append(s.fields, p.field()) })
	return s
}

func (p *parser) layoutStmt() stmt {
	w := p.word("the name of a structure")
	l := &layoutStmt{header: header{at: w.at, name: w.text}}
	l.abis = p.abiList()
	p.body("a layout", func() { l.fields = append(l.fields, p.field()) })
	return l
}

// field reads NAME TYPE %ATTRIBUTE...
func (p *parser) field() declared {
	f := declared{word: p.word("the name of a field")}
	f.typ = p.typ()
	for p.peek().kind == tokClass {
		t := p.next()
		f.attrs = append(f.attrs, word{t.at, t.text[1:]})
	}
	return f
}

func (p *parser) switchStmt() stmt {
	s := &switchStmt{header: p.header("the name of a switch")}
	if p.acceptWord("on") {
		s.on = p.expr()
	}
	p.body("a switch", func() { p.switchCase(s) })
	return s
}

func (p *parser) switchCase(s *switchStmt) {
	if t := p.peek(); p.acceptWord("default") {
		p.expect(":", "after default")
		if s.other != nil {
			failf(t.at, "", "a second default")
		}
		s.other = p.typ()
		return
	}
	var c switchItem
	for !p.peek().is(":") {
		c.vals = append(c.vals, p.unary())
	}
	p.expect(":", "after the values of a case")
	if len(c.vals) == 0 {
		failf(p.peek().at, "VALUE...: TYPE or default: TYPE", "a case without a value")
	}
	c.typ = p.typ()
	s.cases = append(s.cases, c)
}

// attrsStmt reads attrs NAME(PARAMS) PREFIX { NAME...: TYPE ... }.
func (p *parser) attrsStmt() stmt {
	a := &attrsStmt{header: p.header("the name of a set of attributes")}
	if p.acceptWord("enum") {
		p.open("after enum")
		a.table = p.word("the name of a table")
		p.close("after the name of a table")
	} else if p.peek().kind == tokIdent {
		a.prefix = p.next().text
	}
	p.body("a set of attributes", func() { p.attrsCase(a) })
	return a
}

// attrsCase reads NAME[=EXPR]...: TYPE or default: TYPE.
func (p *parser) attrsCase(a *attrsStmt) {
	if t := p.peek(); p.acceptWord("default") {
		p.expect(":", "after default")
		if a.other != nil {
			failf(t.at, "", "a second default")
		}
		a.other = p.typ()
		return
	}
	var c switchItem
	for p.skipLines(); !p.peek().is(":"); p.skipLines() {
		item := tableItem{word: p.word("the name of an attribute")}
		val := &expr{at: item.at, op: "name", name: item.text}
		if p.accept("=") {
			item.val = p.expr()
			val = item.val
		}
		a.items = append(a.items, item)
		c.vals = append(c.vals, val)
	}
	p.expect(":", "after the names of attributes")
	if len(c.vals) == 0 {
		failf(p.peek().at, "NAME...: TYPE or default: TYPE", "no attribute before the colon")
	}
	c.typ = p.typ()
	a.cases = append(a.cases, c)
}

func (p *parser) typeStmt() stmt {
	t := &typeStmt{header: p.header("the name of a type")}
	p.expect("=", "before the type")
	t.typ = p.typ()
	return t
}

// typ reads a type: COND [=> COND].
func (p *parser) typ() *typeExpr {
	p.deeper(1)
	defer p.deeper(-1)
	a := p.condType()
	if t := p.peek(); p.accept("=>") {
		a = &typeExpr{at: t.at, op: typeThen, a: a, b: p.condType()}
	}
	return a
}

// condType reads BASE [comment BASE] [note "..." BASE] [names BASE] [if EXPR [else COND]].
func (p *parser) condType() *typeExpr {
	p.deeper(1)
	defer p.deeper(-1)
	a := p.prefixed()
	for {
		t := p.peek()
		switch {
		case p.acceptWord("comment"):
			a = &typeExpr{at: t.at, op: typeComment, a: a, b: p.prefixed()}
			continue
		case p.acceptWord("note"):
			n := &typeExpr{at: t.at, op: typeNote, a: a}
			if s := p.peek(); s.kind == tokString {
				p.pos++
				n.text = s.text[1 : len(s.text)-1]
			}
			n.b = p.prefixed()
			a = n
			continue
		case p.acceptWord("names"):
			a = &typeExpr{at: t.at, op: typeNames, a: a, b: p.prefixed()}
			continue
		case p.acceptWord("if"):
			a = &typeExpr{at: t.at, op: typeIf, a: a, cond: p.expr()}
			if p.acceptWord("else") {
				a.b = p.condType()
			}
		}
		return a
	}
}

func (p *parser) prefixed() *typeExpr {
	t := p.peek()
	if p.acceptWord("begun") {
		return &typeExpr{at: t.at, op: typeBegun, a: p.prefixed()}
	}
	for i, w := range [...]string{"out", "exit", "inout"} {
		if p.acceptWord(w) {
			return &typeExpr{at: t.at, op: typeOut + typeOp(i), a: p.baseType()}
		}
	}
	return p.baseType()
}

// baseType reads NAME(ARGUMENTS):STORAGE or a type in parentheses.
func (p *parser) baseType() *typeExpr {
	if p.peek().is("(") {
		p.open("")
		t := p.typ()
		p.close("after a type")
		return t
	}
	w := p.word("a type")
	if reservedTypeWords[w.text] {
		failf(w.at, "", "got %q, want a type", w.text)
	}
	t := &typeExpr{at: w.at, op: typeName, name: w.text}
	if p.peek().is("(") {
		p.open("")
		p.typeArgs(t)
		p.close("after the arguments of " + w.text)
	} else if ofType[w.text] {
		failf(w.at, w.text+"(T, ...)", "%s is of a type", w.text)
	}
	if p.accept(":") {
		p.deeper(1)
		t.store = p.baseType()
		p.deeper(-1)
	}
	return t
}

var reservedTypeWords = map[string]bool{
	"out": true, "exit": true, "inout": true, "begun": true, "if": true, "else": true,
	"note": true, "names": true, "comment": true, "on": true, "default": true,
	"neverfails": true, "noreturn": true, "shownames": true,
}

// ofType are the types that take a type first.
var ofType = map[string]bool{"ptr": true, "ptrnn": true, "array": true, "fullarray": true, "group": true, "calc": true}

// typeArgs reads what stands in the parentheses behind the name of a type.
func (p *parser) typeArgs(t *typeExpr) {
	if ofType[t.name] {
		t.types = append(t.types, p.typ())
		if p.accept(",") {
			t.exprs = p.exprs()
		}
		return
	}
	switch t.name {
	case "flags", "enum", "enumd":
		t.ref = p.word("the name of a table")
	case "func":
		t.ref = p.word("the name of a Go decoder")
		if p.accept(",") {
			t.exprs = p.exprs()
		}
	case "attrs":
		t.ref = p.word("the name of a set of attributes")
		if p.accept(",") {
			t.exprs = p.exprs()
		}
	case "lit":
		s := p.next()
		if s.kind != tokString {
			failf(s.at, `lit("...")`, "got %v, want a string", s)
		}
		t.text = s.text[1 : len(s.text)-1]
	default:
		t.exprs = p.exprs()
	}
}
