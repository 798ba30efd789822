package main

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"

	"strait/forkexec"
	"strait/internal/print"
	"strait/internal/unwind"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A session is one run of the tracing mode: it takes stops from the tracer,
// decodes them, and hands what is to be shown to the printer.
type session struct {
	o    *Options
	name string // what messages begin with
	t    *tracer.Tracer
	dec  syscalls.Decoder
	out  sink
	sum  *print.Summary
	tree print.Tree // --tree
	comm comms      // -Y

	main    int  // thread id of the program that we started, 0 if none
	ended   bool // it has
	status  exitStatus
	execErr error
	proc    *forkexec.Process
	live    bool    // each line is written at once
	watched int     // tasks, where the tracer is somebody else's
	alone   bool    // strait run: signals are the program's, and all ends with it
	stacks  *stacks // -k; nil: none
	started bool    // -k: the program's execve is over
	leaving int     // 1 while the end of a task is told, which still counts
	free    []*taskState
	loud    *messages
}

// A sink is where events go: text, JSON, or nowhere.
type sink interface {
	Enter(ev *syscalls.Event)
	Exit(ev *syscalls.Event)
	Event(ev *syscalls.Event)
	Flush() error
}

// exitStatus is how a program ended.
type exitStatus struct {
	code int
	sig  int
}

// A taskState is what the session knows of a task. It is the task's Data.
type taskState struct {
	prev  *syscalls.Call // the call before
	stack []byte         // -k: the stack at the entry of the call
	quiet bool           // the call that is open is not shown
	held  bool           // the line waits for the outcome
	open  bool           // a call was decoded, and is not over
	abi   *syscalls.ABI
}

func (s *session) state(k *tracer.Task) *taskState {
	if st, ok := k.Data.(*taskState); ok {
		return st
	}
	st := &taskState{}
	if n := len(s.free); n > 0 {
		st = s.free[n-1]
		s.free = s.free[:n-1]
		*st = taskState{stack: st.stack[:0]}
	}
	k.Data = st
	return st
}

// run traces until nothing is left, or a signal ends it.
func (s *session) run() error {
	ctx := context.Background()
	if !s.alone {
		var stop context.CancelFunc
		ctx, stop = signal.NotifyContext(ctx, s.endingSignals()...)
		defer stop()
	}
	var err error
	for stop, e := range s.t.Stops(ctx) {
		if e != nil {
			err = e
			break
		}
		if e := s.handle(stop); e != nil {
			err = e
			break
		}
		if s.alone && s.ended {
			break
		}
	}
	left := s.left()
	how := tracer.LetGo
	if s.alone || s.main != 0 && !s.ended && errors.Is(err, context.Canceled) && s.o.KillOnExit {
		how = tracer.KillThem
	}
	err = errors.Join(s.fail(err), s.t.Close(how))
	_ = s.out.Flush()
	s.loud.before = nil // strace's order: the line stays open meanwhile
	for _, ev := range left {
		if s.alone {
			ev.Kind, ev.Sig = syscalls.EventKilled, int(unix.SIGKILL)
		} else if s.o.Quiet&quietAttach == 0 {
			s.loud.say("Process %d detached", ev.TID)
		}
		s.out.Event(ev)
	}
	return errors.Join(err, s.out.Flush())
}

// left are the tasks that we are about to let go, as events, in the order of
// their ids.
func (s *session) left() []*syscalls.Event {
	var out []*syscalls.Event
	for k := range s.t.Tasks() {
		ev := &syscalls.Event{Kind: syscalls.EventDetached, TID: k.TID(), PID: k.PID()}
		if call := k.Call(); call != nil {
			ev.ABI = call.ABI
		}
		out = append(out, ev)
	}
	slices.SortFunc(out, func(a, b *syscalls.Event) int { return a.TID - b.TID })
	return out
}

// fail drops the error that says that a signal told us to end.
func (s *session) fail(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// endingSignals are those that end the tracing; -I says which.
func (s *session) endingSignals() []os.Signal {
	all := []os.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGPIPE, unix.SIGTERM}
	if s.o.Interruptible >= interruptNever {
		signal.Ignore(all...)
		return []os.Signal{unix.SIGUSR2}
	}
	return all
}

// handle is what is done about one stop.
func (s *session) handle(stop *tracer.Stop) error {
	if s.o.Tree && stop.Event != nil {
		s.tree.Add(stop.Event)
	}
	switch stop.Kind {
	case tracer.SyscallEnter:
		s.enter(stop)
	case tracer.SyscallExit:
		s.exit(stop)
	case tracer.Signal:
		s.signal(stop)
	case tracer.GroupStop:
		s.out.Event(stop.Event)
	case tracer.NewTask:
		s.newTask(stop)
	case tracer.Exec:
		s.exec(stop)
	case tracer.Exited, tracer.Killed, tracer.Superseded, tracer.Detached:
		s.gone(stop)
	}
	if s.live {
		return s.out.Flush()
	}
	return nil
}

