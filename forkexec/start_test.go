package forkexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// forms runs a test over both ways to start: by vfork, and by fork (which a sync
// function asks for).
func forms(t *testing.T, f func(t *testing.T, form func(*Cmd) *Cmd)) {
	t.Run("vfork", func(t *testing.T) { f(t, func(c *Cmd) *Cmd { return c }) })
	t.Run("fork", func(t *testing.T) {
		f(t, func(c *Cmd) *Cmd {
			c.Sync = func(int) error { return nil }
			return c
		})
	})
}

func TestPlain(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, tt := range []struct {
			word   string
			change func(*Cmd)
			want   string
		}{
			{"print=hello", func(*Cmd) {}, "hello"},
			{"args", func(c *Cmd) { c.Args[0] = "other name" }, `["other name" "args"]`},
			{"env=X", func(c *Cmd) { c.Env = append(c.Env, "X=y z") }, "y z"},
			{"cwd", func(c *Cmd) { c.Dir = dir }, dir},
			{"session", func(*Cmd) {}, "false false"},
			{"session", func(c *Cmd) { c.Setsid = true }, "true true"},
			{"session", func(c *Cmd) { c.Setpgid = true }, "false true"},
			{"status=NoNewPrivs", func(c *Cmd) { c.NoNewPrivs = true }, "1"},
			{"status=SigBlk", func(*Cmd) {}, procStatus("self", "SigBlk")},
			{"exit=7", func(*Cmd) {}, ""},
		} {
			c := form(self(t, tt.word))
			tt.change(c)
			got, res := output(t, c)
			if got != tt.want {
				t.Errorf("%s: got %q, want %q", tt.word, got, tt.want)
			}
			if tt.word == "exit=7" && res.Status.ExitStatus() != 7 {
				t.Errorf("status %v", res.Status)
			}
		}
	})
}

func TestSignalled(t *testing.T) {
	c := self(t, "kill=9")
	if _, res := output(t, c); !res.Status.Signaled() || res.Status.Signal() != unix.SIGKILL {
		t.Errorf("status %#x", res.Status)
	}
}

func TestExecFD(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		c := form(self(t, "args"))
		f, err := os.Open(c.Path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		c.Path, c.ExecFD = "", int(f.Fd())
		c.Args[0] = "x"
		if got, _ := output(t, c); got != `["x" "args"]` {
			t.Errorf("got %s", got)
		}
	})
}

// TestExecFDScript: the interpreter finds the script, and os.Open's descriptors
// are close-on-exec.
func TestExecFDScript(t *testing.T) {
	path := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 6\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		f, err := os.Open(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for _, closing := range []bool{false, true} {
			if _, res := output(t, form(&Cmd{ExecFD: int(f.Fd()), CloseFiles: closing})); res.Status.ExitStatus() != 6 {
				t.Errorf("CloseFiles %t: %v", closing, res)
			}
		}
	})
}

func devNull(t *testing.T) int {
	f, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return int(f.Fd())
}

// TestNofile: the program has the limit that this one was started with, not the
// one that Go raised for itself.
func TestNofile(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		// The shell lowers its soft limit and becomes the test binary, which
		// starts a shell that says what it has.
		c := self(t, "startshell")
		script := "ulimit -S -n 64; exec " + c.Path + " startshell"
		got := first(output(t, form(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Env: c.Env})))
		if got != "64" {
			t.Errorf("ulimit -n says %s, want 64", got)
		}
	})
}

// TestFiles permutes descriptors so that each source is another's target.
func TestFiles(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		inherited, err := unix.FcntlInt(0, unix.F_DUPFD, 10)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(inherited)
		list := fmt.Sprintf("for i in 0 1 2 3 4 5 %d; do [ -e /proc/$$/fd/$i ] && printf ' %%s' $i; done; echo", inherited)
		c := form(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", list}})
		c.Files = []int{2, 1, FileClosed, 0, 1}
		if got, want := first(output(t, c)), fmt.Sprintf(" 0 1 3 4 %d", inherited); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		c.Files, c.CloseFiles = []int{2, 1, FileClosed, 0, 1}, true
		if got, want := first(output(t, c)), " 0 1 3 4"; got != want {
			t.Errorf("closing: got %q, want %q", got, want)
		}
	})
}

func first(s string, _ *Result) string { return s }

func TestFilesSwapped(t *testing.T) {
	dir := t.TempDir()
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		var fds []int
		for i := range 8 {
			f, err := os.Create(filepath.Join(dir, fmt.Sprint(i)))
			if err != nil {
				t.Fatal(err)
			}
			defer f.Close()
			fds = append(fds, int(f.Fd()))
		}
		low := fds[0]
		table := make([]int, low+8)
		for i := range table {
			table[i] = FileKept
		}
		for i := range fds {
			table[low+i] = fds[len(fds)-1-i]
		}
		script := ""
		for i := range fds {
			script += fmt.Sprintf("readlink /proc/self/fd/%d\n", low+i)
		}
		c := form(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", script}, Files: table})
		got, _ := output(t, c)
		for i, line := range strings.Split(got, "\n") {
			if want := filepath.Join(dir, fmt.Sprint(len(fds)-1-i)); line != want {
				t.Errorf("descriptor %d is %s, want %s", low+i, line, want)
			}
		}
	})
}

