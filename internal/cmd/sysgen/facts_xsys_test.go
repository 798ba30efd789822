package main

import (
	"go/ast"
	goconstant "go/constant"
	goparser "go/parser"
	gotoken "go/token"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// xsysColumns are the ABIs that golang.org/x/sys/unix knows, by its file names.
func xsysColumns() map[string]int {
	return map[string]int{"amd64": 0, "386": 1, "arm64": 3, "arm": 4, "riscv64": 5}
}

// xsysConstants reads the constants out of source files of
// golang.org/x/sys/unix: those of all architectures are there, whatever the
// test runs on.
func xsysConstants(t *testing.T, files ...string) map[string]uint64 {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "golang.org/x/sys").Output()
	if err != nil || len(strings.TrimSpace(string(dir))) == 0 {
		t.Skipf("the source of golang.org/x/sys is not at hand: %v", err)
	}
	values := map[string]uint64{}
	for _, file := range files {
		path := filepath.Join(strings.TrimSpace(string(dir)), "unix", file)
		parsed, err := goparser.ParseFile(gotoken.NewFileSet(), path, nil, goparser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			addConstants(values, decl)
		}
	}
	return values
}

// addConstants adds those written as NAME = number, or as X(number).
func addConstants(values map[string]uint64, decl ast.Decl) {
	group, ok := decl.(*ast.GenDecl)
	if !ok || group.Tok != gotoken.CONST {
		return
	}
	for _, spec := range group.Specs {
		spec := spec.(*ast.ValueSpec)
		for i, name := range spec.Names {
			if i >= len(spec.Values) {
				continue
			}
			if v, ok := literal(spec.Values[i]); ok {
				values[name.Name] = v
			}
		}
	}
}

func literal(e ast.Expr) (uint64, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		v := goconstant.MakeFromLiteral(e.Value, e.Kind, 0)
		if v.Kind() != goconstant.Int {
			return 0, false
		}
		return goconstant.Uint64Val(v)
	case *ast.UnaryExpr:
		v, ok := literal(e.X)
		return -v, ok && e.Op == gotoken.SUB
	case *ast.CallExpr: // syscall.Errno(0x7), syscall.Signal(0xe)
		if len(e.Args) == 1 {
			return literal(e.Args[0])
		}
	}
	return 0, false
}

func TestNumbersAgreeWithXSys(t *testing.T) {
	numbers := readTestFacts(t, "numbers.txt")
	for arch, column := range xsysColumns() {
		t.Run(arch, func(t *testing.T) {
			want := xsysConstants(t, "zsysnum_linux_"+arch+".go")
			if len(want) < 300 {
				t.Fatalf("only %d numbers to compare with", len(want))
			}
			for name, number := range want {
				name = strings.ToLower(strings.TrimPrefix(name, "SYS_"))
				if name == "syscall_mask" || name == "arch_specific_syscall" {
					continue // bounds of the numbers, not calls
				}
				l, found := numbers[name]
				if !found || l.has&(1<<column) == 0 {
					t.Errorf("%s (%d) is missing", name, number)
				} else if l.val[column] != number {
					t.Errorf("%s is %d, want %d", name, l.val[column], number)
				}
			}
		})
	}
}

// libcValues are the constants for which golang.org/x/sys has what libc says,
// and that is not what the kernel says.
func libcValues() map[string]string {
	return map[string]string{
		"BPF_LL_OFF":        "sign-extended there",
		"BPF_NET_OFF":       "sign-extended there",
		"F_GETLK":           "the 64-bit command, where there are two",
		"F_SETLK":           "the 64-bit command, where there are two",
		"F_SETLKW":          "the 64-bit command, where there are two",
		"O_LARGEFILE":       "0 where it is implied",
		"RLIM_INFINITY":     "of 64 bits always",
		"RTCF_NAT":          "one of the kernel's two bits",
		"TIPC_WAIT_FOREVER": "unsigned there",
	}
}

// TestConstantsAgreeWithXSys compares every constant that both have.
func TestConstantsAgreeWithXSys(t *testing.T) {
	known := readTestFacts(t, "consts.txt")
	for _, more := range []string{"extra.txt", "ioctls.txt", "errors.txt"} {
		for name, l := range readTestFacts(t, more) {
			known[name] = l
		}
	}
	for arch, column := range xsysColumns() {
		t.Run(arch, func(t *testing.T) {
			compared := 0
			for name, want := range xsysConstants(t, "zerrors_linux.go", "zerrors_linux_"+arch+".go", "ztypes_linux.go") {
				l, found := known[name]
				if !found || l.has&(1<<column) == 0 || libcValues()[name] != "" {
					continue
				}
				compared++
				if got := l.val[column]; got != want {
					t.Errorf("%s is %#x, want %#x", name, got, want)
				}
			}
			if compared < 6000 {
				t.Errorf("compared only %d constants", compared)
			}
		})
	}
}

// TestExtraAgreesWithXSys: what is written by hand is compared name by name, and
// most of it can be.
func TestExtraAgreesWithXSys(t *testing.T) {
	want := xsysConstants(t, "zerrors_linux.go", "zerrors_linux_amd64.go", "ztypes_linux.go")
	compared := 0
	for name, l := range readTestFacts(t, "extra.txt") {
		value, found := want[name]
		if !found {
			continue
		}
		compared++
		if l.val[0] != value {
			t.Errorf("%s is %#x, want %#x", name, l.val[0], value)
		}
	}
	if compared < 130 {
		t.Errorf("compared only %d constants", compared)
	}
}
