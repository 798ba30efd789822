package main

import (
	"fmt"
	"strings"
	"testing"
)

// typeWords writes a type as the decoder sees it.
func (p *program) typeWords(id uint32) string {
	t := p.types.list[id]
	var words []string
	if t.flags != 0 {
		words = append(words, strings.ReplaceAll(t.flags.String(), "tf", ""))
	}
	word := strings.TrimPrefix(t.kind, "ty")
	switch t.kind {
	case "tyScalar":
		word = fmt.Sprintf("%s%d", t.node, 8*t.size)
		if t.a != 0 {
			word += "/" + p.tables.list[t.a-1].name
		}
	case "tyPtr":
		word = fmt.Sprintf("Ptr%d[%s]", 8*t.width, p.typeWords(t.a))
		if t.b != 0 {
			word += "(" + p.ops(t.b) + ")"
		}
	case "tyStr", "tyBuf", "tyBytes":
		if t.a != 0 {
			word += "(" + p.ops(t.a) + ")"
		}
	case "tyArray":
		word += "[" + p.typeWords(t.a) + "](" + p.ops(t.b) + ")"
	case "tyStruct", "tyGroup":
		word += " " + p.structs.list[t.a].name
	case "tyIf":
		word += "(" + p.ops(t.b) + ")[" + p.typeWords(t.a) + "][" + p.typeWords(t.c) + "]"
	case "tyThen", "tyComment", "tyNote":
		word += "[" + p.typeWords(t.a) + "][" + p.typeWords(t.b) + "]" + p.strs.list[t.c]
	case "tySwitch":
		s := p.switchs.list[t.a]
		word += "(" + p.ops(s.on) + ")"
		for _, c := range s.cases {
			word += fmt.Sprintf(" %d:%s", c.val, p.typeWords(c.typ))
		}
		word += " " + p.typeWords(s.other)
	case "tyFunc":
		word += " " + p.funcs.list[t.a]
	case "tyLit":
		word += " " + p.strs.list[t.a]
	case "tyCalc":
		word += "[" + p.typeWords(t.a) + "](" + p.ops(t.b) + ")"
	}
	return strings.Join(append(words, word), " ")
}

