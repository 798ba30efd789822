package tracer

import (
	"os"
	"slices"
	"unsafe"

	"golang.org/x/sys/unix"
)

// handle turns a status into stops to tell, or lets the task go on.
func (t *Tracer) handle(w waited) error {
	if !w.timed {
		t.stamp()
	}
	t.cpu = w.cpu
	if w.tid == t.bell.tid && w.tid != 0 {
		return t.rung(w.status)
	}
	k := t.tasks[w.tid]
	if k == nil {
		return t.stranger(w)
	}
	if ended(w.status) {
		return t.ended(k, w.status)
	}
	k.state = stopped
	if t.place.how == PlaceAuto {
		t.arrived(k)
	}
	if k.fresh {
		return t.arrive(k, w.status)
	}
	return t.dispatch(k, w.status)
}

// arrive tells of the first stop of a task. Unless it is only that, it is
// handled when the caller lets the task go on.
func (t *Tracer) arrive(k *Task, status uint32) error {
	k.fresh = false
	t.place.adopt(k)
	switch c, sig := classify(status, k.seized); {
	case c == classTrap:
	case k.born && sig == int(unix.SIGSTOP) && !t.groupStopped(k):
		k.born = false
	default:
		k.later, k.status = true, status
	}
	t.tell(k, NewTask).Event.OtherTID = k.parent
	return nil
}

// dispatch handles a stop of a known task.
func (t *Tracer) dispatch(k *Task, status uint32) error {
	switch c, arg := classify(status, k.seized); c {
	case classSyscall:
		return t.syscallStop(k)
	case classSeccomp:
		return t.seccompStop(k)
	case classFork:
		return t.forked(k)
	case classExec:
		return t.executed(k, k.tid)
	case classExit:
		t.tell(k, Exiting)
		return nil
	case classGroup:
		return t.stopped(k, arg)
	case classSignal, classMaybe:
		return t.signalled(k, arg, c == classMaybe)
	}
	return t.resume(k, 0)
}

// groupStopped reports whether a task without SEIZE that a signal seems to have stopped is in
// a group-stop, which looks alike but has no siginfo. A thread that is made while the others stop
// joins them first; the SIGSTOP that it is born with comes after that.
func (t *Tracer) groupStopped(k *Task) bool {
	return ptracePtr(ptraceGetSigInfo, k.tid, 0, unsafe.Pointer(&k.stop.siginfo)) == unix.EINVAL
}

// signalled tells of a signal. maybe: it is one that stops, and without SEIZE
// the second stop of a pair, the group-stop, looks alike but has no siginfo.
func (t *Tracer) signalled(k *Task, sig int, maybe bool) error {
	e := ptracePtr(ptraceGetSigInfo, k.tid, 0, unsafe.Pointer(&k.stop.siginfo))
	if maybe && e == unix.EINVAL {
		return t.stopped(k, sig)
	}
	if made, err := k.made(ptraceGetSigInfo, e); !made {
		return err
	}
	if sig == int(unix.SIGSTOP) && (k.born || k.eatStop) {
		k.born, k.eatStop = false, false
		return t.resume(k, 0)
	}
	k.sig = sig
	s := t.tell(k, Signal)
	s.Event.Sig = sig
	return t.where(k, s)
}

// stopped tells of a group-stop.
func (t *Tracer) stopped(k *Task, sig int) error {
	s := t.tell(k, GroupStop)
	s.Event.Sig = sig
	return t.where(k, s)
}

// where adds to a stop between two calls where the program is.
func (t *Tracer) where(k *Task, s *Stop) error {
	made, err := t.getInfo(k, opNone)
	if made {
		abi, _ := abiOf(t.info.arch, 0)
		s.mode, s.Event.IP, s.Event.SP = abi.ID, t.info.ip, t.info.sp
	}
	return err
}

// forked takes in the task that k made.
func (t *Tracer) forked(k *Task) error {
	made, err := t.doPtr(k, ptraceGetEventMsg, 0, unsafe.Pointer(&t.message))
	if !made {
		return err
	}
	tid := int(t.message)
	k.forks++
	if err := t.child(k, tid); err != nil {
		return err
	}
	return t.resume(k, 0)
}

func (t *Tracer) child(k *Task, tid int) error {
	if c := t.tasks[tid]; c != nil { // adopted already
		c.parent, c.adopted = k.tid, false
		return nil
	}
	status, early := t.early[tid]
	if !early && t.past(tid) {
		return nil
	}
	delete(t.early, tid)
	if early && ended(status) && unix.Kill(tid, 0) != unix.ESRCH {
		early = false // the status of an earlier task with this id
	}
	c := t.add(tid, t.groupOf(tid, k.proc.pid), k.tid, k.seized)
	c.inherit(k)
	if early {
		return t.handle(waited{tid: tid, status: status})
	}
	return nil
}

