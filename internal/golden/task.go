package golden

import (
	"strconv"
	"strings"

	"strait/internal/tracefile"
)

// A task is one thread of the trace.
type task struct {
	tid     int // as the call that made it returned it
	id      string
	thread  bool
	parent  *task
	proc    *process
	lines   []*line
	claimed bool   // its own first event was seen
	fresh   bool   // nothing was seen of it yet
	last    string // the call that it made last
	notYet  bool   // what it looked for was not there yet
	idle    bool   // that was so for who made it
	hidden  bool   // it is not told of
}

// A process is what its threads share.
type process struct {
	chain   []string // programs that led to it, the last is its own
	fds     fdTable
	effects map[string]*line
	order   []string
	golang  int // how many signs were seen that it is a Go program
	main    *task

	children int     // that no wait has found
	most     int     // of these at a time
	waitsAny bool    // it waits for any of them
	polls    bool    // it looks for them without waiting
	raced    bool    // it found one while others ran
	serves   bool    // and started another one then
	piece    string  // how much of a pipe or socket it read last
	heard    string  // what it has read of them
	execed   bool    // it runs another program than who made it, or the same anew
	watched  int     // descriptors that it has in epoll(7)
	suspends bool    // it waits for signals
	late     []*line // that stand at the end

	wrote      []int // pipes that it has written to
	refused    bool  // EPIPE told it that nobody reads any more
	broken     bool  // it was killed by SIGPIPE
	ended      bool  // it exited with 0 or was killed by SIGPIPE
	endedAfter []int // wrote, when it exited with 0 or was killed by SIGPIPE
}

// A line is a Line in the making.
type line struct {
	Line
	child  *task // of fork, wait and kill
	about  string
	behind string // the child

	anyWait bool // it waits for any child
	pieces  bool // it reads a piece
	goes    bool // Go's runtime makes such calls on its own
	proc    *process
	pipe    int   // the pipe that it writes to
	after   []int // pipes that the process had written to before
	looks   bool  // it changes nothing
	refused bool  // it comes after EPIPE
}

func (p *process) program() string {
	if len(p.chain) == 0 {
		return "?"
	}
	return p.chain[len(p.chain)-1]
}

// forks are the calls that make tasks.
func isFork(name string) bool {
	switch name {
	case "fork", "vfork", "clone", "clone3":
		return true
	}
	return false
}

// makesThread says whether a clone makes a thread, by its flags.
func makesThread(e *tracefile.Entry) bool {
	for _, a := range e.Args {
		if strings.Contains(a, "CLONE_THREAD") {
			return true
		}
	}
	return false
}

// task returns the task that an entry is about. Who was never made is the first
// one, or one whose making was not traced.
func (b *builder) task(e *Step) *task {
	if t := b.tasks[e.TID]; t != nil {
		return t
	}
	if e.TID != 0 && !b.aliased && b.tasks[0] != nil { // its id was not written while it was alone
		b.aliased = true
		b.tasks[e.TID] = b.tasks[0]
		return b.tasks[0]
	}
	t := b.newTask(e.TID, nil, e.PID != 0 && e.PID != e.TID && b.tasks[e.PID] != nil)
	if t.thread {
		t.proc = b.tasks[e.PID].proc
	}
	return t
}

func (b *builder) newTask(tid int, parent *task, thread bool) *task {
	t := &task{parent: parent, thread: thread, fresh: true}
	switch {
	case parent == nil:
		t.proc = &process{fds: fdTable{}, effects: map[string]*line{}, main: t}
	case thread:
		t.proc = parent.proc
	default:
		t.proc = &process{
			chain: parent.proc.chain, fds: parent.proc.fds.clone(), golang: parent.proc.golang, effects: map[string]*line{}, main: t,
		}
	}
	b.tasks[tid] = t
	b.all = append(b.all, t)
	return t
}

// made takes note of a task that a call made, by the call's result.
func (b *builder) made(t *task, e *Step, l *line, idle bool) {
	if !e.Returned() || e.Errno != "" {
		return
	}
	tid, err := strconv.Atoi(e.Ret)
	if err != nil || tid <= 0 {
		return
	}
	child := b.newTask(tid, t, makesThread(&e.Entry))
	child.tid, child.idle = tid, idle
	if l != nil {
		l.child = child
	}
}

// start takes note of a task by its own first event, which may come long after
// the call that made it. In another pid namespace that call returned another
// number: then it is the first of those who have not come yet.
func (b *builder) start(e *Step) {
	parent := b.tasks[e.Parent]
	if child := b.tasks[e.TID]; child != nil && child.parent != nil && !child.claimed && (parent == nil || child.parent.proc == parent.proc) {
		child.claimed = true // who made it may be gone by now, or one thread of several
		return
	}
	if parent == nil || e.Parent == 0 {
		b.newTask(e.TID, nil, false).claimed = true
		return
	}
	isThread := e.PID != 0 && e.PID != e.TID
	for _, child := range b.all {
		if child.parent == parent && !child.claimed && child.thread == isThread {
			delete(b.tasks, child.tid)
			b.tasks[e.TID], child.claimed = child, true
			return
		}
	}
	b.newTask(e.TID, parent, isThread).claimed = true
}
