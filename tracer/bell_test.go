package tracer

import (
	"context"
	"errors"
	"os"
	"sync"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWaker(t *testing.T) {
	tr := newTracer(t, Options{})
	w, err := tr.Waker()
	if err != nil {
		t.Fatal(err)
	}
	start(t, tr, "mark")
	var heldTID, ran int
	var wg sync.WaitGroup
	each(t, tr, func(s *Stop) {
		if n, ok := isMark(s); ok && s.Kind == SyscallEnter {
			s.Hold()
			heldTID = s.Task.TID()
			for range 10 {
				wg.Go(func() { w.Post(func() { ran++ }) })
			}
			switch n {
			case 1: // what the terminal sends to all
				_ = unix.Kill(tr.bell.tid, unix.SIGINT)
				_ = unix.Kill(tr.bell.tid, unix.SIGTSTP)
				_ = unix.Kill(tr.bell.tid, unix.SIGSTOP)
			case 2: // the bell is broken, and made anew
				_ = unix.Kill(tr.bell.tid, unix.SIGKILL)
			}
		}
		if s.Kind == Woken && ran%10 == 0 && heldTID != 0 {
			if err := tr.Resume(heldTID, Action{}); err != nil {
				t.Error(err)
			}
			heldTID = 0
		}
	})
	wg.Wait()
	if ran != 30 {
		t.Errorf("%d functions ran", ran)
	}
}

func TestResumeErrors(t *testing.T) {
	tr := newTracer(t, Options{})
	p := start(t, tr, "exit")
	each(t, tr, func(s *Stop) {
		if err := tr.Resume(p.PID(), Action{}); s.Kind == SyscallEnter && !errors.Is(err, ErrNotHeld) {
			t.Errorf("resume of a task that is not held: %v", err)
		}
	})
	if err := tr.Resume(p.PID(), Action{}); !errors.Is(err, ErrNotHeld) {
		t.Errorf("resume of no task: %v", err)
	}
}

// A held task that is killed is told of, and resuming it is an error then.
func TestHeldTaskDies(t *testing.T) {
	tr := newTracer(t, Options{})
	p := start(t, tr, "mark")
	killed := 0
	each(t, tr, func(s *Stop) {
		if enteredMark(s) == 1 {
			s.Hold()
			_ = unix.Kill(p.PID(), unix.SIGKILL)
		}
		if s.Kind == Killed {
			killed++
			if c := s.Task.Call(); c == nil || c.Nr != unix.SYS_CLOSE {
				t.Errorf("killed in %+v", c)
			}
		}
	})
	if err := tr.Resume(p.PID(), Action{}); killed != 1 || !errors.Is(err, ErrNotHeld) {
		t.Errorf("%d killed, resume: %v", killed, err)
	}
}

// The end of the context ends a loop whose tasks all sleep.
func TestContext(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	tr := newTracer(t, Options{})
	c := command(t, "read")
	c.Files = []int{int(r.Fd()), 1, 2}
	p, err := tr.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	ctx, cancel := context.WithCancelCause(context.Background())
	defer cancel(nil)
	cause := errors.New("enough")
	var last error
	for s, err := range tr.Stops(ctx) {
		last = err
		if err == nil && s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_READ && s.Event.Args[0] == 0 {
			go cancel(cause)
		}
	}
	if !errors.Is(last, cause) {
		t.Errorf("the loop ended with %v", last)
	}
	for range tr.Stops(ctx) { // ended before it begins
		last = nil
	}
	if last != nil {
		t.Error("no error from a loop with an ended context")
	}
}

func TestCloseWithoutTasks(t *testing.T) {
	for _, bell := range []bool{false, true} {
		tr, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		var w *Waker
		if bell {
			if w, err = tr.Waker(); err != nil {
				t.Fatal(err)
			}
		}
		tid := tr.bell.tid
		if err := tr.Close(LetGo); err != nil {
			t.Error(err)
		}
		if bell {
			w.Wake() // and nothing happens
			if err := unix.Kill(tid, 0); err != unix.ESRCH {
				t.Errorf("bell: %v", err)
			}
		}
	}
}