// enter is a system call's entry.
func (s *session) enter(stop *tracer.Stop) {
	ev := stop.Event
	st := s.state(stop.Task)
	abi, nr := int(ev.ABI.ID), int(ev.Nr)
	st.quiet = !s.o.Trace.has(abi, nr)
	if st.quiet {
		stop.Do(tracer.Action{NoExit: true})
		return
	}
	ev.Raw = s.o.Raw.has(abi, nr)
	ev.Abbrev = s.o.Abbrev.has(abi, nr)
	ev.Verbose = s.o.Verbose.has(abi, nr)
	if s.o.Summary == summaryOnly {
		ev.Call = ev.ABI.Call(ev.Nr)
		return
	}
	ev.Interrupted, st.prev = st.prev, ev.ABI.Call(ev.Nr)
	s.dec.Enter(ev, stop.Task)
	if !s.matches(ev) {
		st.quiet = true
		return
	}
	s.personality(st, ev)
	if s.stacks != nil {
		st.stack = s.stacks.take(st.stack[:0], stop.Task, unwind.AtEntry)
	}
	st.held, st.open = s.waitsForOutcome(), true
	if !st.held {
		s.out.Enter(ev)
	}
}

// exit is a system call's return.
func (s *session) exit(stop *tracer.Stop) {
	ev := stop.Event
	st := s.state(stop.Task)
	s.comm.renamed(stop.Task, ev)
	if st.quiet {
		return
	}
	if s.sum != nil {
		s.sum.Add(ev)
	}
	if s.o.Summary == summaryOnly {
		return
	}
	s.dec.Exit(ev, stop.Task)
	st.open = false
	if s.stacks != nil {
		s.stacks.done(ev)
		if ev.TID == s.main && !s.started { // the start's own execve: at entry the stack is ours
			st.stack = s.stacks.take(st.stack[:0], stop.Task, unwind.AtOnce)
		}
		s.started = true
	}
	if st.held {
		if !s.wanted(ev) {
			return
		}
		s.out.Enter(ev)
	}
	s.out.Exit(ev)
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

func (s *session) signal(stop *tracer.Stop) {
	ev := stop.Event
	if !s.o.Signals.has(ev.Sig) || s.o.Summary == summaryOnly {
		return
	}
	if call := stop.Task.Call(); call != nil {
		ev.ABI = call.ABI
	}
	s.dec.Siginfo(ev, stop.Siginfo(), stop.Task)
	if (s.o.JSON || s.stacks != nil) && faults(ev.Sig) {
		ev.Instruction, _ = stop.Instruction()
	}
	s.out.Event(ev)
}

// faults says whether a signal is raised by what the program does, so that the
// instruction it is at tells why.
func faults(sig int) bool {
	switch unix.Signal(sig) {
	case unix.SIGILL, unix.SIGTRAP, unix.SIGBUS, unix.SIGFPE, unix.SIGSEGV, unix.SIGSYS:
		return true
	}
	return false
}

func (s *session) newTask(stop *tracer.Stop) {
	s.comm.read(stop.Task)
	if stop.Event.OtherTID != 0 && s.o.Quiet&quietAttach == 0 {
		s.loud.say("Process %d attached", stop.Event.TID)
	}
	s.out.Event(stop.Event)
}

// exec is a successful execve. One by a thread that is not its process's first
// gives the thread that one's id.
func (s *session) exec(stop *tracer.Stop) {
	s.comm.read(stop.Task)
	if l, ok := s.out.(*print.Lines); ok && stop.Event.OtherTID != stop.Event.TID {
		l.PIDChanged(stop.Event.OtherTID, stop.Event.TID)
	}
	s.out.Event(stop.Event)
}

// gone is the end of a task, or of our tracing it.
func (s *session) gone(stop *tracer.Stop) {
	ev := stop.Event
	st := s.state(stop.Task)
	s.leaving = 1
	defer func() { s.leaving = 0 }()
	if call := stop.Task.Call(); call != nil && st.open && ev.Kind != syscalls.EventDetached {
		s.dec.Exit(call, stop.Task)
		if !st.held || s.o.Status.has(outcomeUnfinished, 0) {
			if st.held {
				s.out.Enter(call)
			}
			s.out.Exit(call)
		}
	}
	if ev.TID == s.main {
		s.mainGone(stop)
	}
	if ev.Kind == syscalls.EventSuperseded {
		s.leaving = 0
	}
	if s.o.Summary != summaryOnly && (ev.Kind == syscalls.EventDetached || s.o.Quiet&quietExit == 0) {
		s.out.Event(ev)
	}
	if l, ok := s.out.(*print.Lines); ok && s.stacks != nil && st.open && ev.Kind == syscalls.EventExited {
		l.Raw(st.stack) // of the call that did not return
	}
	stop.Task.Data = nil
	delete(s.comm, ev.TID)
	s.free = append(s.free, st)
}

func (s *session) mainGone(stop *tracer.Stop) {
	s.ended = true
	if err := s.proc.ExecError(); err != nil {
		s.execErr = err
	}
	switch stop.Kind {
	case tracer.Exited:
		s.status = exitStatus{code: stop.Event.Status}
	case tracer.Killed:
		s.status = exitStatus{sig: stop.Event.Sig}
	}
}
