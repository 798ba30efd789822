package golden

import (
	"slices"
	"strings"
)

// Kind says how a line differs.
type Kind uint8

// The kinds of differences.
const (
	New Kind = iota
	Gone
	Changed
)

// A Difference is a line that two behaviours do not share.
type Difference struct {
	Kind     Kind
	Process  *Process // of the new behaviour; of the old one if the line is gone
	Was, Now Line     // Was of Gone and Changed, Now of New and Changed
}

// A Section is a process that two behaviours do not share, or in which they
// differ.
type Section struct {
	Kind     Kind // New, Gone: the whole process
	Process  *Process
	Old      *Process // of a change
	Maker    *Process // who made it
	Lines    []Difference
	NewOrder bool // the lines are the same, in another order
}

// Compare says what is new, gone or changed in now.
func Compare(was, now *Trace) []Section {
	c := &comparison{was: was, now: now}
	c.children("", "")
	return c.out
}

// A comparison matches the processes of two behaviours.
type comparison struct {
	was, now *Trace
	out      []Section
	pooled   map[*Process]bool // of now: they did together what those of was did
}

// children compares what two processes made: those of one program and with the
// same lines belong together, whatever order they were made in, then those of one
// program, in order.
func (c *comparison) children(wasID, nowID string) {
	was, now := kids(c.was, wasID), kids(c.now, nowID)
	pairs := match(was, now)
	c.pools(was, now, pairs)
	for i, w := range was {
		if pairs[i] == shared {
			continue
		}
		if n := pairs[i]; n >= 0 {
			c.process(w, now[n])
			if c.now.Depth != Effects {
				c.children(w.ID, now[n].ID)
			}
			continue
		}
		c.whole(c.was, w, Gone)
	}
	for i, n := range now {
		if !slices.Contains(pairs, i) && !c.pooled[n] {
			c.whole(c.now, n, New)
		}
	}
}

// kids are the processes that the process id made; "": the first ones.
func kids(t *Trace, id string) []*Process {
	var out []*Process
	for _, p := range t.Processes {
		if t.Depth == Effects || maker(p.ID) == id {
			out = append(out, p)
		}
	}
	return out
}

// maker is the id of the process that made another.
func maker(id string) string {
	i := strings.LastIndexAny(id, ".#")
	return id[:max(i, 0)]
}

// match returns for each of was its counterpart in now, or -1.
func match(was, now []*Process) []int {
	pairs := make([]int, len(was))
	used := make([]bool, len(now))
	for i := range pairs {
		pairs[i] = -1
	}
	pass := func(same func(a, b *Process) bool) {
		for i, w := range was {
			if pairs[i] >= 0 {
				continue
			}
			for k, n := range now {
				if !used[k] && same(w, n) {
					pairs[i], used[k] = k, true
					break
				}
			}
		}
	}
	pass(func(a, b *Process) bool {
		return a.Program == b.Program && a.ID == b.ID && equalLines(a.Lines, b.Lines)
	})
	pass(func(a, b *Process) bool {
		return a.Program == b.Program && isThread(a) == isThread(b) && slices.EqualFunc(a.Lines, b.Lines, sameText)
	})
	pass(func(a, b *Process) bool { return a.Program == b.Program && a.ID == b.ID })
	if len(was) > 0 && len(now) > 0 && maker(was[0].ID) == "" && !strings.Contains(was[0].ID, ">") && was[0].ID == "1" {
		pass(func(a, b *Process) bool { return a.ID == "1" && b.ID == "1" }) // the program itself, under another name
	}
	pass(func(a, b *Process) bool {
		return a.Program == b.Program && isThread(a) == isThread(b) && !strings.Contains(a.ID, " > ") && !strings.Contains(b.ID, " > ")
	})
	return pairs
}

func equalLines(a, b []Line) bool { return slices.EqualFunc(a, b, sameText) }

func sameText(a, b Line) bool { return a.Text == b.Text }

