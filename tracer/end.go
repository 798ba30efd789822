package tracer

import (
	"errors"

	"golang.org/x/sys/unix"
)

// end brings every task to a stop, or its end, and lets it go. It is the loop
// once more, without anyone to tell: resume, which every stop comes to, now ends
// (see endOne).
func (t *Tracer) end() error {
	var errs error
	for _, k := range t.snapshot() {
		errs = errors.Join(errs, t.endFirst(k))
	}
	for len(t.tasks) > 0 {
		s, err := t.next()
		if err != nil {
			return errors.Join(errs, err)
		}
		if s == nil {
			break
		}
		s.held = false
		errs = errors.Join(errs, t.finish(s))
	}
	return errs
}

func (t *Tracer) snapshot() []*Task {
	all := make([]*Task, 0, len(t.tasks))
	for _, k := range t.tasks {
		all = append(all, k)
	}
	return all
}

// endFirst ends a task that is held, and makes one that runs stop.
func (t *Tracer) endFirst(k *Task) error {
	switch {
	case t.ending == KillThem:
		return t.kill(k)
	case k.stop.held:
		k.stop.held = false
		return t.proceed(k, k.stop.act)
	case k.state == stopped || k.state == gone: // its stop is still to be told, or its end to come
		return nil
	}
	return t.interrupt(k)
}

// interrupt makes a task that runs stop. Without SEIZE that takes a SIGSTOP,
// which must be caught again.
func (t *Tracer) interrupt(k *Task) error {
	if k.seized {
		_, err := t.do(k, ptraceInterrupt, 0)
		return err
	}
	if k.eatStop {
		return nil
	}
	k.eatStop = true
	if err := unix.Tgkill(k.proc.pid, k.tid, unix.SIGSTOP); err != nil && err != unix.ESRCH {
		return err
	}
	return nil
}

// endOne ends a task that is stopped, sig being what it would be resumed with.
// One with a call that we changed, or with our SIGSTOP to come, has to go on
// until that is over.
func (t *Tracer) endOne(k *Task, sig int) error {
	switch {
	case t.ending == KillThem:
		return t.kill(k)
	case k.forced || k.mask != 0 || k.born || k.eatStop:
		return t.run(k, unix.PTRACE_SYSCALL, sig)
	}
	return t.letGo(k, sig, false)
}

// letGo detaches a task that is stopped.
func (t *Tracer) letGo(k *Task, sig int, tell bool) error {
	t.place.release(k)
	made, err := t.do(k, unix.PTRACE_DETACH, uintptr(sig))
	if !made {
		return err
	}
	t.drop(k)
	if tell {
		t.tell(k, Detached)
	} else {
		t.recycle(k)
	}
	return nil
}
