package tracer

import (
	"context"
	"os"
	"runtime"
	"strconv"
	"testing"

	"strait/forkexec"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// start starts the test binary as the named tracee.
func start(t *testing.T, tr *Tracer, name string, args ...string) *forkexec.Process {
	t.Helper()
	p, err := tr.Start(command(t, name, args...))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

func command(t testing.TB, name string, args ...string) *forkexec.Cmd {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &forkexec.Cmd{
		Path: exe, Args: append([]string{name}, args...),
		Env: environ(name),
	}
}

// missing says what this machine lacks for options, "" for nothing.
func missing(opt Options) string {
	if opt.noSyscallInfo && argsByInfo {
		return "the registers do not show argument 0"
	}
	return ""
}

func newTracer(t *testing.T, opt Options) *Tracer {
	t.Helper()
	if why := missing(opt); why != "" {
		t.Logf("without registers: %s", why)
		opt.noSyscallInfo = false
	}
	tr, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := tr.Close(KillThem); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return tr
}

// marks counts the marks that stops of a kind tell of.
func isMark(s *Stop) (n int, ok bool) {
	if s.Kind != SyscallEnter && s.Kind != SyscallExit || s.Event.Nr != unix.SYS_CLOSE {
		return 0, false
	}
	n = int(int32(s.Event.Args[0])) - markArg
	return n, n >= 0
}

func TestCalls(t *testing.T) {
	for _, opt := range []struct {
		name string
		Options
	}{
		{"seize", Options{}},
		{"traceme", Options{TraceMe: true}},
		{"registers", Options{noSyscallInfo: true}},
	} {
		t.Run(opt.name, func(t *testing.T) { testCalls(t, opt.Options) })
	}
}

func testCalls(t *testing.T, opt Options) {
	tr := newTracer(t, opt)
	p := start(t, tr, "mark")
	var enter, exit []int
	first, status := "", -1
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Event.TID != s.Task.TID() || s.Event.PID != p.PID() {
			t.Errorf("%v: event of %d/%d, task %d, process %d", s.Kind, s.Event.TID, s.Event.PID, s.Task.TID(), p.PID())
		}
		if s.Kind == SyscallEnter && first == "" {
			first = "execve"
			if s.Event.Nr != unix.SYS_EXECVE || s.Event.ABI.ID != syscalls.ByID(nativeABI).ID {
				t.Errorf("first call is %d of %s", s.Event.Nr, s.Event.ABI.Name)
			}
		}
		n, ok := isMark(s)
		switch {
		case ok && s.Kind == SyscallEnter:
			enter = append(enter, n)
		case ok:
			exit = append(exit, n)
			if s.Event.Errno != int(unix.EBADF) || s.Event.Ret != -int64(unix.EBADF) || !s.Event.Returned || s.Event.MonoExit < s.Event.Mono {
				t.Errorf("exit of mark: %+v", s.Event)
			}
		case s.Kind == Exited:
			status = s.Event.Status
		}
	}
	if len(enter) != 3 || len(exit) != 3 || status != 0 {
		t.Errorf("entries %v, exits %v, status %d", enter, exit, status)
	}
}

func TestForks(t *testing.T) {
	for _, follow := range []bool{true, false} {
		tr := newTracer(t, Options{FollowForks: follow})
		p := start(t, tr, "fork")
		marks, news, exits := map[int]int{}, 0, map[int]int{}
		for s, err := range tr.Stops(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if n, ok := isMark(s); ok && s.Kind == SyscallEnter {
				marks[n] = s.Event.PID
			}
			switch s.Kind {
			case NewTask:
				news++
			case Exited:
				if s.Task.TID() == s.Task.PID() {
					exits[s.Event.PID] = s.Event.Status
				}
			}
		}
		if marks[2] != p.PID() || exits[p.PID()] != 0 || marks[1] == p.PID() {
			t.Errorf("follow %v: marks %v exits %v of %d", follow, marks, exits, p.PID())
		}
		if c, seen := marks[1]; seen != follow || follow && exits[c] != 3 {
			t.Errorf("follow %v: marks %v exits %v", follow, marks, exits)
		}
		if (news > 1) != follow {
			t.Errorf("follow %v: %d tasks", follow, news)
		}
	}
}

func TestNoAllocation(t *testing.T) {
	spins := 100_000
	if testing.Short() { // a stop takes milliseconds on an emulated machine
		spins /= 10
	}
	tr := newTracer(t, Options{CPUTime: true})
	start(t, tr, "spin", strconv.Itoa(spins))
	cpu := int64(0)
	var before, after runtime.MemStats
	calls := 0
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Kind == SyscallExit && (s.Event.CPUExit < s.Event.CPUEnter || s.Event.CPUEnter < cpu) {
			t.Fatalf("CPU time %d, %d, %d", cpu, s.Event.CPUEnter, s.Event.CPUExit)
		}
		if s.Kind == SyscallExit {
			cpu = s.Event.CPUExit
		}
		if s.Kind != SyscallEnter || s.Event.Nr != unix.SYS_GETPPID {
			continue
		}
		switch calls++; calls {
		case spins / 100:
			runtime.ReadMemStats(&before)
		case spins - spins/100:
			runtime.ReadMemStats(&after)
		}
	}
	if calls < spins || cpu == 0 {
		t.Fatalf("%d calls in %d ns of CPU time", calls, cpu)
	}
	// The runtime itself allocates now and then.
	if n := after.Mallocs - before.Mallocs; n > 100 {
		t.Errorf("%d allocations in %d calls", n, spins-spins/50)
	}
}
