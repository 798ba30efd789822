package tracer

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// checkMasks checks what CPUs it has: itself, its children, however made, and after
// it changed that. Its arguments are the first word of the mask that it has, and
// "child" for one that only looks.
func checkMasks(args []string) {
	word, err := strconv.ParseUint(args[0], 16, 64)
	if err != nil {
		fatal("%v", err)
	}
	checkMask("own", 0, word)
	if n := runtime.NumCPU(); n != countBits(word) {
		fatal("%d CPUs for mask %#x", n, word)
	}
	if len(args) > 1 {
		spin(100)
		checkMask("own", 0, word)
		return
	}
	childMasks(word)
	spin(100)
	one := word & -word
	setOwn(one)
	checkMask("narrowed", 0, one)
	spin(100)
	childMasks(one)
	var none unix.CPUSet
	if e := setMask(0, &none); e != unix.EINVAL {
		fatal("empty mask: %v", e)
	}
	spin(100)
	checkMask("unchanged", 0, one)
	setOwn(word)
	spin(100)
	checkMask("widened", 0, word)
	if e := getMask(1<<30, &none); e != unix.ESRCH {
		fatal("mask of nobody: %v", e)
	}
	mark(1)
}

func countBits(w uint64) (n int) {
	for ; w != 0; w &= w - 1 {
		n++
	}
	return n
}

func setOwn(word uint64) {
	var m unix.CPUSet
	m[0] = 0
	for i := range 64 {
		if word>>i&1 != 0 {
			m.Set(i)
		}
	}
	if e := setMask(0, &m); e != 0 {
		fatal("set mask %#x: %v", word, e)
	}
}

func checkMask(what string, tid int, want uint64) {
	if got := maskWord(tid); got != want {
		fatal("%s: mask %#x, not %#x", what, got, want)
	}
}

// maskWord is the mask of a thread's first 64 CPUs, 0 if it cannot be had.
func maskWord(tid int) (w uint64) {
	var m unix.CPUSet
	if getMask(tid, &m) != 0 {
		return 0
	}
	for i := range 64 {
		if m.IsSet(i) {
			w |= 1 << i
		}
	}
	return w
}

// childMasks looks at a child of fork, and has one of vfork and exec look.
func childMasks(word uint64) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		fatal("pipe2: %v", err)
	}
	pid := rawFork(step{nr: unix.SYS_CLOSE, a: uintptr(p[1])},
		step{nr: unix.SYS_READ, a: uintptr(p[0]), b: uintptr(unsafe.Pointer(new(int))), c: 1}, exitStep(0))
	checkMask("child", pid, word)
	_ = unix.Close(p[1])
	_ = unix.Close(p[0])
	waitFor(pid, 0)
	c := exec.Command(self(), strconv.FormatUint(word, 16), "child")
	c.Env, c.Stderr = environ("masks"), os.Stderr
	if err := c.Run(); err != nil {
		fatal("child: %v", err)
	}
	for range 3 {
		done := make(chan uint64)
		go func() {
			runtime.LockOSThread()
			done <- maskWord(0)
		}()
		if got := <-done; got != word && word&(word-1) != 0 {
			fatal("thread: mask %#x, not %#x", got, word)
		}
	}
}

// twoCPUs skips a test of placement where there is nothing to place.
func twoCPUs(t *testing.T) uint64 {
	t.Helper()
	w := maskWord(0)
	if countBits(w) < 2 {
		t.Skipf("mask %#x: nothing to place on one CPU", w)
	}
	return w
}

// A tracee finds the mask that it had without us, whatever the placement.
func TestPlacementIsNotSeen(t *testing.T) {
	word := strconv.FormatUint(twoCPUs(t), 16)
	for _, how := range []Placement{PlaceFree, PlaceAuto, PlaceTogether} {
		for _, opt := range []Options{{}, {FollowForks: true}, {TraceMe: true, FollowForks: true}, {FollowForks: true, Filter: true}} {
			opt.Placement = how
			tr := newTracer(t, opt)
			c := command(t, "masks", word)
			c.Files = append(c.Files, 0, 1, 2)
			if opt.Filter {
				c.NoNewPrivs = true
				c.Seccomp = traceFilter(unix.SYS_CLOSE, unix.SYS_GETPPID, unix.SYS_SECCOMP, unix.SYS_PRCTL, unix.SYS_EXECVE,
					unix.SYS_SCHED_GETAFFINITY, unix.SYS_SCHED_SETAFFINITY)
			}
			p, err := tr.Start(c)
			if err != nil {
				t.Fatal(err)
			}
			placed, status := false, -1
			each(t, tr, func(s *Stop) {
				placed = placed || s.Task != nil && s.Task.spot.placed
				s.Do(Action{NoExit: s.Kind == SyscallEnter && s.Event.Nr == unix.SYS_SCHED_GETAFFINITY})
				if s.Kind == Exited && s.Event.TID == p.PID() {
					status = s.Event.Status
				}
			})
			p.Release()
			if status != 0 || placed != (how != PlaceFree) {
				t.Errorf("%+v: placed %v, status %d", opt, placed, status)
			}
			if err := tr.Close(KillThem); err != nil {
				t.Error(err)
			}
			checkOwn(t, word)
		}
	}
}

// checkOwn says whether the tracer's thread has its mask back. It is the
// caller's, if that is locked to it.
func checkOwn(t *testing.T, word string) {
	t.Helper()
	if got := strconv.FormatUint(maskWord(0), 16); got != word {
		t.Errorf("the tracer's mask is %s, not %s", got, word)
	}
}

