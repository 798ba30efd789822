package tracer

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

func TestExecFromThread(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for _, opt := range []Options{{FollowForks: true}, {FollowForks: true, TraceMe: true}, {FollowForks: true, noSyscallInfo: true}} {
		tr := newTracer(t, opt)
		p := start(t, tr, "threadexec")
		caller, superseded, by, status, call := 0, 0, 0, -1, false
		each(t, tr, func(s *Stop) {
			switch {
			case s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_EXECVE && s.Task.TID() != p.PID():
				caller = s.Task.TID()
			case s.Kind == Superseded:
				superseded, by = s.Event.TID, s.Event.OtherTID
			case s.Kind == Exec && caller != 0:
				call = s.Task.Call() != nil && s.Task.Call().Nr == unix.SYS_EXECVE
				if s.Event.OtherTID != caller || s.Event.TID != p.PID() || s.Event.ExePath != self {
					t.Errorf("exec event %+v, called by %d", s.Event, caller)
				}
			case s.Kind == Exited && s.Task.TID() == p.PID():
				status = s.Event.Status
			}
		})
		if superseded != p.PID() || by != caller || status != 7 || !call {
			t.Errorf("%+v: %d superseded by %d, want %d by %d; status %d, in execve %v", opt, superseded, by, p.PID(), caller, status, call)
		}
	}
}

// A leader that is held while another thread's execve takes its id: letting it
// go must not let go what has the id now.
func TestOvertakenLeader(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true})
	w, err := tr.Waker()
	if err != nil {
		t.Fatal(err)
	}
	p := start(t, tr, "threadexec")
	held, waiting, execs, status := false, 0, 0, -1
	each(t, tr, func(s *Stop) {
		switch {
		case s.Kind == SyscallEnter && s.Task.TID() == p.PID() && s.Event.Nr == unix.SYS_GETPPID && !held:
			s.Hold()
			held = true
			if waiting != 0 {
				if err := tr.Resume(waiting, Action{}); err != nil {
					t.Error(err)
				}
			}
			w.Wake()
		case s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_EXECVE && s.Task.TID() != p.PID() && !held:
			s.Hold()
			waiting = s.Task.TID()
		case s.Kind == Woken && execs == 1:
			if !letGoOvertaken(t, tr, p.PID()) {
				w.Wake()
			}
		case s.Kind == Exec:
			execs++
		case s.Kind == Exited && s.Task.TID() == p.PID():
			status = s.Event.Status
		}
	})
	if !held || execs != 2 || status != 7 {
		t.Errorf("held %v, %d execs, status %d", held, execs, status)
	}
}

// letGoOvertaken resumes a leader as soon as the exec event of its successor is
// there, and reports whether it was.
func letGoOvertaken(t *testing.T, tr *Tracer, pid int) bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_PID, pid, &info, unix.WNOWAIT|unix.WNOHANG|unix.WSTOPPED|unix.WEXITED|unix.WALL, nil)
	if err != nil || info.Signo == 0 {
		return false
	}
	if err := tr.Resume(pid, Action{}); err != nil {
		t.Error(err)
	}
	return true
}

func TestVfork(t *testing.T) {
	for _, follow := range []bool{true, false} {
		tr := newTracer(t, Options{FollowForks: follow})
		p := start(t, tr, "vfork")
		execs, status := 0, map[int]int{}
		each(t, tr, func(s *Stop) {
			switch {
			case s.Kind == Exec:
				execs++
			case s.Kind == Exited && s.Task.TID() == s.Task.PID():
				status[s.Event.Status]++
			case s.Kind == Exited && s.Task.PID() == p.PID() && s.Event.Status != 0:
				t.Errorf("thread's status %d", s.Event.Status)
			}
		})
		want := map[bool]int{true: 2, false: 1}[follow]
		if execs != want || status[0] == 0 || (status[7] == 1) != follow {
			t.Errorf("follow %v: %d execs, statuses %v", follow, execs, status)
		}
	}
}

