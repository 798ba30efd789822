package tracer

import (
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// changeNames does what changes the names of descriptors, in a directory.
func changeNames(args []string) {
	runtime.LockOSThread()
	try := func(err error) {
		if err != nil {
			fatal("%v", err)
		}
	}
	try(os.Chdir(args[0]))
	fd := func(name string) int {
		n, err := unix.Open(name, unix.O_RDWR|unix.O_CREAT|unix.O_CLOEXEC, 0o600)
		try(err)
		return n
	}
	try(os.Mkdir("dir", 0o700))
	a, b := fd("a"), fd("dir/b")
	for range 3 {
		lookAt(a, b)
		try(os.Rename("a", "c"))
		lookAt(a, b)
		try(unix.Dup3(b, a, unix.O_CLOEXEC))
		lookAt(a, b)
		try(os.Rename("dir", "other"))
		lookAt(a, b)
		try(unix.Chdir("other"))
		lookAt(a, b)
		try(unix.Unlink("b"))
		lookAt(a, b)
		try(unix.Close(a))
		try(unix.Close(b))
		try(unix.Chdir(".."))
		try(os.Rename("other", "dir"))
		a, b = fd("a"), fd("dir/b")
		lookAt(a, b)
		waitFor(rawFork(step{nr: unix.SYS_CLOSE, a: uintptr(a)}, step{nr: unix.SYS_DUP3, a: uintptr(b), b: uintptr(a)},
			markStep(1), markStep(2), exitStep(0)), 0)
		lookAt(a, b)
		try(unix.CloseRange(uint(min(a, b)), uint(max(a, b)), 0))
		a, b = fd("dir/b"), fd("a")
	}
	var p [1]int
	for range 20 { // threads that reuse one descriptor
		p[0] = fd("a")
		done := make(chan error)
		go func() { done <- unix.Close(p[0]) }()
		q := fd("dir/b")
		lookAt(q, b)
		try(<-done)
		try(unix.Close(q))
	}
}

// lookAt makes calls about two descriptors.
func lookAt(a, b int) {
	for range 2 {
		_, _ = unix.Seek(a, 0, 0)
		_, _ = unix.Seek(b, 0, 0)
	}
}

// readZero reads from /dev/zero, as often as its argument says.
func readZero(args []string) {
	runtime.LockOSThread()
	fd, err := unix.Open("/dev/zero", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		fatal("%v", err)
	}
	var b byte
	for range atoi(args[0]) {
		_, _, _ = syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1)
	}
}

// Whatever a program does, at each stop the names are those that /proc has then.
func TestRememberedNames(t *testing.T) {
	for _, opt := range []Options{{}, {FollowForks: true}, {FollowForks: true, TraceMe: true}} {
		dir := t.TempDir()
		tr := newTracer(t, opt)
		tr.epoch.age = never
		p := start(t, tr, "names", dir)
		remembered, status := 0, -1
		each(t, tr, func(s *Stop) {
			if s.Kind == Exited && s.Event.TID == p.PID() {
				status = s.Event.Status
			}
			if s.Kind != SyscallEnter && s.Kind != SyscallExit {
				return
			}
			for fd := int32(3); fd < 12; fd++ {
				remembered += checkName(t, s, fd, "fd/"+strconv.Itoa(int(fd)))
			}
			remembered += checkName(t, s, unix.AT_FDCWD, "cwd")
		})
		if status != 0 || (remembered > 1000) != opt.FollowForks {
			t.Errorf("%+v: status %d, %d names remembered", opt, status, remembered)
		}
	}
}

// checkName compares a name with what /proc says. Threads that run make that
// another one at any time, so both have to hold before and after.
func checkName(t *testing.T, s *Stop, fd int32, path string) (remembered int) {
	t.Helper()
	if s.Task.link(fd) != nil {
		remembered = 1
	}
	read := func() string {
		l, _ := os.Readlink(filepath.Join(procPath(s.Task.TID(), ""), path))
		return l
	}
	before := read()
	got := strings.TrimRight(string(s.Task.AppendFD(nil, fd)), "\x00")
	after := read()
	if _, err := os.Readlink(filepath.Join(procPath(s.Task.TID(), ""), "cwd")); err != nil {
		return remembered // another thread ended them all meanwhile, and nothing is open any more
	}
	if got != before && before == after {
		t.Errorf("%v of call %d: descriptor %d is %q, and was told as %q", s.Kind, s.Event.Nr, fd, before, got)
	}
	return remembered
}

// A loop of calls on one descriptor takes one look at its name.
func TestNameIsReadOnce(t *testing.T) {
	const calls = 1000
	tr := newTracer(t, Options{})
	start(t, tr, "tracer", "names", "readzero", strconv.Itoa(calls))
	links := 0
	each(t, tr, func(s *Stop) {
		if s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_READLINKAT {
			links++
		}
	})
	// Those of the loop, and of the reads that the runtime begins with.
	if links == 0 || links > 20 {
		t.Errorf("%d looks at names in %d calls", links, calls)
	}
}
