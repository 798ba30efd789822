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

//go:noinline
func writeForStack(file string) {
	if fd, err := syscall.Open(file, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600); err == nil {
		syscall.Close(fd)
	}
}
