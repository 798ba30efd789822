package print

import (
	"strconv"

	"strait/syscalls"
)

// A Tree remembers which process started which, what they ran and how they
// ended, for --tree. The zero value is empty.
type Tree struct {
	roots []*process
	live  map[int]*process // by process id
}

type process struct {
	pid      int
	exe      string
	how      string // exited with 0
	children []*process
}

// Add takes note of ev if it is about the life of a process; threads are not
// shown.
func (t *Tree) Add(ev *syscalls.Event) {
	switch ev.Kind {
	case syscalls.EventNew:
		if ev.TID == ev.PID {
			t.start(ev.PID, ev.OtherTID)
		}
	case syscalls.EventExec:
		t.process(ev.PID).exe = ev.ExePath
	case syscalls.EventExited:
		t.end(ev, "exited with "+strconv.Itoa(ev.Status))
	case syscalls.EventKilled:
		how := "killed by " + string(appendSIG(nil, int64(ev.Sig)))
		if ev.Core {
			how += " (core dumped)"
		}
		t.end(ev, how)
	case syscalls.EventDetached:
		t.end(ev, "detached")
	}
}

// start adds a process below the one that made it. A process id that is used
// again is another process.
func (t *Tree) start(pid, parent int) *process {
	p := &process{pid: pid}
	if t.live == nil {
		t.live = map[int]*process{}
	}
	if up := t.live[parent]; up != nil {
		up.children = append(up.children, p)
	} else {
		t.roots = append(t.roots, p)
	}
	t.live[pid] = p
	return p
}

func (t *Tree) process(pid int) *process {
	if p := t.live[pid]; p != nil {
		return p
	}
	return t.start(pid, 0)
}

// end is the end of a thread; that of a process is its leader's. The process
// stays known: its children may be told of later.
func (t *Tree) end(ev *syscalls.Event, how string) {
	if ev.TID == ev.PID {
		t.process(ev.PID).how = how
	}
}

// Append appends the tree: a line for each process, with its children below it.
func (t *Tree) Append(dst []byte) []byte {
	for _, p := range t.roots {
		dst = p.append(dst, nil, "", "")
	}
	return dst
}

// append appends p behind branch, and its children behind indent.
func (p *process) append(dst, indent []byte, branch, below string) []byte {
	dst = append(append(dst, indent...), branch...)
	dst = strconv.AppendInt(dst, int64(p.pid), 10)
	if p.exe != "" {
		dst = append(dst, ' ')
		dst = new(Text).escape(dst, []byte(p.exe), false, "\\")
	}
	if p.how != "" {
		dst = append(append(dst, ": "...), p.how...)
	}
	dst = append(dst, '\n')
	indent = append(indent[:len(indent):len(indent)], below...)
	for i, c := range p.children {
		if i < len(p.children)-1 {
			dst = c.append(dst, indent, "|-- ", "|   ")
		} else {
			dst = c.append(dst, indent, "`-- ", "    ")
		}
	}
	return dst
}