// TestSyncError: a failing sync function leaves no zombie, and its error is the
// one that Start returns.
func TestSyncError(t *testing.T) {
	want := errors.New("no")
	for _, mode := range []PtraceMode{PtraceNone, PtraceSeize, PtraceTraceMe, PtraceSeizeReady} {
		unchanged(t, func() {
			c := self(t, "exit=0")
			c.Ptrace = mode
			c.Sync = func(pid int) error {
				if procStatus(fmt.Sprint(pid), "PPid") != fmt.Sprint(os.Getpid()) {
					t.Errorf("%d is no child", pid)
				}
				return want
			}
			_, err := Start(c)
			var e *Error
			if !errors.Is(err, want) || !errors.As(err, &e) || e.Step != StepSync || e.Kind != KindSynchronisation {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSyncPanics: nothing is left even then.
func TestSyncPanics(t *testing.T) {
	unchanged(t, func() {
		defer func() { _ = recover() }()
		c := self(t, "exit=0")
		c.Stdin, c.Stdout, c.PIDFD = strings.NewReader("x"), io.Discard, true
		c.Sync = func(int) error { panic("no") }
		_, _ = Start(c)
	})
}

// TestWaitingHoldsNothing: what the caller closes while a child waits is closed.
func TestWaitingHoldsNothing(t *testing.T) {
	closed := func() error {
		r, w, err := os.Pipe()
		if err != nil {
			return err
		}
		defer r.Close()
		var left error
		c := self(t, "exit=0")
		c.Files = []int{0, 1, 2, FileKept, FileClosed, FileKept}
		c.Sync = func(int) error {
			w.Close()
			poll := []unix.PollFd{{Fd: int32(r.Fd())}}
			if n, err := unix.Poll(poll, 0); n != 1 || err != nil {
				left = fmt.Errorf("a pipe of the caller's is open in the child: %d %v", n, err)
			}
			return nil
		}
		p, err := Start(c)
		if err != nil {
			return err
		}
		_, err = p.Wait()
		return errors.Join(left, err)
	}
	unchanged(t, func() {
		if err := closed(); err != nil {
			t.Error(err)
		}
	})
	// A program named by such a descriptor is found all the same.
	c := self(t, "exit=4")
	f, err := os.Open(c.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	c.Path, c.Sync = fmt.Sprintf("/proc/self/fd/%d", f.Fd()), func(int) error { return nil }
	if _, res := output(t, c); res.Status.ExitStatus() != 4 {
		t.Errorf("got %v", res)
	}
}

// TestSyncKilled: the child dies while the parent is in the sync function.
func TestSyncKilled(t *testing.T) {
	unchanged(t, func() {
		c := self(t, "exit=0")
		c.Sync = func(pid int) error { return unix.Kill(pid, unix.SIGKILL) }
		_, err := Start(c)
		// The word may still have found the socket open; then the end of
		// file is what execve looks like, and Wait has the truth.
		if err != nil && !strings.Contains(err.Error(), "SIGKILL") {
			t.Errorf("got %v", err)
		}
		_ = reapAll()
	})
}

func reapAll() int {
	for n := 0; ; n++ {
		if _, err := unix.Wait4(-1, nil, unix.WALL, nil); err != nil {
			return n
		}
	}
}

// TestSyncStarts: the sync function starts another child, which itself waits in
// a sync function: no lock is held, no descriptor of the one keeps the other.
func TestSyncStarts(t *testing.T) {
	unchanged(t, func() {
		inner := self(t, "exit=3")
		inner.Sync = func(int) error {
			_, err := Start(&Cmd{Path: "/bin/nope"})
			if !errors.Is(err, unix.ENOENT) {
				return fmt.Errorf("innermost: %w", err)
			}
			return nil
		}
		c := self(t, "exit=4")
		c.Sync = func(int) error {
			_, res := output(t, inner)
			if res.Status.ExitStatus() != 3 {
				return errors.New("inner failed")
			}
			return nil
		}
		if _, res := output(t, c); res.Status.ExitStatus() != 4 {
			t.Errorf("status %v", res.Status)
		}
	})
}

// TestForkLock: nobody's hold of it is waited for, and none is left.
func TestForkLock(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		syscall.ForkLock.Lock()
		p, err := Start(form(sh("exit 3")))
		_, err2 := Start(form(&Cmd{Path: "/bin/nope"}))
		syscall.ForkLock.Unlock()
		if err != nil || !errors.Is(err2, unix.ENOENT) {
			t.Fatal(err, err2)
		}
		if r, err := p.Wait(); err != nil || r.Status.ExitStatus() != 3 {
			t.Error(r, err)
		}
		syscall.ForkLock.Lock()
		syscall.ForkLock.Unlock() //nolint:staticcheck // that it can be had is the test
	})
}

// TestManyAtOnce starts from 64 goroutines, every form among them.
func TestManyAtOnce(t *testing.T) {
	unchanged(t, func() {
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				c := &Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", fmt.Sprintf("exit %d", i)}}
				switch i % 4 {
				case 1:
					c.Sync = func(int) error { return nil }
				case 2:
					c.Path = "/bin/nope"
				case 3:
					c.Path, c.Sync = "/bin/nope", func(int) error { return nil }
				}
				p, err := Start(c)
				if i%4 > 1 {
					if !errors.Is(err, unix.ENOENT) {
						t.Errorf("%d: got %v", i, err)
					}
					return
				}
				if err != nil {
					t.Errorf("%d: %v", i, err)
					return
				}
				if res, err := p.Wait(); err != nil || res.Status.ExitStatus() != i {
					t.Errorf("%d: %v %v", i, res, err)
				}
			})
		}
		wg.Wait()
	})
}

// TestCallerUntouched: what the child does to itself does not reach the caller,
// vforked or not.
func TestCallerUntouched(t *testing.T) {
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		c := form(self(t, "exit=0"))
		c.Dir, c.Setsid, c.NoNewPrivs = "/", true, true
		c.Files = []int{0, 1, 2, 1, 0}
		state := func() string {
			dir, _ := os.Getwd()
			sid, _ := unix.Getsid(0)
			dumpable, _ := unix.PrctlRetInt(unix.PR_GET_DUMPABLE, 0, 0, 0, 0)
			return fmt.Sprint(dir, sid, dumpable, openFiles(), procStatus("thread-self", "NoNewPrivs"),
				procStatus("thread-self", "SigBlk"), procStatus("thread-self", "SigCgt"), procStatus("thread-self", "SigIgn"))
		}
		before := state()
		for range 3 {
			if _, res := output(t, c); res.Status != 0 {
				t.Fatalf("status %v", res.Status)
			}
		}
		if after := state(); after != before {
			t.Errorf("before %s\nafter  %s", before, after)
		}
		if fmt.Sprint(c.Files[3:]) != "[1 0]" {
			t.Errorf("Files became %v", c.Files)
		}
	})
}

