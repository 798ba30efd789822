package golden

import (
	"slices"
	"strconv"

	"strait/internal/lazyregexp"
	"strait/internal/tracefile"
)

// What follows is about programs that look again and again whether something is there
// yet, and sleep between: how often they do is chance.

// A place is a file as one process looks for it.
type place struct {
	pid        int
	call, path string
}

// unready returns two kinds of calls that look for a file that another process makes.
// Vain are those that do not find it yet, though that process is running already, or who
// made it, and find it later: whether they come too early is chance. Early are those that
// find it while nobody has waited for that process: how much is in it by then is chance.
func unready(steps []Step) (vain, early map[*Step]bool) {
	began := map[int]birth{}     // processes
	waited := map[int]int{}      // processes that are known to be over: the step of the wait, from 1
	children := map[int]int{}    // of processes, that no wait has found
	some := map[int][]int{}      // those that were found as one of several: which, is chance
	makers := map[string][]int{} // steps that make a file
	finds := map[place]int{}     // the last step that finds it
	for i := range steps {
		e := &steps[i]
		began[e.process()] = began[e.process()].earlier(birth{i + 1, e.Parent})
		if e.Kind != tracefile.Call || !e.Returned() || e.Errno != "" {
			continue
		}
		ret, err := strconv.Atoi(e.Ret)
		switch at, ok := e.looksFor(); {
		case ok:
			finds[at] = i
		case err == nil && isFork(e.Name) && !makesThread(&e.Entry):
			began[ret] = began[ret].earlier(birth{i + 1, e.process()})
			children[e.process()]++
		case isWait(e.Name) && found(e):
			if e.Name == "waitid" {
				ret, _ = siginfoPID(e.Args)
			}
			if children[e.process()]--; !isAnyWait(&e.Entry) {
				waited[ret] = i + 1
				break
			}
			if some[e.process()] = append(some[e.process()], ret); children[e.process()] <= 0 {
				for _, pid := range some[e.process()] {
					waited[pid] = i + 1
				}
				delete(some, e.process())
			}
		}
		if name := e.madePath(); name != "" {
			makers[name] = append(makers[name], i)
		}
	}
	// Whether this holds for a process or one of those who made it, below the looker.
	holds := func(pid, looker int, is func(pid int) bool) bool {
		for n := 0; pid != looker && n < len(began); n++ {
			b, ok := began[pid]
			if !ok || is(pid) {
				return ok
			}
			pid = b.parent
		}
		return false
	}
	vain, early = map[*Step]bool{}, map[*Step]bool{}
	missed := map[place]bool{} // by vain
	for i := range steps {
		e := &steps[i]
		at, ok := e.looksFor()
		if !ok {
			continue
		}
		for _, m := range makers[at.path] {
			maker := steps[m].process()
			switch {
			case maker == at.pid:
			case e.Errno == "ENOENT" && finds[at] > i && max(m, steps[m].Before-1) >= i: // it may have begun before
				if holds(maker, at.pid, func(pid int) bool { return began[pid].at <= i }) {
					vain[e], missed[at] = true, true
				}
			case e.Errno == "" && m < max(i, e.Before):
				early[e] = early[e] || missed[at] || !holds(maker, at.pid, func(pid int) bool { return 0 < waited[pid] && waited[pid] <= i })
			}
		}
	}
	return vain, early
}

// A birth is the first step, from 1, that tells of a process, and who made it.
type birth struct{ at, parent int }

func (b birth) earlier(o birth) birth {
	if b.at == 0 {
		return o
	}
	if b.parent == 0 {
		b.parent = o.parent
	}
	return b
}

// asksAfter says whether a call asks whether there is such a process: signal 0 of kill(2).
func asksAfter(e *tracefile.Entry) bool {
	return (e.Name == "kill" || plainNames[e.Name] == "kill") && len(e.Args) > 1 && e.Args[len(e.Args)-1] == "0"
}

// process is the process of a step, or its thread where the trace does not tell.
func (e *Step) process() int {
	if e.PID != 0 {
		return e.PID
	}
	return e.TID
}

// looksFor is the file that a call looks for, and does no more to.
func (e *Step) looksFor() (place, bool) {
	if e.Kind != tracefile.Call || len(e.Pairs) != 1 || !looks(e.Pairs[0].Effect) || e.Pairs[0].Path == "" {
		return place{}, false
	}
	return place{e.process(), plainName(e), e.Pairs[0].Path}, true
}

// isNotYet says whether a call found that it has to come again later.
func (b *builder) isNotYet(e *Step) bool {
	switch {
	case b.unready[e]:
		return true
	case isWait(e.Name):
		return polls(&e.Entry) && e.Returned() && !found(e)
	}
	return e.Errno == "EAGAIN" && !b.skip[e.Name] && !isFork(e.Name)
}

func isSleep(call string) bool { return call == "nanosleep" || call == "clock_nanosleep" }

// isSleeper says whether a task is one that sleeps for a shell.
func (t *task) isSleeper() bool {
	return t != nil && !t.thread && t.proc.program() == "sleep" && t.proc.most == 0
}

// foldWaits drops what repeats what stands before it, where that sleeps and only looks
// besides, or sets the same handlers for signals anew: how often is chance. Of who
// sleeps because what it looked for is not there yet, nothing stays, nor of a handler that is
// set and set back at once, as bash does around its waits.
func (b *builder) foldWaits(t *task) {
	lines := t.lines[:0:0]
	for _, l := range t.lines {
		if l.child != nil && l.child.idle && l.child.isSleeper() {
			l.child.hidden = true
			continue
		}
		if t.proc.drops(l) { // else it stands between what repeats
			continue
		}
		n := len(lines)
		if n > 0 && undoes(lines[n-1], l) {
			lines = lines[:n-1]
			continue
		}
		lines = append(lines, l)
		n++
		for k := 1; k <= 6 && 2*k <= n; k++ {
			if group := lines[n-k:]; isPause(group) && slices.EqualFunc(group, lines[n-2*k:n-k], b.samePause) {
				for _, l := range group {
					if l.child != nil {
						l.child.hidden = true
					}
				}
				lines = lines[:n-k]
				break
			}
		}
	}
	t.lines = lines
}

// undoes says whether b sets the handler that stood before a.
func undoes(a, b *line) bool {
	x, y := handlerSet.FindStringSubmatch(a.Text), handlerSet.FindStringSubmatch(b.Text)
	return x != nil && y != nil && x[1] == y[1] && x[2] == y[3] && x[3] == y[2]
}

var handlerSet = lazyregexp.New(`^rt_sigaction\((\w+), (\{.*\}), (\{.*\}), 8\) = 0$`)

// isPause says whether these lines sleep and only look besides, or set handlers and
// nothing else.
func isPause(list []*line) bool {
	sleeps, handlers := false, true
	for _, l := range list {
		handlers = handlers && l.Call == "rt_sigaction"
		switch {
		case isSleep(l.Call), isFork(l.Call) && l.child.isSleeper():
			sleeps = true
		case isWait(l.Call) && l.child.isSleeper():
		case !l.looks || l.child != nil:
			return false
		}
	}
	return sleeps || handlers
}

func (b *builder) samePause(x, y *line) bool {
	if b.resolve(x.Text) != b.resolve(y.Text) || x.about != y.about || x.behind != y.behind || x.pipe != y.pipe || (x.child == nil) != (y.child == nil) {
		return false
	}
	return x.child == nil || x.child == y.child || slices.EqualFunc(x.child.lines, y.child.lines, b.samePause)
}
