package golden

import (
	"cmp"
	"runtime"
	"slices"
	"strconv"
	"strings"

	"strait/internal/tracefile"
	"strait/policy"
	"strait/syscalls"
)

// A builder makes a Trace of steps.
type builder struct {
	o       Options
	names   *namer
	abi     *syscalls.ABI
	skip    map[string]bool // calls that only everything has
	tasks   map[int]*task   // those that are there
	gone    map[int]*task   // by the ids that they had
	all     []*task
	aliased bool
	chains  map[string]*process
	order   []string // of chains
	pipes   []bool   // that were made: whether one was read to its end
	open    []opening
	unready map[*Step]bool
	whole   map[string]bool // chains of programs of which a process ended otherwise than by SIGPIPE
	early   map[*Step]bool  // calls that find a file whose maker may be at it
}

// Build makes a behaviour of a trace, in the order in which calls were entered.
func Build(steps []Step, o Options) *Trace {
	b := &builder{
		o: o, names: newNamer(&o), skip: neverKept(), tasks: map[int]*task{}, gone: map[int]*task{}, chains: map[string]*process{}, whole: map[string]bool{},
	}
	if b.abi = syscalls.ByName(o.ABI); b.abi == nil {
		b.abi = syscalls.ByName(runtime.GOARCH)
	}
	dropNameCache(steps)
	b.unready, b.early = unready(steps)
	for i := range steps {
		b.names.learn(&steps[i])
	}
	b.names.settle()
	for i := range steps {
		b.returned(i)
		b.step(&steps[i])
	}
	return b.finish()
}

// FromSaved makes steps of a saved trace: what its calls do is found from their
// words.
func FromSaved(t *tracefile.Trace, o Options) []Step {
	abi := syscalls.ByName(o.ABI)
	if abi == nil {
		abi = syscalls.ByName(runtime.GOARCH)
	}
	steps := make([]Step, len(t.Entries))
	for i := range t.Entries {
		e := &t.Entries[i]
		steps[i].Entry = *e
		if e.Kind != tracefile.Call {
			continue
		}
		nr, ok := abi.Number(e.Name)
		if !ok || len(abi.Call(nr).Effects) == 0 {
			continue
		}
		// What is lost on the way stands in the pairs as not known.
		obs, _, err := policy.ImportStrace(strings.NewReader(e.Text()), policy.ImportOptions{ABI: abi.Name, CWD: o.CWD})
		if err == nil && len(obs) > 0 {
			steps[i].Pairs = obs[0].Pairs
		}
	}
	return steps
}

func (b *builder) step(e *Step) {
	if e.Kind == tracefile.Start {
		b.start(e)
		return
	}
	if e.Kind == tracefile.Other || e.Kind == tracefile.Exec {
		return
	}
	t := b.task(e)
	t.fresh = false
	switch e.Kind {
	case tracefile.Call:
		b.call(t, e)
	case tracefile.Signal:
		b.signal(t, e)
	case tracefile.Stopped:
		b.atEnd(t, e, &line{Line: Line{Text: "stopped by " + e.Name}})
	case tracefile.Exited, tracefile.Killed, tracefile.Superseded:
		b.end(t, e)
	}
}

// end is the end of a task. Only a process's own is told: threads end with it.
func (b *builder) end(t *task, e *Step) {
	if e.Kind == tracefile.Superseded && !t.thread {
		return // its id is that of the thread whose execve goes on as the process
	}
	b.gone[e.TID] = t
	delete(b.tasks, e.TID)
	if t.thread || e.Kind == tracefile.Superseded {
		return
	}
	text := "exited with " + strconv.Itoa(e.Status)
	if e.Kind == tracefile.Killed {
		text = "killed by " + e.Name
	}
	if p := t.proc; isGoodEnd(text) {
		p.ended, p.broken, p.endedAfter = true, e.Kind == tracefile.Killed, p.wrote
	}
	if !t.proc.broken {
		b.whole[t.proc.key()] = true
	}
	b.add(t, e, &line{Line: Line{Text: text}})
}

func (b *builder) call(t *task, e *Step) {
	if t.proc.golang < goSigns {
		t.proc.golang += goSign(&e.Entry)
	}
	t.proc.waits(e)
	t.last = e.Name
	succeeded := e.Returned() && e.Errno == ""
	isExec := e.Name == "execve" || e.Name == "execveat"
	if e.Name == "epoll_ctl" && succeeded && len(e.Args) > 1 && e.Args[1] == "EPOLL_CTL_ADD" {
		t.proc.watched++
	}
	b.readToEnd(t, e)
	if isExec && succeeded { // what it does is the new program's
		t.proc.exec(b.names.program(b.absolute(e)))
	}
	idle := t.notYet
	if b.isNotYet(e) {
		t.notYet = true
	} else if !b.skip[e.Name] && !isWait(e.Name) {
		t.notYet = false
	}
	var l *line
	switch {
	case b.unready[e]:
	case b.o.Depth == Effects:
		b.effects(t, e)
	case b.o.Depth == Calls:
		if b.copies(t, e) {
			break
		}
		l = b.callLine(t, e)
	case idle && isSleep(e.Name):
	default:
		l = b.wholeLine(t, e)
	}
	if l != nil {
		l.goes = isGoRuntime(&e.Entry)
		b.add(t, e, l)
	}
	b.wrote(t, e)
	if succeeded {
		b.hears(t, e)
	}
	if isFork(e.Name) {
		b.made(t, e, l, idle)
	}
	if e.Before > 0 && makesFD(e.Name) { // until then the number may be another's
		b.open = append(b.open, opening{t, e})
		return
	}
	t.proc.fds.follow(t, e, b)
}

