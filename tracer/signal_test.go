package tracer

import (
	"context"
	"encoding/binary"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// each ranges over all stops.
func each(t *testing.T, tr *Tracer, f func(s *Stop)) {
	t.Helper()
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		f(s)
	}
}

// entered returns the mark at whose entry s is, 0 for none.
func enteredMark(s *Stop) int {
	if n, ok := isMark(s); ok && s.Kind == SyscallEnter {
		return n
	}
	return 0
}

func TestSignalsAreDelivered(t *testing.T) {
	for _, c := range []struct {
		tracee string
		sig    unix.Signal
		opt    Options
	}{
		{"signal", unix.SIGUSR1, Options{FollowForks: true}},
		{"signal", unix.SIGUSR1, Options{TraceMe: true, FollowForks: true}},
		{"signal", unix.SIGUSR1, Options{noSyscallInfo: true, FollowForks: true}},
		{"trap", unix.SIGTRAP, Options{FollowForks: true}},
		{"trap", unix.SIGTRAP, Options{TraceMe: true, FollowForks: true}},
	} {
		tr := newTracer(t, c.opt)
		p := start(t, tr, c.tracee)
		signals, marks, status := 0, 0, -1
		each(t, tr, func(s *Stop) {
			if s.Kind == Signal && s.Event.Sig == int(c.sig) {
				signals++
				info := s.Siginfo()
				if signo, pid := binary.NativeEndian.Uint32(info), binary.NativeEndian.Uint32(info[8+wordSize:]); signo != uint32(c.sig) || int(pid) != p.PID() || s.Event.IP == 0 || s.Event.SP == 0 {
					t.Errorf("%v: siginfo %d from %d, %#x %#x", c, signo, pid, s.Event.IP, s.Event.SP)
				}
			}
			marks += enteredMark(s)
			if s.Kind == Exited && s.Task.TID() == p.PID() {
				status = s.Event.Status
			}
		})
		if signals != 1 || marks != 3 || status != 0 {
			t.Errorf("%v: %d signals, marks %d, status %d", c, signals, marks, status)
		}
	}
}

func TestSignalActions(t *testing.T) {
	for _, c := range []struct {
		name   string
		at     Kind
		act    Action
		killed unix.Signal
	}{
		{"suppress", Signal, Action{Suppress: true}, unix.SIGKILL}, // by us: the tracee waits for ever
		{"replace", Signal, Action{Sig: int(unix.SIGTERM)}, unix.SIGTERM},
		{"kill", Signal, Action{Verb: Kill}, unix.SIGKILL},
		{"inject at entry", SyscallEnter, Action{Sig: int(unix.SIGTERM)}, unix.SIGTERM},
		{"inject at exit", SyscallExit, Action{Sig: int(unix.SIGTERM)}, unix.SIGTERM},
	} {
		tr := newTracer(t, Options{FollowForks: true})
		start(t, tr, "signal")
		term, killed := 0, unix.Signal(0)
		each(t, tr, func(s *Stop) {
			n, marked := isMark(s)
			switch {
			case s.Kind == c.at && s.Kind == Signal && s.Event.Sig == int(unix.SIGUSR1):
				s.Do(c.act)
			case s.Kind == c.at && marked && n == 1:
				s.Do(c.act)
			case c.name == "suppress" && s.Kind == SyscallExit && marked:
				s.Do(Action{Verb: Kill})
			case marked && n == 2:
				t.Errorf("%s: the handler ran", c.name)
			case s.Kind == Signal && s.Event.Sig == int(unix.SIGTERM):
				term++
			case s.Kind == Killed && s.Task.TID() == s.Task.PID():
				killed = unix.Signal(s.Event.Sig)
			}
		})
		if killed != c.killed || strings.HasPrefix(c.name, "inject") && term == 0 {
			t.Errorf("%s: killed by %v, %d SIGTERM", c.name, killed, term)
		}
	}
}

// A stopped process stays stopped until SIGCONT, and its parent sees both.
func TestGroupStop(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true})
	start(t, tr, "stop")
	var got []string
	each(t, tr, func(s *Stop) {
		switch {
		case enteredMark(s) != 0:
			got = append(got, "mark "+string(rune('0'+enteredMark(s))))
		case s.Kind == GroupStop:
			got = append(got, "stopped by "+unix.SignalName(unix.Signal(s.Event.Sig)))
		case s.Kind == Signal && s.Event.Sig != int(unix.SIGURG) && s.Event.Sig != int(unix.SIGCHLD):
			got = append(got, unix.SignalName(unix.Signal(s.Event.Sig)))
		}
	})
	want := "SIGSTOP, stopped by SIGSTOP, mark 2, SIGCONT, mark 1, mark 3"
	if g := strings.Join(got, ", "); g != want {
		t.Errorf("got  %s\nwant %s", g, want)
	}
}

// Without SEIZE a group-stop is told, and ends.
func TestGroupStopTraceMe(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true, TraceMe: true})
	p := start(t, tr, "stopself")
	signals, groups, marks := 0, 0, 0
	each(t, tr, func(s *Stop) {
		switch {
		case s.Kind == Signal && s.Event.Sig == int(unix.SIGSTOP) && s.Task.TID() == p.PID():
			signals++
		case s.Kind == GroupStop && s.Event.Sig == int(unix.SIGSTOP) && s.Task.TID() == p.PID():
			groups++
		}
		marks += enteredMark(s)
	})
	if signals != 1 || groups != 1 || marks != 1 {
		t.Errorf("%d signals, %d group-stops, marks %d", signals, groups, marks)
	}
}

// A thread that is made while the others stop joins them before it has the SIGSTOP that it is
// born with, which is none of the program's.
func TestBornInGroupStop(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true, TraceMe: true})
	p := start(t, tr, "stopmaking")
	own, others, marks := 0, 0, 0
	each(t, tr, func(s *Stop) {
		if s.Kind == Signal && s.Event.Sig == int(unix.SIGSTOP) {
			if s.Task.TID() == p.PID() {
				own++
			} else {
				others++
			}
		}
		marks += enteredMark(s)
	})
	if own != 30 || others != 0 || marks != 1 {
		t.Errorf("%d signals of the program's, %d of others, marks %d", own, others, marks)
	}
}

func TestFatalInstruction(t *testing.T) {
	tr := newTracer(t, Options{FollowForks: true})
	start(t, tr, "fault")
	text, killed := "", 0
	var code []byte
	each(t, tr, func(s *Stop) {
		switch {
		case s.Kind == Signal && s.Event.Sig == int(unix.SIGSEGV):
			text, code = s.Instruction()
		case s.Kind == Killed:
			killed = s.Event.Sig
		}
	})
	if killed != int(unix.SIGSEGV) || len(text) < 5 || len(code) < 2 {
		t.Errorf("killed by %d at %q, % x", killed, text, code)
	}
}
