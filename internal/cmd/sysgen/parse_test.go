package main

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestLex(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"a b_1", "ident a|ident b_1"},
		{"0x1f 07", "number 0x1f|number 07"},
		{"a#3 b #3", "ident a|reg #3|ident b|comment #3"},
		{"x %desc %%stat a%b", "ident x|class %desc|class %%stat|ident a|punct %|ident b"},
		{"x % b", "ident x|punct %|ident b"},
		{"x +fs.open a+b a + b", "ident x|effect +fs.open|ident a|punct +|ident b|ident a|punct +|ident b"},
		{"a=>b>=c<<d<e", "ident a|punct =>|ident b|punct >=|ident c|punct <<|ident d|punct <|ident e"},
		{`lit("a # b")`, `ident lit|punct (|string "a # b"|punct )`},
		{"a\n# c \nb", "ident a|line|comment # c|line|ident b"},
	} {
		kinds := [...]string{"", "line", "ident", "number", "string", "punct", "class", "effect", "comment", "reg"}
		var words []string
		for _, tok := range lex("d.txt", tt.src) {
			if tok.kind != tokEOF {
				words = append(words, strings.TrimSpace(kinds[tok.kind]+" "+strings.TrimSpace(tok.text)))
			}
		}
		if got := strings.Join(words, "|"); got != tt.want {
			t.Errorf("%q: got %s, want %s", tt.src, got, tt.want)
		}
	}
}

func TestPositions(t *testing.T) {
	toks := lex("d.txt", "a\n  bb c\n\n\td")
	var got []string
	for _, tok := range toks {
		if tok.kind == tokIdent {
			got = append(got, tok.at.String())
		}
	}
	if want := "[d.txt:1:1 d.txt:2:3 d.txt:2:6 d.txt:4:2]"; fmt.Sprint(got) != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// String writes an expression with all its parentheses.
func (e *expr) String() string {
	switch {
	case e.op == "num":
		return fmt.Sprint(e.val)
	case e.op == "name":
		return e.name
	case e.op == "call" && e.typ != nil:
		return fmt.Sprintf("%s(%v%v)", e.name, e.kids, e.typ)
	case e.op == "call":
		return fmt.Sprintf("%s%v", e.name, e.kids)
	case len(e.kids) == 1:
		return "(" + e.op[1:] + e.kids[0].String() + ")"
	case len(e.kids) == 3:
		return fmt.Sprintf("(%v ? %v : %v)", e.kids[0], e.kids[1], e.kids[2])
	}
	return fmt.Sprintf("(%v %s %v)", e.kids[0], e.op, e.kids[1])
}

// String writes a type with all its brackets.
func (te *typeExpr) String() string {
	switch te.op {
	case typeOut:
		return fmt.Sprintf("out[%v]", te.a)
	case typeExit:
		return fmt.Sprintf("exit[%v]", te.a)
	case typeInOut:
		return fmt.Sprintf("inout[%v]", te.a)
	case typeBegun:
		return fmt.Sprintf("begun[%v]", te.a)
	case typeIf:
		if te.b != nil {
			return fmt.Sprintf("[%v if %v else %v]", te.a, te.cond, te.b)
		}
		return fmt.Sprintf("[%v if %v]", te.a, te.cond)
	case typeThen:
		return fmt.Sprintf("[%v => %v]", te.a, te.b)
	case typeComment:
		return fmt.Sprintf("[%v comment %v]", te.a, te.b)
	case typeNote:
		return fmt.Sprintf("[%v note %q %v]", te.a, te.text, te.b)
	}
	s := te.name + te.ref.text + te.text
	if len(te.types) > 0 {
		s += fmt.Sprint(te.types)
	}
	if len(te.exprs) > 0 {
		s += fmt.Sprint(te.exprs)
	}
	if te.store != nil {
		s += ":" + te.store.String()
	}
	return s
}

func TestParseTypes(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"int", "int"},
		{"ptr(array(u8, n + 1), 3)", "ptr[array[u8][(n + 1)]][3]"},
		{"out ptr(x) if a else int", "[out[ptr[x]] if a else int]"},
		{"a if b => c if d", "[[a if b] => [c if d]]"},
		{"(a => b) if c", "[[a => b] if c]"},
		{"a if b else c if d else e", "[a if b else [c if d else e]]"},
		{"a comment b if c", "[[a comment b] if c]"},
		{`xint note "flags " flags(f):u64`, `[xint note "flags " flagsf:u64]`},
		{"int note func(g, a, b)", `[int note "" funcg[a b]]`},
		{"inout ptr(int)", "inout[ptr[int]]"},
		{"exit s(a, b == 1 ? 2 : 3)", "exit[s[a ((b == 1) ? 2 : 3)]]"},
		{"flags(f):func(g):u8", "flagsf:funcg:u8"},
		{"buf(sizeof(ptr(int)) * 2)", "buf[(sizeof([]ptr[int]) * 2)]"},
		{"buf(deref(a, u32:be16))", "buf[deref([a]u32:be16)]"},
		{`lit("x y")`, "litx y"},
		{"buf(a | b & c << 2 ^ d)", "buf[((a | ((b & c) << 2)) ^ d)]"},
		{"buf(!a && -b - ~c || d % e)", "buf[(((!a) && ((-b) - (~c))) || (d % e))]"},
	} {
		var diags diagnostics
		stmts := parse("d.txt", "type t = "+tt.src+"\n", &diags)
		if err := diags.err(); err != nil {
			t.Errorf("%s: %v", tt.src, err)
			continue
		}
		if got := stmts[0].(*typeStmt).typ.String(); got != tt.want {
			t.Errorf("%s: got %s, want %s", tt.src, got, tt.want)
		}
	}
}

