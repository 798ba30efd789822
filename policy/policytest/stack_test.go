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
	cmd := exec.Command(self(t), "-test.run=^TestStack$")
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
		cmd := exec.Command(self(t), "-test.run=^TestStack$")
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

// self is this test as a program, wherever it is started.
func self(t *testing.T) string {
	t.Helper()
	name, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return name
}

//go:noinline
func writeForStack(file string) {
	if fd, err := syscall.Open(file, syscall.O_WRONLY|syscall.O_CREAT|syscall.O_CLOEXEC, 0o600); err == nil {
		syscall.Close(fd)
	}
}

// TestConnects: the program is this test.
func TestConnects(t *testing.T) {
	if os.Getenv("STRAIT_TEST_CONNECTS") != "" {
		if fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0); err == nil {
			_ = syscall.Connect(fd, &syscall.SockaddrInet4{Port: 1, Addr: [4]byte{127, 0, 0, 1}})
			syscall.Close(fd)
		}
		return
	}
	cmd := func() *exec.Cmd {
		cmd := exec.Command(self(t), "-test.run=^TestConnects$")
		cmd.Env = append(os.Environ(), "STRAIT_TEST_CONNECTS=1")
		return cmd
	}
	policytest.Run(t, cmd(), policytest.Connects("tcp 127.0.0.1:*"), policytest.Never("net.connect tcp 127.0.0.2:*"))
	if got := try(t, cmd(), policytest.Connects()); !strings.Contains(got, "connects none: it happened") || !strings.Contains(got, "127.0.0.1:1") {
		t.Errorf("a connection is not told:\n%s", got)
	}
}
