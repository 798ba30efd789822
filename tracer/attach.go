package tracer

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// Attach traces a process that runs already, or the thread of that id, and with
// FollowForks all threads of the process. Each thread's first stop is NewTask. It
// interrupts the calls that the threads are in; most of them start anew.
func (t *Tracer) Attach(pid int) error {
	if err := t.attach(pid); err != nil {
		return fmt.Errorf("attach %d: %w", pid, err)
	}
	return nil
}

func (t *Tracer) attach(tid int) error {
	group, err := threadGroup(tid)
	if err != nil {
		return err
	}
	if err := t.seize(tid, group); err != nil || !t.opt.FollowForks {
		return err
	}
	for {
		n, err := t.seizeThreads(group)
		if n == 0 || err != nil {
			return err
		}
	}
}

// AttachStart traces a process that is about to call execve, in its thread tid: of
// all it does nothing is told before that call. Its other threads are not traced;
// they end in the execve.
func (t *Tracer) AttachStart(pid, tid int) error {
	err := t.seize(tid, pid)
	if k := t.tasks[tid]; err == nil && k != nil {
		k.starting = true
		return nil
	}
	return fmt.Errorf("attach %d: %w", pid, err)
}

// seizeThreads takes the threads of a process that are not traced yet, and
// returns how many there were. One that starts after the listing was made has a
// parent that is traced, or will be in the next round: a list without news is
// complete.
func (t *Tracer) seizeThreads(pid int) (n int, err error) {
	list, err := os.ReadDir(procPath(pid, "task"))
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
		return 0, nil // it ended meanwhile, which is for the loop to tell
	}
	if err != nil {
		return 0, err
	}
	for _, d := range list {
		tid, err := strconv.Atoi(d.Name())
		if err != nil || t.tasks[tid] != nil {
			continue
		}
		err = t.seize(tid, pid)
		switch {
		case err == nil:
			n++
		case errors.Is(err, unix.ESRCH):
		case errors.Is(err, unix.EPERM) && tracedByUs(tid): // a child of one that is traced
		default:
			return n, err
		}
	}
	return n, nil
}

func (t *Tracer) seize(tid, group int) error {
	flags := t.flags
	if !t.opt.PlaceAttached && !t.opt.ExitKill {
		flags &^= optExitKill
	}
	if e := ptrace(ptraceSeize, tid, 0, flags); e != 0 {
		return &RequestError{"PTRACE_SEIZE", e}
	}
	k := t.add(tid, group, 0, true)
	k.proc.place = t.opt.PlaceAttached
	return t.interrupt(k)
}

// threadGroup returns the process of a thread; of one that is not there, itself.
func threadGroup(tid int) (int, error) {
	if unix.Tgkill(tid, tid, 0) != unix.ESRCH {
		return tid, nil // the usual case, and without /proc
	}
	id, err := statusField(tid, "Tgid")
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
		return tid, nil
	}
	return id, err
}

func tracedByUs(tid int) bool {
	id, err := statusField(tid, "TracerPid")
	return err == nil && id == unix.Gettid()
}
