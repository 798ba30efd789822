package unwind

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// oracleStack returns what strace prints under the SIGURG of a program.
func oracleStack(t *testing.T, argv ...string) string {
	t.Helper()
	strace := os.Getenv("STRAIT_STRACE")
	if strace == "" {
		t.Skip("STRAIT_STRACE does not name a strace to compare with")
	}
	out := t.TempDir() + "/trace"
	args := append([]string{"-k", "-e", "trace=none", "-e", "signal=urg", "-o", out}, argv...)
	if text, err := exec.Command(strace, args...).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	trace, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	_, stack, _ := strings.Cut(string(trace), "--- SIGURG")
	_, stack, _ = strings.Cut(stack, "\n")
	end := strings.Index(stack, "\n+++")
	return stack[:end+1]
}

// TestLikeStrace compares whole traces, byte by byte, where strace can make
// one: not of static programs, which it does not unwind.
func TestLikeStrace(t *testing.T) {
	for name, flags := range map[string][]string{
		"PIE":           {"-O2"},
		"not PIE":       {"-O2", "-no-pie"},
		"frame pointer": {"-O1", "-fno-omit-frame-pointer"},
		"stripped":      {"-O2", "-s"},
		"dynamic names": {"-O2", "-rdynamic"},
		"clone names":   {"-O3"},
	} {
		t.Run(name, func(t *testing.T) {
			prog := compile(t, "gcc", "chain.c", flags...)
			for _, args := range [][]string{{"chain"}, {"recurse", "5"}, {"recurse", "300"}, {"signal"}, {"altstack"}, {"qsort"}, {"noreturn"}} {
				argv := append([]string{prog}, args...)
				want := oracleStack(t, argv...)
				p := startTraced(t, urgent, argv...)
				var u Unwinder
				got := string(AppendStack(nil, u.Frames(p, 0, false), AtOnce))
				u.Close()
				if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
					t.Errorf("%v:\n%s", args, d)
				}
			}
		})
	}
}

// TestSymbolChoice compares which name a function with several, or with an odd
// one, goes by.
func TestSymbolChoice(t *testing.T) {
	for name, flags := range map[string][]string{"own table": {"-O1"}, "both tables": {"-O1", "-rdynamic"}} {
		t.Run(name, func(t *testing.T) {
			prog := compile(t, "gcc", "symbols.S", flags...)
			compareStops(t, prog)
		})
	}
	t.Run("C++", func(t *testing.T) { compareStops(t, compile(t, "g++", "names.cc", "-O1")) })
}

// compareStops compares the traces at every SIGURG of a program.
func compareStops(t *testing.T, prog string) {
	t.Helper()
	strace := os.Getenv("STRAIT_STRACE")
	if strace == "" {
		t.Skip("STRAIT_STRACE does not name a strace to compare with")
	}
	out := t.TempDir() + "/trace"
	if text, err := exec.Command(strace, "-k", "-e", "trace=none", "-e", "signal=urg", "-o", out, prog).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	trace, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	stacks := strings.Split(string(trace), "--- SIGURG")[1:]
	if len(stacks) < 5 {
		t.Fatalf("%d stops: %s", len(stacks), trace)
	}
	p := startTraced(t, urgent, prog)
	var u Unwinder
	defer u.Close()
	for i, want := range stacks {
		_, want, _ = strings.Cut(want, "\n")
		want, _, _ = strings.Cut(want, "+++")
		got := string(AppendStack(nil, u.Frames(p, 0, false), AtOnce))
		if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(got, "\n")); d != "" {
			t.Errorf("stop %d:\n%s", i, d)
		}
		if i+1 < len(stacks) {
			p.runUntil(urgent...)
		}
	}
}
