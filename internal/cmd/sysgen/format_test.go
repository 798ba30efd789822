package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// pkgDir is package syscalls.
const pkgDir = "../../../syscalls"

func TestFormat(t *testing.T) {
	for _, tt := range []struct{ name, src, want string }{
		{"nothing", "\n\n  \n", ""},
		{"call", "one( a   int,b path )  fd   %desc +fs.read( b,a )\n", "one(a int, b path) fd %desc +fs.read(b, a)\n"},
		{"no line end", "one() int", "one() int\n"},
		{"call named as a prefix", "exit( a int ) int\n", "exit(a int) int\n"},
		{"ABIs", "one @ arm , i386(a int) int\n", "one@arm,i386(a int) int\n"},
		{"alias", "one=two @arm\n", "one = two@arm\n"},
		{"registers", "one(a#1   int,b#0 int) int\n", "one(a#1 int, b#0 int) int\n"},
		{"comments", "# a\n\n\n\n#b \none() int   # c\n", "# a\n\n#b\none() int # c\n"},
		{"storage", "one(a flags( x ) : u64 if( a&1 )!=0) int\n", "one(a flags(x):u64 if (a&1) != 0) int\n"},
		{"loose operators", "one(a int if b==1&&c>2, d out  ptr( int )=>x) int\n", "one(a int if b == 1 && c > 2, d out ptr(int) => x) int\n"},
		{"others as written", "one(a buf(b|c | d), e buf(-b - -c*~d)) int\n", "one(a buf(b|c | d), e buf(-b - -c*~d)) int\n"},
		{"choice", "one(a buf(b?c:d)) int\n", "one(a buf(b ? c : d)) int\n"},
		{"flags", "flags open O_{\nO_ACCMODE:O_RDONLY  O_WRONLY;O_CREAT\nX = 1<<3 Y=-1\n}\n", "flags open O_ {\n\tO_ACCMODE: O_RDONLY O_WRONLY; O_CREAT\n\tX=1<<3 Y=-1\n}\n"},
		{"odd prefix", "flags access ? _OK {F_OK=0}\n", "flags access ?_OK { F_OK=0 }\n"},
		{"source", "enum e E_=prefix(E_)except(E_MAX)\n", "enum e E_ = prefix(E_) except (E_MAX)\n"},
		{"struct", "struct s(n)align(8){a int;b  array( u32 ,n)   %v\n\n\n\n   c u8 %hidden;\n\n}\n", "struct s(n) align(8) { a int; b array(u32, n) %v\n\n\tc u8 %hidden\n}\n"},
		{"blank lines at the edges", "struct s {\n\n\na u8\n\n}\n\n\n\none() int\n\n", "struct s {\n\ta u8\n}\n\none() int\n"},
		{"switch", "switch s(n)on n&1{A B:flags(x):u64;default:none}\n", "switch s(n) on n&1 { A B: flags(x):u64; default: none }\n"},
		{"lines in parentheses", "one(a int,\nb buf(a +\n1)) int\n", "one(a int,\n\tb buf(a +\n\t\t1)) int\n"},
		{"layout", "layout s arm,i386{a u8;b u16}\n", "layout s arm,i386 { a u8; b u16 }\n"},
		{"note", "one() xint note  \"flags \"  flags(x)\n", "one() xint note \"flags \" flags(x)\n"},
	} {
		got, err := formatSource("d.txt", tt.src)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if string(got) != tt.want {
			t.Errorf("%s:\n got %q\nwant %q", tt.name, got, tt.want)
		}
		if again, err := formatSource("d.txt", string(got)); err != nil || !bytes.Equal(again, got) {
			t.Errorf("%s: formatted once %q, twice %q (%v)", tt.name, got, again, err)
		}
	}
}

func TestFormatRefuses(t *testing.T) {
	if _, err := formatSource("d.txt", "one(\n"); err == nil {
		t.Error("formatted a file with mistakes")
	}
}

func TestDescriptionsAreFormatted(t *testing.T) {
	names, err := descFiles(filepath.Join(pkgDir, "desc"))
	if err != nil || len(names) == 0 {
		t.Fatalf("got %d files, %v", len(names), err)
	}
	for _, name := range names {
		changed, err := formatFile(name, false)
		if err != nil {
			t.Error(err)
		} else if changed {
			t.Errorf("%s is not formatted: run go run ./internal/cmd/sysgen fmt -dir syscalls", name)
		}
	}
}

func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := generate(pkgDir)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if old, err := os.ReadFile(filepath.Join(pkgDir, f.name)); err != nil || !bytes.Equal(old, f.text) {
			t.Errorf("%s is out of date: run go generate ./syscalls (%v)", f.name, err)
		}
	}
}
