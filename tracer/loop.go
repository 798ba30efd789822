package tracer

import (
	"context"
	"fmt"
	"iter"

	"golang.org/x/sys/unix"
)

// Stops yields what happens, until no task is left. The task of a stop goes on
// after the body, as [Stop.Do] said, unless the body held it. All others run
// meanwhile.
//
// An error is the tracer's own failure, or ctx's cause when that ends first; it
// is the last thing yielded. Leaving the loop leaves the task of the last stop
// held.
func (t *Tracer) Stops(ctx context.Context) iter.Seq2[*Stop, error] {
	return func(yield func(*Stop, error) bool) {
		if err := t.stops(ctx, yield); err != nil {
			yield(nil, err)
		}
	}
}

func (t *Tracer) stops(ctx context.Context, yield func(*Stop, error) bool) error {
	done := ctx.Err() != nil
	if ctx.Done() != nil && !done {
		w, err := t.Waker()
		if err != nil {
			return err
		}
		defer context.AfterFunc(ctx, func() { w.Post(func() { done = true }) })()
	}
	for !done {
		s, err := t.next()
		if s == nil || err != nil {
			return err
		}
		if done { // s says no more than that
			break
		}
		more := yield(s, nil)
		s.held = s.held || !more
		if err := t.finish(s); err != nil && more {
			return err
		}
		if !more {
			return nil
		}
	}
	return context.Cause(ctx)
}

// next returns the next thing to tell, nil when no task is left.
func (t *Tracer) next() (*Stop, error) {
	for {
		t.mem.forget()
		if s := t.ready.pop(); s != nil {
			return s, nil
		}
		if len(t.tasks) == 0 {
			return nil, nil
		}
		w, err := t.wait()
		if err != nil {
			return nil, err
		}
		if err := t.handle(w); err != nil {
			return nil, err
		}
	}
}

// tell queues a stop of k.
func (t *Tracer) tell(k *Task, kind Kind) *Stop {
	s := &k.stop
	s.Kind, s.act, s.held, s.Filtered, s.FilterData = kind, Action{}, false, false, 0
	s.Event = &k.call
	if kind != SyscallEnter && kind != SyscallExit && (kind != Exiting || !k.inCall) {
		s.Event = k.event(kind)
		s.Event.Mono, s.Event.Wall = t.mono, t.wall
	}
	s.Event.TID, s.Event.PID = k.tid, k.proc.pid
	t.ready.push(s)
	return s
}

// finish carries out the action of a stop that was told.
func (t *Tracer) finish(s *Stop) error {
	switch s.Kind {
	case Woken:
		s.held = false
		return nil
	case Exited, Killed, Superseded, Detached:
		t.recycle(s.Task)
		return nil
	}
	if s.held {
		return nil
	}
	return t.proceed(s.Task, s.act)
}

// Resume lets a task go on that was held.
func (t *Tracer) Resume(tid int, a Action) error {
	k := t.tasks[tid]
	if k == nil || !k.stop.held {
		return fmt.Errorf("resume %d: %w", tid, ErrNotHeld)
	}
	k.stop.held = false
	t.mem.forget()
	return t.proceed(k, a)
}

// proceed lets k go on from the stop that was told last.
func (t *Tracer) proceed(k *Task, a Action) error {
	if t.overtaken(k) {
		k.state = gone
		return nil
	}
	sig, pending := a.Sig, 0
	if k.again { // see Inject
		k.again, k.inCall = false, false
		if !k.later && a.Verb == Continue {
			return t.resume(k, 0)
		}
	}
	if k.later {
		k.later = false
		if a.Verb == Continue {
			return t.dispatch(k, k.status)
		}
		if c, arg := classify(k.status, k.seized); c == classSignal {
			pending = arg
		}
	}
	var err error
	switch k.stop.Kind {
	case SyscallEnter:
		err = t.change(k, &a)
	case SyscallExit:
		if a.SetResult {
			k.forced, k.forcedRet = true, a.Result
		}
		err = t.leave(k)
	case Signal:
		if sig == 0 && !a.Suppress {
			sig = k.sig
		}
	default:
		sig = pending
	}
	if err != nil {
		return err
	}
	switch {
	case a.Verb == Detach && (k.forced || k.mask != 0):
		k.detach = true
	case a.Verb == Detach:
		return t.letGo(k, sig, true)
	case a.Verb == Kill:
		return t.kill(k)
	case k.stop.Kind == GroupStop && k.seized && t.ending == open:
		return t.listen(k)
	}
	return t.resume(k, sig)
}

// resume lets a stopped task run to its next stop.
func (t *Tracer) resume(k *Task, sig int) error {
	if t.ending != open {
		return t.endOne(k, sig)
	}
	req := unix.PTRACE_SYSCALL
	if t.filters(k) && !k.inCall {
		req = unix.PTRACE_CONT
	}
	return t.run(k, req, sig)
}

func (t *Tracer) run(k *Task, req, sig int) error {
	t.settle(k)
	made, err := t.do(k, req, uintptr(sig))
	if made {
		k.state = running
		k.spot.pace.user = !k.inCall
		t.guess.tid = k.tid
	}
	return err
}

// listen leaves a task in its group-stop: it runs again when the process gets
// SIGCONT, and says so.
func (t *Tracer) listen(k *Task) error {
	made, err := t.do(k, ptraceListen, 0)
	if made {
		k.state = listening
	}
	return err
}

// kill ends the process of k. No request is needed: SIGKILL ends every stop, but
// that of a task which is ending already (get_signal and complete_signal in
// kernel/signal.c pay it no heed).
func (t *Tracer) kill(k *Task) error {
	if err := unix.Kill(k.proc.pid, unix.SIGKILL); err != nil && err != unix.ESRCH {
		return fmt.Errorf("kill %d: %w", k.proc.pid, err)
	}
	if k.stop.Kind == Exiting && k.state == stopped {
		return t.run(k, unix.PTRACE_CONT, 0)
	}
	k.state = gone
	return nil
}
