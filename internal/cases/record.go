package cases

import (
	"bytes"
	"os"
	"slices"
	"strconv"
	"strings"

	"strait/internal/golden"
	"strait/internal/match"
	"strait/internal/print"
	"strait/internal/stacks"
	"strait/internal/tracefile"
	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A recorder sees the stops of one run: it keeps what a golden trace needs,
// counts, and holds calls against the checks.
type recorder struct {
	depth    golden.Depth
	record   bool // steps are kept
	stacks   bool // with the stacks of their calls
	checks   []*check
	counters []*counter
	peaks    bool              // peak memory is asked for
	own      *strings.Replacer // names that hold in every run

	dec     syscalls.Decoder
	words   policy.Decider // objects as the words of the call name them
	real    policy.Decider // objects that are found there
	at      resolver
	text    print.Text
	taker   stacks.Taker
	buf     []byte
	tasks   map[int]*open
	steps   []golden.Step
	main    int
	started bool   // main's first execve is over
	ended   func() // main has ended

	status    unix.WaitStatus
	isOver    bool
	processes int64
	threads   int64
	signals   int64
	peak      int64 // bytes

	seen sight // by an enforcer, of the call that comes next
}

// An open is what is known of one task.
type open struct {
	pid     int
	step    int  // its open call, +1
	decoded bool // the open call was
	name    string
	line    []byte // the open call, at its entry
	musts   []*check
	program string
}

func newRecorder(checks []*check, counters []*counter) *recorder {
	r := &recorder{checks: checks, counters: counters, tasks: map[int]*open{}, taker: stacks.Taker{Limit: mostFrames, Source: true}}
	r.dec = syscalls.Decoder{FDs: true, StringLimit: 256}
	r.words.Resolver, r.real.Resolver = &r.at, &r.at
	for _, k := range counters {
		r.peaks = r.peaks || k.What == "peak memory"
	}
	return r
}

// handle sees one stop.
func (r *recorder) handle(s *tracer.Stop) {
	switch s.Kind {
	case tracer.NewTask:
		r.newTask(s)
	case tracer.SyscallEnter:
		r.enter(s)
	case tracer.SyscallExit:
		r.exit(s)
	case tracer.Exec:
		if s.Event.TID == r.main {
			r.started = true
		}
		r.renamed(s.Event)
		r.task(s.Task).program = string(comm(s.Task))
		r.taker.Changed(s.Event.PID)
	case tracer.Signal:
		r.signal(s)
	case tracer.GroupStop:
		r.keep(golden.Step{Entry: tracefile.Entry{Kind: tracefile.Stopped, TID: s.Event.TID, PID: s.Event.PID, Name: print.SignalName(s.Event.Sig)}})
	case tracer.Exited, tracer.Killed, tracer.Superseded:
		r.gone(s)
	}
}

func (r *recorder) task(k *tracer.Task) *open {
	o := r.tasks[k.TID()]
	if o == nil {
		o = &open{pid: k.PID()}
		r.tasks[k.TID()] = o
	}
	return o
}

// renamed takes note of a thread whose execve gave it the leader's id: what it does, that
// call first, is the process's.
func (r *recorder) renamed(ev *syscalls.Event) {
	o := r.tasks[ev.OtherTID]
	if o == nil || ev.OtherTID == ev.TID {
		return
	}
	delete(r.tasks, ev.OtherTID)
	r.tasks[ev.TID] = o
	if o.step > 0 {
		r.steps[o.step-1].TID = ev.TID
	}
}

func (r *recorder) newTask(s *tracer.Stop) {
	r.tasks[s.Task.TID()] = &open{pid: s.Task.PID(), program: string(comm(s.Task))}
	r.threads++
	if s.Task.TID() == s.Task.PID() {
		r.processes++
	}
	r.keep(golden.Step{Entry: tracefile.Entry{Kind: tracefile.Start, TID: s.Event.TID, PID: s.Event.PID, Parent: s.Event.OtherTID}})
}

// keep appends a step.
func (r *recorder) keep(s golden.Step) int {
	if !r.record {
		return 0
	}
	r.steps = append(r.steps, s)
	return len(r.steps)
}

// enter is the entry of a call.
func (r *recorder) enter(s *tracer.Stop) {
	ev, o := s.Event, r.task(s.Task)
	*o = open{pid: o.pid, line: o.line[:0], program: o.program}
	call := ev.ABI.Call(ev.Nr)
	if call == nil {
		return
	}
	o.name = call.Name
	if r.peaks && (r.started || ev.TID != r.main) && (call.Name == "exit_group" || call.Name == "exit" || call.Name == "execve") {
		r.peakOf(s.Task.PID())
	}
	keeps := r.record && golden.Needs(r.depth, call.Name)
	if !keeps && len(r.checks) == 0 && !r.wantsPairs() {
		r.count(call.Name, nil)
		return
	}
	ev.Abbrev, ev.Verbose = true, true
	r.dec.Enter(ev, s.Task)
	o.decoded = true
	r.at.task = s.Task
	if r.seen.tid == ev.TID && r.seen.bad != nil {
		for _, f := range r.stack(s.Task) {
			r.seen.bad.lines = append(r.seen.bad.lines, "> "+f)
		}
		r.seen.chk.note(*r.seen.bad)
	}
	pairs := r.pairs(ev)
	r.count(call.Name, pairs)
	r.check(s, o, pairs)
	if !keeps {
		return
	}
	step := golden.Step{Entry: tracefile.Entry{Kind: tracefile.Call, TID: ev.TID, PID: ev.PID, Name: call.Name}}
	r.at.follow = false
	if len(call.Effects) > 0 {
		step.Pairs = slices.Clone(r.words.Pairs(ev))
	}
	if r.stacks && (r.started || ev.TID != r.main) {
		step.Stack = r.stack(s.Task)
	}
	o.line = r.text.AppendEnter(o.line, ev)
	o.step = r.keep(step)
}

// pairs is what a call does, to the objects that are found where its words lead.
func (r *recorder) pairs(ev *syscalls.Event) []policy.Pair {
	if seen, ok := r.seen.take(ev.TID); ok {
		return seen.pairs
	}
	if len(r.checks) == 0 && !r.wantsPairs() || len(ev.Call.Effects) == 0 {
		return noEffect
	}
	r.at.follow = true
	return r.real.Pairs(ev)
}

// noEffect is what a call does that has no effect.
var noEffect = []policy.Pair{{Known: true, Arg: -1, Dir: -1}}

func (r *recorder) wantsPairs() bool {
	return slices.ContainsFunc(r.counters, func(k *counter) bool { return k.effect != "" })
}

func (r *recorder) count(name string, pairs []policy.Pair) {
	for _, k := range r.counters {
		k.call(name, pairs)
	}
}

// check holds a call against the expectations. The program's own first execve is
// nobody's choice.
func (r *recorder) check(s *tracer.Stop, o *open, pairs []policy.Pair) {
	ev := s.Event
	if !r.started && ev.TID == r.main {
		return
	}
	if isFstat(ev) {
		pairs = noEffect
	}
	for _, c := range r.checks {
		if c.pol == nil { // an enforcer's
			continue
		}
		done := pairs
		switch {
		case c.reads: // to look at a name is not to read
			done = slices.DeleteFunc(slices.Clone(pairs), func(p policy.Pair) bool {
				return p.Effect == "fs.stat" || golden.IsMachines(p.Path)
			})
		case c.execs: // programs are called by the names that they are started under
			r.at.follow = false
			done = r.words.Pairs(ev)
		}
		pair, ok := c.forbids(ev, done)
		switch {
		case !ok:
		case c.must:
			o.musts = append(o.musts, c)
		default:
			c.note(r.violation(s, pair))
		}
	}
}

// isFstat says whether a call looks at a descriptor, though it takes a path: what
// the C library makes of fstat(3).
func isFstat(ev *syscalls.Event) bool {
	for _, e := range ev.Call.Effects {
		if e.Name == "fs.stat" && e.Dir >= 0 {
			i := match.Argument(ev, int(e.Arg))
			return i >= 0 && ev.Nodes[i].Kind == syscalls.Str && ev.Nodes[i].Len == 0
		}
	}
	return false
}

// violation tells of a call.
func (r *recorder) violation(s *tracer.Stop, pair policy.Pair) violation {
	line := r.text.AppendEnter(nil, s.Event)
	v := violation{text: string(comm(s.Task)) + ": " + tracefile.Normalise(string(line)) + ")"}
	if pair.Effect != "" {
		v.text += ": " + pair.Effect + " " + pair.Object()
	}
	v.text = r.own.Replace(v.text)
	pair.Path = r.own.Replace(pair.Path)
	for _, rule := range golden.Rules(&golden.Line{Pairs: []policy.Pair{pair}, Call: s.Event.Call.Name}) {
		v.lines = append(v.lines, "a policy would allow it by: "+rule)
	}
	for _, f := range r.stack(s.Task) {
		v.lines = append(v.lines, "> "+f)
	}
	return v
}

func errnoName(num int) string {
	name, _ := syscalls.ErrnoName(num)
	return name
}

func comm(k *tracer.Task) []byte { return k.AppendComm(nil) }

// exit is the return of a call.
func (r *recorder) exit(s *tracer.Stop) {
	o := r.task(s.Task)
	if !o.decoded {
		return
	}
	r.finish(s.Event, s.Task, o)
}

// finish completes the open call of a task.
func (r *recorder) finish(ev *syscalls.Event, k *tracer.Task, o *open) {
	for _, c := range o.musts {
		switch {
		case !ev.Returned:
		case ev.Errno == 0:
			c.hits++
		default:
			c.tried, c.errno = c.tried+1, errnoName(ev.Errno)
		}
	}
	if o.step > 0 {
		r.dec.Exit(ev, k)
		line := r.text.AppendArgs(o.line, ev)
		line = r.text.AppendResult(append(line, ") = "...), ev)
		e, err := tracefile.ParseCall(string(line))
		if err == nil {
			step := &r.steps[o.step-1]
			e.TID, e.PID, e.Stack = step.TID, step.PID, step.Stack
			step.Entry, step.Before = e, len(r.steps)
		}
		o.line = line[:0]
	}
	if r.stacks {
		r.taker.Done(ev)
	}
	*o = open{pid: o.pid, line: o.line[:0], program: o.program}
}

func (r *recorder) signal(s *tracer.Stop) {
	r.signals++
	if r.peaks {
		r.peakOf(s.Event.PID)
	}
	r.keep(golden.Step{Entry: tracefile.Entry{Kind: tracefile.Signal, TID: s.Event.TID, PID: s.Event.PID, Name: print.SignalName(s.Event.Sig)}})
}

// gone is the end of a task.
func (r *recorder) gone(s *tracer.Stop) {
	ev, o := s.Event, r.task(s.Task)
	if call := s.Task.Call(); call != nil && o.decoded {
		r.finish(call, s.Task, o)
	}
	delete(r.tasks, ev.TID)
	e := tracefile.Entry{Kind: tracefile.Exited, TID: ev.TID, PID: ev.PID, Status: ev.Status}
	switch s.Kind {
	case tracer.Killed:
		e.Kind, e.Name = tracefile.Killed, print.SignalName(ev.Sig)
	case tracer.Superseded:
		e.Kind = tracefile.Superseded
	}
	r.keep(golden.Step{Entry: e})
	if ev.TID != r.main || s.Kind == tracer.Superseded {
		return
	}
	r.isOver = true
	r.status = unix.WaitStatus(ev.Status << 8)
	if s.Kind == tracer.Killed {
		r.status = unix.WaitStatus(ev.Sig)
	}
	if r.ended != nil { // a child may be there whose first stop is not told yet
		r.ended()
	}
}

// peakOf looks how much memory a process has had at most, which its own /proc
// tells as long as it is there: VmHWM in proc(5).
func (r *recorder) peakOf(pid int) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	if err != nil {
		return
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("VmHWM:")); ok {
			kb, _ := strconv.ParseInt(string(bytes.TrimSpace(bytes.TrimSuffix(bytes.TrimSpace(rest), []byte("kB")))), 10, 64)
			r.peak = max(r.peak, kb<<10)
		}
	}
}

// total is what a count is about, when the run is over.
func (r *recorder) total(k *counter) int64 {
	switch k.What {
	case "processes":
		return r.processes
	case "threads":
		return r.threads
	case "signals":
		return r.signals
	case "peak memory":
		return r.peak
	}
	return k.n
}