func TestTextBusy(t *testing.T) {
	sh, err := os.ReadFile("/bin/sh")
	if err != nil {
		t.Skip(err)
	}
	path := filepath.Join(t.TempDir(), "sh")
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o700)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(sh); err != nil {
		t.Fatal(err)
	}
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	// A child that was forked while the file was open for writing holds it
	// open; it ends while the start of the file is being retried.
	holder, err := Start(&Cmd{Path: "/bin/sh", Args: []string{"sh", "-c", "read x"}, Files: []int{int(r.Fd()), 1, 2, int(f.Fd())}})
	if err != nil {
		t.Fatal(err)
	}
	f.Close()
	c := &Cmd{Path: path, Args: []string{"sh", "-c", "exit 5"}, Sync: func(int) error {
		_, err := w.Write([]byte("\n"))
		return err
	}}
	p, err := Start(c)
	if err != nil {
		t.Fatal(err)
	}
	if res, err := p.Wait(); err != nil || res.Status.ExitStatus() != 5 {
		t.Errorf("%v %v", res, err)
	}
	if _, err := holder.Wait(); err != nil {
		t.Error(err)
	}
}

// TestSearch looks for the program in the child's root, as its user.
func TestSearch(t *testing.T) {
	dir := t.TempDir()
	for _, d := range []string{"a/tool", "b", "c", "d"} {
		if err := os.MkdirAll(filepath.Join(dir, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for name, mode := range map[string]os.FileMode{"b/tool": 0o644, "c/tool": 0o755, "d/tool": 0o755, "b/data": 0o644} {
		text := "#!/bin/sh\necho " + name + "\n"
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	search := dir + "/none:" + dir + "/a:" + dir + "/b:" + dir + "/c:" + dir + "/d"
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, tt := range []struct {
			cmd  Cmd
			want string
		}{
			{Cmd{Path: "tool", Search: search}, "c/tool"},
			{Cmd{Path: "tool", Search: ":" + search, Dir: dir + "/d"}, "d/tool"},
			{Cmd{Path: dir + "/d/tool", Search: search}, "d/tool"},
		} {
			if got, _ := output(t, form(&tt.cmd)); got != tt.want {
				t.Errorf("%s in %q: got %q, want %q", tt.cmd.Path, tt.cmd.Search, got, tt.want)
			}
		}
		for _, tt := range []struct{ path, want string }{
			{"nope", "find nope: no such file or directory"},
			{"data", "find data: permission denied"},
		} {
			_, err := Start(form(&Cmd{Path: tt.path, Search: search}))
			if err == nil || err.Error() != tt.want {
				t.Errorf("%s: %v, want %s", tt.path, err, tt.want)
			}
		}
	})
}
