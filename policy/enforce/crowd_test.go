package enforce

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"strait/forkexec"
	"strait/policy"

	"golang.org/x/sys/unix"
)

// TestCrowd: a thousand processes at a time are held to a policy, none is forgotten, none
// is left, and each costs the supervisor little memory.
func TestCrowd(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	n := 1000
	if testing.Short() {
		n = 100
	}
	exe := compileStatic(t, "crowd")
	dir := tree(t)
	inUse := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc + m.StackInuse
	}
	before, during, alive := inUse(), uint64(0), 0
	o := Options{Policy: broad(t, dir), Audit: func(r *Record) {
		if strings.HasSuffix(r.Object, "secret/all") {
			during, alive = inUse(), running(t, exe)
		}
	}}
	got := under(t, o, &forkexec.Cmd{Path: exe, Args: []string{"crowd", strconv.Itoa(n)}, Dir: dir})
	if got.out != strconv.Itoa(n)+"\n" || got.status != 0 {
		t.Fatalf("status %v, output %q", got.status, got.out)
	}
	if want := int64(2*n + 1); got.result.Denied != want || int64(len(got.records)) != want {
		t.Errorf("%d calls were denied, and %d told of, want %d", got.result.Denied, len(got.records), want)
	}
	if left := running(t, exe); alive != n+1 || left != 0 {
		t.Errorf("%d processes were there, want %d, and %d are left", alive, n+1, left)
	}
	each := (int64(during) - int64(before)) / int64(n)
	t.Logf("%d bytes a process", each)
	if each > 64<<10 {
		t.Errorf("a process takes %d bytes of the supervisor", each)
	}
}

// TestManyQuestions: as many threads as one likes wait for answers, while few of the
// supervisor's wait with them.
func TestManyQuestions(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	n := 1000
	if testing.Short() {
		n = 200
	}
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	const each = 4 // descriptors that keep what a question is about
	n = min(n, int(limit.Cur-100)/each) &^ 1
	exe := compileStatic(t, "crowd")
	dir := tree(t)
	var waiting []*Question
	threads := 0
	o := Options{Policy: broad(t, dir, "ask fs.read "+dir+"/open/**"), Ask: func(q *Question) {
		waiting = append(waiting, q)
		if len(waiting) < n {
			return
		}
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Error(err)
		}
		threads = len(tasks)
		for i, q := range waiting {
			a := policy.Action{}
			if i%2 == 1 {
				a = policy.Action{Kind: policy.Deny, Num: int(unix.EACCES)}
			}
			q.Answer(a)
		}
	}}
	got := under(t, o, &forkexec.Cmd{Path: exe, Args: []string{"crowd", "threads", strconv.Itoa(n)}, Dir: dir})
	if got.out != strconv.Itoa(n/2)+"\n" || got.status != 0 || got.result.Asked != int64(n) {
		t.Errorf("%d questions: %v", got.result.Asked, &got)
	}
	if threads == 0 || threads > 100 {
		t.Errorf("%d threads wait for %d answers", threads, n)
	}
}

// running counts the processes that run a program.
func running(t *testing.T, exe string) int {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/exe")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, l := range links {
		if to, err := os.Readlink(l); err == nil && to == exe {
			n++
		}
	}
	return n
}
