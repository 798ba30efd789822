package tracer

import (
	"fmt"
	"sync"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// bellSignal rings the bell. It stops the seized bell and is never delivered.
const bellSignal = syscall.Signal(63)

// A bell is an idle child of the tracer's thread, traced by it. A signal to it
// is a status for wait4: the one thing that wakes a thread that is blocked
// there, and one that is never lost. (A signal to the tracer is: the Go runtime
// restarts what it interrupts, and it may come just before the wait. One to a
// tracee shows, as EINTR.)
type bell struct {
	tid   int
	waker *Waker
	stop  Stop
}

// A Waker wakes the loop of a [Tracer]. Its methods are for any goroutine.
type Waker struct {
	mu     sync.Mutex
	tid    int // 0 when the tracer was closed
	rung   bool
	posted []func()
	spare  []func()
}

// Waker returns the tracer's waker and makes it work: from now on there is one
// more process, which has the program's name and does nothing.
func (t *Tracer) Waker() (*Waker, error) {
	if t.bell.waker != nil {
		return t.bell.waker, nil
	}
	t.bell.waker = &Waker{}
	t.bell.stop.Kind = Woken
	if err := t.hang(); err != nil {
		t.bell.waker = nil
		return nil, err
	}
	return t.bell.waker, nil
}

// Wake has the loop yield a Woken stop, once for all calls before it does.
func (w *Waker) Wake() { w.Post(nil) }

// Post has the loop call f, on the tracer's thread and between stops, and then
// yield a Woken stop. Functions are called in the order of Post. Nothing is
// called after Close.
func (w *Waker) Post(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if f != nil {
		w.posted = append(w.posted, f)
	}
	if w.rung || w.tid == 0 {
		return
	}
	w.rung = true
	// It fails only if someone killed the bell: that, too, wakes the loop.
	_ = unix.Kill(w.tid, bellSignal)
}

// take returns what was posted, valid until the next take.
func (w *Waker) take() []func() {
	w.mu.Lock()
	defer w.mu.Unlock()
	fs := w.posted
	w.posted, w.spare = w.spare[:0], fs
	w.rung = false
	return fs
}

// setTID says whom to ring; what was posted without anyone rings at once.
func (w *Waker) setTID(tid int) {
	w.mu.Lock()
	w.tid, w.rung = tid, false
	w.mu.Unlock()
}

// cloneIdle clones a process that only waits, and is killed when this thread
// ends. It returns the id or -errno. The child shares all memory and never
// touches the stack.
//
//go:noescape
func cloneIdle(flags uintptr) int

// hang makes the bell.
func (t *Tracer) hang() error {
	tid := idle()
	if tid < 0 {
		return fmt.Errorf("clone: %w", syscall.Errno(-tid))
	}
	if e := ptrace(ptraceSeize, tid, 0, optExitKill); e != 0 {
		t.bell.tid = tid
		_ = t.unhang()
		return fmt.Errorf("wake-up process: %w", &RequestError{"PTRACE_SEIZE", e})
	}
	t.bell.tid = tid
	t.bell.waker.setTID(tid)
	return nil
}

// idle clones with all signals blocked but the one that rings: a handler of ours
// must not run in the child.
func idle() int {
	all := ^uint64(0) &^ (1 << (bellSignal - 1))
	var old uint64
	sigprocmask(&all, &old)
	tid := cloneIdle(unix.CLONE_VM | unix.CLONE_FILES | unix.CLONE_FS)
	sigprocmask(&old, nil)
	return tid
}

func sigprocmask(set, old *uint64) {
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK,
		uintptr(unsafe.Pointer(set)), uintptr(unsafe.Pointer(old)), 8, 0, 0)
}

// rung handles a status of the bell: it runs what was posted and tells of it.
func (t *Tracer) rung(status uint32) error {
	if ended(status) {
		if err := t.hang(); err != nil {
			return err
		}
	} else if e := ptrace(unix.PTRACE_CONT, t.bell.tid, 0, 0); e != 0 && e != unix.ESRCH {
		return fmt.Errorf("wake-up process: %w", &RequestError{"PTRACE_CONT", e})
	}
	for _, f := range t.bell.waker.take() {
		f()
	}
	if t.ending == open {
		t.bell.stop.act, t.bell.stop.held = Action{}, false
		t.ready.push(&t.bell.stop)
	}
	return nil
}

// closeBell ends the bell; the waker is deaf from now on.
func (t *Tracer) closeBell() error {
	if t.bell.tid == 0 {
		return nil
	}
	t.bell.waker.setTID(0)
	return t.unhang()
}

func (t *Tracer) unhang() error {
	tid := t.bell.tid
	t.bell.tid = 0
	if err := unix.Kill(tid, unix.SIGKILL); err != nil {
		return fmt.Errorf("kill %d: %w", tid, err)
	}
	for {
		var ws unix.WaitStatus
		_, err := unix.Wait4(tid, &ws, unix.WALL, nil)
		if err == unix.EINTR || err == nil && ws.Stopped() {
			continue
		}
		return err
	}
}
