package golden

import (
	"slices"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
)

// finish makes the Trace of what was collected.
func (b *builder) finish() *Trace {
	out := &Trace{Depth: b.o.Depth}
	if b.o.Depth == Effects {
		b.finishEffects(out)
		return out
	}
	b.poolPipes()
	for _, t := range b.all {
		b.foldWaits(t)
	}
	for _, t := range b.all {
		if t.parent != nil && t.parent.thread && b.anyOrder(t.parent.proc) { // which thread made it is chance
			t.parent = t.parent.proc.main
		}
		if t.thread && b.anyOrder(t.proc) {
			t.proc.main.lines = append(t.proc.main.lines, t.lines...)
			t.lines = nil
		}
	}
	b.finishTree(out, nil)
	return out
}

func (b *builder) anyOrder(p *process) bool {
	return p.golang >= goSigns || p.watched > 1 || p.serves || slices.Contains(b.o.AnyOrder, p.program())
}

// finishTree appends the tasks that parent made and what they made, in the order
// in which they were made.
func (b *builder) finishTree(out *Trace, parent *task) {
	processes, threads := 0, 0
	for _, t := range b.all {
		if t.parent != parent || t.hidden {
			continue
		}
		switch {
		case parent == nil:
			processes++
			t.id = strconv.Itoa(processes)
		case t.thread:
			threads++
			t.id = parent.id + "#" + strconv.Itoa(threads)
		default:
			processes++
			t.id = parent.id + "." + strconv.Itoa(processes)
		}
		if !t.thread || len(t.lines) > 0 {
			out.Processes = append(out.Processes, b.finishTask(t))
		}
		b.finishTree(out, t)
	}
}

func (b *builder) finishTask(t *task) *Process {
	p := &Process{ID: t.id, Program: t.proc.program(), AnyOrder: b.anyOrder(t.proc)}
	lines := t.lines
	if !t.thread {
		lines = t.proc.withLate(lines)
	}
	for _, l := range lines {
		l.Text = b.text(l)
		if b.isEnd(l) {
			l.Text, p.Killed = endsWithReader, t.proc.broken
		}
		if !t.proc.drops(l) && !b.isCut(t.proc, l) && !b.isNoise(p.Program, l.Text) {
			p.Lines = append(p.Lines, l.Line)
		}
	}
	if p.AnyOrder {
		p.Lines = sortedOnce(p.Lines)
	}
	return p
}

// drops says whether a line of a process is its runtime's affair, or chance.
func (p *process) drops(l *line) bool {
	switch {
	case p.golang >= goSigns && l.goes, (p.golang >= goSigns || p.watched > 1) && goPoller(l.Text):
		return true
	case (p.suspends || p.polls) && l.Call == "rt_sigprocmask":
		return true
	}
	return l.isChance(p)
}

// text completes a line that is about another process, whose program is known by
// now: an id would say which one was made first, and nobody waits for that.
func (b *builder) text(l *line) string {
	s := b.resolve(b.endOf(l.child, l.Text))
	switch {
	case l.child != nil && !l.child.thread:
		s += " " + show(l.child.proc.program())
	case l.about != "":
		s += " " + l.about
	}
	return s + b.endOf(l.child, l.behind)
}

// later stands for the program of a task until all is known: at this moment it may run
// that program or still be the copy of its maker.
func (b *builder) later(t *task) string {
	return "\x00" + strconv.Itoa(slices.Index(b.all, t)) + "\x00"
}

var laters = lazyregexp.New("\x00[0-9]+\x00")

// resolve puts programs in a text in which later stands.
func (b *builder) resolve(s string) string {
	if !strings.Contains(s, "\x00") {
		return s
	}
	return laters.ReplaceAllStringFunc(s, func(m string) string {
		i, _ := strconv.Atoi(strings.Trim(m, "\x00"))
		return b.all[i].proc.program()
	})
}

func sortedOnce(list []Line) []Line {
	slices.SortStableFunc(list, func(a, b Line) int { return strings.Compare(a.Text, b.Text) })
	return slices.CompactFunc(list, sameText)
}
