package main

import (
	"context"
	"errors"
	"slices"

	"strait/forkexec"
	"strait/internal/print"
	"strait/internal/stacks"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A session is one run of the tracing mode: it takes stops from the tracer,
// decodes them, and hands what is to be shown to the printer.
type session struct {
	o       *Options
	name    string // what messages begin with
	t       *tracer.Tracer
	dec     syscalls.Decoder
	out     sink
	output  *output
	sum     *print.Summary
	tree    print.Tree       // --tree
	comm    comms            // -Y
	noTouch map[string]uint8 // see the function

	main    int  // thread id of the program that we started, 0 if none
	ended   bool // it has
	status  exitStatus
	role    *role  // -D; nil: none
	called  bool   // with it: the program has made a call
	ignored uint64 // signals that were ignored when we began
	execErr error  // why it was not started
	proc    *forkexec.Process
	live    bool               // each line is written at once
	watched int                // where the tracer is an Enforcer's: how many tasks there are
	at      *tracer.Task       // and whose stop it is
	states  map[int]*taskState // and by thread id, what we know of them
	alone   bool               // strait run: signals are the program's, and all ends with it
	stacks  *stacks.Taker      // -k; nil: none
	tamp    *tamperer          // -e inject; nil: none
	native  syscalls.ABIID     // of the machine
	begun   bool               // the program's own execve has succeeded
	started bool               // -k: and is over
	decodes bool               // calls are decoded: not with -c alone
	shown   int64              // --syscall-limit
	abi     *syscalls.ABI      // of the last call
	failed  error              // of a task that was to go on after a delay
	leaving int                // 1 while the end of a task is told, which still counts
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
	nr    uint64         // its number
	stack []byte         // -k: the stack at the entry of the call
	vcpu  []byte         // -e kvm=vcpu+: what stands behind the call
	quiet bool           // the call that is open is not shown
	held  bool           // the line waits for the outcome
	open  bool           // a call was decoded, and is not over
	abi   *syscalls.ABI
	born  *syscalls.ABI // what its first call is expected to be of: the ABI of the last call when it came; nil: the machine's

	invocations invocations // -e inject
	tamper      tampering
	turn        int // counts delays
}

func (s *session) state(k *tracer.Task) *taskState {
	if st := s.stateOf(k); st != nil {
		return st
	}
	st := &taskState{}
	if n := len(s.free); n > 0 {
		st = s.free[n-1]
		s.free = s.free[:n-1]
		*st = taskState{stack: st.stack[:0], vcpu: st.vcpu[:0], turn: st.turn}
	}
	if s.tamp != nil {
		st.invocations = invocations{}
	}
	st.born = s.abi
	if s.o.otherABIs { // calls of the machine's ABI may have been made since that were not seen
		st.born = k.Origin()
	}
	s.setState(k, st)
	return st
}

// stateOf is what there is of a task's state, nil if there is none. The Data of
// an Enforcer's tasks is the Enforcer's.
func (s *session) stateOf(k *tracer.Task) *taskState {
	if s.t == nil {
		return s.states[k.TID()]
	}
	st, _ := k.Data.(*taskState)
	return st
}

func (s *session) setState(k *tracer.Task, st *taskState) {
	switch {
	case s.t != nil && st == nil:
		k.Data = nil
	case s.t != nil:
		k.Data = st
	case st == nil:
		delete(s.states, k.TID())
	default:
		s.states[k.TID()] = st
	}
}

// run traces until nothing is left, or a signal ends it, by which ctx is done.
func (s *session) run(ctx context.Context) error {
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
	if errors.Is(err, errLimit) && s.o.Quiet&quietAttach == 0 {
		s.loud.say("%s", err)
	}
	s.interrupted(err)
	return s.letGo(err)
}

// letGo ends the tracing of what is left, of which there is some when a signal, an
// error or --syscall-limit ended it.
func (s *session) letGo(err error) error {
	left, calls := s.left()
	abrupt := s.abrupt(err)
	err = errors.Join(s.fail(err), s.t.Close(s.endingWay(err)))
	s.flush()
	if abrupt {
		return err
	}
	for _, ev := range left {
		if s.alone {
			ev.Kind, ev.Sig = syscalls.EventKilled, int(unix.SIGKILL)
		} else if s.o.Quiet&quietAttach == 0 {
			s.loud.sayBeside("Process %d detached", ev.TID)
		}
	}
	for i, ev := range left {
		if calls[i] != nil {
			s.out.Enter(calls[i])
		}
		s.out.Event(ev)
	}
	s.flush()
	return err
}

// flush writes what is buffered.
func (s *session) flush() { s.output.report(s.out.Flush()) }

// left are the tasks that we are about to let go, as events, in the order of
// their ids; and the calls that they are in, where a call's line was held back and
// such an end is wanted.
func (s *session) left() (out, calls []*syscalls.Event) {
	held := map[int]*syscalls.Event{}
	for k := range s.t.Tasks() {
		ev := &syscalls.Event{Kind: syscalls.EventDetached, TID: k.TID(), PID: k.PID()}
		if call := k.Call(); call != nil {
			ev.ABI = call.ABI
			if st := s.state(k); st.open && st.held && s.o.Status.has(outcomeDetached, 0) {
				held[k.TID()] = call
			}
		}
		out = append(out, ev)
	}
	slices.SortFunc(out, func(a, b *syscalls.Event) int { return a.TID - b.TID })
	for _, ev := range out {
		calls = append(calls, held[ev.TID])
	}
	return out, calls
}

// fail drops an error that is no failure of ours.
func (s *session) fail(err error) error {
	var by *interruption
	if errors.As(err, &by) || errors.Is(err, errLimit) {
		return nil
	}
	return err
}

// handle is what is done about one stop.
func (s *session) handle(stop *tracer.Stop) error {
	if s.o.Tree && stop.Event != nil {
		s.tree.Add(stop.Event)
	}
	if s.failed != nil {
		return s.failed
	}
	var err error
	switch stop.Kind {
	case tracer.SyscallEnter:
		err = s.enter(stop)
	case tracer.SyscallExit:
		err = s.exit(stop)
	case tracer.Exiting:
		s.exiting(stop)
	case tracer.Signal:
		s.signal(stop)
	case tracer.GroupStop:
		if s.o.Signals.has(stop.Event.Sig) {
			s.lastCall(stop.Event, s.state(stop.Task))
			s.out.Event(stop.Event)
		}
	case tracer.NewTask:
		s.newTask(stop)
	case tracer.Exec:
		s.exec(stop)
	case tracer.Exited, tracer.Killed, tracer.Superseded, tracer.Detached:
		s.gone(stop)
	}
	if s.live {
		s.flush()
	}
	return errors.Join(err, s.output.failed)
}

func (s *session) signal(stop *tracer.Stop) {
	ev := stop.Event
	if s.ours(stop) || !s.o.Signals.has(ev.Sig) || s.o.Summary == summaryOnly {
		return
	}
	s.lastCall(ev, s.state(stop.Task))
	s.dec.Siginfo(ev, stop.Siginfo(), stop.Task)
	if (s.o.JSON || s.stacks != nil) && faults(ev.Sig) {
		ev.Instruction, _ = stop.Instruction()
	}
	s.out.Event(ev)
}

// lastCall gives an event the number of the last call before it, for -n.
func (s *session) lastCall(ev *syscalls.Event, st *taskState) {
	if ev.ABI == nil && st.abi != nil {
		ev.ABI, ev.Nr = st.abi, st.nr
	}
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
	s.named(stop)
	if stop.Event.OtherTID == 0 && len(s.o.Attach) > 0 { // it may be in a call that will be resumed
		var regs tracer.Registers
		if stop.Task.Registers(&regs) == nil {
			s.state(stop.Task).prev = regs.ABI.Call(regs.Number)
		}
	}
	if stop.Event.OtherTID != 0 && s.o.Quiet&quietAttach == 0 {
		s.loud.sayBeside("Process %d attached", stop.Event.TID)
	}
	s.out.Event(stop.Event)
}

// named takes the name that a task has now, where names are asked for.
func (s *session) named(stop *tracer.Stop) {
	s.comm.read(stop.Task)
	if ev := stop.Event; s.o.PerProcess && ev.TID == ev.PID {
		s.sum.Named(ev.PID, s.comm.name(ev))
	}
}

// exec is a successful execve. One by a thread that is not its process's first
// gives the thread that one's id.
func (s *session) exec(stop *tracer.Stop) {
	s.named(stop)
	ours := stop.Event.TID == s.main && !s.begun
	s.begun = s.begun || ours
	if l, ok := s.out.(*print.Lines); ok && stop.Event.OtherTID != stop.Event.TID {
		l.PIDChanged(stop.Event.OtherTID, stop.Event.TID)
	}
	s.out.Event(stop.Event)
	if s.o.DetachOnExecve && !ours {
		stop.Do(tracer.Action{Verb: tracer.Detach})
	}
}

// gone is the end of a task, or of our tracing it.
func (s *session) gone(stop *tracer.Stop) {
	ev := stop.Event
	st := s.state(stop.Task)
	s.leaving = 1
	defer func() { s.leaving = 0 }()
	if ev.Kind == syscalls.EventDetached {
		s.detached(stop, st)
	} else {
		s.unfinished(stop, st)
	}
	if ev.TID == s.main {
		s.mainGone(stop)
	}
	if ev.Kind == syscalls.EventSuperseded {
		s.leaving = 0
		if l, ok := s.out.(*print.Lines); ok {
			l.PIDChanged(ev.OtherTID, ev.TID)
		}
	}
	s.lastCall(ev, st)
	s.output.last = nil
	if ev.Kind == syscalls.EventExited || ev.Kind == syscalls.EventKilled {
		s.output.last = st.stack
	}
	if s.o.Summary != summaryOnly && s.showsEnd(ev) {
		s.out.Event(ev)
	}
	if l, ok := s.out.(*print.Lines); ok && len(s.output.last) > 0 {
		l.Raw(s.output.last)
	}
	s.setState(stop.Task, nil)
	delete(s.comm, ev.TID)
	if s.sum != nil && ev.TID == ev.PID {
		s.sum.Ended(ev.PID)
	}
	s.free = append(s.free, st)
}

// exiting is a task's last stop before its end.
func (s *session) exiting(stop *tracer.Stop) { s.unfinished(stop, s.state(stop.Task)) }

// showsEnd says whether the end of a task has a line of its own.
func (s *session) showsEnd(ev *syscalls.Event) bool {
	switch ev.Kind {
	case syscalls.EventDetached:
		return false
	case syscalls.EventKilled:
		return s.o.Signals.has(ev.Sig)
	case syscalls.EventSuperseded:
		return s.o.Quiet&quietThreadExecve == 0
	}
	return s.o.Quiet&quietExit == 0
}

// mainGone notes how the program ended. One that was never started says so
// first, as it does itself under strace.
func (s *session) mainGone(stop *tracer.Stop) {
	s.ended = true
	if s.proc == nil { // -D: it says so itself
		return
	}
	if s.execErr = s.proc.ExecError(); s.execErr != nil && !s.alone {
		stop.Event.Status = 1
		s.loud.say("%s", execMessage(s.execErr))
	}
	switch stop.Kind {
	case tracer.Exited:
		s.status = exitStatus{code: stop.Event.Status}
	case tracer.Killed:
		s.status = exitStatus{sig: stop.Event.Sig}
	}
}