func TestThreads(t *testing.T) {
	for _, opt := range []Options{{FollowForks: true}, {FollowForks: true, TraceMe: true}, {FollowForks: true, CPUTime: true}} {
		tr := newTracer(t, opt)
		p := start(t, tr, "threads")
		by, parents := map[int]bool{}, true
		each(t, tr, func(s *Stop) {
			if s.Task.PID() != p.PID() {
				t.Errorf("%v in process %d", s.Kind, s.Task.PID())
			}
			if n, ok := isMark(s); ok && s.Kind == SyscallEnter {
				by[n] = true
			}
			if s.Kind == NewTask && (s.Event.OtherTID == 0) != (s.Event.TID == p.PID()) {
				parents = false
			}
		})
		if len(by) != 10 || !parents || len(tr.procs) != 0 {
			t.Errorf("%+v: marks %v, parents %v, %d processes left", opt, by, parents, len(tr.procs))
		}
	}
}

// A task that was taken in because another ended, and has ended since, is not taken in again
// when its maker's event is told.
func TestAdoptedAndOver(t *testing.T) {
	const maker, other, made = 1<<22 + 1, 1<<22 + 2, 1<<22 + 3 // no kernel has such ids
	const exited, stop = 0, 0x7f | uint32(unix.SIGSTOP)<<8 | eventStop<<16
	tr := newTracer(t, Options{FollowForks: true})
	k := tr.add(maker, maker, 0, true)
	tr.add(other, maker, 0, true)
	for _, w := range []waited{{tid: made, status: stop}, {tid: other, status: exited}} {
		if err := tr.handle(w); err != nil {
			t.Fatal(err)
		}
	}
	if c := tr.tasks[made]; c == nil || !c.adopted {
		t.Fatal("not taken in: ", c)
	}
	if err := tr.handle(waited{tid: made, status: exited}); err != nil {
		t.Fatal(err)
	}
	for _, again := range []bool{false, true} { // the second is another task with the same id
		if err := tr.child(k, made); err != nil || (tr.tasks[made] != nil) != again {
			t.Errorf("again %v: taken in %v, %v", again, tr.tasks[made] != nil, err)
		}
	}
	clear(tr.tasks)
}

func TestDieAtOnce(t *testing.T) {
	for _, c := range []struct {
		args []string
		opt  Options
	}{
		{nil, Options{FollowForks: true}},
		{[]string{"kill"}, Options{FollowForks: true}},
		{[]string{"kill"}, Options{FollowForks: true, TraceMe: true}},
	} {
		tr := newTracer(t, c.opt)
		start(t, tr, "crowd", c.args...)
		exited, killed := 0, 0
		each(t, tr, func(s *Stop) {
			switch {
			case s.Kind == Exited && s.Event.Status == 5:
				exited++
			case s.Kind == Killed && s.Event.Sig == int(unix.SIGKILL) && s.Task.TID() == s.Task.PID():
				killed++
			}
		})
		if c.args == nil && exited != 100 || c.args != nil && killed != 101 {
			t.Errorf("%v: %d exited, %d killed", c, exited, killed)
		}
		if len(tr.early) != 0 {
			t.Errorf("%v: stray statuses %v", c, tr.early)
		}
	}
}

func TestSamePID(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true})
	p := start(t, tr, "samepid")
	marks, pids := map[int]int{}, map[int]bool{}
	each(t, tr, func(s *Stop) {
		if n, ok := isMark(s); ok && s.Kind == SyscallEnter {
			if n < 100 {
				pids[s.Event.PID] = true
			}
			marks[n]++
		}
		if s.Kind == Exited && s.Task.PID() == p.PID() && s.Event.Status != 0 {
			t.Errorf("status %d", s.Event.Status)
		}
	})
	if marks[100] > 0 {
		t.Skip("may not write /proc/sys/kernel/ns_last_pid")
	}
	// Somebody else may get the id in between, now and then.
	if len(marks) != 5 || len(pids) == 5 {
		t.Errorf("marks %v by %v", marks, pids)
	}
}
