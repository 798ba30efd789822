package main

import (
	"slices"
	"strconv"
	"strings"
)

// maxNest bounds what stands within brackets: about three for each pair.
const maxNest = 256

type parser struct {
	toks  []token // without comments
	pos   int
	paren int // open parentheses: line ends within mean nothing
	nest  int
	out   []stmt
	diags *diagnostics
}

// parse reads one description file. Mistakes go to diags; statements without
// any are returned.
func parse(file, src string, diags *diagnostics) []stmt {
	var toks []token
	diags.catch(func() { toks = lex(file, src) })
	if toks == nil {
		return nil
	}
	toks = slices.DeleteFunc(toks, func(t token) bool { return t.kind == tokComment })
	p := &parser{toks: toks, diags: diags}
	for p.skipLines(); p.peek().kind != tokEOF; p.skipLines() {
		start := p.pos
		p.paren, p.nest = 0, 0
		ok := false
		diags.catch(func() {
			s := p.statement()
			p.endOfLine()
			p.out = append(p.out, s)
			ok = true
		})
		if !ok {
			p.recover(start)
		}
	}
	return p.out
}

// recover skips the statement that began at token start: to the end of the line
// on which its brackets are closed.
func (p *parser) recover(start int) {
	depth := 0
	for i := start; ; i++ {
		t := p.toks[i]
		switch {
		case t.is("{") || t.is("("):
			depth++
		case t.is("}") || t.is(")"):
			depth--
		}
		if t.kind == tokEOF || t.kind == tokNewline && depth <= 0 && i >= p.pos {
			p.pos = i
			return
		}
	}
}

func (p *parser) peek() token {
	for p.paren > 0 && p.toks[p.pos].kind == tokNewline {
		p.pos++
	}
	return p.toks[p.pos]
}

func (p *parser) next() token {
	t := p.peek()
	if t.kind != tokEOF {
		p.pos++
	}
	return t
}

// accept takes the next token if it is that punctuation mark.
func (p *parser) accept(punct string) bool {
	if p.peek().is(punct) {
		p.pos++
		return true
	}
	return false
}

// acceptWord takes the next token if it is that word.
func (p *parser) acceptWord(w string) bool {
	if t := p.peek(); t.kind == tokIdent && t.text == w {
		p.pos++
		return true
	}
	return false
}

func (p *parser) expect(punct, where string) token {
	t := p.peek()
	if !t.is(punct) {
		failf(t.at, "", "got %v, want %q %s", t, punct, where)
	}
	p.pos++
	return t
}

func (p *parser) word(what string) word {
	t := p.peek()
	if t.kind != tokIdent {
		failf(t.at, "", "got %v, want %s", t, what)
	}
	p.pos++
	return word{at: t.at, text: t.text}
}

// open enters parentheses, in which line ends mean nothing.
func (p *parser) open(where string) {
	p.expect("(", where)
	p.paren++
	p.deeper(1)
}

func (p *parser) close(where string) {
	p.expect(")", where)
	p.paren--
	p.deeper(-1)
}

func (p *parser) deeper(by int) {
	p.nest += by
	if p.nest > maxNest {
		failf(p.toks[p.pos].at, "", "nested too deep")
	}
}

func (p *parser) skipLines() {
	for t := p.toks[p.pos]; t.kind == tokNewline || t.is(";"); t = p.toks[p.pos] {
		p.pos++
	}
}

func (p *parser) endOfLine() {
	if t := p.peek(); t.kind != tokNewline && t.kind != tokEOF {
		failf(t.at, "a statement ends with its line or its closing brace", "got %v, want the end of the line", t)
	}
}

func (p *parser) statement() stmt {
	first := p.word("a statement")
	switch first.text {
	case "flags", "enum", "bits", "bits1":
		return p.tableStmt(first.text)
	case "struct", "union":
		return p.structStmt(first.text == "union", false)
	case "packed":
		kind := p.word(`"struct" or "union"`)
		if kind.text != "struct" && kind.text != "union" {
			failf(kind.at, "", `got %q, want "struct" or "union"`, kind.text)
		}
		return p.structStmt(kind.text == "union", true)
	case "layout":
		return p.layoutStmt()
	case "switch":
		return p.switchStmt()
	case "attrs":
		return p.attrsStmt()
	case "type":
		return p.typeStmt()
	case "goconst":
		return p.goconstStmt(first)
	}
	return p.callStmt(first)
}

// abis reads @ABI,ABI if it is there.
func (p *parser) abis() abiSet {
	if !p.accept("@") {
		return 0
	}
	return p.abiList()
}