func TestParseGoesOn(t *testing.T) {
	var diags diagnostics
	stmts := parse("d.txt", "one(a int\n) int x\nstruct s {\n a 3\n b int }\ntwo() int\n", &diags)
	if len(diags.list) != 2 || len(stmts) != 1 || stmts[0].head().name != "two" {
		t.Errorf("got %d statements and %v, want two() and two mistakes", len(stmts), diags.err())
	}
}

// strip removes what formatting may change: positions.
func strip(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			strip(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			strip(v.Index(i))
		}
	case reflect.Struct:
		if p, ok := v.Addr().Interface().(*position); ok {
			*p = position{}
			return
		}
		for i := range v.NumField() {
			f := v.Field(i)
			strip(reflect.NewAt(f.Type(), f.Addr().UnsafePointer()).Elem())
		}
	}
}

// same reports whether two descriptions say the same.
func same(a, b []stmt) bool {
	strip(reflect.ValueOf(&a))
	strip(reflect.ValueOf(&b))
	return reflect.DeepEqual(a, b)
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"one@arm(a#1 int, b out ptr(s(a), 3) if a & 1 else buf(-2)) fd note \"x\" flags(f):u64 %desc +fs.x(a,b) neverfails # c\n",
		"flags open O_ {\n A: B C=1<<2; (3): D\n}\nenum e = prefix(X_) except (X_A X_B@i386,x32 X_C)\ngoconst A B\n",
		"packed struct s(n)@arm align(4) { a u8 %v; b bytes(n) %hidden }\nlayout s arm { a u8 }\n",
		"switch w(n) on n & 3 { A 1 -1: int; default: none }\ntype t(n) = array(u8, n ? 1 : 2)\nnew = old\n",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, src string) {
		var diags diagnostics
		stmts := parse("d.txt", src, &diags)
		if diags.err() != nil {
			return
		}
		out, err := formatSource("d.txt", src)
		if err != nil {
			t.Fatalf("format: %v", err)
		}
		again, err := formatSource("d.txt", string(out))
		if err != nil || string(again) != string(out) {
			t.Fatalf("formatted once %q, twice %q (%v)", out, again, err)
		}
		if !same(stmts, parse("d.txt", string(out), &diags)) {
			t.Fatalf("%q means something else than %q", out, src)
		}
		w := worldOf(t, src)
		compile(w)
	})
}
