package tracer

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A waited is one status that wait4 gave.
type waited struct {
	tid    int
	status uint32
	cpu    int64
	timed  bool // the tracer's clock is of it
}

// stale replaces a status that a later one made void. No status is 0xffff: that
// is WIFCONTINUED, which is not asked for.
const stale = 0xffff

// A queue holds statuses that are to be handled.
type queue struct {
	all  []waited
	head int
}

// wait returns the next status; it blocks when there is none. All statuses that
// there are, are taken before the first is handled: the kernel looks from the
// first task on, and a busy one would starve the others.
func (t *Tracer) wait() (waited, error) {
	for {
		if t.queue.head == len(t.queue.all) {
			if err := t.fill(); err != nil {
				return waited{}, err
			}
		}
		w := t.queue.all[t.queue.head]
		t.queue.head++
		if w.status != stale {
			return w, nil
		}
	}
}

// fill waits for a status, then takes what else there is. It stops behind one
// that says that a task ended: with that its id is free, and a later status of
// the same id might be another task's.
func (t *Tracer) fill() error {
	t.queue.all, t.queue.head = t.queue.all[:0], 0
	w, guessed := t.guess.next(t)
	if !guessed {
		var err error
		if w, err = t.wait4(-1, 0); err != nil {
			return err
		}
	}
	t.push(w)
	for t.mayHaveMore(guessed) && !ended(w.status) {
		var err error
		if w, err = t.wait4(-1, unix.WNOHANG); err != nil || w.tid == 0 {
			return err
		}
		t.push(w)
	}
	return nil
}

// drain is how many right guesses there are between two looks at all tasks: a
// look takes 10 µs among 1,000, and a stop that waits for one some 300.
const drain = 32

// mayHaveMore spares the lone task a system call at each stop, and those that
// are guessed most of them: the kernel walks all tasks to find that none of them
// stopped.
func (t *Tracer) mayHaveMore(guessed bool) bool {
	if guessed {
		return t.guess.right%drain == 0
	}
	return len(t.tasks) > 1
}

func ended(status uint32) bool { return status&0xff != 0x7f }

// push queues a status. A stopped task has nothing to say until it is resumed,
// unless it is killed or another thread's execve takes its id: the stop that it
// is in, or a status that is still queued, then speaks of what is no more.
func (t *Tracer) push(w waited) {
	if k := t.tasks[w.tid]; k != nil {
		if k.state == stopped {
			k.state = gone
		}
		if i := k.queued; i < len(t.queue.all) && t.queue.all[i].tid == w.tid {
			t.queue.all[i].status = stale
		}
		k.queued = len(t.queue.all)
	}
	t.queue.all = append(t.queue.all, w)
}

// wait4 waits for a task or, with -1, all tasks and children of this thread:
// children that another thread started are os/exec's. The runtime is told if it
// may block. No status has the id 0.
func (t *Tracer) wait4(tid, options int) (waited, error) {
	var ru unsafe.Pointer
	if t.opt.CPUTime {
		ru = unsafe.Pointer(&t.rusage)
	}
	call, poll := syscall.Syscall6, options&unix.WNOHANG != 0
	if poll {
		call = syscall.RawSyscall6
	}
	options |= unix.WALL | unix.WNOTHREAD
	for {
		got, _, e := call(unix.SYS_WAIT4, uintptr(tid), uintptr(unsafe.Pointer(&t.status)), uintptr(options), uintptr(ru), 0, 0)
		switch {
		case e == 0 && got == 0, e == unix.ECHILD && poll:
			return waited{}, nil
		case e == 0:
			return waited{tid: int(got), status: t.status, cpu: t.rusage.Stime.Nano()}, nil
		case e != unix.EINTR:
			return waited{}, fmt.Errorf("wait4: %w", e)
		case !poll && t.place.tick.wound:
			t.stamp()
			t.judge()
		}
	}
}
