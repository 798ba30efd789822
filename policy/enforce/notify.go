package enforce

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"strait/internal/ownthread"
	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// The requests of a listener (include/uapi/linux/seccomp.h).
const (
	notifRecv     = 0xc0502100
	notifSend     = 0xc0182101
	notifIDValid  = 0x40082102
	notifAddFD    = 0x40182103
	notifSetFlags = 0x40082104

	syncWakeUp   = 1      // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6
	killableRecv = 1 << 5 // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19
	goOn         = 1      // SECCOMP_USER_NOTIF_FLAG_CONTINUE
)

// A notification is struct seccomp_notif.
type notification struct {
	id    uint64
	pid   uint32 // of the thread
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// A response is struct seccomp_notif_resp.
type response struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// An addFD is struct seccomp_notif_addfd.
type addFD struct {
	id       uint64
	flags    uint32
	src      uint32
	new      uint32
	newFlags uint32
}

// A listener is where the notifications of a program come, and the goroutines
// that answer them.
type listener struct {
	e       *Enforcer
	fd      int
	closing atomic.Bool
	workers sync.WaitGroup // threads
	watcher

	mu      sync.Mutex
	threads map[int]struct{}
	failed  error
	free    []*worker            // to be used again
	asking  map[*worker]struct{} // they wait for answers
	answers []answer             // to be carried out
	more    sync.Cond            // there are answers, or the end
	enders  int                  // threads that wait for answers
}

// An answer is what came of a question.
type answer struct {
	w *worker
	a policy.Action
}

func (e *Enforcer) listen(fd int) *listener {
	l := &listener{e: e, fd: fd, threads: map[int]struct{}{}, asking: map[*worker]struct{}{}}
	l.more.L = &l.mu
	// An older kernel wakes the program on another CPU, and that is all.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), notifSetFlags, syncWakeUp)
	l.watcher.begin()
	l.add(false)
	l.workers.Go(l.watch)
	return l
}

// threadsMost is how many threads may serve and wait at a time.
const threadsMost = 5000

// hire adds a thread, if there are not too many.
func (l *listener) hire(finishes bool) bool {
	l.mu.Lock()
	n := len(l.threads)
	l.mu.Unlock()
	if n >= threadsMost {
		return false
	}
	l.add(finishes)
	return true
}

func (l *listener) add(finishes bool) {
	l.workers.Add(1)
	ownthread.Go(func() { l.work(finishes) })
}

// borrowWorker returns a worker, for a thread.
func (l *listener) borrowWorker(th *thread) *worker {
	l.mu.Lock()
	defer l.mu.Unlock()
	var w *worker
	if n := len(l.free); n > 0 {
		w, l.free = l.free[n-1], l.free[:n-1]
	} else {
		w = newWorker(l)
	}
	w.thread = th
	return w
}

// returnWorker takes a worker back that is clear.
func (l *listener) returnWorker(w *worker) {
	const most = 16
	l.mu.Lock()
	defer l.mu.Unlock()
	if w.thread = nil; len(l.free) < most {
		l.free = append(l.free, w)
	}
}

// asks takes note of a worker that waits for an answer.
func (l *listener) asks(w *worker) {
	l.mu.Lock()
	defer l.mu.Unlock()
	w.thread = nil
	l.asking[w] = struct{}{}
}

// answered has an answer carried out, by a thread that is there for that.
func (l *listener) answered(w *worker, a policy.Action) {
	const most = 2
	l.mu.Lock()
	delete(l.asking, w)
	l.answers = append(l.answers, answer{w, a})
	hire := l.enders < most && len(l.answers) > l.enders
	if hire {
		l.enders++
	}
	l.mu.Unlock()
	l.more.Signal()
	if hire {
		l.add(true)
	}
}

// dropped forgets a worker whose question need not be answered any more.
func (l *listener) dropped(w *worker) {
	l.mu.Lock()
	delete(l.asking, w)
	l.mu.Unlock()
	w.clear()
	l.returnWorker(w)
}

// finish carries out answers.
func (l *listener) finish(th *thread) {
	for !th.replaced {
		l.mu.Lock()
		for len(l.answers) == 0 && !l.closing.Load() {
			l.more.Wait()
		}
		if len(l.answers) == 0 {
			l.mu.Unlock()
			return
		}
		x := l.answers[0]
		l.answers = l.answers[1:]
		l.mu.Unlock()
		x.w.thread = th
		x.w.conclude(x.a)
		x.w.clear()
		l.returnWorker(x.w)
	}
}

// conclude carries out an answer.
func (w *worker) conclude(a policy.Action) {
	if err := w.mask.wear(w.who); err != nil {
		w.unable(err)
		return
	}
	if w.l.valid(w.n.id) {
		w.carryOut(w.op, a)
	}
}

func (l *listener) ioctl(request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), request, uintptr(arg))
	return e
}

