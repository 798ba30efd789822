package forkexec

import (
	"errors"
	"os"
	"strings"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

func TestPIDFD(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		unchanged(t, func() {
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			c := form(sh("read x"))
			c.PIDFD, c.Files = true, []int{int(r.Fd()), 1, 2}
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			if p.PIDFD() < 0 {
				t.Fatal("no pidfd")
			}
			if err := unix.PidfdSendSignal(p.PIDFD(), unix.SIGTERM, nil, 0); err != nil {
				t.Error(err)
			}
			if res, err := p.Wait(); err != nil || res.Status.Signal() != unix.SIGTERM {
				t.Error(res, err)
			}
			w.Close()
			if err := p.Signal(unix.SIGTERM); !errors.Is(err, os.ErrProcessDone) {
				t.Errorf("a signal to the dead: %v", err)
			}
			if _, err := p.Wait(); err == nil {
				t.Error("waited twice")
			}
			// The failing one closes its pidfd too.
			if _, err := Start(form(&Cmd{Path: "/bin/nope", PIDFD: true})); !errors.Is(err, unix.ENOENT) {
				t.Error(err)
			}
		})
	})
}

// TestListener: execve itself asks on the listener, and goes on when answered.
func TestListener(t *testing.T) {
	tracingOrNot := func(f func(mode PtraceMode)) {
		f(PtraceNone)
		tracing(t, func(_ *testing.T, mode PtraceMode) { f(mode) })
	}
	tracingOrNot(func(mode PtraceMode) {
		unchanged(t, func() {
			c := self(t, "exit=3")
			c.NoNewPrivs, c.SeccompListener = true, true
			c.Seccomp = filter(unix.SYS_EXECVE, unix.SECCOMP_RET_USER_NOTIF)
			c.Ptrace = mode
			if mode != PtraceNone {
				c.PtraceOptions = traceOptions
			}
			p, err := Start(c)
			if err != nil {
				t.Fatal(err)
			}
			defer unix.Close(p.Listener())
			if mode != PtraceNone {
				if err := ptrace(unix.PTRACE_CONT, p.PID(), 0, 0); err != nil {
					t.Fatal(err)
				}
			}
			answer(t, p)
			if mode != PtraceNone {
				var st unix.WaitStatus
				if _, err := unix.Wait4(p.PID(), &st, unix.WALL|unix.WNOTHREAD, nil); err != nil || st>>16 != unix.PTRACE_EVENT_EXEC {
					t.Fatalf("status %#x %v", st, err)
				}
				seen(t, p, unix.PTRACE_CONT, 0)
				if _, err := p.Reaped(0, nil); err != nil {
					t.Error(err)
				}
				return
			}
			if r, err := p.Wait(); err != nil || r.Status.ExitStatus() != 3 {
				t.Error(r, err)
			}
		})
	})
}

// answer lets the one system call go on that is asked about.
// TestListenerFewFiles: the limit on open files leaves room for the listener, and
// is in force for the program.
func TestListenerFewFiles(t *testing.T) {
	var now unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &now); err != nil {
		t.Fatal(err)
	}
	unchanged(t, func() {
		c := self(t, "nofile")
		var out strings.Builder
		c.Stdout, c.CloseFiles = &out, true
		c.NoNewPrivs, c.SeccompListener = true, true
		c.Seccomp = filter(unix.SYS_SWAPON, unix.SECCOMP_RET_USER_NOTIF)
		c.Rlimits = []Rlimit{{unix.RLIMIT_NOFILE, 5, now.Max}}
		c.Files = []int{0, FileKept, 2, 0, 0}
		p, err := Start(c)
		if err != nil {
			t.Fatal(err)
		}
		unix.Close(p.Listener())
		// Under the race detector this binary needs a loader, which none is left for.
		if r, err := p.Wait(); err != nil || out.String() != "5\n" && r.Status.ExitStatus() != 127 {
			t.Errorf("got %q %v %v", out.String(), r, err)
		}
	})
}

func answer(t *testing.T, p *Process) {
	t.Helper()
	const recv, send, goOn = 0xc0502100, 0xc0182101, 1 // linux/seccomp.h
	var notif struct {
		id    uint64
		pid   uint32
		flags uint32
		nr    int32
		_     [60]byte
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.Listener()), recv, uintptr(unsafe.Pointer(&notif))); errno != 0 {
		t.Fatal(errno)
	}
	if notif.nr != unix.SYS_EXECVE || int(notif.pid) != p.PID() {
		t.Errorf("notified of call %d by %d", notif.nr, notif.pid)
	}
	resp := struct {
		id       uint64
		val      int64
		err      int32
		respFlag uint32
	}{id: notif.id, respFlag: goOn}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(p.Listener()), send, uintptr(unsafe.Pointer(&resp))); errno != 0 {
		t.Fatal(errno)
	}
}

// TestListenerExecError: the error comes from Wait.
func TestListenerExecError(t *testing.T) {
	unchanged(t, func() {
		p, err := Start(&Cmd{
			Path: "/bin/nope", NoNewPrivs: true, SeccompListener: true,
			Seccomp: filter(unix.SYS_WRITE, unix.SECCOMP_RET_USER_NOTIF),
		})
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(p.Listener())
		if _, err := p.Wait(); !errors.Is(err, unix.ENOENT) {
			t.Errorf("got %v", err)
		}
		// And the filter's own from Start.
		_, err = Start(&Cmd{Path: "/bin/sh", NoNewPrivs: true, SeccompListener: true, Seccomp: []unix.SockFilter{{Code: 0xffff}}})
		if !errors.Is(err, unix.EINVAL) {
			t.Errorf("got %v", err)
		}
	})
}
