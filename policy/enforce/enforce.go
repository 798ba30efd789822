package enforce

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"

	"strait/forkexec"
	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// Options say what is enforced and who hears of it. Only Policy is needed.
type Options struct {
	Policy *policy.Policy
	// Profile is the one that programs start under; "" is main.
	Profile string
	// Permissive denies nothing: what would be denied is recorded and observed.
	// Every call stops then.
	Permissive bool

	// NoNotify does without notifications, as if the kernel had none: what lies in
	// memory is checked, and not performed. It is for tests.
	NoNotify bool

	// Ask is called with each question, on the goroutine of Run, and returns at
	// once. The thread that made the call waits until the question is answered;
	// all others go on. nil: what is to be asked about is denied.
	Ask func(*Question)
	// Audit gets the decisions that are not plainly to allow; with AuditAll every
	// one that is not the kernel's. The Record is the function's to keep. It is
	// called from several goroutines, one at a time.
	Audit    func(*Record)
	AuditAll bool
	// Observe gets every call that is judged, for learning. It is called from
	// several goroutines, one at a time; the arguments are valid during the call.
	Observe func(ev *syscalls.Event, pairs []policy.Pair, v policy.Verdict)
	// Watch gets every stop after judgement, for tracing in the same run. All
	// calls stop then, twice. It does not call the methods Do and Hold of the stop.
	Watch func(*tracer.Stop)
}

// An Enforcer holds programs to a policy. Its methods are for the goroutine that
// calls the first of Start, Attach and Run, which stays locked to its thread
// until Run returns.
type Enforcer struct {
	opt     Options
	pol     atomic.Pointer[policy.Policy]
	profile string

	t       *tracer.Tracer
	waker   *tracer.Waker
	filter  *filter // what was started runs under it; nil: none
	main    *forkexec.Process
	mainTID int
	tasks   tasks
	loop    judge // of the tracer's goroutine
	out     outlet
	// operations are the calls that are performed, by name.
	operations map[string]*operation

	// scratch: words are checked, in copies; see window. snap is what was read of
	// the call that is judged.
	scratch bool
	snap    snapshot

	notes *listener // nil: no notifications

	started bool // main's first execve is over
	result  Result
}

// Result is how a run ended.
type Result struct {
	// Status is how the program that Start started ended.
	Status unix.WaitStatus
	// Process is what forkexec knows about it: limits, times.
	Process *forkexec.Result
	// ExecError says why it did not start.
	ExecError error
	// Denied, Killed, Asked and Allowed count the decisions of the supervisor;
	// what the kernel decided alone it does not see.
	Denied, Killed, Asked, Allowed int64
}

var (
	errAttached = errors.New("attached processes and started ones need an Enforcer each")
	errTwice    = errors.New("an Enforcer starts one program")
	errFilter   = errors.New("the command has a seccomp filter of its own")
)

// New makes an enforcer.
func New(o Options) (*Enforcer, error) {
	if o.Policy == nil {
		return nil, errors.New("enforce: no policy")
	}
	e := &Enforcer{opt: o, profile: o.Profile, operations: makeOperations()}
	if e.profile == "" {
		e.profile = "main"
	}
	e.pol.Store(o.Policy)
	e.tasks.m = map[int]*task{}
	e.out.o = &e.opt
	e.loop = e.newJudge()
	return e, nil
}

// Start starts a program under the policy, with c's settings; its filter and
// tracing are the Enforcer's.
func (e *Enforcer) Start(c *forkexec.Cmd) (*forkexec.Process, error) {
	switch {
	case e.main != nil:
		return nil, errTwice
	case e.t != nil:
		return nil, errAttached
	case len(c.Seccomp) > 0:
		return nil, errFilter
	}
	var err error
	if e.filter, err = e.compile(notifications() && !e.opt.NoNotify); err != nil {
		return nil, err
	}
	if err := e.open(); err != nil {
		return nil, err
	}
	if e.main, err = e.launch(*c); err != nil {
		return nil, errors.Join(err, e.t.Close(tracer.KillThem))
	}
	e.mainTID = e.main.PID()
	if e.filter.notifies {
		e.notes = e.listen(e.main.Listener())
	}
	return e.main, nil
}