// valid reports whether somebody still waits for the answer to a notification.
func (l *listener) valid(id uint64) bool { return l.ioctl(notifIDValid, unsafe.Pointer(&id)) == 0 }

// enter and leave keep the threads of the workers, for close.
func (l *listener) enter(tid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.threads[tid] = struct{}{}
}

func (l *listener) leave(tid int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.threads, tid)
	l.failed = errors.Join(l.failed, err)
}

// close ends the workers, when nobody is left whom they serve.
func (l *listener) close() error {
	l.mu.Lock()
	l.closing.Store(true)
	l.mu.Unlock()
	l.more.Broadcast()
	close(l.end)
	l.interruptAll()
	l.workers.Wait()
	for w := range l.asking {
		w.clear()
	}
	unix.Close(l.fd)
	return l.failed
}

// callEvent fills in the event of a notified call as a tracer would.
func (n *notification) event(ev *syscalls.Event, t *task, mono, wall int64) error {
	ev.Reset()
	ev.Kind = syscalls.EventCall
	ev.TID, ev.PID, ev.Mono, ev.Wall = t.tid, t.pid, mono, wall
	ev.IP, ev.Args = n.ip, n.args
	ev.ABI, ev.Nr = abiOf(n.arch, uint64(uint32(n.nr)))
	if ev.ABI == nil {
		return fmt.Errorf("notification: no ABI %#x", n.arch)
	}
	ev.Call = ev.ABI.Call(ev.Nr)
	return nil
}

// abiOf says how a call was made; x32 shares amd64's audit number.
func abiOf(audit uint32, nr uint64) (*syscalls.ABI, uint64) {
	if audit == unix.AUDIT_ARCH_X86_64 && nr&syscalls.X32Bit != 0 {
		return syscalls.ByID(syscalls.X32), nr &^ syscalls.X32Bit
	}
	for id := range syscalls.NumABI {
		if abi := syscalls.ByID(id); abi.Audit == audit && id != syscalls.X32 {
			return abi, nr
		}
	}
	return nil, nr
}

// interruptSignal is sent to a thread of ours that is in a system call, to end
// that. Go does nothing upon it; that it restarts nothing is for us to say.
const interruptSignal = syscall.Signal(62)

// interrupting lets interruptSignal end system calls: Go asks for all to be
// restarted (SA_RESTART).
var interrupting = sync.OnceValue(func() error {
	var act struct {
		handler  uintptr
		flags    uintptr
		restorer uintptr
		mask     uint64
	}
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(interruptSignal), 0, uintptr(unsafe.Pointer(&act)), 8, 0, 0); e != 0 {
		return fmt.Errorf("rt_sigaction: %w", e)
	}
	const restart = 0x10000000 // SA_RESTART
	act.flags &^= restart
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(interruptSignal), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0); e != 0 {
		return fmt.Errorf("rt_sigaction: %w", e)
	}
	return nil
})
