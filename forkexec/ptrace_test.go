package forkexec

import (
	"errors"
	"fmt"
	"runtime"
	"slices"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// seen runs a traced child to its end by the given request and lists its stops.
func seen(t *testing.T, p *Process, request int, limit int) []string {
	t.Helper()
	var stops []string
	for sig := uintptr(0); ; {
		if err := ptrace(request, p.PID(), 0, sig); err != nil {
			t.Fatalf("resume after %v: %v", stops, err)
		}
		var st unix.WaitStatus
		if _, err := unix.Wait4(p.PID(), &st, unix.WALL|unix.WNOTHREAD, nil); err != nil {
			t.Fatalf("wait4 after %v: %v", stops, err)
		}
		sig = 0
		switch {
		case st.Exited():
			return append(stops, fmt.Sprintf("exit %d", st.ExitStatus()))
		case st.Signaled():
			return append(stops, "killed "+unix.SignalName(st.Signal()))
		case st>>16 != 0:
			stops = append(stops, events[int(st>>16)])
		case st.StopSignal() == syscallStop:
			stops = append(stops, syscallAt(p.PID()))
		default:
			if st.StopSignal() != unix.SIGURG { // by which Go preempts
				stops = append(stops, unix.SignalName(st.StopSignal()))
			}
			sig = uintptr(st.StopSignal())
		}
		if limit > 0 && len(stops) == limit {
			request = unix.PTRACE_CONT
		}
	}
}

var events = map[int]string{
	unix.PTRACE_EVENT_EXEC: "EXEC", unix.PTRACE_EVENT_SECCOMP: "SECCOMP",
	unix.PTRACE_EVENT_STOP: "STOP", unix.PTRACE_EVENT_EXIT: "EXIT", unix.PTRACE_EVENT_CLONE: "CLONE",
}

// syscallAt names the call of a syscall stop as this architecture numbers it.
func syscallAt(pid int) string {
	var info struct {
		op   uint8
		_    [23]byte
		nr   uint64
		args [8]uint64
	}
	err := ptrace(unix.PTRACE_GET_SYSCALL_INFO, pid, unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)))
	switch {
	case err != nil:
		return err.Error()
	case info.op == unix.PTRACE_SYSCALL_INFO_EXIT:
		return "leave"
	}
	return fmt.Sprint("enter ", info.nr)
}

// tracing gives the modes, each on a thread of its own.
func tracing(t *testing.T, f func(t *testing.T, mode PtraceMode)) {
	for name, mode := range map[string]PtraceMode{"seize": PtraceSeize, "traceme": PtraceTraceMe, "ready": PtraceSeizeReady} {
		t.Run(name, func(t *testing.T) {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			f(t, mode)
		})
	}
}

const traceOptions = unix.PTRACE_O_TRACESYSGOOD | unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL | unix.PTRACE_O_TRACESECCOMP

// TestFirstStopIsExec: the first thing that a tracer sees is the entry of
// execve, and by the event requests alone nothing but the exec.
func TestFirstStopIsExec(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			c := &Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 3"}, Ptrace: mode, PtraceOptions: traceOptions}
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_SYSCALL, 3); !slices.Equal(got, []string{fmt.Sprint("enter ", unix.SYS_EXECVE), "EXEC", "leave", "exit 3"}) {
				t.Errorf("PTRACE_SYSCALL: %v", got)
			}
			p, err = Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"EXEC", "exit 3"}) {
				t.Errorf("PTRACE_CONT: %v", got)
			}
		})
	})
}

// filter gives verdict for the call nr, and allows the rest.
func filter(nr, verdict uint32) []unix.SockFilter {
	return []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: nr, Jt: 0, Jf: 1},
		{Code: unix.BPF_RET, K: verdict},
		{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ALLOW},
	}
}

// TestSeccompSeesFirstExec: a filter that traces execve stops the very first.
func TestSeccompSeesFirstExec(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			c := self(t, "exit=3") // a program of our own architecture, as the filter's numbers are
			c.NoNewPrivs, c.Ptrace, c.PtraceOptions = true, mode, traceOptions
			c.Seccomp = filter(unix.SYS_EXECVE, unix.SECCOMP_RET_TRACE)
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"SECCOMP", "EXEC", "exit 3"}) {
				t.Errorf("got %v", got)
			}
			if err := p.ExecError(); err != nil {
				t.Error(err)
			}
		})
	})
}

