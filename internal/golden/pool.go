package golden

import (
	"slices"
	"strings"
)

// What follows is about threads and processes that take work from one heap: which of
// them gets which piece is chance.

// shared stands in the place of the counterpart of a process that is one of a pool.
const shared = -2

// pools looks for workers of one maker that together did the same in both behaviours, and
// in the same order where one did both: it takes them out of pairs.
func (c *comparison) pools(was, now []*Process, pairs []int) {
	if c.now.Depth == Effects {
		return
	}
	for i, w := range was {
		if pairs[i] == shared || !c.isWorker(c.was, w) || pairs[i] >= 0 && equalLines(w.Lines, now[pairs[i]].Lines) {
			continue
		}
		alike := func(t *Trace) func(p *Process) bool {
			return func(p *Process) bool {
				return p.Program == w.Program && isThread(p) == isThread(w) && c.isWorker(t, p)
			}
		}
		before, after := filter(was, alike(c.was)), filter(now, alike(c.now))
		if len(before) < 2 || !isThread(w) && len(before) != len(after) || !redistributed(before, after) {
			continue
		}
		for k, p := range was {
			if slices.Contains(before, p) {
				pairs[k] = shared
			}
		}
		if c.pooled == nil {
			c.pooled = map[*Process]bool{}
		}
		for _, p := range after {
			c.pooled[p] = true
		}
	}
}

func isThread(p *Process) bool { return strings.Contains(p.ID, "#") }

// poolPipes has the copies that a process makes of itself share the pipes that they have
// written to: which of them had something to write is chance.
func (b *builder) poolPipes() {
	wrote := map[*process][]int{}
	for _, t := range b.all {
		if t.isCopy() {
			wrote[t.parent.proc] = append(wrote[t.parent.proc], t.proc.endedAfter...)
		}
	}
	for _, t := range b.all {
		if !t.isCopy() || !t.proc.ended {
			continue
		}
		t.proc.endedAfter = wrote[t.parent.proc]
		for _, l := range t.lines {
			if isGoodEnd(l.Text) {
				l.after = t.proc.endedAfter
			}
		}
	}
}

// isCopy says whether a task is a process that runs what who made it runs.
func (t *task) isCopy() bool { return !t.thread && t.parent != nil && !t.proc.execed }

// isWorker says whether a process is a thread, or a copy of who made it, that has made
// nobody.
func (c *comparison) isWorker(t *Trace, p *Process) bool {
	if maker(p.ID) == "" || slices.ContainsFunc(t.Processes, func(o *Process) bool { return maker(o.ID) == p.ID }) {
		return false
	}
	return !slices.ContainsFunc(p.Lines, func(l Line) bool {
		return strings.HasPrefix(l.Text, "exec ") || strings.HasPrefix(l.Text, "execve(") || strings.HasPrefix(l.Text, "execveat(")
	})
}

func filter(list []*Process, want func(p *Process) bool) []*Process {
	return slices.DeleteFunc(slices.Clone(list), func(p *Process) bool { return !want(p) })
}

// mostShared bounds the work for workers that do many different things.
const mostShared = 1000

// redistributed says whether workers did the same together: the same lines, those about
// files that were there once still once, and of two that one worker did in one order none
// in the other.
func redistributed(was, now []*Process) bool {
	before, after := countLines(was), countLines(now)
	if len(before) != len(after) || len(before) > mostShared {
		return false
	}
	for text, n := range before {
		m := after[text]
		if m == 0 || strings.Contains(text, "/") && (n == 1) != (m == 1) {
			return false
		}
	}
	return !slices.ContainsFunc(now, func(p *Process) bool {
		return !p.AnyOrder && slices.ContainsFunc(was, func(o *Process) bool { return !o.AnyOrder && reorders(o, p, was) })
	})
}

// common is what a line is called where it does not matter whether the reader of the
// worker went first: who has had nothing to write is not told.
func common(text string) string {
	if text == endsWithReader {
		return "exited with 0"
	}
	return text
}

func countLines(list []*Process) map[string]int {
	out := map[string]int{}
	for _, p := range list {
		for _, l := range p.Lines {
			out[common(l.Text)]++
		}
	}
	return out
}

// A span is where a line is first and last in a process.
type span struct{ first, last int }

func spans(p *Process) (m map[string]span, order []string) {
	m = map[string]span{}
	for i, l := range p.Lines {
		text := common(l.Text)
		s, ok := m[text]
		if !ok {
			s.first = i
			order = append(order, text)
		}
		s.last = i
		m[text] = s
	}
	return m, order
}

// reorders says whether two lines that now stand in p stood in was, but never in this
// order. Where a worker is told of its work and tells of it is no matter.
func reorders(was, p *Process, all []*Process) bool {
	old, _ := spans(was)
	cur, order := spans(p)
	for i, x := range order {
		a, ok := old[x]
		if !ok || strings.Contains(x, "<pipe>") {
			continue
		}
		for _, y := range order[i+1:] {
			b, ok := old[y]
			if !ok || strings.Contains(y, "<pipe>") || a.first < b.last || cur[y].first < cur[x].last {
				continue
			}
			if !slices.ContainsFunc(all, func(o *Process) bool { // another one did it so
				m, _ := spans(o)
				u, okU := m[x]
				v, okV := m[y]
				return okU && okV && u.first < v.last
			}) {
				return true
			}
		}
	}
	return false
}
