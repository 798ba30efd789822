package tracer

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// What a tracer does for each stop, as another one counts it: ptrace to look,
// ptrace to let go, and a wait, with a yield before it.
func TestCallsPerStop(t *testing.T) {
	calls := 2000
	if testing.Short() { // an emulated machine takes a second for some ten
		calls = 200
	}
	// Where a stop takes the 10 ms after which Go's runtime preempts a goroutine, each call would be
	// interrupted by its signal, whose handler makes more stops than the call.
	t.Setenv("GODEBUG", "asyncpreemptoff=1")
	tr := newTracer(t, Options{})
	start(t, tr, "tracer", "not", "spin", strconv.Itoa(calls))
	counts, total := map[uint64]int{}, 0
	each(t, tr, func(s *Stop) {
		if s.Kind != SyscallEnter {
			return
		}
		counts[s.Event.Nr]++
		switch s.Event.Nr {
		case unix.SYS_FUTEX, unix.SYS_CLOCK_GETTIME:
			// Go's runtime makes them where the machine is slow, or its clock not one that is read without a call.
		default:
			total++
		}
	})
	// Besides the 2*calls stops there are those of the start of a program.
	stops := counts[unix.SYS_PTRACE] / 2
	if stops < 2*calls || total > stops*45/10 {
		t.Errorf("%d calls for %d stops: %v", total, stops, counts)
	}
}

// While there is a tracer, nothing handles SIGCHLD; then the runtime does again.
func TestSIGCHLD(t *testing.T) {
	if before := caught(t, unix.SIGCHLD); !before {
		t.Skip("the runtime does not handle SIGCHLD")
	}
	tr, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	if caught(t, unix.SIGCHLD) {
		t.Error("SIGCHLD is handled while there is a tracer")
	}
	if err := tr.Close(LetGo); err != nil {
		t.Fatal(err)
	}
	if !caught(t, unix.SIGCHLD) {
		t.Error("SIGCHLD is not handled after Close")
	}
}

// caught says whether this process has a handler for sig.
func caught(t *testing.T, sig unix.Signal) bool {
	t.Helper()
	b, err := os.ReadFile("/proc/self/status")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "SigCgt:\t")
	mask, err := strconv.ParseUint(strings.Fields(rest)[0], 16, 64)
	if err != nil {
		t.Fatal(err)
	}
	return mask&(1<<(sig-1)) != 0
}

// A program that is not there: its execve is told, and why it failed.
func TestStartNothing(t *testing.T) {
	for _, opt := range []Options{{}, {TraceMe: true}, {FollowForks: true}} {
		tr := newTracer(t, opt)
		c := command(t, "exit")
		c.Path = "/nonexistent/program"
		p, err := tr.Start(c)
		if err != nil {
			t.Fatal(err)
		}
		calls, execs, ends := 0, 0, 0
		each(t, tr, func(s *Stop) {
			switch s.Kind {
			case SyscallEnter:
				calls++
			case SyscallExit:
				if s.Event.Errno != int(unix.ENOENT) {
					t.Errorf("%+v: errno %d", opt, s.Event.Errno)
				}
			case Exec:
				execs++
			case Exited:
				ends++
			}
		})
		if calls != 1 || execs != 0 || ends != 1 {
			t.Errorf("%+v: %d calls, %d execs, %d ends", opt, calls, execs, ends)
		}
		if err := p.ExecError(); err == nil || !strings.Contains(err.Error(), "/nonexistent/program") {
			t.Errorf("%+v: %v", opt, err)
		}
		p.Release()
	}
}
