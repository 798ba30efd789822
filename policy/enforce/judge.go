package enforce

import (
	"time"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A judge decodes and decides, on one goroutine.
type judge struct {
	e    *Enforcer
	dec  syscalls.Decoder
	dcr  policy.Decider
	env  policy.Env
	res  resolver
	side syscalls.Event // see aside

	landing landing // of the call that is judged, see lands
}

// longString is how much of a string or buffer conditions can look at.
const longString = 4096

func (e *Enforcer) newJudge() judge {
	return judge{e: e, dec: syscalls.Decoder{FDs: true, Early: true, StringLimit: longString}, res: resolver{walker: walker{rootFD: -1}}}
}

// pairs decodes a call and finds what it does.
func (j *judge) pairs(t *task, ev *syscalls.Event, k syscalls.Tracee) (profile string, pairs []policy.Pair) {
	ev.Raw, ev.Abbrev, ev.Verbose = false, false, true
	j.dec.Enter(ev, k)
	j.res.as(t.tid, t.pid)
	profile = j.arm(t)
	if ev.Call == nil {
		return profile, nil
	}
	if isExec(ev) {
		j.findExec(ev)
	}
	if lands(ev) {
		j.findLanding(ev)
		defer j.dropLanding()
	}
	return profile, j.dcr.Pairs(ev)
}

// arm makes the decider ready for a call of a task, and returns its profile.
func (j *judge) arm(t *task) (profile string) {
	j.dcr.Policy, j.dcr.Resolver, j.dcr.Env = j.e.pol.Load(), &j.res, &j.env
	if j.e.filter != nil {
		j.dcr.Program = j.e.filter.policy
	}
	profile, j.env = t.under()
	return profile
}

// decide says what is done about a call that pairs have been found of.
func (j *judge) decide(profile string, ev *syscalls.Event, pairs []policy.Pair) policy.Verdict {
	v := j.dcr.DecidePairs(profile, ev, pairs)
	hazard(ev, pairs, &v)
	j.also(profile, ev, pairs, &v)
	j.e.ownRestriction(ev, &v)
	return v
}

// aside judges something that a call does besides what its row says, as if the
// call named name did it.
func (j *judge) aside(profile, name string, p policy.Pair) policy.Verdict {
	ev := &j.side
	ev.Reset()
	ev.ABI = syscalls.ByName(nativeName)
	ev.Nr, _ = ev.ABI.Number(name)
	ev.Call = ev.ABI.Call(ev.Nr)
	return j.dcr.DecidePairs(profile, ev, []policy.Pair{p})
}

// enter judges a call at its entry.
func (e *Enforcer) enter(s *tracer.Stop) {
	ev := s.Event
	began := time.Now()
	t := e.state(s.Task)
	ev.Call = ev.ABI.Call(ev.Nr)
	t.exec, t.landing, t.seen = nil, nil, true
	if isExec(ev) && !e.started && t.tid == e.mainTID {
		e.pass(s, false)
		return
	}
	if e.filter != nil && !s.Filtered && !e.filter.stops(ev) {
		e.pass(s, false) // for a notification, or the kernel
		return
	}
	var mem syscalls.Tracee = s.Task
	if e.scratch && wordy(ev) {
		if !e.openWindow(s, t) {
			return // it comes again
		}
		e.snap.as(t.tid)
		mem = &e.snap
	}
	wantExit := e.follow(s, t)
	j := &e.loop
	profile, pairs := j.pairs(t, ev, mem)
	v := j.decide(profile, ev, pairs)
	if t.window != nil && t.window.touches(ev) && runs(v.Action.Kind) {
		v.Action, v.Rule, v.Why = refusal, nil, "judged words are there"
	}
	if isExec(ev) {
		pairs = e.judgeExec(t, ev, profile, pairs, &v)
	}
	if lands(ev) {
		e.toLand(t, &v)
		wantExit = true
	}
	if v.Level == policy.LevelKernel && v.Action.Kind == policy.Kill {
		v.Level = policy.LevelTracer // see dumpsFiles
	}
	e.out.observed(ev, pairs, v)
	e.act(s, t, pairs, v, wantExit, began)
}

// pass lets a call go on that is not judged, or was allowed.
func (e *Enforcer) pass(s *tracer.Stop, wantExit bool) {
	s.Do(e.passing(s, wantExit))
}

// passing is the action that lets a call go on: without CLONE_UNTRACED, if it has
// that.
func (e *Enforcer) passing(s *tracer.Stop, wantExit bool) tracer.Action {
	a := tracer.Action{NoExit: !wantExit && e.opt.Watch == nil}
	if untraced(s.Event) {
		a.Mask, a.Args[0] = 1, s.Event.Args[0]&^unix.CLONE_UNTRACED
	}
	return a
}

// act does what a verdict says.
func (e *Enforcer) act(s *tracer.Stop, t *task, pairs []policy.Pair, v policy.Verdict, wantExit bool, began time.Time) {
	if v.Action.Kind == policy.Ask && !e.opt.Permissive {
		if e.opt.Ask != nil {
			e.ask(s, t, pairs, v, wantExit, began)
			return
		}
		v.Action, v.Why = refusal, "nobody to ask"
	}
	e.out.decided(t, s.Event, &v, nil, began)
	s.Do(e.action(s, t, v.Action, wantExit))
}

// action is what is done with a stopped call.
func (e *Enforcer) action(s *tracer.Stop, t *task, a policy.Action, wantExit bool) tracer.Action {
	if runs(a.Kind) || e.opt.Permissive {
		act := e.passing(s, wantExit)
		if why := e.withCopies(s.Event, t, &act); why != "" {
			return tracer.Action{Skip: true, Result: -int64(unix.ENOSYS)}
		}
		return act
	}
	t.exec, t.landing = nil, nil // a call that is not made starts nothing, and leads nowhere
	switch a.Kind {
	case policy.Kill:
		return tracer.Action{Verb: tracer.Kill}
	case policy.Return:
		return tracer.Action{Skip: true, Result: int64(a.Num)}
	}
	return tracer.Action{Skip: true, Result: -int64(a.Num)}
}

// ask holds a call for an answer.
func (e *Enforcer) ask(s *tracer.Stop, t *task, pairs []policy.Pair, v policy.Verdict, wantExit bool, began time.Time) {
	tid := t.tid
	q := e.question(t, s.Event, pairs, v, began)
	q.Task = s.Task
	// Other calls are read before the answer comes.
	allowed := e.action(s, t, policy.Action{}, wantExit)
	q.settle = func(a policy.Action) {
		act := allowed
		if !runs(a.Kind) {
			t.leaveWindow()
			act = e.action(s, t, a, wantExit)
		}
		// The thread may be gone, and be told of later.
		_ = e.t.Resume(tid, act)
	}
	s.Hold()
	t.question = q
	e.opt.Ask(q)
}

func (e *Enforcer) question(t *task, ev *syscalls.Event, pairs []policy.Pair, v policy.Verdict, began time.Time) *Question {
	e.out.asked.Add(1)
	profile, env := t.under()
	v.Profile = profile
	return &Question{
		PID: t.pid, TID: t.tid, Comm: env.Comm, Exe: env.Exe,
		Event: ev, Pairs: append([]policy.Pair(nil), pairs...), Verdict: v,
		e: e, t: t, began: began, done: make(chan struct{}),
	}
}

// follow keeps track of what a call changes about its task, and reports whether
// its exit must be seen.
func (e *Enforcer) follow(s *tracer.Stop, t *task) bool {
	switch name := callName(s.Event); name {
	case "clone3":
		t.inClone, t.before = true, s.Task.Forks()
		e.traceClone3(s)
		return true
	case "prctl":
		return uint32(s.Event.Args[0]) == unix.PR_SET_NAME
	case "umask": // of all that share it
		e.tasks.forgetIdentities()
		return true
	default:
		t.forgetIdentity()
	}
	return false
}

// traceClone3 takes CLONE_UNTRACED out of the memory that clone3 will read. Another
// thread can put it back: see exit.
func (e *Enforcer) traceClone3(s *tracer.Stop) {
	var b [8]byte
	addr := s.Event.Args[0]
	if s.Task.ReadMemory(addr, b[:]) != len(b) {
		return
	}
	const mask = unix.CLONE_UNTRACED >> 16 // the third byte: little-endian on all machines here
	if b[2]&mask != 0 {
		b[2] &^= mask
		s.Task.WriteMemory(addr, b[:])
	}
}

// exit sees what a call has done.
func (e *Enforcer) exit(s *tracer.Stop) {
	t := e.state(s.Task)
	ev := s.Event
	t.leaveWindow()
	if l := t.landing; l != nil {
		t.landing = nil
		e.landed(s, t, l)
		return
	}
	if t.inClone {
		t.inClone = false
		if ev.Errno == 0 && ev.Ret > 0 && s.Task.Forks() == t.before && !e.opt.Permissive {
			e.escaped(s, t)
		}
	}
	if isCall(ev, "umask") {
		e.tasks.forgetIdentities()
	}
	if isCall(ev, "prctl") && uint32(ev.Args[0]) == unix.PR_SET_NAME {
		t.readComm()
	}
}

// escaped ends a program that has made a task which nobody traces.
func (e *Enforcer) escaped(s *tracer.Stop, t *task) {
	v := policy.Verdict{Action: policy.Action{Kind: policy.Kill}, Why: "clone3 made a task that is not traced", Level: policy.LevelTracer}
	e.out.decided(t, s.Event, &v, nil, time.Now())
	_ = unix.Kill(int(s.Event.Ret), unix.SIGKILL)
	s.Do(tracer.Action{Verb: tracer.Kill})
}