func TestTypes(t *testing.T) {
	for _, tt := range []struct{ src, amd64, i386 string }{
		{"long", "Signed Int64", "Signed Int32"},
		{"fd", "Signed FD32", "Signed FD32"},
		{"dev", "Dev32", "Dev32"},
		{"ptr(dev)", "Ptr64[Dev64]", "Ptr32[Dev64]"},
		{"ptr(time)", "Ptr64[Signed|Time Int64]", "Ptr32[Signed|Time Int32]"},
		{"uid:u16", "ID16", "ID16"},
		{"ptr(u32:be32)", "Ptr64[Big Uint32]", "Ptr32[Big Uint32]"},
		{"ptr(port)", "Ptr64[Big Port16]", "Ptr32[Big Port16]"},
		{"flags(f):ulong", "Flags64/f", "Flags32/f"},
		{"enumd(e)", "Decimal Enum32/e", "Decimal Enum32/e"},
		{"out ptr(s(n), n)", "Out Ptr64[Struct s](Arg 1 u32)", "Out Ptr32[Struct s](Arg 1 u32)"},
		{"inout ptr(u32)", "InOut Ptr64[Uint32]", "InOut Ptr32[Uint32]"},
		{"begun out ptr(u32)", "Out|Begun Ptr64[Uint32]", "Out|Begun Ptr32[Uint32]"},
		{"exit none", "Exit None", "Exit None"},
		{"exit (u32 if n)", "If(Arg 1 u32)[Exit Uint32][None]", "If(Arg 1 u32)[Exit Uint32][None]"},
		{"buf(readable(a, n))", "Buf(Arg 0 u64; Arg 1 u32; Readable)", "Buf(Arg 0 u32; Arg 1 u32; Readable)"},
		{"buf(deref(a, u16, 6))", "Buf(Deref 1536 u16)", "Buf(Deref 1536 u16)"},
		{"exit w(n)", "Switch(Param 0) 1:Exit Ptr64[Uint8] 2:Exit Buf(Arg 1 u32) Exit Addr64", "Switch(Param 0) 1:Exit Ptr32[Uint8] 2:Exit Buf(Arg 1 u32) Exit Addr32"},
		{"out path if n else addr", "If(Arg 1 u32)[Out|Path Str][Addr64]", "If(Arg 1 u32)[Out|Path Str][Addr32]"},
		{"str(n) => hexbuf(ret)", "Then[Str(Arg 1 u32)][HexStr Buf(Ret)]", "Then[Str(Arg 1 u32)][HexStr Buf(Ret)]"},
		{"xint comment enum(e)", "Comment[Hex32][Enum32/e]", "Comment[Hex32][Enum32/e]"},
		{"ptr(group(s(1)))", "Ptr64[Group s]", "Ptr32[Group s]"},
		{"ptr(array(ptr(u8):u64, 3))", "Ptr64[Array[Ptr64[Uint8]](Const 3)]", "Ptr32[Array[Ptr64[Uint8]](Const 3)]"},
		{"ptr(cstr(n))", "Ptr64[Str Bytes(Arg 1 u32)]", "Ptr32[Str Bytes(Arg 1 u32)]"},
		{"ptr(ip6)", "Ptr64[IP6128]", "Ptr32[IP6128]"},
		{"func(f, n):u16", "Func f", "Func f"},
		{"twice(n)", "Buf(Arg 1 u32; Const 2; Mul)", "Buf(Arg 1 u32; Const 2; Mul)"},
		{"calc(u8, n >> 3 & 1)", "Calc[Uint8](Arg 1 u32; Const 3; Shr; Const 1; And)", "Calc[Uint8](Arg 1 u32; Const 3; Shr; Const 1; And)"},
		{"u32 if ONLY_ARM == n else lit(\"x\")", "Lit x", "Lit x"},
		{"none", "None", "None"},
	} {
		p := programOf(t, `flags f F_ { O_CREAT }
enum e T_ { T_A }
struct s(x) { a u32; b array(u8, x) }
switch w(k) { T_A: ptr(u8); 2: buf(k); ONLY_ARM: int; default: addr }
type twice(x) = buf(x * 2)
one(a `+tt.src+", n u32) int\n")
		for abi, want := range map[string]string{"amd64": tt.amd64, "i386": tt.i386} {
			if got := p.typeWords(p.callOn(t, abi, "one").args[0].typ); got != want {
				t.Errorf("%s on %s: got %q, want %q", tt.src, abi, got, want)
			}
		}
	}
}

func TestResultAndWords(t *testing.T) {
	p := programOf(t, "one(a fd, b path) xint note \"flags \" u8 %file %fstat +fs.open(b, a) neverfails\ntwo = one\none@arm(a int) none\n")
	c := p.callOn(t, "amd64", "two")
	if got, want := p.typeWords(c.ret), "Note[Hex32][Uint8]flags "; got != want {
		t.Errorf("result: got %q, want %q", got, want)
	}
	if c.class != "ClassFile|ClassFstat|ClassStatLike" || c.flags != "NeverFails" || fmt.Sprint(c.effects) != "[{fs.open 1 0}]" {
		t.Errorf("got %s %s %v", c.class, c.flags, c.effects)
	}
	// An alias is of the row without @, here as everywhere.
	if n := len(p.callOn(t, "arm", "two").args); n != 2 {
		t.Errorf("two on arm: got %d arguments, want those of one", n)
	}
	if n := len(p.callOn(t, "arm", "one").args); n != 1 {
		t.Errorf("one on arm: got %d arguments, want 1", n)
	}
}

