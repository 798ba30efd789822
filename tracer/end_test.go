package tracer

import (
	"bufio"
	"context"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// beTracer traces what the arguments say, or "answer".
func beTracer(args []string) {
	opt := Options{ExitKill: args[0] == "exitkill"}
	if args[0] == "placed" {
		opt.Placement = PlaceTogether
	}
	names := args[0] == "names"
	opt.FollowForks = names
	tr, err := New(opt)
	if err != nil {
		fatal("%v", err)
	}
	if names {
		tr.epoch.age, tr.epoch.long = never, never // what it does counts, not the time that takes
	}
	what := append(args[1:], "answer")
	cmd := &forkexec.Cmd{Path: self(), Args: what, Env: environ(what[0])}
	if _, err := tr.Start(cmd); err != nil {
		fatal("%v", err)
	}
	var buf []byte
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			fatal("%v", err)
		}
		if names && s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_READ {
			buf = s.Task.AppendFD(buf[:0], int32(s.Event.Args[0]))
		}
	}
}

const never = 1 << 62 // ns

// free is a process that is not the tracer's.
type free struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

// startFree starts the test binary as the named tracee, untraced, from another
// thread than the tracer's.
func startFree(t *testing.T, name string, args ...string) *free {
	t.Helper()
	c := command(t, name, args...)
	f := &free{Cmd: exec.Command(c.Path, args...)}
	f.Args[0], f.Env, f.Stderr = name, c.Env, os.Stderr
	var err error
	if f.in, err = f.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := f.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	f.out = bufio.NewReader(out)
	elsewhere(func() { err = f.Start() })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		elsewhere(func() { _, _ = f.Process.Kill(), f.Wait() })
	})
	return f
}

func elsewhere(f func()) {
	done := make(chan bool)
	go func() { defer close(done); f() }()
	<-done
}

func (f *free) line(t *testing.T) string {
	t.Helper()
	l, err := f.out.ReadString('\n')
	if err != nil {
		t.Fatalf("output of process %d: %v", f.Process.Pid, err)
	}
	return strings.TrimSuffix(l, "\n")
}

// The tree of a killed tracer dies with EXITKILL, which comes with a placement:
// it would be left on one CPU. It goes on without.
func TestKilledTracer(t *testing.T) {
	for _, name := range []string{"exitkill", "placed", "not"} {
		t.Run(name, func(t *testing.T) {
			f := startFree(t, "tracer", name)
			pid, err := strconv.Atoi(f.line(t))
			if err != nil {
				t.Fatal(err)
			}
			if err := f.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			if name != "not" {
				// The tracee alone holds the other end of the pipe now.
				if rest, err := io.ReadAll(f.out); err != nil || len(rest) > 0 {
					t.Errorf("tracee said %q, %v", rest, err)
				}
				return
			}
			if _, err := f.in.Write([]byte("y")); err != nil {
				t.Fatal(err)
			}
			if l := f.line(t); l != "x" {
				t.Errorf("tracee said %q", l)
			}
			_ = unix.Kill(pid, unix.SIGKILL)
		})
	}
}

// untracedStates returns the state letters of the threads, and checks that none
// is traced.
func untracedStates(t *testing.T, pid int) string {
	t.Helper()
	list, err := os.ReadDir(procPath(pid, "task"))
	if err != nil {
		t.Fatal(err)
	}
	states := ""
	for _, d := range list {
		b, err := os.ReadFile(procPath(pid, "task/"+d.Name()+"/status"))
		if err != nil {
			continue // it ended
		}
		for l := range strings.Lines(string(b)) {
			key, val, _ := strings.Cut(l, ":")
			val = strings.TrimSpace(val)
			switch {
			case key == "State":
				states += val[:1]
			case key == "TracerPid" && val != "0":
				t.Errorf("thread %s is traced by %s", d.Name(), val)
			}
		}
	}
	return states
}

func TestAttachThreads(t *testing.T) {
	f := startFree(t, "busy")
	if l := f.line(t); l != "ready" {
		t.Fatalf("tracee said %q", l)
	}
	tr := newTracer(t, Options{FollowForks: true})
	if err := tr.Attach(f.Process.Pid); err != nil {
		t.Fatal(err)
	}
	news, marks := map[int]bool{}, map[int]int{}
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Kind == NewTask {
			news[s.Task.TID()] = true
		}
		if n, ok := isMark(s); ok && s.Kind == SyscallExit {
			marks[n]++
		}
		if len(marks) == 10 && len(news) > 20 {
			break
		}
	}
	if err := tr.Close(LetGo); err != nil {
		t.Fatal(err)
	}
	if states := untracedStates(t, f.Process.Pid); strings.ContainsAny(states, "tT") || len(states) < 21 {
		t.Errorf("states %s", states)
	}
	f.finish(t)
}

// finish ends the input, and expects that the process is done and well.
func (f *free) finish(t *testing.T) {
	t.Helper()
	if err := f.in.Close(); err != nil {
		t.Fatal(err)
	}
	if l := f.line(t); l != "done" {
		t.Errorf("tracee said %q", l)
	}
	var err error
	elsewhere(func() { err = f.Wait() })
	if err != nil {
		t.Errorf("tracee: %v", err)
	}
}

