package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"strait/internal/tracefile"
)

// TestAgainstStrace traces programs with strace and with strait and compares
// the lines of each process. What two runs of strace differ in does not count.
func TestAgainstStrace(t *testing.T) {
	strace := os.Getenv("STRAIT_STRACE")
	if strace == "" {
		t.Skip("no strace to compare with: STRAIT_STRACE is not set")
	}
	dir := t.TempDir()
	strait := builtStrait(t)
	for _, prog := range programs(t, dir) {
		for _, opts := range [][]string{{"-f"}, {"-f", "-e", "abbrev=execve"}, {"-f", "-y", "-s", "100"}} {
			name := strings.Join(append([]string{filepath.Base(prog[0])}, opts...), " ")
			t.Run(name, func(t *testing.T) {
				against(t, strace, strait, opts, prog)
			})
		}
	}
}

// programs are what is traced: those of the system that are there, and the
// samples in testdata/prog/calls where there is a C compiler.
func programs(t *testing.T, dir string) [][]string {
	t.Helper()
	list := [][]string{{"true"}, {"ls", "-l", "/"}, {"sh", "-c", "ls -l /usr | sort | head"}, {"git", "version"}}
	gcc, err := exec.LookPath("gcc")
	if err != nil {
		t.Log("no gcc: the C samples are left out")
		return list
	}
	samples, err := filepath.Glob("../../testdata/prog/calls/*.c")
	if err != nil {
		t.Fatal(err)
	}
	for _, src := range samples {
		bin := filepath.Join(dir, strings.TrimSuffix(filepath.Base(src), ".c"))
		if out, err := exec.Command(gcc, "-w", "-o", bin, src).CombinedOutput(); err != nil {
			t.Errorf("gcc %s: %v\n%s", src, err, out)
			continue
		}
		list = append(list, []string{bin})
	}
	return list
}

func against(t *testing.T, strace, strait string, opts, prog []string) {
	t.Helper()
	if _, err := exec.LookPath(prog[0]); err != nil {
		t.Skip(err)
	}
	var runs [3][]tracefile.Record
	for i, tool := range []string{strace, strace, strait} {
		file := filepath.Join(t.TempDir(), "trace")
		cmd := exec.Command(tool, append(append(append([]string{}, opts...), "-o", file, "--"), prog...)...)
		_ = cmd.Run() // its status is the program's
		f, err := os.Open(file)
		if err != nil {
			t.Fatal(err)
		}
		runs[i], err = tracefile.Parse(f)
		f.Close()
		if err != nil {
			t.Fatalf("%s: %v", tool, err)
		}
	}
	noise := tracefile.Noise(runs[0], runs[1])
	ignore := func(process, line string) bool {
		// Of two children that end at once the kernel merges the signals.
		return noise(process, line) || strings.HasPrefix(line, "--- SIGCHLD ")
	}
	for _, d := range tracefile.Compare(runs[0], runs[2], ignore) {
		t.Errorf("strace has it %d times, strait %d: %s: %s", d.A, d.B, d.Process, d.Line)
	}
}