// TestExecErrorTraced: the error of an exec reaches the tracer with ptrace and a
// filter that forbids write both on.
func TestExecErrorTraced(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			for _, sock := range [][]unix.SockFilter{
				nil,
				filter(unix.SYS_WRITE, unix.SECCOMP_RET_KILL_PROCESS),
				filter(unix.SYS_WRITE, unix.SECCOMP_RET_TRACE),
			} {
				p, err := Start(&Cmd{Path: "/bin/nope", NoNewPrivs: true, Ptrace: mode, PtraceOptions: traceOptions, Seccomp: sock})
				if err != nil {
					t.Fatal(err)
				}
				if err := p.ExecError(); err != nil {
					t.Errorf("before it runs: %v", err)
				}
				if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"exit 127"}) {
					t.Errorf("got %v", got)
				}
				if err := p.ExecError(); !errors.Is(err, unix.ENOENT) || err.Error() != "exec /bin/nope: no such file or directory" {
					t.Errorf("ExecError: %v", err)
				}
				p.Release()
				if err := p.ExecError(); err != nil {
					t.Errorf("after Release: %v", err)
				}
			}
		})
	})
}

// TestExecErrorFiltered: the same without ptrace, where Start returns it.
func TestExecErrorFiltered(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			_, err := Start(form(&Cmd{Path: "/bin/nope", NoNewPrivs: true, Seccomp: filter(unix.SYS_WRITE, unix.SECCOMP_RET_KILL_PROCESS)}))
			if !errors.Is(err, unix.ENOENT) {
				t.Errorf("got %v", err)
			}
		})
	})
}

// TestExitForbidden: a child that may neither start its program nor end does not
// hold up anybody, traced or not.
func TestExitForbidden(t *testing.T) {
	nothing := []unix.SockFilter{{Code: unix.BPF_RET, K: unix.SECCOMP_RET_ERRNO | uint32(unix.EXDEV)}}
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			c := form(&Cmd{Path: "/bin/sh", NoNewPrivs: true, Seccomp: nothing, Rlimits: []Rlimit{{Resource: unix.RLIMIT_CORE}}})
			if _, err := Start(c); err == nil || err.Error() != "exec /bin/sh: invalid cross-device link" {
				t.Errorf("got %v", err)
			}
		})
	})
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			c := &Cmd{Path: "/bin/sh", NoNewPrivs: true, Seccomp: nothing, Ptrace: mode, Rlimits: []Rlimit{{Resource: unix.RLIMIT_CORE}}}
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_CONT, 0); got[len(got)-1] != "killed SIGSEGV" {
				t.Errorf("got %v", got)
			}
			if err := p.ExecError(); !errors.Is(err, unix.EXDEV) {
				t.Errorf("got %v", err)
			}
		})
	})
}

// TestLetsGo has the filters under which a vfork will do.
func TestLetsGo(t *testing.T) {
	for _, tt := range []struct {
		filter []unix.SockFilter
		want   bool
	}{
		{filter(unix.SYS_WRITE, unix.SECCOMP_RET_KILL_PROCESS), true},
		{filter(unix.SYS_EXECVE, unix.SECCOMP_RET_LOG), true},
		{filter(unix.SYS_EXECVE, unix.SECCOMP_RET_ERRNO), false},
		{filter(unix.SYS_EXIT_GROUP, unix.SECCOMP_RET_ERRNO), false},
		{filter(unix.SYS_EXIT_GROUP, unix.SECCOMP_RET_KILL_PROCESS), false},
		{[]unix.SockFilter{{Code: 0xffff}}, false},
	} {
		if got := letsGo(tt.filter); got != tt.want {
			t.Errorf("%v: got %t", tt.filter, got)
		}
	}
}

// TestErrorsTraced: what fails before execve, Start returns, in every mode.
func TestErrorsTraced(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		for want, c := range map[string]*Cmd{
			"chdir /nope: no such file or directory": {Path: "/", Dir: "/nope"},
			"load seccomp filter: invalid argument":  {Path: "/", NoNewPrivs: true, Seccomp: []unix.SockFilter{{Code: 0xffff}}},
		} {
			unchanged(t, func() {
				c.Ptrace, c.PtraceOptions = mode, traceOptions
				if _, err := Start(c); err == nil || err.Error() != want {
					t.Errorf("got %v, want %s", err, want)
				}
			})
		}
	})
}

