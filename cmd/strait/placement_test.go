package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strait/internal/tracefile"
)

// TestPlacementsTraceAlike traces programs with each placement: neither the
// trace nor what the program prints depends on it.
func TestPlacementsTraceAlike(t *testing.T) {
	strait := builtStrait(t)
	for _, prog := range [][]string{
		{"ls", "-l", "/usr"},
		{"sh", "-c", "for i in 1 2 3; do ls -d /usr /etc; done; nproc"},
		{"taskset", "1", "sh", "-c", "nproc; taskset -p $$ >/dev/null"},
	} {
		for _, opts := range []string{"-f", "-f -e trace=file,process --seccomp-bpf", "--always-show-pid"} {
			t.Run(prog[0]+" "+opts, func(t *testing.T) { placedAlike(t, strait, strings.Fields(opts), prog) })
		}
	}
}

func placedAlike(t *testing.T, strait string, opts, prog []string) {
	t.Helper()
	if _, err := exec.LookPath(prog[0]); err != nil {
		t.Skip(err)
	}
	free, said := tracePlaced(t, strait, "free", opts, prog)
	again, _ := tracePlaced(t, strait, "free", opts, prog)
	ignore := untimed(tracefile.Noise(free, again))
	for _, how := range []string{"auto", "together"} {
		trace, out := tracePlaced(t, strait, how, opts, prog)
		for _, d := range tracefile.Compare(free, trace, ignore) {
			t.Errorf("free has it %d times, %s %d: %s: %s", d.A, how, d.B, d.Process, d.Line)
		}
		if out != said {
			t.Errorf("%s: the program said %q, with free %q", how, out, said)
		}
	}
}

// untimed ignores, besides what noise does, what depends on when a child ends: the signal,
// the call that it interrupts, and the register that its handler gives back.
func untimed(noise func(process, line string) bool) func(process, line string) bool {
	return func(process, line string) bool {
		return noise(process, line) || strings.HasPrefix(line, "--- SIGCHLD ") || strings.Contains(line, "? ERESTART") ||
			strings.HasPrefix(line, "rt_sigreturn(")
	}
}

func tracePlaced(t *testing.T, strait, how string, opts, prog []string) ([]tracefile.Record, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace")
	args := append(append([]string{"--placement=" + how, "-o", file}, opts...), prog...)
	out, err := exec.Command(strait, args...).Output()
	if err != nil {
		t.Fatalf("strait %s: %v", strings.Join(args, " "), err)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	records, err := tracefile.Parse(f)
	if err != nil {
		t.Fatal(err)
	}
	return records, string(out)
}
