package main

import (
	"slices"
	"strings"
	"testing"
)

// testFacts are the facts of most tests.
const testFacts = `
O_RDONLY 0
O_WRONLY 1
O_RDWR 2
O_ACCMODE 3
O_CREAT 0x40
O_DIRECT 0x4000 0x4000 0x4000 0x10000 0x10000 0x4000
ONLY_X86 7 7 7 - - -
ONLY_ARM - - - 5 5 -
MINUS -1
BIG 0x100000000
T_A 1
T_B 2
T_C 2
`

const testNumbers = `
one 0 1 0x40000000 2 3 4
two 1 2 1 3 4 5
three 5 6 7 - 8 -
four - 20 - - 983041 -
`

// worldOf parses a description over the test facts.
func worldOf(t *testing.T, src string) *world {
	t.Helper()
	f := &facts{files: map[string][]factLine{}, consts: map[string]*factLine{}}
	lines, err := parseFacts("consts.txt", testFacts)
	if err != nil {
		t.Fatal(err)
	}
	f.add("consts", lines)
	if f.numbers, err = parseFacts("numbers.txt", testNumbers); err != nil {
		t.Fatal(err)
	}
	w := newWorld(f, &diagnostics{})
	w.add(parse("d.txt", src, w.diags))
	w.checkNames()
	return w
}

// programOf compiles a description that has no mistakes.
func programOf(t *testing.T, src string) *program {
	t.Helper()
	w := worldOf(t, src)
	p := compile(w)
	if err := w.diags.err(); err != nil {
		t.Fatalf("compile:\n%v", err)
	}
	return p
}

// callOn returns the row of a call on an ABI.
func (p *program) callOn(t *testing.T, abi, name string) callDef {
	t.Helper()
	for _, id := range p.abis[slices.Index(abiNames[:], abi)].calls {
		if p.calls.list[id].name == name {
			return p.calls.list[id]
		}
	}
	t.Fatalf("%s has no call %s", abi, name)
	return callDef{}
}

// ops writes an expression as words.
func (p *program) ops(id uint32) string {
	var words []string
	for _, o := range p.code.list[id:] {
		if o.code == "opEnd" {
			break
		}
		words = append(words, strings.TrimSpace(strings.Join([]string{o.code[2:], o.operand()}, " ")))
	}
	return strings.Join(words, "; ")
}
