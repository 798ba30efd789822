package unwind

import (
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var resized = []syscall.Signal{syscall.SIGWINCH}

func buildGo(t *testing.T, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skipf("no go command: %v", err)
	}
	out := t.TempDir() + "/prog"
	args := append(append([]string{"build", "-trimpath=false", "-o", out}, flags...), "testdata/gochain/main.go")
	if text, err := exec.Command("go", args...).CombinedOutput(); err != nil {
		t.Fatalf("go %v: %v\n%s", args, err, text)
	}
	return out
}

func TestGoProgram(t *testing.T) {
	want := []string{
		"main.stopHere", "main.inner", "main.inner", "main.inner", "main.main.func1",
		"main.(*thing).method", "main.main", "runtime.main", "runtime.goexit",
	}
	for name, flags := range map[string][]string{
		"plain":    nil,
		"stripped": {"-ldflags=-s -w"},
		"bare PIE": {"-buildmode=pie", "-ldflags=-s -w"},
	} {
		t.Run(name, func(t *testing.T) {
			prog := buildGo(t, flags...)
			p := startTraced(t, resized, prog)
			var u Unwinder
			defer u.Close()
			frames := u.Frames(p, 0, true)
			got := functions(frames, prog)
			for i := range got {
				got[i] = strings.TrimSuffix(got[i], ".abi0")
			}
			at := max(0, slices.Index(got, want[0]))
			if d := cmp.Diff(want, got[at:]); d != "" {
				t.Fatalf("%s\n%s", d, AppendStack(nil, frames, AtOnce))
			}
			for _, f := range frames[at : at+4] {
				if !strings.HasSuffix(f.File, "gochain/main.go") || f.Line == 0 {
					t.Errorf("%s is at %q:%d", f.Symbol, f.File, f.Line)
				}
			}
		})
	}
}

// TestGoTable compares the table read here with the runtime's own reading of
// it, in this very program.
func TestGoTable(t *testing.T) {
	f := openSelf(t)
	table := readGoTable(f)
	if table == nil {
		t.Fatal("no table of functions in this program")
	}
	if table.n < 1000 {
		t.Errorf("%d functions", table.n)
	}
	pc, _, _, _ := runtime.Caller(0)
	fn := runtime.FuncForPC(pc)
	bias := uint64(fn.Entry()) - mustFind(t, table, fn.Name())
	got, ok := table.find(uint64(pc) - bias)
	if !ok || table.name(got) != fn.Name() {
		t.Errorf("found %q, %v; want %s", table.name(got), ok, fn.Name())
	}
}

func mustFind(t *testing.T, table *goTable, name string) uint64 {
	t.Helper()
	for i := range table.n {
		fn, ok := table.find(table.entryOf(i))
		if ok && table.name(fn) == name {
			return fn.entry
		}
	}
	t.Fatalf("%s is not in the table", name)
	return 0
}
