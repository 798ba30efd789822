package tracefile_test

import (
	"fmt"
	"strings"
	"testing"

	"strait/internal/tracefile"

	"github.com/google/go-cmp/cmp"
)

// What a task does stands behind the call that made it, whatever the order of the files;
// tasks that nobody made come by their ids, and none is lost.
func TestJoin(t *testing.T) {
	var parts []tracefile.Part
	for _, p := range []struct {
		tid  int
		text string
	}{
		{12, "getuid() = 0\n+++ exited with 0 +++\n"},
		{11, "clone3({flags=0}, 88) = 12\nfork() = -1 EAGAIN (Resource temporarily unavailable)\ngetgid() = 0\n"},
		{10, "vfork() = 11\nfork() = 99\ngetpid() = 10\nwait"},
		{8, "fork() = 8\nfork() = 9\n"}, // 9 made 8: an id that came again
		{9, "fork() = 8\n"},
	} {
		tr, err := tracefile.Read(strings.NewReader(p.text))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, tracefile.Part{TID: p.tid, Trace: tr})
	}
	got := tracefile.Join(parts)
	var order []string
	for _, e := range got.Entries {
		order = append(order, fmt.Sprint(e.TID, " ", e.Name, " ", e.Line))
	}
	want := []string{
		"10 vfork 1", "11 clone3 1", "12 getuid 1", "12  2", "11 fork 2", "11 getgid 3", "10 fork 2", "10 getpid 3", "10 wait 4",
		"8 fork 1", "8 fork 2", "9 fork 1",
	}
	if d := cmp.Diff(want, order); d != "" {
		t.Error(d)
	}
	if got.Other != 1 || got.Cut != 4 {
		t.Errorf("%d other lines, cut in line %d; want 1, 4", got.Other, got.Cut)
	}
}
