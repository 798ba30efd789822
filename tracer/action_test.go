package tracer

import (
	"testing"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// The tracee makes three calls whose results it returns as its exit status:
// each is changed in some way.
func TestActions(t *testing.T) {
	const eintr = int64(unix.EINTR)
	for _, c := range []struct {
		name  string
		enter Action
		exit  Action
		exits bool // an exit stop is told
		ret   int64
	}{
		{"nothing", Action{}, Action{}, true, -int64(unix.EBADF)},
		{"skip with an error", Action{Skip: true, Result: -eintr}, Action{}, true, -eintr},
		{"skip with a value", Action{Skip: true, Result: 42}, Action{}, true, 42},
		{"skip, exit not wanted", Action{Skip: true, Result: 43, NoExit: true}, Action{}, false, 43},
		{"exit not wanted", Action{NoExit: true}, Action{}, false, -int64(unix.EBADF)},
		{"other result", Action{}, Action{SetResult: true, Result: 44}, true, 44},
		{"other argument", Action{Mask: 1, Args: [6]uint64{1000}}, Action{}, true, 0},
	} {
		for _, opt := range []Options{{}, {noSyscallInfo: true}} {
			tr := newTracer(t, opt)
			cmd := command(t, "result")
			cmd.Files = make([]int, 1001)
			for i := range cmd.Files {
				cmd.Files[i] = -2 // as it is
			}
			cmd.Files[1000] = 2
			p, err := tr.Start(cmd)
			if err != nil {
				t.Fatal(err)
			}
			exits, status := 0, -1
			each(t, tr, func(s *Stop) {
				n, ok := isMark(s)
				switch {
				case ok && n == 1 && s.Kind == SyscallEnter:
					s.Do(c.enter)
				case ok && n == 1 && s.Kind == SyscallExit:
					exits++
					checkExit(t, c.name, s, c.enter)
					s.Do(c.exit)
				case s.Kind == Exited:
					status = s.Event.Status
				}
			})
			p.Release()
			if status != int(uint8(c.ret)) || (exits == 1) != c.exits {
				t.Errorf("%s, %+v: status %d, want %d; %d exits", c.name, opt, status, uint8(c.ret), exits)
			}
		}
	}
}

// checkExit checks that an event says what was done, and that the arguments are
// the program's own again.
func checkExit(t *testing.T, name string, s *Stop, enter Action) {
	t.Helper()
	want := syscalls.Injection(0)
	if enter.Skip {
		want = syscalls.InjectedResult
		if s.Event.Ret != enter.Result || (s.Event.Errno != 0) != (enter.Result < 0) {
			t.Errorf("%s: result %d, %d", name, s.Event.Ret, s.Event.Errno)
		}
	}
	if enter.Mask != 0 {
		want = syscalls.InjectedArgs
	}
	if s.Event.Injected != want {
		t.Errorf("%s: injected %d", name, s.Event.Injected)
	}
	tr := s.Task.t
	if e := tr.regs.read(s.Task.tid); e != 0 {
		t.Error(e)
	}
	var args [6]uint64
	tr.regs.args(s.Event.ABI.ID, args[:])
	if nativeABI == syscalls.AMD64 && args[0] != s.Event.Args[0] {
		t.Errorf("%s: argument 0 is %#x after the call", name, args[0])
	}
}

func TestDetachAction(t *testing.T) {
	for _, c := range []struct {
		name string
		act  Action
		want int
	}{
		{"plain", Action{Verb: Detach}, int(uint8(-int(unix.EBADF) & 0xff))},
		{"after a changed call", Action{Verb: Detach, Skip: true, Result: 9}, 9},
	} {
		tr := newTracer(t, Options{})
		p := start(t, tr, "result")
		detached, after := 0, 0
		each(t, tr, func(s *Stop) {
			if enteredMark(s) == 1 {
				s.Do(c.act)
			}
			after += detached
			if s.Kind == Detached {
				detached++
				if call := s.Task.Call(); c.act.Skip == (call != nil) {
					t.Errorf("%s: detached in %+v", c.name, call)
				}
			}
		})
		var ws unix.WaitStatus
		if _, err := unix.Wait4(p.PID(), &ws, 0, nil); err != nil || ws.ExitStatus() != c.want {
			t.Errorf("%s: status %#x, %v; want %d", c.name, uint32(ws), err, c.want)
		}
		if detached != 1 || after != 0 {
			t.Errorf("%s: %d detached, %d stops after it", c.name, detached, after)
		}
	}
}
