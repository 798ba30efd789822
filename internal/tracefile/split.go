package tracefile

import (
	"cmp"
	"slices"
	"strconv"
)

// A Part is the trace of one task, as -ff -o FILE writes it to FILE.PID.
type Part struct {
	TID   int
	Trace *Trace
}

// Join makes one trace of those of several tasks. Nothing tells what they did at the
// same time: what a task does stands right behind the call that made it. Line numbers
// are those of the parts.
func Join(parts []Part) *Trace {
	j := &joiner{parts: map[int]*Trace{}}
	made := map[int]bool{}
	for _, p := range parts {
		j.parts[p.TID] = p.Trace
		for i := range p.Trace.Entries {
			e := &p.Trace.Entries[i]
			if e.TID == 0 {
				e.TID = p.TID
			}
			if tid := e.made(); tid != p.TID {
				made[tid] = true
			}
		}
	}
	parts = slices.Clone(parts)
	slices.SortStableFunc(parts, func(a, b Part) int { return cmp.Compare(a.TID, b.TID) })
	for _, first := range []bool{true, false} { // then what is made in a circle: ids come again
		for _, p := range parts {
			if !first || !made[p.TID] {
				j.add(p.TID)
			}
		}
	}
	return &j.out
}

type joiner struct {
	out   Trace
	parts map[int]*Trace
}

// add appends the part of a task, once, with those of the tasks that it made.
func (j *joiner) add(tid int) {
	t := j.parts[tid]
	if t == nil {
		return
	}
	delete(j.parts, tid)
	j.out.JSON = j.out.JSON || t.JSON
	j.out.Other += t.Other
	j.out.Cut = cmp.Or(j.out.Cut, t.Cut)
	for i := range t.Entries {
		j.out.Entries = append(j.out.Entries, t.Entries[i])
		if child := t.Entries[i].made(); child != 0 {
			j.add(child)
		}
	}
}

// made is the task that a call made, 0 if it made none.
func (e *Entry) made() int {
	if e.Kind != Call || e.Errno != "" {
		return 0
	}
	switch e.Name {
	case "fork", "vfork", "clone", "clone3":
		tid, err := strconv.Atoi(e.Ret)
		if err == nil && tid > 0 {
			return tid
		}
	}
	return 0
}