func TestTables(t *testing.T) {
	p := programOf(t, `flags f F_ { O_ACCMODE: O_RDONLY O_RDWR; O_CREAT ONLY_ARM; 0xf0: X=0x10 }
enum e T_ { MINUS T_C T_B T_A BIG }
enum p T_ = prefix(T_) except (T_B)
one(a flags(f), b enum(e), c enum(e):int, d enum(p)) int
`)
	c := p.callOn(t, "amd64", "one")
	for i, want := range []string{
		"[{O_RDONLY 0 3} {O_RDWR 2 3} {O_CREAT 64 0} {X 16 240}]",
		"[{MINUS 4294967295 0} {T_C 2 0} {T_B 2 0} {T_A 1 0}]",           // unsigned; BIG does not fit
		"[{MINUS 18446744073709551615 0} {T_C 2 0} {T_B 2 0} {T_A 1 0}]", // signed
		"[{T_A 1 0} {T_C 2 0}]",
	} {
		tab := p.tables.list[p.types.list[c.args[i].typ].a-1]
		if got := fmt.Sprint(tab.entries); got != want {
			t.Errorf("argument %d: got %s, want %s", i, got, want)
		}
	}
	if got := fmt.Sprint(sorted(p.tables.list[p.types.list[c.args[1].typ].a-1].entries)); got != "[3 1 2 0]" {
		t.Errorf("order: got %s, want T_C before T_B of the same value", got)
	}
}

// What a structure hands on through switches is named as the structure has it, at any depth: a switch's parameters are
// in force for what it looks at, and for none of its types.
func TestNestedSwitches(t *testing.T) {
	p := programOf(t, `struct s(n) { kind u32; f outer(kind, n) }
switch outer(kind, len) { 1: inner(kind & 1, len); default: ptr(u8) }
switch inner(odd, len) on len > 60 ? 1 : 0 { 1: buf(len); default: func(f, odd, len):u64 }
one(a ptr(s(n), n), n u32) int
`)
	list := func(id uint32) (words []string) {
		for _, e := range p.lists.list[id+1:][:p.lists.list[id]] {
			words = append(words, p.ops(e))
		}
		return words
	}
	c := p.callOn(t, "amd64", "one")
	ptr := p.types.list[c.args[0].typ]
	outer := p.types.list[p.structs.list[p.types.list[ptr.a].a].fields[1].typ]
	inner := p.types.list[p.switchs.list[outer.a].cases[0].typ]
	other := p.types.list[p.switchs.list[inner.a].other]
	for _, tt := range []struct {
		what, got, want string
	}{
		{"the outer switch gets", fmt.Sprintf("%q", list(outer.b)), `["Field 0 u32" "Param 0"]`},
		{"the inner switch gets", fmt.Sprintf("%q", list(inner.b)), `["Field 0 u32; Const 1; And" "Param 0"]`},
		{"the inner switch is", p.typeWords(p.switchs.list[outer.a].cases[0].typ), "Switch(Param 1; Const 60; Gt; Const 1; Const 0; Cond) 1:Buf(Param 0) Func f"},
		{"its decoder gets", fmt.Sprintf("%q", list(other.b)), `["Field 0 u32; Const 1; And" "Param 0"]`},
	} {
		if tt.got != tt.want {
			t.Errorf("%s %s, want %s", tt.what, tt.got, tt.want)
		}
	}
}

// Equal things of several ABIs are stored once.
func TestShared(t *testing.T) {
	p := programOf(t, "struct s { a u32 }\nenum e { T_A }\none(p ptr(s):u64, e enum(e)) int\n")
	if n := len(p.structs.list); n != 2 {
		t.Errorf("got %d structures, want 1 and the unused one", n)
	}
	if n := len(p.tables.list); n != 1 {
		t.Errorf("got %d tables, want 1", n)
	}
	if a, b := p.abis[0].calls[0], p.abis[3].calls[2]; a != b {
		t.Errorf("one() is call %d on amd64 and %d on arm64, want the same", a, b)
	}
}

// A structure may point to itself.
func TestRecursiveStruct(t *testing.T) {
	p := programOf(t, "struct list { next ptr(list); val u32 }\none(p ptr(list)) int\n")
	c := p.callOn(t, "amd64", "one")
	s := p.types.list[p.types.list[c.args[0].typ].a].a
	next := p.types.list[p.structs.list[s].fields[0].typ]
	if got := p.types.list[next.a].a; got != s {
		t.Errorf("next points to structure %d, want %d", got, s)
	}
}
