package cases

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"

	"strait/internal/golden"
	"strait/policy"
)

// A watcher is a Reporter that counts.
type watcher struct {
	begun, running, most int
	ended                bool
	names                map[string]int // of cases that are done
	done                 func()
}

func (w *watcher) Begin(total int) { w.begun = total }

func (w *watcher) Started(*Case) {
	w.running++
	w.most = max(w.most, w.running)
}

func (w *watcher) Done(o *Outcome) {
	w.running--
	w.names[o.Case.Name]++
	if w.done != nil {
		w.done()
	}
}

func (w *watcher) End(*Summary) error {
	w.ended = true
	return nil
}

// Many cases run so many at a time, neither less nor more, each as often as it is to,
// and leave nothing. The first ones wait for each other.
func TestParallel(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	const total, most, count = 30, 5, 2
	met, tmp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", tmp)
	var list []*Case
	for i := range total {
		name := fmt.Sprintf("c%02d", i)
		list = append(list, &Case{
			Name: name, Pos: policy.Pos{File: "x", Line: i + 1}, Dir: tmp,
			Run: []string{"sh", "-c", fmt.Sprintf(": > %s/%s; set -- %s/*; until [ $# -ge %d ]; do sleep 0.02; set -- %s/*; done", met, name, met, most, met)},
		})
	}
	w := &watcher{names: map[string]int{}}
	s := &Suite{Cases: list, Parallel: most, Count: count, Report: w}
	sum, err := s.Run(context.Background())
	if err != nil || !sum.OK() || sum.Passed != total {
		for _, o := range sum.Outcomes {
			for _, r := range o.Runs {
				for _, f := range r.Failures {
					t.Errorf("%s: %s", o.Case.Name, f)
				}
			}
		}
		t.Fatalf("%v, %d passed, want %d", err, sum.Passed, total)
	}
	if w.begun != total || w.most != most || w.running != 0 || !w.ended || len(w.names) != total {
		t.Errorf("%+v", w)
	}
	for i, o := range sum.Outcomes {
		if o.Case != list[i] || len(o.Runs) != count || w.names[o.Case.Name] != 1 {
			t.Errorf("%d: %s, %d runs, told %d times", i, o.Case.Name, len(o.Runs), w.names[o.Case.Name])
		}
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A suite that is interrupted tells of all cases.
func TestInterrupted(t *testing.T) {
	ctx, stop := context.WithCancel(context.Background())
	w := &watcher{names: map[string]int{}, done: stop}
	list := []*Case{{Name: "a", Skip: "why"}, {Name: "b", Skip: "why"}, {Name: "c", Skip: "why"}}
	sum, err := (&Suite{Cases: list, Parallel: 1, Report: w}).Run(ctx)
	if err != nil || sum.Skipped != 3 || len(w.names) != 3 {
		t.Fatalf("%v, %+v, %+v", err, sum, w)
	}
	for i, want := range []string{"why", "not run", "not run"} {
		if got := sum.Outcomes[i].Skipped(); got != want {
			t.Errorf("%d: %q, want %q", i, got, want)
		}
	}
}

// Of two runs the one is kept that holds for both.
func TestFurtherOf(t *testing.T) {
	const ends = "exited with 0 or, as its reader goes first, killed by SIGPIPE"
	trace := func(killed bool, lines ...string) *golden.Trace {
		p := &golden.Process{ID: "1", Program: "app", Killed: killed}
		for _, s := range append(lines, ends) {
			p.Lines = append(p.Lines, golden.Line{Text: s})
		}
		return &golden.Trace{Depth: golden.Calls, Processes: []*golden.Process{p}}
	}
	short, long, other := trace(true, "a"), trace(false, "a", "b"), trace(false, "a", "c")
	for i, test := range []struct {
		first, second, want *golden.Trace
		differ              bool
	}{
		{short, short, short, false},
		{short, long, long, false},
		{long, short, long, false},
		{long, other, long, true},
		{trace(false, "a"), long, nil, true}, // nothing cut it off
	} {
		if test.want == nil {
			test.want = test.first
		}
		got, diff := furtherOf(test.first, test.second)
		if got != test.want || (len(diff) > 0) != test.differ {
			t.Errorf("%d: the first: %v, differ %v", i, got == test.first, diff)
		}
	}
}

// What a program leaves is removed, though it left folders that nobody may enter.
func TestLockedFolders(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may enter any folder")
	}
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	c := &Case{Name: "locked", Pos: policy.Pos{File: "x", Line: 1}, Dir: tmp, Run: []string{"sh", "-c", "mkdir -p a/b; : > a/b/c; chmod 0 a/b a"}}
	if r := c.Test(context.Background(), RunOptions{}); len(r.Failures) > 0 {
		t.Errorf("%s", r.Failures[0])
	}
	if left, err := os.ReadDir(tmp); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}

// A check tells of each call once, of so many, and how many there were besides.
func TestViolationsTold(t *testing.T) {
	for _, test := range []struct {
		chk   check
		texts []string
		want  string
	}{
		{check{must: true}, nil, "w: it did not happen"},
		{check{must: true, tried: 2, errno: "EPERM"}, nil, "w: it did not happen; failed calls: 2, the last with EPERM"},
		{check{}, []string{"a"}, "w: it happened\n  a"},
		{check{}, []string{"a", "a", "b"}, "w: it happened\n  a\n  b\n  and 1 times more"},
	} {
		chk, r := &test.chk, &Result{}
		chk.what = "w"
		for _, s := range test.texts {
			chk.note(violation{text: s})
		}
		chk.report(r)
		if len(r.Failures) != 1 || r.Failures[0].Text != test.want {
			t.Errorf("%q: %q, want %q", test.texts, r.Failures[0].Text, test.want)
		}
	}
}

// A text that is not as expected is told by its lines.
func TestLineDiff(t *testing.T) {
	if got, want := lineDiff("a\nb\nc\n", "a\nx\nc\nd\n"), "  - b\n  + x\n  + d"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if got, want := lineDiff("a\nb\n", "a\n"), "  - b"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
