package main

import (
	"errors"
	"time"

	"strait/internal/print"
	"strait/internal/unwind"
	"strait/syscalls"
	"strait/tracer"
)

// errLimit ends the tracing when as many calls were shown as --syscall-limit
// says.
var errLimit = errors.New("System call limit has been reached, detaching tracees") //nolint:staticcheck // strace's words

// enter is a system call's entry.
func (s *session) enter(stop *tracer.Stop) error {
	ev := stop.Event
	st := s.state(stop.Task)
	s.called = s.called || s.begun
	if ev.Lost {
		s.unknown(ev, st)
		return nil
	}
	s.dec.Resolve(ev, stop.Task)
	abi, nr := int(ev.ABI.ID), int(ev.SetNumber())
	s.personality(st, ev)
	if s.o.otherABIs {
		stop.Task.StopAtAll(ev.ABI.ID != s.native)
	}
	st.nr = ev.Nr
	// A number that means nothing is in no set, and shown whatever was chosen.
	st.quiet = ev.Call != nil && !s.o.Trace.has(abi, nr)
	if st.quiet {
		s.do(stop, tracer.Action{NoExit: true})
		return nil
	}
	ev.Raw = s.o.Raw.has(abi, nr)
	ev.Abbrev = s.o.Abbrev.has(abi, nr)
	ev.Verbose = s.o.Verbose.has(abi, nr)
	ev.Interrupted, st.prev = st.prev, ev.ABI.Begun(ev.Nr, st.prev)
	if s.decodes {
		s.dec.Enter(ev, stop.Task)
		if !s.matches(ev) {
			st.quiet = true
			return nil
		}
	}
	return s.show(stop, st)
}

// show begins the line of a call, and tampers with it.
func (s *session) show(stop *tracer.Stop, st *taskState) error {
	ev := stop.Event
	var act tracer.Action
	var wait time.Duration
	if s.tamp != nil {
		act, wait = s.tamper(stop, st)
		if ev.Injected&syscalls.InjectedArgs != 0 {
			s.dec.Enter(ev, stop.Task)
		}
	}
	if s.stacks != nil {
		st.stack = s.stacks.Append(st.stack[:0], stop.Task, unwind.AtEntry)
	}
	st.vcpu = st.vcpu[:0]
	s.vcpuState(st, stop.Task, ev, '<')
	st.open, st.held = true, s.waitsForOutcome()
	if !st.held {
		s.out.Enter(ev)
	}
	if wait > 0 {
		return s.hold(stop, st, act, wait)
	}
	s.do(stop, act)
	return nil
}

// do says how a task goes on, where that is ours to say.
func (s *session) do(stop *tracer.Stop, act tracer.Action) {
	if s.t != nil {
		stop.Do(act)
	}
}

// unknown begins the line of a call that was lost to a kill at its entry.
func (s *session) unknown(ev *syscalls.Event, st *taskState) {
	st.quiet, st.open, st.held = false, true, s.waitsForOutcome()
	if !st.held {
		s.out.Enter(ev)
	}
}

// exit is a system call's return.
func (s *session) exit(stop *tracer.Stop) error {
	ev := stop.Event
	st := s.state(stop.Task)
	if s.comm != nil && renames(ev) {
		s.named(stop)
	}
	if st.quiet {
		return nil
	}
	st.open = false
	var act tracer.Action
	var wait time.Duration
	if !ev.Lost {
		if s.tamp != nil && ev.Call != nil {
			act, wait = s.untamper(stop, st)
		}
		if s.decodes {
			s.dec.Exit(ev, stop.Task)
		}
	}
	s.stackAtExit(stop, st)
	if ev.Returned && ev.Errno == 0 {
		s.vcpuState(st, stop.Task, ev, '>')
	}
	if s.wanted(ev) {
		s.shown++
		if s.sum != nil {
			s.sum.Add(ev)
		}
		if st.held {
			s.out.Enter(ev)
		}
		s.out.Exit(ev)
		st.stack = st.stack[:0]
		if s.shown == s.o.SyscallLimit {
			return errLimit
		}
	}
	if wait > 0 {
		return s.hold(stop, st, act, wait)
	}
	s.do(stop, act)
	return nil
}

// stackAtExit takes the stack of the program's own execve, at whose entry it is
// ours.
func (s *session) stackAtExit(stop *tracer.Stop, st *taskState) {
	if s.stacks == nil {
		return
	}
	s.stacks.Done(stop.Event)
	if c := stop.Event.Call; stop.Event.TID == s.main && !s.started && c != nil && c.Name == "execve" {
		st.stack = s.stacks.Append(st.stack[:0], stop.Task, unwind.AtOnce)
	}
	s.started = true
}

// stackOf returns what appends the stack of a call or a signal for JSON; nil without -k.
func (s *session) stackOf() func(dst []byte, ev *syscalls.Event) []byte {
	if s.stacks == nil {
		return nil
	}
	return func(dst []byte, ev *syscalls.Event) []byte {
		k := s.at
		if s.t != nil {
			k = s.t.Task(ev.TID)
		}
		switch {
		case k == nil:
		case ev.Kind == syscalls.EventCall:
			dst = append(dst, s.state(k).stack...)
		case ev.Kind == syscalls.EventSignal:
			dst = s.stacks.Append(dst, k, unwind.AtOnce)
		}
		return dst
	}
}

// waitsForOutcome says whether a line can be shown only when the call is over.
func (s *session) waitsForOutcome() bool {
	return !s.o.Status.complete() || s.o.Slower > 0
}

// wanted says whether the outcome of a call is one to be shown.
func (s *session) wanted(ev *syscalls.Event) bool {
	how := outcomeSuccessful
	switch {
	case !ev.Returned:
		how = outcomeUnavailable
	case ev.Errno != 0:
		how = outcomeFailed
	}
	if !s.o.Status.has(how, ev.Errno) {
		return false
	}
	return s.o.Slower == 0 || ev.MonoExit-ev.Mono >= int64(s.o.Slower)
}

// unfinished ends the line of a call that a task is in when it ends.
func (s *session) unfinished(stop *tracer.Stop, st *taskState) {
	call := stop.Task.Call()
	if call == nil || !st.open {
		return
	}
	st.open = false
	if st.held && !s.o.Status.has(outcomeUnfinished, 0) {
		return
	}
	if s.decodes && !call.Lost {
		s.dec.Exit(call, stop.Task)
	}
	if st.held {
		s.out.Enter(call)
	}
	s.out.Exit(call)
}

// detached ends the line of a call that a task is in when it is let go.
func (s *session) detached(stop *tracer.Stop, st *taskState) {
	if s.o.Quiet&quietAttach == 0 {
		if l, ok := s.out.(*print.Lines); ok && l.Open() != stop.Event.TID {
			l.Break()
		}
		s.loud.sayBeside("Process %d detached", stop.Event.TID)
	}
	call := stop.Task.Call()
	if st.open && st.held && call != nil && s.o.Status.has(outcomeDetached, 0) {
		s.out.Enter(call)
	}
	s.out.Event(stop.Event)
}
