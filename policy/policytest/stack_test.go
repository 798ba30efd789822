package policytest_test

import (
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"strait/policy/policytest"
)

// TestStack: a program with names has its stack shown where it did what it must not.
// The program is this test.
func TestStack(t *testing.T) {
	if file := os.Getenv("STRAIT_TEST_WRITES"); file != "" {
		writeForStack(file)
		return
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestStack$")
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "STRAIT_TEST_WRITES="+cmd.Dir+"/out")
	got := try(t, cmd, policytest.Never("fs.create"), policytest.Stacks())
	if !strings.Contains(got, "> ") || !strings.Contains(got, "writeForStack") {
		t.Errorf("no stack is told:\n%s", got)
	}
}

// TestStacks: where a program runs in a folder of its test, there is no second run for
// stacks; with Stacks they are under what is new against a golden trace.
func TestStacks(t *testing.T) {
	dir := t.TempDir()
	cmd := func(out string) *exec.Cmd {
		cmd := exec.Command(os.Args[0], "-test.run=^TestStack$")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "STRAIT_TEST_WRITES="+dir+"/"+out)
		return cmd
	}
	file := policytest.Golden(dir + "/golden.trace")
	t.Setenv("STRAIT_UPDATE", "1")
	if got := try(t, cmd("out"), file, policytest.Effects); got != "" {
		t.Fatal(got)
	}
	t.Setenv("STRAIT_UPDATE", "")
	for _, test := range []struct {
		options []policytest.Option
		want    bool
	}{
		{[]policytest.Option{file, policytest.Effects}, false},
		{[]policytest.Option{file, policytest.Effects, policytest.Stacks()}, true},
	} {
		got := try(t, cmd("other"), test.options...)
		if !strings.Contains(got, "+ fs.create ./other") {
			t.Fatalf("what is new is not told:\n%s", got)
		}
		if is := strings.Contains(got, "writeForStack"); is != test.want {
			t.Errorf("%d options: a stack is told: %v, want %v\n%s", len(test.options), is, test.want, got)
		}
	}
}

//go:noinline
func writeForStack(file string) {
	if fd, err := syscall.Open(file, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600); err == nil {
		syscall.Close(fd)
	}
}
