package print

import (
	"testing"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

func TestTree(t *testing.T) {
	start := func(tid, pid, by int) *syscalls.Event {
		return &syscalls.Event{Kind: syscalls.EventNew, TID: tid, PID: pid, OtherTID: by}
	}
	exit := func(pid, status int) *syscalls.Event {
		return &syscalls.Event{Kind: syscalls.EventExited, TID: pid, PID: pid, Status: status}
	}
	exec := func(pid int, exe string) *syscalls.Event {
		return &syscalls.Event{Kind: syscalls.EventExec, TID: pid, PID: pid, ExePath: exe}
	}
	var tr Tree
	for _, ev := range []*syscalls.Event{
		start(10, 10, 0), exec(10, "/bin/sh"), start(11, 11, 10), start(12, 12, 10), exec(11, "/bin/a\nb"),
		start(13, 11, 11), // a thread
		{Kind: syscalls.EventExited, TID: 13, PID: 11, Status: 9},
		start(14, 14, 11), start(15, 15, 14), exit(14, 0), exit(11, 1),
		{Kind: syscalls.EventKilled, TID: 12, PID: 12, Sig: 11, Core: true},
		start(11, 11, 10), // the number is used again
		exit(10, 0),
		{Kind: syscalls.EventDetached, TID: 20, PID: 20},
	} {
		tr.Add(ev)
	}
	want := `10 /bin/sh: exited with 0
|-- 11 /bin/a\nb: exited with 1
|   ` + "`" + `-- 14: exited with 0
|       ` + "`" + `-- 15
|-- 12: killed by SIGSEGV (core dumped)
` + "`" + `-- 11
20: detached
`
	if diff := cmp.Diff(want, string(tr.Append(nil))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
