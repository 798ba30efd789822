package tracer

import (
	"os"
	"os/exec"
	"testing"
)

// A task whose parent's event has not come when another one ends is its own
// parent's, not that one's.
func TestMakerOf(t *testing.T) {
	cmd := exec.Command("cat")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skip(err)
	}
	defer func() { in.Close(); _ = cmd.Wait() }()
	child := cmd.Process.Pid
	us := &Task{tid: os.Getpid(), proc: &process{pid: os.Getpid()}}
	other := &Task{tid: 1 << 30, proc: &process{pid: 1 << 30}}
	tr := &Tracer{tasks: map[int]*Task{us.tid: us, other.tid: other}}
	if got := tr.makerOf(child, other); got != us {
		t.Errorf("the maker of a child is %d, want us, %d", got.tid, us.tid)
	}
	delete(tr.tasks, us.tid)
	if got := tr.makerOf(child, other); got != other {
		t.Errorf("the maker of a child of a process that is not traced is %d, want %d", got.tid, other.tid)
	}
}
