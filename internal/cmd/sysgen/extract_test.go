package main

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestScanDefinitions(t *testing.T) {
	const text = `# 1 "<stdin>"
# 1 "/inc/linux/a.h" 1
#define _LINUX_A_H
#define A_ONE 1
#define A_TWO (A_ONE + 1)
#define A_TEXT "two"
#define A_ALSO A_TWO
#define A_HASH _IO('#', 0x11)
#define A_NAME(len) _IOC(_IOC_READ, 'E', 6, len)
#define A_MAX(a,b) ((a) > (b) ? (a) : (b))
#define A_BLOCK { 1, 2 }
enum a_kind { A_X, A_Y = A_ONE, A_Z = sizeof(int[3]), };
enum a_kind kind(enum a_kind k);
#define A_X A_X
# 1 "/inc/linux/b.h" 1 3
enum
{
 B_X = (1 << 3) ,

 B_Y
} __attribute__((packed));
# 20 "/inc/linux/a.h" 2
#define A_LAST 9
# 3 "<stdin>" 2
#define STDIN 3
`
	rel := func(path string) string {
		name, found := strings.CutPrefix(path, "/inc/")
		if !found {
			return ""
		}
		return name
	}
	want := []definition{
		{"A_ONE", "linux/a.h", ""},
		{"A_TWO", "linux/a.h", ""},
		{"A_ALSO", "linux/a.h", "A_TWO"},
		{"A_HASH", "linux/a.h", ""},
		{"A_NAME(0)", "linux/a.h", ""},
		{"A_X", "linux/a.h", ""},
		{"A_Y", "linux/a.h", ""},
		{"A_Z", "linux/a.h", ""},
		{"B_X", "linux/b.h", ""},
		{"B_Y", "linux/b.h", ""},
		{"A_LAST", "linux/a.h", ""},
	}
	got := scanDefinitions(text, rel)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(definition{})); diff != "" {
		t.Error(diff)
	}
}

func TestConstantString(t *testing.T) {
	tests := []struct {
		k    constant
		want string
	}{
		{constant{bits: 0, size: 4}, "0"},
		{constant{bits: 9, size: 4}, "9"},
		{constant{bits: 10, size: 4}, "0xa"},
		{constant{bits: ^uint64(0), size: 4, signed: true}, "-1"},
		{constant{bits: ^uint64(99), size: 4, signed: true}, "-100"},
		{constant{bits: uint64(0xffffffff_80000000), size: 4, signed: true}, "0x80000000"}, // 1 << 31
		{constant{bits: 0xffffffff, size: 4}, "0xffffffff"},
		{constant{bits: ^uint64(0), size: 8}, "0xffffffffffffffff"},
		{constant{bits: 1 << 63, size: 8, signed: true}, "0x8000000000000000"},
	}
	for _, test := range tests {
		if got := test.k.String(); got != test.want {
			t.Errorf("%#v is %s, want %s", test.k, got, test.want)
		}
	}
}

func TestFactColumns(t *testing.T) {
	table := factTable{}
	for column := range abis() {
		table.set("SAME", "linux/a.h", column, constant{bits: 16, size: 4})
	}
	table.set("PART", "linux/a.h", 1, constant{bits: 2, size: 4})
	if got := table["SAME"].brief(); got != "0x10" {
		t.Errorf("SAME is %q", got)
	}
	if got := table["PART"].brief(); got != "- 2 - - - -" {
		t.Errorf("PART is %q", got)
	}
	if table.set("PART", "linux/b.h", 1, constant{bits: 3, size: 4}) {
		t.Error("two values for PART agree")
	}
	other := &fact{name: "PART", values: make([]*constant, len(abis()))}
	other.values[0] = &constant{bits: 1, size: 4}
	if !table["PART"].absorb(other) || table["PART"].columns() != "1 2 - - - -" {
		t.Errorf("PART with another header's is %q", table["PART"].columns())
	}
	other.values[1] = &constant{bits: 7, size: 4}
	if table["PART"].absorb(other) {
		t.Error("contradicting facts agree")
	}
}

func TestDropErrors(t *testing.T) {
	live := []bool{true, true, true}
	const diag = "names:2:30: error: use of undeclared identifier 'x'\n" +
		"/inc/linux/a.h:7:1: note: expanded from macro 'A'\nnames:2:60: error: again\n"
	if n, err := dropErrors(diag, live); n != 1 || err != nil || !slices.Equal(live, []bool{true, false, true}) {
		t.Errorf("dropped %d, %v: %v", n, err, live)
	}
	if _, err := dropErrors("/inc/linux/a.h:7:1: error: unknown type name 'u32'\n", live); err == nil {
		t.Error("an error in a header is none")
	}
}