// past reports whether a task was adopted, and has ended before its maker's event was told: it is not a later
// one with the same id.
func (t *Tracer) past(tid int) bool {
	if !t.over[tid] {
		return false
	}
	delete(t.over, tid)
	tracer, err := statusField(tid, "TracerPid")
	return (err != nil || tracer == 0) &&
		!slices.ContainsFunc(t.queue.all[t.queue.head:], func(w waited) bool { return w.tid == tid })
}

// groupOf returns the process of a task that a thread of process pid made: the
// same, if it is in there, else one of its own.
func (t *Tracer) groupOf(tid, pid int) int {
	if unix.Tgkill(pid, tid, 0) != unix.ESRCH {
		return pid
	}
	return tid
}

// stranger keeps a status of a task that is not known: its parent's event comes
// after it.
func (t *Tracer) stranger(w waited) error {
	if c, _ := classify(w.status, true); c == classExec {
		return t.executed(nil, w.tid)
	}
	t.early[w.tid] = w.status
	return nil
}

// ended tells of the end of a task, which may not have lived to its first stop. Its children whose event it did not live to
// report are taken in, as are those of others, whose parents' events will find
// them known.
func (t *Tracer) ended(k *Task, status uint32) error {
	t.drop(k)
	c, arg := classify(status, k.seized)
	if c == classExited {
		t.tell(k, Exited).Event.Status = arg
	} else {
		ev := t.tell(k, Killed).Event
		ev.Sig, ev.Core = arg&0x7f, arg&0x80 != 0
	}
	for tid, status := range t.early {
		if ended(status) {
			continue
		}
		delete(t.early, tid)
		maker := t.makerOf(tid, k)
		c := t.add(tid, t.groupOf(tid, maker.proc.pid), maker.tid, maker.seized)
		c.inherit(maker)
		c.adopted = true
		if err := t.handle(waited{tid: tid, status: status}); err != nil {
			return err
		}
	}
	return nil
}

// makerOf is who made a task whose parent's event is not there when k ends: a
// process of ours that the kernel calls its own or its parent's, or else k.
func (t *Tracer) makerOf(tid int, k *Task) *Task {
	for _, key := range [...]string{"Tgid", "PPid"} {
		id, err := statusField(tid, key)
		if err != nil || id == tid {
			continue
		}
		for _, maker := range t.tasks {
			if maker.proc.pid == id {
				return maker
			}
		}
	}
	return k
}

// executed handles the success of an execve: all threads of the process but the
// one that called it are gone, and it has the process's id now.
func (t *Tracer) executed(k *Task, tid int) error {
	e := ptracePtr(ptraceGetEventMsg, tid, 0, unsafe.Pointer(&t.message))
	if e != 0 {
		if k != nil {
			_, err := k.made(ptraceGetEventMsg, e)
			return err
		}
		return nil
	}
	old := int(t.message)
	mover := t.tasks[old]
	if mover == nil {
		mover = k
	}
	if mover == nil {
		t.early[tid] = eventStop<<16 | uint32(unix.SIGTRAP)<<8 | 0x7f
		return nil
	}
	if mover.proc.tasks > 1 {
		t.supersede(mover)
	}
	delete(t.tasks, old)
	t.tasks[tid] = mover
	mover.tid, mover.state = tid, stopped
	return t.newProgram(mover, old)
}

// supersede drops all threads of a process but the one that called execve. The
// kernel lets all but the leader, whose id is taken over, report their end.
func (t *Tracer) supersede(mover *Task) {
	for _, s := range t.tasks {
		if s.proc == mover.proc && s != mover {
			t.drop(s)
			t.tell(s, Superseded).Event.OtherTID = mover.tid
		}
	}
}

// newProgram tells of an execve and forgets what was known of the old program.
func (t *Tracer) newProgram(k *Task, old int) error {
	k.starting, k.mask, k.forced = false, 0, false
	k.over()
	k.proc.fds.forget()
	k.proc.closeMemory()
	k.proc.noFile = false
	ev := t.tell(k, Exec).Event
	ev.OtherTID = old
	ev.ExePath, _ = os.Readlink(procPath(k.tid, "exe")) // "" where /proc is not to be had
	return nil
}
