package main

import (
	"os"
	"strconv"
	"time"

	"strait/internal/match"
	"strait/syscalls"
	"strait/tracer"
)

// A tampering is what the rules of -e inject= say about one call that is being
// made.
type tampering struct {
	retval    bool // the result is a value, whatever it looks like
	delayExit time.Duration
	poke      []poke // at the exit
	late      []*injection
}

// A tamperer carries out the rules.
type tamperer struct {
	rules map[ruleKey][]*injection // for the calls that were met
	conds map[*injection]*match.Matcher
	env   match.Env
}

type ruleKey struct{ abi, nr int }

func newTamperer(o *Options) *tamperer {
	x := &tamperer{rules: map[ruleKey][]*injection{}, conds: map[*injection]*match.Matcher{}}
	for _, r := range o.Injections {
		if r.cond != nil {
			x.conds[r] = match.NewMatcher(r.cond)
		}
	}
	return x
}

// about returns the rules for a call.
func (x *tamperer) about(o *Options, abi, nr int) []*injection {
	key := ruleKey{abi, nr}
	rules, ok := x.rules[key]
	if !ok {
		rules = o.injectionsFor(abi, nr)
		x.rules[key] = rules
	}
	return rules
}

// holds says whether the condition of a rule does.
func (x *tamperer) holds(r *injection, stop *tracer.Stop) bool {
	m := x.conds[r]
	if m == nil {
		return true
	}
	x.env = match.Env{}
	if r.wantsComm {
		x.env.Comm = string(stop.Task.AppendComm(nil))
	}
	if r.wantsExe {
		x.env.Exe = programOf(stop.Event.TID)
	}
	return m.Match(stop.Event, &x.env) == match.True
}

// programOf returns the program that a task runs; "" where nobody can tell.
func programOf(tid int) string {
	exe, err := os.Readlink("/proc/" + strconv.Itoa(tid) + "/exe")
	if err != nil {
		return ""
	}
	return exe
}

// tamper carries out the rules for a call that is about to be made: it returns
// the action of the stop. The call's event was decoded if a condition wants it.
func (s *session) tamper(stop *tracer.Stop, st *taskState) (act tracer.Action, hold time.Duration) {
	st.tamper = tampering{poke: st.tamper.poke[:0], late: st.tamper.late[:0]}
	ev := stop.Event
	if ev.Call == nil || !s.begun && ev.TID == s.main {
		return act, 0 // a call without a name, or our own execve of the program
	}
	abi, nr := int(ev.ABI.ID), int(ev.SetNumber())
	for _, r := range s.tamp.about(s.o, abi, nr) {
		if r.late {
			st.tamper.late = append(st.tamper.late, r)
			continue
		}
		if s.tamp.holds(r, stop) && st.invocations.due(r, abi, nr) {
			hold = s.tamperEnter(stop, st, r, &act, hold)
		}
	}
	return act, hold
}

// tamperEnter does what one rule says at the entry of a call. Of two rules that
// say the same thing the later one counts.
func (s *session) tamperEnter(stop *tracer.Stop, st *taskState, r *injection, act *tracer.Action, hold time.Duration) time.Duration {
	ev := stop.Event
	if r.HasError || r.HasRetval {
		st.tamper.retval = r.HasRetval
		act.Skip, act.Result, act.Other = true, r.result(), 0
		if r.Syscall != "" {
			act.Other, _ = ev.ABI.Number(r.Syscall)
		}
	}
	if r.Signal != 0 {
		act.Sig = r.Signal
	}
	if s.poke(stop, r.PokeEnter) {
		ev.Injected |= syscalls.InjectedArgs
	}
	st.tamper.poke = append(st.tamper.poke, r.PokeExit...)
	if r.DelaysEnter {
		ev.Injected |= syscalls.InjectedDelay
		hold = r.DelayEnter
	}
	if r.DelaysExit {
		ev.Injected |= syscalls.InjectedDelay
		st.tamper.delayExit = r.DelayExit
	}
	return hold
}

// result is what the call returns to the program.
func (r *injection) result() int64 {
	if r.HasError {
		return -int64(r.Errno)
	}
	return int64(r.Retval)
}

// untamper does what is to be done to a call that has returned, before it is
// decoded; it returns the action of the stop and for how long the task is held.
func (s *session) untamper(stop *tracer.Stop, st *taskState) (act tracer.Action, hold time.Duration) {
	ev := stop.Event
	if s.poke(stop, st.tamper.poke) {
		ev.Injected |= syscalls.InjectedRetvals
	}
	hold = st.tamper.delayExit
	if st.tamper.retval {
		ev.Errno = 0
	}
	for _, r := range st.tamper.late {
		if s.tamp.holds(r, stop) && st.invocations.due(r, int(ev.ABI.ID), int(ev.SetNumber())) {
			hold = s.tamperExit(stop, r, &act, hold)
		}
	}
	st.tamper = tampering{poke: st.tamper.poke[:0], late: st.tamper.late[:0]}
	return act, hold
}

// tamperExit does what a rule about the outcome says to a call that was made.
func (s *session) tamperExit(stop *tracer.Stop, r *injection, act *tracer.Action, hold time.Duration) time.Duration {
	ev := stop.Event
	if s.poke(stop, r.PokeExit) {
		ev.Injected |= syscalls.InjectedRetvals
	}
	if r.HasError || r.HasRetval {
		act.SetResult, act.Result = true, r.result()
		ev.Ret, ev.Errno = r.result(), r.Errno
		ev.Injected |= syscalls.InjectedResult
	}
	if r.Signal != 0 {
		act.Sig = r.Signal
	}
	if r.DelaysExit {
		ev.Injected |= syscalls.InjectedDelay
		return r.DelayExit
	}
	return hold
}

// sayWithin says something within the line that stands open, as strace does.
func (s *session) sayWithin(format string, args ...any) {
	if s.live {
		_ = s.out.Flush()
	}
	s.loud.sayBeside(format, args...)
}

// poke writes into the memory that arguments point to, and says whether it wrote
// any of it.
func (s *session) poke(stop *tracer.Stop, pokes []poke) bool {
	done := false
	ev := stop.Event
	for _, p := range pokes {
		n := argCount(ev.Call)
		switch {
		case p.Arg > n || p.Arg > len(ev.Args):
			s.sayWithin("poke_tcb: Failed to tamper with process %d: requested to tamper with argument #%d, but system call '%s' has only %d arguments",
				ev.TID, p.Arg, ev.Call.Name, n)
		case stop.Task.WriteMemory(ev.Args[p.Arg-1], p.Data) != len(p.Data):
			s.sayWithin("poke_tcb: Failed to tamper with process %d: couldn't poke", ev.TID)
		default:
			done = true
		}
	}
	return done
}

// argCount is how many argument registers a call has.
func argCount(c *syscalls.Call) int {
	n := 0
	for i := range c.Args {
		top := int(c.Args[i].Reg) + 1
		if c.Args[i].Pair {
			top++
		}
		n = max(n, top)
	}
	return n
}

// hold keeps a task stopped for a time, while all others go on.
func (s *session) hold(stop *tracer.Stop, st *taskState, act tracer.Action, d time.Duration) error {
	w, err := s.t.Waker()
	if err != nil {
		return err
	}
	stop.Hold()
	st.turn++
	k, turn := stop.Task, st.turn
	resume := func() {
		// It may have been killed meanwhile, and its memory be another task's.
		if k.Data == any(st) && st.turn == turn {
			s.failed = s.t.Resume(k.TID(), act)
		}
	}
	time.AfterFunc(d, func() { w.Post(resume) })
	return nil
}