func (p *parser) abiList() (set abiSet) {
	for {
		w := p.word("an ABI")
		i := slices.Index(abiNames[:], w.text)
		if i < 0 {
			failf(w.at, "the ABIs are "+strings.Join(abiNames[:], " "), "unknown ABI %q", w.text)
		}
		set |= 1 << i
		if !p.accept(",") {
			return set
		}
	}
}

// header reads NAME[@ABIS][(PARAMS)].
func (p *parser) header(what string) header {
	w := p.word(what)
	h := header{at: w.at, name: w.text, abis: p.abis()}
	if !p.peek().is("(") {
		return h
	}
	p.open("")
	for !p.peek().is(")") {
		h.params = append(h.params, p.word("a parameter").text)
		if !p.accept(",") {
			break
		}
	}
	p.close("after the parameters")
	return h
}

func (p *parser) callStmt(name word) stmt {
	h := header{at: name.at, name: name.text, abis: p.abis()}
	if p.accept("=") {
		return &aliasStmt{header: h, old: p.word("the name of a call"), oldABIs: p.abis()}
	}
	if t := p.peek(); !t.is("(") {
		failf(t.at, didYouMean(name.text, statementWords[:], `a call is NAME(ARG TYPE, ...) RESULT`),
			`got %v behind %q, want "(" or "="`, t, name.text)
	}
	c := &callStmt{header: h}
	p.open("")
	for !p.peek().is(")") {
		a := declared{word: p.word("an argument"), reg: -1}
		if t := p.peek(); t.kind == tokReg {
			p.pos++
			a.reg = int(t.text[1] - '0')
			if a.reg >= maxRegs || len(t.text) > 2 {
				failf(t.at, "registers are #0 to #5", "there is no register %s", t.text)
			}
		}
		a.typ = p.typ()
		c.args = append(c.args, a)
		if !p.accept(",") {
			break
		}
	}
	p.close("after the arguments")
	if t := p.peek(); t.kind != tokIdent && !t.is("(") {
		failf(t.at, `a call that returns nothing worth showing is "int" or "none"`, "got %v, want the type of the result", t)
	}
	c.ret = p.typ()
	p.callWords(c)
	return c
}

var statementWords = [...]string{"flags", "enum", "bits", "bits1", "struct", "union", "packed", "layout", "switch", "attrs", "type", "goconst"}

// callWords reads what stands behind the result.
func (p *parser) callWords(c *callStmt) {
	for {
		t := p.peek()
		switch {
		case t.kind == tokClass:
			c.classes = append(c.classes, word{t.at, t.text[1:]})
			p.pos++
		case t.kind == tokEffect:
			p.pos++
			c.effects = append(c.effects, p.effect(word{t.at, t.text[1:]}))
		case t.kind == tokIdent && t.text == "neverfails":
			c.neverFails = true
			p.pos++
		case t.kind == tokIdent && t.text == "noreturn":
			c.noReturn = true
			p.pos++
		case t.kind == tokIdent && t.text == "shownames":
			c.showNames = true
			p.pos++
		case t.kind == tokNewline || t.kind == tokEOF:
			return
		default:
			failf(t.at, "want %class, +effect, neverfails, noreturn or shownames", "got %v behind the result", t)
		}
	}
}

func (p *parser) effect(name word) effect {
	e := effect{word: name}
	if !p.peek().is("(") {
		return e
	}
	p.open("")
	for !p.peek().is(")") {
		e.args = append(e.args, p.word("an argument"))
		if !p.accept(",") {
			break
		}
	}
	p.close("after the arguments of an effect")
	if len(e.args) > 2 {
		failf(e.args[2].at, "+effect(ARG) or +effect(ARG,DIRARG)", "an effect has at most two arguments")
	}
	return e
}

func (p *parser) goconstStmt(first word) stmt {
	g := &goconstStmt{header: header{at: first.at, name: "goconst"}}
	for p.peek().kind == tokIdent {
		g.names = append(g.names, p.word(""))
	}
	return g
}

// number reads a literal number.
func (p *parser) number(what string) uint64 {
	t := p.next()
	if t.kind != tokNumber {
		failf(t.at, "", "got %v, want %s", t, what)
	}
	return number(t)
}

func number(t token) uint64 {
	v, err := strconv.ParseUint(t.text, 0, 64)
	if err != nil {
		failf(t.at, "decimal, 0x hexadecimal or 0 octal, at most 64 bits", "bad number %q", t.text)
	}
	return v
}