// launch starts a command under the filter. Where there is a listener for
// notifications already, ours is refused (EBUSY), and the tracer has to do.
func (e *Enforcer) launch(c forkexec.Cmd) (*forkexec.Process, error) {
	c.NoNewPrivs = c.NoNewPrivs || !mayFilter()
	e.scratch = e.filter.policy != nil && !e.filter.notifies
	c.Seccomp = e.filter.program
	c.Landlock = e.floor(&c)
	c.SeccompListener = e.filter.notifies
	if c.SeccompListener {
		c.SeccompFlags |= e.filter.flags
	}
	p, err := e.t.Start(&c)
	if !c.SeccompListener || !errors.Is(err, unix.EBUSY) {
		return p, err
	}
	if e.filter, err = e.compile(false); err != nil {
		return nil, err
	}
	e.scratch = e.filter.policy != nil
	c.SeccompListener, c.SeccompFlags, c.Seccomp = false, 0, e.filter.program
	return e.t.Start(&c)
}

// Attach holds a running process and all its threads to the policy, by the tracer
// alone: no filter can be put upon it, so every call stops, and what a policy says
// about words in memory is checked and no more.
func (e *Enforcer) Attach(pid int) error {
	if e.main != nil {
		return errAttached
	}
	if e.t == nil {
		if err := e.open(); err != nil {
			return err
		}
	}
	e.scratch = !e.opt.Permissive && e.opt.Observe == nil
	return e.t.Attach(pid)
}

func (e *Enforcer) open() error {
	t, err := tracer.New(tracer.Options{
		FollowForks: true,
		Filter:      e.filter != nil,
		AllCalls:    e.filter != nil && e.opt.Watch != nil,
		ExitKill:    e.filter != nil,
	})
	if err != nil {
		return err
	}
	w, err := t.Waker()
	if err != nil {
		return errors.Join(err, t.Close(tracer.LetGo))
	}
	e.t, e.waker = t, w
	return nil
}

// mayFilter reports whether a filter can be installed without no_new_privs
// (seccomp(2)).
func mayFilter() bool { return hasCapability(unix.CAP_SYS_ADMIN) }

func hasCapability(c uint) bool {
	var hdr unix.CapUserHeader
	var data [2]unix.CapUserData
	hdr.Version = unix.LINUX_CAPABILITY_VERSION_3
	if unix.Capget(&hdr, &data[0]) != nil {
		return false
	}
	return data[0].Effective&(1<<c) != 0
}

// Run enforces until nothing is left, or ctx ends: then what was started is
// killed, and what was attached to goes on without the policy.
func (e *Enforcer) Run(ctx context.Context) (*Result, error) {
	if e.t == nil {
		return nil, errors.New("enforce: nothing was started")
	}
	var err error
	for s, e2 := range e.t.Stops(ctx) {
		if e2 != nil {
			err = e2
			break
		}
		e.handle(s)
	}
	how := tracer.LetGo
	if e.filter != nil {
		how = tracer.KillThem
	}
	err = errors.Join(err, e.t.Close(how))
	if e.notes != nil {
		err = errors.Join(err, e.notes.close())
	}
	e.finish()
	return &e.result, err
}

// finish completes the result when nothing is left.
func (e *Enforcer) finish() {
	r := &e.result
	r.Denied, r.Killed = e.out.denied.Load(), e.out.killed.Load()
	r.Asked, r.Allowed = e.out.asked.Load(), e.out.allowed.Load()
	if e.main != nil && r.Process == nil { // it was killed at the end, untold
		r.Status = unix.WaitStatus(unix.SIGKILL)
		e.reap()
	}
}

// SetPolicy replaces the policy, for rules that an answer has added. A filter that
// is in force cannot be replaced: only what it leaves to the supervisor changes.
func (e *Enforcer) SetPolicy(p *policy.Policy) error {
	if p == nil {
		return errors.New("enforce: no policy")
	}
	if !p.HasProfile(e.profile) {
		return fmt.Errorf("set policy: no profile %q", e.profile)
	}
	e.pol.Store(p)
	return nil
}

// handle deals with one stop.
func (e *Enforcer) handle(s *tracer.Stop) {
	switch s.Kind {
	case tracer.NewTask:
		e.newTask(s)
	case tracer.SyscallEnter:
		e.enter(s)
	case tracer.SyscallExit:
		e.exit(s)
	case tracer.Exec:
		e.exec(s)
	case tracer.Signal:
		e.dumps(s)
	case tracer.Exited, tracer.Killed, tracer.Superseded, tracer.Detached:
		e.gone(s)
	}
	if e.opt.Watch != nil && !ofRestart(s) {
		e.opt.Watch(s)
	}
}