// TestBadOptions: an attach that the kernel refuses leaves nothing.
func TestBadOptions(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		unchanged(t, func() {
			_, err := Start(&Cmd{Path: "/bin/sh", Ptrace: mode, PtraceOptions: 1 << 30})
			var e *Error
			if !errors.As(err, &e) || e.Step != StepConfirm || e.Kind != KindSynchronisation || !errors.Is(err, unix.EINVAL) && !errors.Is(err, unix.EIO) {
				t.Errorf("got %v", err)
			}
		})
	})
}

// TestGroupStop: a seized child stays stopped under PTRACE_LISTEN; that is what
// seizing is for.
func TestGroupStop(t *testing.T) {
	for _, mode := range []PtraceMode{PtraceSeize, PtraceSeizeReady} {
		func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			p, err := Start(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "kill -STOP $$; exit 6"}, Ptrace: mode, PtraceOptions: unix.PTRACE_O_TRACEEXEC | unix.PTRACE_O_EXITKILL})
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			next := func(request int, sig unix.Signal) unix.WaitStatus {
				t.Helper()
				if err := ptrace(request, p.PID(), 0, uintptr(sig)); err != nil {
					t.Fatal(err)
				}
				var st unix.WaitStatus
				if _, err := unix.Wait4(p.PID(), &st, unix.WALL|unix.WNOTHREAD, nil); err != nil {
					t.Fatal(err)
				}
				return st
			}
			next(unix.PTRACE_CONT, 0) // exec
			if st := next(unix.PTRACE_CONT, 0); st.StopSignal() != unix.SIGSTOP || st>>16 != 0 {
				t.Fatalf("status %#x, want delivery of SIGSTOP", st)
			}
			if st := next(unix.PTRACE_CONT, unix.SIGSTOP); st>>8 != unix.WaitStatus(unix.PTRACE_EVENT_STOP)<<8|unix.WaitStatus(unix.SIGSTOP) {
				t.Fatalf("status %#x, want group-stop", st)
			}
			if err := ptrace(unix.PTRACE_LISTEN, p.PID(), 0, 0); err != nil {
				t.Fatal(err)
			}
			if got := procStatus(fmt.Sprint(p.PID()), "State"); got != "T (stopped)" && got != "t (tracing stop)" {
				t.Errorf("state %s", got)
			}
			if err := unix.Kill(p.PID(), unix.SIGCONT); err != nil {
				t.Fatal(err)
			}
			var st unix.WaitStatus
			if _, err := unix.Wait4(p.PID(), &st, unix.WALL|unix.WNOTHREAD, nil); err != nil || st>>16 != unix.PTRACE_EVENT_STOP {
				t.Fatalf("status %#x, %v, want the end of the group-stop", st, err)
			}
			if got := seen(t, p, unix.PTRACE_CONT, 0); !slices.Equal(got, []string{"SIGCONT", "exit 6"}) {
				t.Errorf("then %v", got)
			}
		}()
	}
}

// TestPendingSignals: a signal that comes while the child is being prepared is
// the tracer's to see, and to deliver.
func TestPendingSignals(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		c := &Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 3"}, Ptrace: mode, PtraceOptions: traceOptions}
		c.Sync = func(pid int) error { return unix.Kill(pid, unix.SIGTERM) }
		unchanged(t, func() {
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer p.Release()
			if got := seen(t, p, unix.PTRACE_SYSCALL, 0); !slices.Equal(got, []string{"SIGTERM", "killed SIGTERM"}) {
				t.Errorf("got %v", got)
			}
		})
	})
}

// TestContinuedMeanwhile: a SIGCONT from elsewhere, blocked or not, is no stop
// that the handshake takes for its own.
func TestContinuedMeanwhile(t *testing.T) {
	tracing(t, func(t *testing.T, mode PtraceMode) {
		c := &Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "exit 3"}, Ptrace: mode, PtraceOptions: traceOptions}
		done := make(chan struct{})
		ended := make(chan struct{})
		c.Sync = func(pid int) error {
			go func() {
				defer close(ended)
				for range 100 {
					select {
					case <-done:
						return
					default:
						_ = unix.Kill(pid, unix.SIGCONT)
						runtime.Gosched()
					}
				}
			}()
			return nil
		}
		p, err := Start(c)
		close(done)
		<-ended
		if err != nil {
			t.Fatal(err)
		}
		defer p.Release()
		got := seen(t, p, unix.PTRACE_CONT, 0)
		got = slices.DeleteFunc(got, func(s string) bool { return s == "SIGCONT" || s == "STOP" })
		if !slices.Equal(got, []string{"EXEC", "exit 3"}) {
			t.Errorf("got %v", got)
		}
	})
}