// What is let go has its own mask, by an action as by Close, and so has the
// tracer's thread.
func TestPlacementEnds(t *testing.T) {
	word := twoCPUs(t)
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	for _, byAction := range []bool{true, false} {
		tr := newTracer(t, Options{Placement: PlaceTogether})
		in, out := pipe(t)
		c := command(t, "read")
		c.Files = append(c.Files, int(in.Fd()), 1, 2)
		p, err := tr.Start(c)
		if err != nil {
			t.Fatal(err)
		}
		for s, err := range tr.Stops(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			if enteredMark(s) == 1 {
				if w := maskWord(p.PID()); countBits(w) != 1 || !s.Task.spot.placed {
					t.Errorf("mask %#x while placed", w)
				}
				if !byAction {
					break
				}
				s.Do(Action{Verb: Detach})
			}
		}
		if !byAction {
			if err := tr.Close(LetGo); err != nil {
				t.Fatal(err)
			}
		}
		if w := maskWord(p.PID()); w != word {
			t.Errorf("by action %v: mask %#x, not %#x", byAction, w, word)
		}
		_ = out.Close()
		elsewhere(func() {})
		if _, err := unix.Wait4(p.PID(), nil, 0, nil); err != nil {
			t.Error(err)
		}
		p.Release()
		if err := tr.Close(KillThem); err != nil {
			t.Error(err)
		}
		checkOwn(t, strconv.FormatUint(word, 16))
	}
}

func pipe(t *testing.T) (r, w *os.File) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close(); _ = w.Close() })
	return r, w
}

// A tracee that makes no more stops gets its CPUs back, though no stop comes.
func TestPlacementSlackens(t *testing.T) {
	word := twoCPUs(t)
	tr := newTracer(t, Options{Placement: PlaceAuto})
	in, out := pipe(t)
	c := command(t, "read")
	c.Files = append(c.Files, int(in.Fd()), 1, 2)
	p, err := tr.Start(c)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	placed, marks := false, 0
	each(t, tr, func(s *Stop) {
		marks += enteredMark(s)
		if enteredMark(s) == 1 {
			if !s.Task.spot.placed { // the machine was too busy for it
				tr.place.place(s.Task)
			}
			placed = s.Task.spot.placed
			go func() {
				for maskWord(p.PID()) != word {
					runtime.Gosched()
				}
				_, _ = out.Write([]byte("x"))
			}()
		}
	})
	if !placed || marks != 3 {
		t.Errorf("placed %v, marks %d", placed, marks)
	}
}

// A mask that somebody else sets stays, and its task is not placed again.
func TestForeignMask(t *testing.T) {
	twoCPUs(t)
	tr := newTracer(t, Options{Placement: PlaceTogether})
	p := start(t, tr, "mark")
	var other unix.CPUSet
	each(t, tr, func(s *Stop) {
		switch enteredMark(s) {
		case 1:
			var own unix.CPUSet
			if e := getMask(p.PID(), &own); e != 0 || own != tr.place.pin {
				t.Errorf("mask %v, %v", own, e)
			}
			other = tr.place.own
			other.Clear(tr.place.cpu)
			if e := setMask(p.PID(), &other); e != 0 {
				t.Error(e)
			}
			tr.place.releaseAll()
		case 2, 3:
			var now unix.CPUSet
			if e := getMask(p.PID(), &now); e != 0 || now != other {
				t.Errorf("mask %v, not %v; %v", now, other, e)
			}
		}
	})
}

// Attached processes are placed only if that is asked for.
func TestPlacementOfAttached(t *testing.T) {
	word := twoCPUs(t)
	for _, asked := range []bool{false, true} {
		f := startFree(t, "busy")
		f.line(t)
		tr := newTracer(t, Options{Placement: PlaceTogether, PlaceAttached: asked, FollowForks: true})
		if err := tr.Attach(f.Process.Pid); err != nil {
			t.Fatal(err)
		}
		stops, placed := 0, false
		for s, err := range tr.Stops(context.Background()) {
			if err != nil {
				t.Fatal(err)
			}
			placed = placed || s.Task.spot.placed
			if stops++; stops == 500 {
				break
			}
		}
		if err := tr.Close(LetGo); err != nil {
			t.Fatal(err)
		}
		if placed != asked {
			t.Errorf("asked %v: placed %v", asked, placed)
		}
		list, err := os.ReadDir(procPath(f.Process.Pid, "task"))
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range list {
			if w := maskWord(atoi(d.Name())); w != word && w != 0 {
				t.Errorf("thread %s has mask %#x", d.Name(), w)
			}
		}
		_ = f.in.Close()
		f.line(t)
	}
}

// The judge, as arithmetic: when n processes that compute for c are faster
// apart.
func TestJudge(t *testing.T) {
	j := judge{cpus: 2, serve: 7_000, wake: 50_000}
	for _, x := range []struct {
		c, n  int64 // ns, sixteenths
		apart bool
	}{
		{1_000, 16, false}, {1_000_000, 16, false}, // one at a time
		{1_000, 32, false}, {20_000, 32, false}, // waking costs more than waiting
		{100_000, 32, true}, {1_000_000, 160, true},
	} {
		if got := j.apart(x.c, x.n, false); got != x.apart {
			t.Errorf("c %d, n %d/16: apart %v", x.c, x.n, got)
		}
	}
	j.wake = 8_000 // a machine where waking is cheap
	if !j.apart(10_000, 32, false) {
		t.Error("two that need not wait for each other are kept together")
	}
}
