package main

import (
	"fmt"
	"strings"
	"testing"
)

// operand writes what an instruction works on.
func (o op) operand() string {
	sign := map[bool]string{true: "s", false: "u"}[o.sign]
	switch o.code {
	case "opConst":
		return fmt.Sprint(int64(o.n))
	case "opArg", "opField", "opDeref":
		return fmt.Sprintf("%d %s%d", o.n, sign, 8*o.width)
	case "opParam", "opSaved":
		return fmt.Sprint(o.n)
	}
	return ""
}

func TestExpr(t *testing.T) {
	for _, tt := range []struct{ src, want string }{
		{"7", "Const 7"},
		{"O_CREAT | 1", "Const 65"},
		{"1 + 2 * 3", "Const 7"},
		{"6 & 4 == 4", "Const 1"}, // & binds tighter than ==
		{"1 << 3 - 1", "Const 7"}, // << as *
		{"-1 < 0", "Const 1"},
		{"-1 / 2", "Const 9223372036854775807"}, // division is unsigned
		{"!5 || ~0 == -1", "Const 1"},
		{"n", "Arg 0 s32"},
		{"p", "Arg 1 u64"},
		{"n & O_CREAT", "Arg 0 s32; Const 64; And"},
		{"n & (O_CREAT|O_DIRECT)", "Arg 0 s32; Const 16448; And"},
		{"ret", "Ret"},
		{"err == 2 && exit", "Err; Const 2; Eq; Exit; LAnd"},
		{"n ? 1 : verbose", "Arg 0 s32; Const 1; Verbose; Cond"},
		{"1 ? n : ONLY_ARM", "Arg 0 s32"},
		{"defined(ONLY_ARM) && n == ONLY_ARM", "Const 0"},
		{"defined(ONLY_X86)", "Const 1"},
		{"min(n, 4)", "Arg 0 s32; Const 4; Min"},
		{"max(3, 4)", "Const 4"},
		{"entry(p)", "Saved 1"},
		{"deref(p, i32)", "Deref 1 s32"},
		{"deref(p, usize) * word", "Deref 1 u64; Const 8; Mul"},
		{"sizeof(pair)", "Const 16"},
		{"n - -n", "Arg 0 s32; Arg 0 s32; Neg; Sub"},
		{"twice_n", "Arg 2 u32"}, // an argument hides nothing of the same beginning
	} {
		p := programOf(t, "struct pair { a u64; b u8 }\none(n int, p inout ptr(u32), twice_n uint, b buf("+tt.src+")) int\n")
		c := p.callOn(t, "amd64", "one")
		if got := p.ops(p.types.list[c.args[3].typ].a); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.src, got, tt.want)
		}
	}
}

func TestExprPerABI(t *testing.T) {
	p := programOf(t, "one(n ulong, b buf(n & O_DIRECT), c int if n == ONLY_X86 else u32) int\n")
	for abi, want := range map[string]string{
		"amd64": "Arg 0 u64; Const 16384; And", "arm64": "Arg 0 u64; Const 65536; And",
		"i386": "Arg 0 u32; Const 16384; And", "arm": "Arg 0 u32; Const 65536; And",
		"x32": "Arg 0 u64; Const 16384; And",
	} {
		c := p.callOn(t, abi, "one")
		if got := p.ops(p.types.list[c.args[1].typ].a); got != want {
			t.Errorf("%s: got %q, want %q", abi, got, want)
		}
		// Where ONLY_X86 is absent the condition is false.
		kind := p.types.list[c.args[2].typ].kind
		if wantIf := !strings.HasPrefix(abi, "arm"); (kind == "tyIf") != wantIf {
			t.Errorf("%s: got %s for a condition over ONLY_X86", abi, kind)
		}
	}
}

func TestFieldExpr(t *testing.T) {
	p := programOf(t, `
struct s(n) {
	a u8
	len i16
	data ptr(bytes(len * n))
	rest bytes(len)
	tail u32
}
one(p ptr(s(3))) int
`)
	def := p.structs.list[1]
	if def.name != "s" {
		t.Fatalf("got structure %q, want s", def.name)
	}
	data := p.types.list[p.types.list[def.fields[2].typ].a]
	if got, want := p.ops(data.a), "Field 2 s16; Param 0; Mul"; got != want {
		t.Errorf("data: got %q, want %q", got, want)
	}
	if def.size != 16 || def.fields[3].off != dynOff || def.fields[4].off != dynOff {
		t.Errorf("got %+v, want 16 bytes and two fields behind them", def)
	}
}

func TestDeepExpr(t *testing.T) {
	src := "one(n int, b buf(" + strings.Repeat("n - (", 33) + "n" + strings.Repeat(")", 33) + ")) int\n"
	w := worldOf(t, src)
	compile(w)
	if err := w.diags.err(); err == nil || !strings.Contains(err.Error(), "more than 32 operands") {
		t.Errorf("got %v, want an error about operands", err)
	}
}