// whole reports a process that only one behaviour has, and what it made.
func (c *comparison) whole(t *Trace, p *Process, k Kind) {
	s := Section{Kind: k, Process: p}
	for _, m := range t.Processes {
		if t.Depth != Effects && m.ID == maker(p.ID) {
			s.Maker = m
		}
	}
	for _, l := range p.Lines {
		d := Difference{Kind: k, Process: p}
		if k == Gone {
			d.Was = l
		} else {
			d.Now = l
		}
		s.Lines = append(s.Lines, d)
	}
	c.out = append(c.out, s)
	if t.Depth == Effects {
		return
	}
	for _, kid := range kids(t, p.ID) {
		c.whole(t, kid, k)
	}
}

// process compares two processes that belong together.
func (c *comparison) process(was, now *Process) {
	s := Section{Kind: Changed, Process: now, Old: was}
	a, b := was.Lines, now.Lines
	if was.AnyOrder || now.AnyOrder {
		a, b = sortedOnce(slices.Clone(a)), sortedOnce(slices.Clone(b))
	}
	s.Lines = changes(now, a, b)
	if now.Killed && ends(a) && ends(b) && (was.AnyOrder || now.AnyOrder || len(a) >= len(b) && equalLines(a[:len(b)-1], b[:len(b)-1])) {
		s.Lines = slices.DeleteFunc(s.Lines, func(d Difference) bool { return d.Kind == Gone }) // it did not get as far
	}
	if len(s.Lines) == 0 {
		return
	}
	s.NewOrder = sameSet(a, b)
	c.out = append(c.out, s)
}

// ends says whether the last line is that the reader may go first.
func ends(l []Line) bool {
	return slices.ContainsFunc(l, func(x Line) bool { return x.Text == endsWithReader })
}

func sameSet(a, b []Line) bool {
	byText := func(x, y Line) int { return strings.Compare(x.Text, y.Text) }
	return slices.EqualFunc(slices.SortedFunc(slices.Values(a), byText), slices.SortedFunc(slices.Values(b), byText), sameText)
}

// changes are the lines that differ, in order; a line that is gone where one of
// the same call is new has changed.
func changes(p *Process, a, b []Line) []Difference {
	var out []Difference
	for _, e := range script(a, b) {
		was, now := a[e.a:e.aEnd], b[e.b:e.bEnd]
		for len(was) > 0 || len(now) > 0 {
			switch {
			case len(was) > 0 && len(now) > 0 && alike(was[0].Text, now[0].Text):
				out = append(out, Difference{Kind: Changed, Process: p, Was: was[0], Now: now[0]})
				was, now = was[1:], now[1:]
			case len(was) > 0 && (len(now) == 0 || !slices.ContainsFunc(now, func(l Line) bool { return alike(was[0].Text, l.Text) })):
				out = append(out, Difference{Kind: Gone, Process: p, Was: was[0]})
				was = was[1:]
			default:
				out = append(out, Difference{Kind: New, Process: p, Now: now[0]})
				now = now[1:]
			}
		}
	}
	return out
}

// alike says whether two lines are the same call on the same object, or the same
// call if it has one word only: one is the other, changed.
func alike(a, b string) bool {
	x, y := strings.Fields(a), strings.Fields(b)
	switch {
	case len(x) == 0 || len(y) == 0:
		return false
	case strings.ContainsRune(x[0], '('):
		name, _, _ := strings.Cut(a, "(")
		other, _, _ := strings.Cut(b, "(")
		return name == other
	case len(x) == 1 || len(y) == 1:
		return strings.TrimSuffix(x[0], ":") == strings.TrimSuffix(y[0], ":")
	}
	return x[0] == y[0] && strings.TrimSuffix(x[1], ":") == strings.TrimSuffix(y[1], ":")
}

func (k Kind) String() string { return [...]string{"new", "gone", "changed"}[k] }
