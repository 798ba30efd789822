package tracer

import (
	"testing"

	"golang.org/x/sys/unix"
)

func TestClassify(t *testing.T) {
	stop := func(event int, sig unix.Signal) uint32 { return uint32(event)<<16 | uint32(sig)<<8 | 0x7f }
	const sysgood = 0x80
	for _, c := range []struct {
		name   string
		status uint32
		seized bool
		want   class
		arg    int
	}{
		{"exit", 7 << 8, true, classExited, 7},
		{"kill", uint32(unix.SIGTERM), true, classKilled, 15},
		{"core", uint32(unix.SIGSEGV) | 0x80, true, classKilled, 11 | 0x80},
		{"continued", 0xffff, true, classNone, 0},
		{"call", stop(0, unix.SIGTRAP|sysgood), true, classSyscall, 0},
		{"call, traceme", stop(0, unix.SIGTRAP|sysgood), false, classSyscall, 0},
		{"a real SIGTRAP", stop(0, unix.SIGTRAP), true, classSignal, 5},
		{"signal", stop(0, unix.SIGUSR1), true, classSignal, 10},
		{"last signal", stop(0, 64), true, classSignal, 64},
		{"SIGSTOP", stop(0, unix.SIGSTOP), true, classSignal, 19},
		{"SIGSTOP, traceme", stop(0, unix.SIGSTOP), false, classMaybe, 19},
		{"SIGTTOU, traceme", stop(0, unix.SIGTTOU), false, classMaybe, 22},
		{"SIGCONT, traceme", stop(0, unix.SIGCONT), false, classSignal, 18},
		{"group-stop", stop(128, unix.SIGSTOP), true, classGroup, 19},
		{"group-stop by SIGTSTP", stop(128, unix.SIGTSTP), true, classGroup, 20},
		{"group-stop by SIGTTIN", stop(128, unix.SIGTTIN), true, classGroup, 21},
		{"group-stop by SIGTTOU", stop(128, unix.SIGTTOU), true, classGroup, 22},
		{"interrupt", stop(128, unix.SIGTRAP), true, classTrap, 5},
		{"fork", stop(1, unix.SIGTRAP), true, classFork, 1},
		{"vfork", stop(2, unix.SIGTRAP), true, classFork, 2},
		{"clone", stop(3, unix.SIGTRAP), true, classFork, 3},
		{"exec", stop(4, unix.SIGTRAP), true, classExec, 0},
		{"vfork done", stop(5, unix.SIGTRAP), true, classNone, 5},
		{"seccomp", stop(7, unix.SIGTRAP), true, classSeccomp, 0},
	} {
		if got, arg := classify(c.status, c.seized); got != c.want || arg != c.arg {
			t.Errorf("%s: %d %#x, want %d %#x", c.name, got, arg, c.want, c.arg)
		}
	}
}
