package unwind

import (
	"debug/elf"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAppendFrame(t *testing.T) {
	known := Frame{PC: 0x7f0000020b1d, Module: "/lib/x86_64-linux-gnu/libc.so.6", Offset: 0x20b1d, Symbol: "__read", SymbolOffset: 0x1d}
	source := known
	source.File, source.Line = "../io/read.c", 26
	unknown := Frame{PC: 0x7f0000000007, Module: "/memfd:jit (deleted)", Offset: 7}
	for _, c := range []struct {
		frame Frame
		form  Form
		want  string
	}{
		{known, AtEntry, " > /lib/x86_64-linux-gnu/libc.so.6(__read+0x1d) [0x20b1d]"},
		{known, AtOnce, " > /lib/x86_64-linux-gnu/libc.so.6(__read+0x1d) [0x20b1d]"},
		{source, AtEntry, " > /lib/x86_64-linux-gnu/libc.so.6(__read+0x1d) [0x20b1d] ../io/read.c:26"},
		{unknown, AtEntry, " > /memfd:jit (deleted)(+0x0) [0x7]"},
		{unknown, AtOnce, " > /memfd:jit (deleted)() [0x7]"},
		{Frame{Kind: Lost, PC: 0x1000}, AtEntry, " > unexpected_backtracing_error [0x1000]"},
		{Frame{Kind: Truncated}, AtOnce, " > too many stack frames"},
	} {
		if got := string(AppendFrame([]byte("x"), c.frame, c.form)); got != "x"+c.want {
			t.Errorf("got %q, want %q", got, "x"+c.want)
		}
	}
	if got := string(AppendStack(nil, []Frame{unknown, {Kind: Truncated}}, AtOnce)); got != " > /memfd:jit (deleted)() [0x7]\n > too many stack frames\n" {
		t.Errorf("stack is %q", got)
	}
}

func TestParseMaps(t *testing.T) {
	const text = `555555554000-555555556000 r--p 00000000 08:01 100                        /usr/bin/cat
555555556000-55555555b000 r-xp 00002000 08:01 100                        /usr/bin/cat
7f0000000000-7f0000001000 rwxp 00000000 00:00 0 
7f0000002000-7f0000003000 r-xs 00001000 00:01 7                          /a b\012 (deleted)
7ffff7fc3000-7ffff7fc5000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
nonsense
1-2 r-xp
2000-1000 r-xp 00000000 00:00 0
zz-2000 r-xp 00000000 00:00 0`
	var got []string
	for _, m := range parseMaps([]byte(text)) {
		got = append(got, fmt.Sprintf("%x+%x %x %d %q", m.start, m.end-m.start, m.offset, m.inode, m.name))
	}
	want := []string{
		`555555556000+5000 2000 100 "/usr/bin/cat"`,
		`7f0000000000+1000 0 0 ""`,
		`7f0000002000+1000 1000 7 "/a b\\012 (deleted)"`,
		`7ffff7fc3000+2000 0 0 "[vdso]"`,
		`ffffffffff600000+1000 0 0 "[vsyscall]"`,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestMappingAt(t *testing.T) {
	maps := parseMaps([]byte("1000-2000 r-xp 0 00:00 0 a\n3000-4000 r-xp 0 00:00 0 b\n"))
	for pc, want := range map[uint64]string{0: "", 0xfff: "", 0x1000: "a", 0x1fff: "a", 0x2000: "", 0x3000: "b", 0x4000: "", ^uint64(0): ""} {
		got := ""
		if m := mappingAt(maps, pc); m != nil {
			got = m.name
		}
		if got != want {
			t.Errorf("at %#x: %q, want %q", pc, got, want)
		}
	}
}

// TestSymbolTable has names at the same address, one in another, none, and one
// that covers a gap.
func TestSymbolTable(t *testing.T) {
	syms := []symbol{{0x100, 0x110, 1, 0}, {0x100, 0x108, 3, 0}, {0x200, 0x300, 5, 0}, {0x210, 0x220, 7, 0}}
	table := &symbolTable{syms: syms, highest: []uint64{0x110, 0x110, 0x300, 0x300}, strings: [][]byte{[]byte("\x00a\x00b\x00c\x00d\x00")}}
	for addr, want := range map[uint64]string{
		0xff: "", 0x100: "a", 0x10c: "a", 0x110: "", 0x200: "c", 0x210: "d", 0x21f: "d", 0x220: "c", 0x2ff: "c", 0x300: "",
	} {
		if name, _, ok := table.find(addr); name != want || ok != (want != "") {
			t.Errorf("at %#x: %q, %v; want %q", addr, name, ok, want)
		}
	}
	if got := stringAt([]byte("abc"), 1); got != "bc" {
		t.Errorf("unterminated string is %q", got)
	}
	if got := stringAt([]byte("abc"), 3); got != "" {
		t.Errorf("string beyond the table is %q", got)
	}
}

func TestDemangle(t *testing.T) {
	long := "_Z1f" + strings.Repeat("PFvP", 10) + "i"
	for name, want := range map[string]string{
		"main":                             "main",
		"_Z":                               "_Z",
		"_ZNK1A1fEv":                       "A::f() const",
		"foo.isra.0":                       "foo.isra.0",
		"_Z3foov.cold":                     "foo() [clone .cold]",
		long:                               long,
		"_ZN4core3fmt17h0123456789abcdefE": "core::fmt",
	} {
		if got := demangled(name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	bomb := "_Z1fI" + strings.Repeat("St4pairIS_", 200) + strings.Repeat("E", 200) + "Evv"
	if got := demangled(bomb); len(got) > 1<<maxDemangled+len(bomb) {
		t.Errorf("a name of %d bytes became %d", len(bomb), len(got))
	}
}

// fakeStack is a process in middle, called by outer, of a fake file.
func fakeStack(t *testing.T) *fakeProcess {
	t.Helper()
	frames := frameBytes(true, "zR", 16, 1, 0x78, []byte{cfaDefCFA, 7, 8, cfaOffset | 16, 1},
		fakeFunc{fakeText, 0x200, nil}, fakeFunc{fakeText + 0x200, 0x100, []byte{cfaUndefined, 16}})
	maps, _ := mapFile(t, fakeFile(elf.EM_X86_64, nil, frames))
	p := &fakeProcess{maps: maps, regs: Registers{Arch: AMD64, PC: textAt + 0x110}}
	p.regs.R[7] = stackAt
	p.regions = map[uint64][]byte{stackAt: words(textAt + 0x210)}
	return p
}

// TestCaches reads the maps once until they are declared out of date, or do
// not have an address; and keeps a file until it changes.
func TestCaches(t *testing.T) {
	p := fakeStack(t)
	var u Unwinder
	defer u.Close()
	want := []string{"middle", "outer"}
	for range 3 {
		if d := cmp.Diff(want, symbolsIn(u.Frames(p, 0, false))); d != "" {
			t.Fatal(d)
		}
	}
	if p.mapped != 1 || len(u.modules) != 1 {
		t.Errorf("maps read %d times, %d files", p.mapped, len(u.modules))
	}
	u.Invalidate(p.PID())
	u.Frames(p, 0, false)
	if p.mapped != 2 || len(u.modules) != 1 {
		t.Errorf("after Invalidate: maps read %d times, %d files", p.mapped, len(u.modules))
	}
	p.regs.PC = 0x1234
	if got := u.Frames(p, 0, false); p.mapped != 3 || got[0].Kind != Lost {
		t.Errorf("at an unknown address: maps read %d times, %v", p.mapped, got)
	}
	name := strings.TrimSuffix(p.maps[strings.Index(p.maps, "/"):], "\n")
	if err := os.Chtimes(name, time.Time{}, time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	u.Invalidate(p.PID())
	p.regs.PC = textAt + 0x110
	if u.Frames(p, 0, false); len(u.modules) != 2 {
		t.Errorf("a changed file: %d files", len(u.modules))
	}
}

// TestNothing has processes about which little or nothing is known.
func TestNothing(t *testing.T) {
	var u Unwinder
	defer u.Close()
	if got := u.Frames(&fakeProcess{regs: Registers{PC: 1}}, 0, false); got != nil {
		t.Errorf("without registers: %v", got)
	}
	if got := u.Frames(&fakeProcess{regs: Registers{Arch: AMD64}}, 0, false); got != nil {
		t.Errorf("at address 0: %v", got)
	}
	for arch := Unknown; arch <= RISCV64; arch++ {
		p := fakeStack(t)
		p.regs.Arch, p.regions = arch, nil
		if got := u.Frames(p, 0, false); len(got) != 1 || got[0].Symbol != "middle" {
			t.Errorf("architecture %d without memory: %v", arch, got)
		}
		u.Invalidate(p.PID())
	}
	for _, maps := range []string{"[heap]", "/no/such/file", "/dev/null", "/tmp", "/memfd:x (deleted)"} {
		p := fakeStack(t)
		p.maps = "550000001000-550000002000 rwxp 00001000 00:00 5 " + maps
		got := string(AppendStack(nil, u.Frames(p, 1, true), AtEntry))
		if want := " > " + maps + "(+0x0) [0x1110]\n"; !strings.HasPrefix(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		u.Invalidate(p.PID())
	}
}

// TestManyFiles opens more files than are kept.
func TestManyFiles(t *testing.T) {
	var u Unwinder
	defer u.Close()
	for range maxModules + 5 {
		p := fakeStack(t)
		u.Invalidate(p.PID())
		if d := cmp.Diff([]string{"middle", "outer"}, symbolsIn(u.Frames(p, 0, false))); d != "" {
			t.Fatal(d)
		}
	}
	if len(u.modules) != maxModules {
		t.Errorf("%d files are kept, want %d", len(u.modules), maxModules)
	}
}