// A process that was stopped is so after attach and detach, and goes on by
// SIGCONT.
func TestAttachStopped(t *testing.T) {
	f := startFree(t, "busy")
	if l := f.line(t); l != "ready" {
		t.Fatalf("tracee said %q", l)
	}
	if err := unix.Kill(f.Process.Pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	tr := newTracer(t, Options{FollowForks: true})
	if err := tr.Attach(f.Process.Pid); err != nil {
		t.Fatal(err)
	}
	groups := 0
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Kind == GroupStop && s.Event.Sig == int(unix.SIGSTOP) {
			groups++
		}
		if groups == len(tr.tasks) {
			break
		}
	}
	if err := tr.Close(LetGo); err != nil {
		t.Fatal(err)
	}
	// A detached thread stops by itself again: it may be on its way.
	for strings.Trim(untracedStates(t, f.Process.Pid), "T") != "" {
		runtime.Gosched()
	}
	if err := unix.Kill(f.Process.Pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	f.finish(t)
}

// Each thread of a stopped process is let go at its first stop, by an action.
func TestDetachNewTasks(t *testing.T) {
	f := startFree(t, "busy")
	f.line(t)
	if err := unix.Kill(f.Process.Pid, unix.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	tr := newTracer(t, Options{FollowForks: true})
	if err := tr.Attach(f.Process.Pid); err != nil {
		t.Fatal(err)
	}
	kinds := map[Kind]int{}
	each(t, tr, func(s *Stop) {
		kinds[s.Kind]++
		s.Do(Action{Verb: Detach})
	})
	if len(kinds) != 2 || kinds[NewTask] != kinds[Detached] || kinds[NewTask] < 21 {
		t.Errorf("stops %v", kinds)
	}
	for strings.Trim(untracedStates(t, f.Process.Pid), "T") != "" {
		runtime.Gosched()
	}
	if err := unix.Kill(f.Process.Pid, unix.SIGCONT); err != nil {
		t.Fatal(err)
	}
	f.finish(t)
}

// One thread only without FollowForks.
func TestAttachOne(t *testing.T) {
	f := startFree(t, "busy")
	f.line(t)
	tr := newTracer(t, Options{})
	if err := tr.Attach(f.Process.Pid); err != nil {
		t.Fatal(err)
	}
	if len(tr.tasks) != 1 {
		t.Errorf("%d tasks", len(tr.tasks))
	}
	if err := tr.Close(LetGo); err != nil {
		t.Fatal(err)
	}
	f.finish(t)
}

func TestAttachErrors(t *testing.T) {
	tr := newTracer(t, Options{})
	pid := reapedPID(t)
	for _, c := range []struct {
		pid  int
		want string
	}{
		{pid, "attach " + strconv.Itoa(pid) + ": ptrace(PTRACE_SEIZE): no such process"},
		{os.Getpid(), "attach " + strconv.Itoa(os.Getpid()) + ": ptrace(PTRACE_SEIZE): operation not permitted"},
	} {
		if err := tr.Attach(c.pid); err == nil || err.Error() != c.want {
			t.Errorf("got %v, want %s", err, c.want)
		}
	}
}

// reapedPID returns an id that nobody has.
func reapedPID(t *testing.T) int {
	t.Helper()
	f := startFree(t, "exit")
	elsewhere(func() { _ = f.Wait() })
	return f.Process.Pid
}

func TestCloseLetsGo(t *testing.T) {
	for _, opt := range []Options{{}, {TraceMe: true}} {
		f := runUntilMark(t, opt, 1, LetGo)
		if states := untracedStates(t, f.pid); strings.ContainsAny(states, "tT") {
			t.Errorf("%+v: states %s", opt, states)
		}
		f.end(t, 0)
	}
}

func TestCloseKills(t *testing.T) {
	for _, opt := range []Options{{}, {TraceMe: true}, {FollowForks: true}} {
		f := runUntilMark(t, opt, 1, KillThem)
		if err := unix.Kill(f.pid, 0); err != unix.ESRCH {
			t.Errorf("%+v: killed process: %v", opt, err)
		}
		f.in.Close()
	}
}

// left is a program that a tracer started and left.
type left struct {
	pid int
	in  *os.File
}

// runUntilMark traces "read" until it has made mark n, and closes the tracer.
func runUntilMark(t *testing.T, opt Options, n int, how End) left {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	tr, err := New(opt)
	if err != nil {
		t.Fatal(err)
	}
	c := command(t, "read")
	c.Files = []int{int(r.Fd()), 1, 2}
	p, err := tr.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	r.Close()
	t.Cleanup(p.Release)
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if m, ok := isMark(s); ok && m == n && s.Kind == SyscallExit {
			break
		}
	}
	if err := tr.Close(how); err != nil {
		t.Fatal(err)
	}
	return left{p.PID(), w}
}

// end lets the program end, and expects its status.
func (l left) end(t *testing.T, want int) {
	t.Helper()
	if _, err := l.in.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	l.in.Close()
	var ws unix.WaitStatus
	if _, err := unix.Wait4(l.pid, &ws, 0, nil); err != nil || ws.ExitStatus() != want {
		t.Errorf("status %#x, %v; want %d", uint32(ws), err, want)
	}
}
