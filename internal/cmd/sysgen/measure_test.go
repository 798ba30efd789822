package main

import (
	"fmt"
	"strings"
	"testing"
)

// Sizes and offsets below are those of C compilers (x86 and ARM psABIs; x32: ILP32
// with 8-byte alignment of long long).
func TestLayout(t *testing.T) {
	for _, tt := range []struct {
		name, src, fields string // fields whose offsets are compared
		want              [numABI]string
	}{
		{
			"u64 behind u8", "struct s { a u8; b u64; c u8 }", "b c",
			[numABI]string{"24: 8 16", "16: 4 12", "24: 8 16", "24: 8 16", "24: 8 16", "24: 8 16"},
		},
		{
			"long", "struct s { a i16; b long; c ptr(u8); d u8 }", "b c d",
			[numABI]string{"32: 8 16 24", "16: 4 8 12", "16: 4 8 12", "32: 8 16 24", "16: 4 8 12", "32: 8 16 24"},
		},
		{
			"kernel long", "struct s { a u32; b kulong }", "b",
			[numABI]string{"16: 8", "8: 4", "16: 8", "16: 8", "8: 4", "16: 8"},
		},
		{
			"aligned u64", "struct s { a u32; b au64 }", "b",
			[numABI]string{"16: 8", "16: 8", "16: 8", "16: 8", "16: 8", "16: 8"},
		},
		{
			"packed", "packed struct s { a u32; b u64 }", "b",
			[numABI]string{"12: 4", "12: 4", "12: 4", "12: 4", "12: 4", "12: 4"},
		},
		{
			"align", "struct s align(16) { a u32 }", "a",
			[numABI]string{"16: 0", "16: 0", "16: 0", "16: 0", "16: 0", "16: 0"},
		},
		{
			"union", "union s { a u32; b u64; c array(u8, 9) }", "a b c",
			[numABI]string{"16: 0 0 0", "12: 0 0 0", "16: 0 0 0", "16: 0 0 0", "16: 0 0 0", "16: 0 0 0"},
		},
		{
			"variants", "struct s { a u64 }\nstruct s@i386,arm { a u32; b u8 }", "a",
			[numABI]string{"8: 0", "8: 0", "8: 0", "8: 0", "8: 0", "8: 0"},
		},
		{
			"other order in memory", "struct s { a mode; b u64 }\nlayout s i386 { b u32; __x u16; a u16 }", "a b",
			[numABI]string{"16: 0 8", "8: 6 0", "16: 0 8", "16: 0 8", "16: 0 8", "16: 0 8"},
		},
		{
			"addresses", "struct s { f enum(e):u16; p port; a ip4; z bytes(8) }\nenum e { T_A }", "p a z",
			[numABI]string{"16: 2 4 8", "16: 2 4 8", "16: 2 4 8", "16: 2 4 8", "16: 2 4 8", "16: 2 4 8"},
		},
		{
			"IPv6", "struct s { f u16; p port; i be32; a ip6; s u32 }", "a s",
			[numABI]string{"28: 8 24", "28: 8 24", "28: 8 24", "28: 8 24", "28: 8 24", "28: 8 24"},
		},
		{
			"a choice of types", "switch w(k) { 1: u64; 2: u8; default: bytes(3) }\nstruct s { k u32; v w(k); e u8 if k else u16 }", "v e",
			[numABI]string{"24: 8 16", "16: 4 12", "24: 8 16", "24: 8 16", "24: 8 16", "24: 8 16"},
		},
		{
			"nested", "struct n { a u8; b u16 }\nstruct s { x u8; y array(n, 3); z group(n) }", "y z",
			[numABI]string{"18: 2 14", "18: 2 14", "18: 2 14", "18: 2 14", "18: 2 14", "18: 2 14"},
		},
		{
			"storage of pointers", "struct s { a u8; b ptr(u8):u64; c path }", "b c",
			[numABI]string{"24: 8 16", "16: 4 12", "24: 8 16", "24: 8 16", "24: 8 16", "24: 8 16"},
		},
	} {
		w := worldOf(t, tt.src+"\n")
		p := compile(w)
		if err := w.diags.err(); err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		for abi, name := range abiNames {
			if got := p.layoutWords(abi, p.namedIndex("s"), tt.fields); got != tt.want[abi] {
				t.Errorf("%s on %s: got %q, want %q", tt.name, name, got, tt.want[abi])
			}
		}
	}
}

func (p *program) namedIndex(name string) int {
	for i, n := range p.named {
		if n == name {
			return i
		}
	}
	return -1
}

// layoutWords writes the size of a structure and the offsets of some fields.
func (p *program) layoutWords(abi, named int, fields string) string {
	def := p.structs.list[p.types.list[p.abis[abi].named[named]].a]
	out := fmt.Sprintf("%d:", def.size)
	for want := range strings.FieldsSeq(fields) {
		for _, f := range def.fields {
			if f.name == want {
				out += fmt.Sprintf(" %d", f.off)
			}
		}
	}
	return out
}

func TestRegisters(t *testing.T) {
	for _, tt := range []struct {
		args string
		want [numABI]string // of amd64 i386 x32 arm64 arm riscv64
	}{
		{"a fd, b loff", [numABI]string{"0/4 1/8", "0/4 1+2/8", "0/4 1/8", "0/4 1/8", "0/4 2+3/8", "0/4 1/8"}},
		{"a fd, b loff, c u64", [numABI]string{"0/4 1/8 2/8", "0/4 1+2/8 3+4/8", "0/4 1/8 2/8", "0/4 1/8 2/8", "0/4 2+3/8 4+5/8", "0/4 1/8 2/8"}},
		{"a fd, b lohi, c int", [numABI]string{"0/4 1/8 3/4", "0/4 1+2/8 3/4", "0/4 1/8 3/4", "0/4 1/8 3/4", "0/4 1+2/8 3/4", "0/4 1/8 3/4"}},
		{"a fd, b hilo, c int", [numABI]string{"0/4 2/8 3/4", "0/4 2+1/8 3/4", "0/4 2/8 3/4", "0/4 2/8 3/4", "0/4 2+1/8 3/4", "0/4 2/8 3/4"}},
		{"a pad, b#5 ulong", [numABI]string{"5/8", "5/4", "5/8", "5/8", "5/4", "5/8"}},
		{"a path, b usize, c mode:u16", [numABI]string{"0/8 1/8 2/2", "0/4 1/4 2/2", "0/8 1/8 2/2", "0/8 1/8 2/2", "0/4 1/4 2/2", "0/8 1/8 2/2"}},
		{"a int if b else ulong, b s(a)", [numABI]string{"0/8 1/8", "0/4 1/4", "0/8 1/8", "0/8 1/8", "0/4 1/4", "0/8 1/8"}},
	} {
		p := programOf(t, "switch s(n) { 1: int; default: addr }\none("+tt.args+") int\n")
		for abi, name := range abiNames {
			var words []string
			for _, a := range p.callOn(t, name, "one").args {
				w := fmt.Sprint(a.reg)
				switch {
				case a.swap:
					w = fmt.Sprintf("%d+%d", a.reg+1, a.reg)
				case a.pair:
					w = fmt.Sprintf("%d+%d", a.reg, a.reg+1)
				}
				words = append(words, fmt.Sprintf("%s/%d", w, a.width))
			}
			if got := strings.Join(words, " "); got != tt.want[abi] {
				t.Errorf("%s on %s: got %q, want %q", tt.args, name, got, tt.want[abi])
			}
		}
	}
}