// An opening is a call that makes a descriptor and has not returned.
type opening struct {
	t *task
	e *Step
}

// returned follows the calls that had returned before step i began, in order.
func (b *builder) returned(i int) {
	if len(b.open) == 0 {
		return
	}
	var due []opening
	b.open = slices.DeleteFunc(b.open, func(o opening) bool {
		is := o.e.Before <= i
		if is {
			due = append(due, o)
		}
		return is
	})
	slices.SortStableFunc(due, func(a, b opening) int { return cmp.Compare(a.e.Before, b.e.Before) })
	for _, o := range due {
		o.t.proc.fds.follow(o.t, o.e, b)
	}
}

func (p *process) exec(program string) {
	p.golang, p.watched, p.piece, p.heard = 0, 0, "", ""
	p.execed = true
	p.raced, p.serves = false, false
	p.fds.exec()
	if len(p.chain) == 0 || p.program() != program {
		p.chain = append(slices.Clip(p.chain), program)
	}
}

// dropNameCache takes out the sockets by which the C library asks the name cache.
func dropNameCache(steps []Step) {
	sockets := map[int]int{}
	for i := range steps {
		e := &steps[i]
		switch {
		case e.Kind != tracefile.Call || len(e.Args) == 0:
		case e.Name == "socket" && (e.Args[0] == "AF_UNIX" || e.Args[0] == "PF_LOCAL"):
			sockets[e.TID] = i + 1
		case e.Name == "connect" && len(e.Args) > 1 && strings.Contains(e.Args[1], "/run/nscd/socket") && sockets[e.TID] > 0:
			e.Kind, steps[sockets[e.TID]-1].Kind = tracefile.Other, tracefile.Other
		}
	}
}

// goSigns is how many signs make a Go program: its runtime asks for the size of
// huge pages and for its CPUs, with a buffer of 8192 bytes, first of all.
const goSigns = 2

func goSign(e *tracefile.Entry) int {
	if len(e.Args) > 1 && (e.Name == "sched_getaffinity" && e.Args[1] == "8192" ||
		e.Name == "openat" && strings.Contains(e.Args[1], "hpage_pmd_size")) {
		return 1
	}
	return 0
}

// add appends a line to a task, unless somebody has named it as noise.
func (b *builder) add(t *task, e *Step, l *line) {
	l.proc, l.after, l.refused = t.proc, t.proc.wrote, t.proc.refused
	if b.o.Depth == Effects {
		if (e.Kind == tracefile.Exited || e.Kind == tracefile.Killed && !t.thread) && !(t.idle && t.isSleeper()) {
			b.effect(t.proc, l)
		}
		return
	}
	l.pipe, l.looks = b.pipeWritten(t, e), e.Kind == tracefile.Call && (!e.changes() || asksAfter(&e.Entry))
	l.Pairs, l.Stack, l.Call, l.At = b.ownPairs(e.Pairs), e.Stack, e.Name, e.Line
	t.lines = append(t.lines, l)
	switch {
	case b.o.Depth == Calls:
		t.fold(4)
	case l.pieces:
		t.fold(4)
	}
}

// ownPairs are pairs whose files have the names that hold in every run, where
// they have such names.
func (b *builder) ownPairs(list []policy.Pair) []policy.Pair {
	var out []policy.Pair
	for i, p := range list {
		if p.Path == "" {
			continue
		}
		own := b.names.name(b.pairPath(&p))
		if strings.HasPrefix(own, "/") && !byChance.MatchString(own) {
			continue
		}
		if out == nil {
			out = slices.Clone(list)
		}
		out[i].Path = own
	}
	if out == nil {
		return list
	}
	return out
}

// fold drops what repeats what stands before it: how many pieces a file or pipe
// is read in is chance.
func (t *task) fold(most int) {
	n := len(t.lines)
	for k := 1; k <= most && 2*k <= n; k++ {
		if slices.EqualFunc(t.lines[n-k:], t.lines[n-2*k:n-k], sameLine) {
			t.lines = t.lines[:n-k]
			return
		}
	}
}

func sameLine(a, b *line) bool {
	return a.Text == b.Text && a.about == "" && b.about == "" && a.child == nil && b.child == nil && a.pipe == b.pipe
}

// absolute is the path that a call is about: as its words and the directory
// before them say.
func (b *builder) absolute(e *Step) string {
	for i := range e.Pairs {
		if e.Pairs[i].Known && e.Pairs[i].Path != "" {
			return e.Pairs[i].Path
		}
	}
	for i, a := range e.Args {
		if strings.HasPrefix(a, `"`) {
			return b.join(e, i)
		}
	}
	return ""
}

// join is the path in argument i, below the directory in the argument before it.
func (b *builder) join(e *Step, i int) string {
	s := unquote(e.Args[i])
	if strings.HasPrefix(s, "/") {
		return s
	}
	if i > 0 {
		if _, called, ok := descriptor(e.Args[i-1]); ok && strings.HasPrefix(called, "/") {
			if s == "" {
				return called
			}
			return called + "/" + strings.TrimPrefix(s, "./")
		}
	}
	if s == "" {
		return s
	}
	if b.o.CWD != "" {
		return b.o.CWD + "/" + strings.TrimPrefix(s, "./")
	}
	if strings.HasPrefix(s, "../") {
		return s
	}
	return "./" + strings.TrimPrefix(s, "./")
}
