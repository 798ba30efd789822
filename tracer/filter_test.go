package tracer

import (
	"testing"

	"strait/forkexec"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// traceFilter sends the given native calls to the tracer and allows all others.
func traceFilter(nrs ...uint32) []unix.SockFilter {
	const ld, jeq, ret = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, unix.BPF_RET | unix.BPF_K
	f := []unix.SockFilter{
		{Code: ld, K: 4}, // seccomp_data.arch
		{Code: jeq, K: syscalls.ByID(nativeABI).Audit, Jt: 1},
		{Code: ret, K: unix.SECCOMP_RET_ALLOW},
		{Code: ld, K: 0}, // .nr
	}
	for _, nr := range nrs {
		f = append(f,
			unix.SockFilter{Code: jeq, K: nr, Jf: 1},
			unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_TRACE | 7})
	}
	return append(f, unix.SockFilter{Code: ret, K: unix.SECCOMP_RET_ALLOW})
}

func startFiltered(t *testing.T, tr *Tracer, name string) *forkexec.Process {
	t.Helper()
	c := command(t, name)
	c.NoNewPrivs = true
	c.Seccomp = traceFilter(unix.SYS_CLOSE, unix.SYS_SECCOMP, unix.SYS_PRCTL, unix.SYS_EXECVE)
	p, err := tr.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Release)
	return p
}

func TestFilter(t *testing.T) {
	for _, opt := range []Options{{}, {noSyscallInfo: true}, {TraceMe: true}} {
		opt.Filter, opt.FollowForks = true, true
		tr := newTracer(t, opt)
		startFiltered(t, tr, "mark")
		var enter, exit, execs, others int
		each(t, tr, func(s *Stop) {
			n, ok := isMark(s)
			switch {
			case ok && s.Kind == SyscallEnter:
				enter += n
				if !s.Filtered || s.FilterData != 7 {
					t.Errorf("filtered %v, %d", s.Filtered, s.FilterData)
				}
				if n == 2 {
					s.Do(Action{NoExit: true})
				}
			case ok:
				exit += n
			case s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_EXECVE:
				execs++
			case s.Kind == SyscallEnter && s.Event.Nr != unix.SYS_CLOSE && s.Event.Nr != unix.SYS_PRCTL:
				others++
			}
		})
		if enter != 6 || exit != 4 || execs != 1 || others != 0 {
			t.Errorf("%+v: entered %d, left %d, %d execs, %d others", opt, enter, exit, execs, others)
		}
	}
}

// Between StopAtAll(true) and StopAtAll(false) calls stop that the filter lets pass, both ways.
func TestStopAtAll(t *testing.T) {
	for _, noExit := range []bool{false, true} {
		tr := newTracer(t, Options{Filter: true, FollowForks: true})
		startFiltered(t, tr, "ppids")
		last, left, calls := 0, 0, [4]int{}
		each(t, tr, func(s *Stop) {
			n, ok := isMark(s)
			switch {
			case ok && s.Kind == SyscallEnter:
				last = n
				s.Task.StopAtAll(n == 1)
				if noExit {
					s.Do(Action{NoExit: true})
				}
			case ok:
				left++
			case s.Event.Nr == unix.SYS_GETPPID && s.Kind == SyscallEnter:
				calls[last]++
			}
		})
		want := 3
		if noExit {
			want = 0
		}
		if left != want || calls != [4]int{1: 3} {
			t.Errorf("no exit %v: %d marks left, calls of getppid %v", noExit, left, calls)
		}
	}
}

// A task with a filter of its own stops at every call, and so do its children.
func TestOwnFilter(t *testing.T) {
	tr := newTracer(t, Options{Filter: true, FollowForks: true})
	p := startFiltered(t, tr, "ownfilter")
	enter, exit, status := map[bool]int{}, map[bool]int{}, -1
	each(t, tr, func(s *Stop) {
		child := s.Task.PID() != p.PID()
		switch {
		case s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_GETPPID:
			enter[child]++
		case s.Kind == SyscallExit && s.Event.Nr == unix.SYS_GETPPID:
			exit[child]++
		case s.Kind == Exited && s.Task.TID() == p.PID():
			status = s.Event.Status
		}
	})
	if enter[false] != 2 || exit[false] != 2 || enter[true] != 4 || exit[true] != 4 || status != 0 {
		t.Errorf("entered %v, left %v, status %d", enter, exit, status)
	}
}