func TestParseFields(t *testing.T) {
	const block = `         0 |   struct x it
         0 |     __u32 type
         8 |     union x::(anonymous at /inc/a.h:4:2) 
         8 |       __u64 period
         8 |       struct y freq
         8 |         void * low
    16:7-8 |     __u64 precise_ip
        24 |     char[] name
           | `
	want := []dumpedField{
		{"type", Place{Known: true}},
		{"period", Place{Known: true, Offset: 8}},
		{"freq", Place{Known: true, Offset: 8}},
		{"freq.low", Place{Known: true, Offset: 8}},
		{"precise_ip", Place{Known: true, Offset: 16, Bit: 7, Bits: 2}},
		{"name", Place{Known: true, Offset: 24}},
	}
	got, err := parseFields(block)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(dumpedField{})); diff != "" {
		t.Error(diff)
	}
}

// fakeHeaders writes a small tree of headers that has what the extractor
// relies on, for every ABI.
func fakeHeaders(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("clang"); err != nil {
		t.Skipf("no compiler for all ABIs: %v", err)
	}
	dir := t.TempDir()
	write := func(name, text string) {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for i, a := range abis() {
		number := string(rune('1' + i))
		write(a.dir+"/asm/unistd.h", "#define __X32_SYSCALL_BIT 0x40000000\n#define __NR_read "+number+
			"\n#define __NR_see (__X32_SYSCALL_BIT + 10)\n#define __NR_look __NR_see\n#define __NR_syscalls 20\n")
		write(a.dir+"/asm/ioctl.h", "#pragma once\n#define _IOC_DIRSHIFT 30\n#define _IOC_TYPESHIFT 8\n#define _IOC_NRSHIFT 0\n"+
			"#define _IOC_SIZESHIFT 16\n#define _IOC(dir,type,nr,size) 0\n")
		write(a.dir+"/asm/arch.h", "#pragma once\n#define ARCH "+number+"\n#include <asm-generic/common.h>\n")
	}
	write("aarch64-linux-gnu/asm/only.h", "#define ONLY 3\n")
	write("asm-generic/common.h", "#define COMMON 11\n")
	write("linux/types.h", "typedef unsigned int __u32; typedef unsigned long long __u64;\n")
	write("linux/version.h", "#define LINUX_VERSION_CODE 459021\n")
	write("linux/a.h", `#include <asm/ioctl.h>
#include <linux/types.h>
struct a { long first; __u64 second; __u32 low : 3, high : 5; char rest[]; };
#define A_GET _IOC(2, 'a', 1, sizeof(struct a))
#define A_GET_OLD A_GET
#define A_NAME(len) _IOC(2, 'a', 2, len)
#define A_SIZE ((A_GET >> 16) & 0x3fff)
#define A_TOP (1 << 31)
#define A_MINUS (-5)
#define A_STRING "a"
#define A_BROKEN (no_such_thing + 1)
enum { A_ZERO, A_SET = _IOC(1, 'a', 3, 4) };
`)
	return dir
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// withoutHeader cuts the comment off the beginning of a fact file.
func withoutHeader(text string) string {
	_, rest, _ := strings.Cut(text, "\n\n")
	rest, _, _ = strings.Cut(rest, "\n\n")
	return strings.TrimSpace(rest)
}

func TestExtract(t *testing.T) {
	dir, out := fakeHeaders(t), t.TempDir()
	err := runExtract([]string{"-headers", dir, "-out", out, "-only", "numbers,consts"}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"numbers.txt": "read 1 2 3 4 5 6\nsee 10 10 10 10 10 10",
		"aliases.txt": "look see",
		"consts.txt": `ARCH 1 2 3 4 5 6
A_GET 0x80186101 0x80106101 0x80186101 0x80186101 0x80186101 0x80186101
A_GET_OLD 0x80186101 0x80106101 0x80186101 0x80186101 0x80186101 0x80186101
A_MINUS -5
A_SET 0x40046103
A_SIZE 0x18 0x10 0x18 0x18 0x18 0x18
A_TOP 0x80000000
A_ZERO 0
COMMON 0xb
ONLY - - - 3 - -
_IOC_DIRSHIFT 0x1e
_IOC_NRSHIFT 0
_IOC_SIZESHIFT 0x10
_IOC_TYPESHIFT 8`,
	}
	for name, want := range want {
		text := readFile(t, filepath.Join(out, name))
		if !strings.Contains(text, "Linux 7.1.13; made by") {
			t.Errorf("%s does not say which kernel it is from:\n%.200s", name, text)
		}
		if diff := cmp.Diff(want, withoutHeader(text)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	ioctls := withoutHeader(readFile(t, filepath.Join(out, "ioctls.txt")))
	var own []string
	for line := range strings.Lines(ioctls) {
		if strings.HasSuffix(line, "# linux/a.h\n") {
			own = append(own, strings.TrimSuffix(line, " # linux/a.h\n"))
		}
	}
	wantOwn := []string{
		"A_GET 0x80186101 0x80106101 0x80186101 0x80186101 0x80186101 0x80186101",
		"A_NAME() 0x80006102",
		"A_SET 0x40046103",
	}
	if diff := cmp.Diff(wantOwn, own); diff != "" {
		t.Errorf("ioctls.txt: %s", diff)
	}
}

func TestExtractRefuses(t *testing.T) {
	tests := [][]string{
		{},
		{"-headers", t.TempDir()},
		{"-headers", "/", "-no-such-flag"},
	}
	for _, args := range tests {
		if err := runExtract(args, io.Discard, io.Discard); err == nil {
			t.Errorf("extract %v: no error", args)
		}
	}
}

func TestLayouts(t *testing.T) {
	dir := fakeHeaders(t)
	found, err := layouts(dir, []StructQuery{
		{Header: "linux/a.h", Type: "struct a"},
		{Header: "linux/a.h", Type: "struct a", Fields: []string{"second", "none"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, layout := range found {
		if err := printLayout(&b, layout); err != nil {
			t.Fatal(err)
		}
	}
	const want = `offset+size  amd64   i386    x32     arm64   arm     riscv64
first        0+8     0+4     0+4     0+8     0+4     0+8
second       8+8     4+8     8+8     8+8     8+8     8+8
low          16:0-2  12:0-2  16:0-2  16:0-2  16:0-2  16:0-2
high         16:3-7  12:3-7  16:3-7  16:3-7  16:3-7  16:3-7
rest         17+0    13+0    17+0    17+0    17+0    17+0
struct a     24/8    16/4    24/8    24/8    24/8    24/8
offset+size  amd64  i386  x32   arm64  arm   riscv64
second       8+8    4+8   8+8   8+8    8+8   8+8
none         -      -     -     -      -     -
struct a     24/8   16/4  24/8  24/8   24/8  24/8
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
	_, err = layouts(dir, []StructQuery{{Header: "linux/a.h", Type: "struct none"}})
	if err == nil || !strings.HasPrefix(err.Error(), "lay out struct none for amd64: ") {
		t.Errorf("a type that is not there: %v", err)
	}
}

func TestCheckLayout(t *testing.T) {
	headers, dir := fakeHeaders(t), t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "desc"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"numbers.txt": "read 0 3 0 63 3 63\n",
		"a.txt":       "struct a { first long; second u64; low u8 }\nstruct none { x int }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, "desc", name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var out strings.Builder
	args := []string{"-headers", headers, "-dir", dir}
	if err := runCheckLayout(args, &out, io.Discard); err != nil {
		t.Errorf("equal layouts: %v\n%s", err, out.String())
	}
	if want := "1 structures compared; not in the headers: [none]\n"; out.String() != want {
		t.Errorf("said %q, want %q", out.String(), want)
	}
	wrong := []byte("struct a { first int; second u64; low u8 }\n")
	if err := os.WriteFile(filepath.Join(dir, "desc", "a.txt"), wrong, 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := runCheckLayout(args, &out, io.Discard); err != nil {
		t.Errorf("padding hides the difference: %v\n%s", err, out.String())
	}
	wrong = []byte("struct a { first int; second u32; low u8 }\n")
	if err := os.WriteFile(filepath.Join(dir, "desc", "a.txt"), wrong, 0o644); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	err := runCheckLayout(args, &out, io.Discard)
	if err == nil || !strings.Contains(out.String(), "struct a: second is at 4, the kernel has it at 8 on amd64\n") {
		t.Errorf("another layout: %v\n%s", err, out.String())
	}
}

// TestExtractAgain extracts what is quick from the real headers, and compares
// with the files.
func TestExtractAgain(t *testing.T) {
	headers := os.Getenv("STRAIT_HEADERS")
	if headers == "" {
		t.Skip("STRAIT_HEADERS does not name a tree of kernel UAPI headers")
	}
	if _, err := exec.LookPath("clang"); err != nil {
		t.Skipf("no compiler for all ABIs: %v", err)
	}
	out := t.TempDir()
	err := runExtract([]string{"-headers", headers, "-out", out, "-only", "numbers"}, io.Discard, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"numbers.txt", "aliases.txt"} {
		want, got := readFile(t, filepath.Join(descDir, name)), readFile(t, filepath.Join(out, name))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// TestConstantsAgain reads some headers again, for all ABIs.
func TestConstantsAgain(t *testing.T) {
	headers := os.Getenv("STRAIT_HEADERS")
	if headers == "" {
		t.Skip("STRAIT_HEADERS does not name a tree of kernel UAPI headers")
	}
	c, err := newCompiler(headers)
	if err != nil {
		t.Skip(err)
	}
	defer func() {
		if err := c.close(); err != nil {
			t.Error(err)
		}
	}()
	known := readTestFacts(t, "consts.txt")
	for _, header := range []string{"asm/fcntl.h", "linux/fs.h", "linux/videodev2.h", "linux/raid/md_u.h", "xen/gntdev.h"} {
		h := c.extractHeader(header)
		if h.err != nil {
			t.Error(h.err)
		}
		for _, f := range h.table().sorted() {
			if strings.Contains(f.name, "(") {
				continue
			}
			want := known[f.name]
			got, err := parseFact(strings.Fields(f.name + " " + f.columns()))
			if err != nil {
				t.Fatal(err)
			}
			if got.val != want.val || got.has != want.has {
				t.Errorf("%s: %s %s; consts.txt has %x", header, f.name, f.columns(), want.val)
			}
		}
	}
}
