package stacks

import (
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"strait/internal/unwind"
	"strait/syscalls"
)

// TestWaiting takes the stack of a process that waits for its input.
func TestWaiting(t *testing.T) {
	cmd := exec.Command("/bin/sh", "-c", "read x")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { _ = in.Close(); _ = cmd.Wait() }()
	pid := cmd.Process.Pid
	native := syscalls.ByName(runtime.GOARCH)
	read, _ := native.Number("read")
	for {
		text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/syscall")
		if err != nil {
			t.Skip(err) // not ours to look at, or none of this kernel's
		}
		if strings.HasPrefix(string(text), strconv.FormatUint(read, 10)+" 0x0 ") {
			break
		}
		time.Sleep(time.Millisecond)
	}
	x := Taker{Limit: 64}
	got := string(x.AppendWaiting(nil, pid, pid, native.ID, unwind.AtEntry))
	if lines := strings.Split(strings.TrimSpace(got), "\n"); len(lines) < 3 || !strings.Contains(got, "/libc") && !strings.Contains(got, "ld-musl") {
		t.Errorf("got:\n%s", got)
	}
	if got := x.AppendWaiting(nil, os.Getpid(), os.Getpid()+1<<22, native.ID, unwind.AtEntry); len(got) > 0 {
		t.Errorf("of a task that is none: %s", got)
	}
}
