package unwind

import (
	"fmt"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// functions lists the symbols of a trace that are the test program's own, from
// stop_here to main, with the offset where there is no symbol.
func functions(frames []Frame, module string) []string {
	var names []string
	for _, f := range frames {
		if strings.HasPrefix(f.Module, module) && f.Symbol != "_start" {
			names = append(names, f.Symbol)
		}
	}
	return names
}

var urgent = []syscall.Signal{syscall.SIGURG, syscall.SIGTRAP}

// builds are the ways the test program is compiled.
var builds = map[string][]string{
	"omit frame pointer": {"-O2", "-fomit-frame-pointer"},
	"frame pointer":      {"-O1", "-fno-omit-frame-pointer"},
	"unoptimised":        {"-O0"},
	"static":             {"-O2", "-static"},
	"not PIE":            {"-O2", "-no-pie"},
	"static PIE":         {"-O2", "-static-pie"},
	"only frame pointers": {
		"-O1", "-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables",
	},
	"debug_frame only": {
		"-O2", "-g", "-fomit-frame-pointer", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables", "-fno-pie", "-no-pie",
	},
	"compressed debug": {"-O2", "-g", "-gz", "-fno-asynchronous-unwind-tables", "-fno-unwind-tables"},
	"no section table": {"-O2", "-Wl,-z,nosectionheader"},
}

func TestKnownChains(t *testing.T) {
	chains := []struct {
		args []string
		want []string
	}{
		{[]string{"chain"}, []string{"stop_here", "third", "second", "first", "main"}},
		{[]string{"recurse", "3"}, []string{"stop_here", "recurse", "recurse", "recurse", "recurse", "main"}},
		{[]string{"signal"}, []string{"stop_here", "handler", "main"}},
		{[]string{"altstack"}, []string{"stop_here", "segv", "faulting", "main"}},
		{[]string{"qsort"}, []string{"stop_here", "compare", "main"}},
		{[]string{"noreturn"}, []string{"stop_here", "never", "calls_never", "main"}},
		{[]string{"unlink"}, []string{"stop_here", "third", "second", "first", "main"}},
	}
	for name, flags := range builds {
		t.Run(name, func(t *testing.T) {
			prog := compile(t, "gcc", "chain.c", flags...)
			for _, c := range chains {
				t.Run(c.args[0], func(t *testing.T) {
					if c.args[0] == "qsort" && strings.HasPrefix(name, "only frame") {
						t.Skip("libc's qsort keeps no frame pointer")
					}
					p := startTraced(t, urgent, append([]string{copyOf(t, prog)}, c.args...)...)
					var u Unwinder
					defer u.Close()
					frames := u.Frames(p, 0, false)
					got := slices.DeleteFunc(functions(frames, p.cmd.Path), func(s string) bool {
						return !slices.Contains(c.want, s)
					})
					if d := cmp.Diff(c.want, got); d != "" {
						t.Errorf("%s\n%s", d, AppendStack(nil, frames, AtOnce))
					}
				})
			}
		})
	}
}

func copyOf(t *testing.T, prog string) string {
	t.Helper()
	to := t.TempDir() + "/prog"
	copyFile(t, prog, to)
	return to
}

func TestLimit(t *testing.T) {
	prog := compile(t, "gcc", "chain.c", "-O2")
	p := startTraced(t, urgent, prog, "recurse", "300")
	var u Unwinder
	defer u.Close()
	all := len(u.Frames(p, 1000, false))
	for limit, want := range map[int]int{0: DefaultLimit + 1, 1: 2, 7: 8, all: all, all - 1: all, all + 1: all} {
		frames := u.Frames(p, limit, false)
		last := frames[len(frames)-1].Kind
		if len(frames) != want || (last == Truncated) != (limit < all) {
			t.Errorf("limit %d: %d frames, want %d; the last is of kind %d", limit, len(frames), want, last)
		}
	}
}

func TestLost(t *testing.T) {
	prog := compile(t, "gcc", "chain.c", "-O2")
	p := startTraced(t, urgent, prog, "jit")
	var u Unwinder
	defer u.Close()
	regs, err := p.Registers()
	if err != nil {
		t.Fatal(err)
	}
	got := string(AppendStack(nil, u.Frames(p, 0, false), AtEntry))
	if want := fmt.Sprintf(" > unexpected_backtracing_error [0x%x]\n", regs.PC); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestSource(t *testing.T) {
	prog := compile(t, "gcc", "chain.c", "-O0", "-g")
	p := startTraced(t, urgent, prog)
	var u Unwinder
	defer u.Close()
	lines := sourceLines(t, "testdata/chain.c")
	found := 0
	for _, f := range u.Frames(p, 0, true) {
		if f.File == "" || !strings.HasSuffix(f.File, "chain.c") {
			continue
		}
		found++
		called := map[string]string{"stop_here": "kill", "third": "stop_here", "second": "third", "first": "second", "main": "first"}[f.Symbol]
		if f.Line < 1 || f.Line > len(lines) || !strings.Contains(lines[f.Line-1], called+"(") {
			t.Errorf("%s at %s:%d, which does not call %s", f.Symbol, f.File, f.Line, called)
		}
	}
	if found != 5 {
		t.Errorf("%d frames have a line, want 5", found)
	}
}

func TestStripped(t *testing.T) {
	prog := compile(t, "gcc", "chain.c", "-O2", "-s")
	p := startTraced(t, urgent, prog)
	var u Unwinder
	defer u.Close()
	frames := u.Frames(p, 0, false)
	own := functions(frames, prog)
	if len(own) < 5 || slices.ContainsFunc(own, func(s string) bool { return s != "" }) {
		t.Errorf("functions %q, want five or more without a name", own)
	}
	if !strings.Contains(string(AppendStack(nil, frames, AtEntry)), prog+"(+0x0) [0x") {
		t.Errorf("%s", AppendStack(nil, frames, AtEntry))
	}
}
