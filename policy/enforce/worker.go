package enforce

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unsafe"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// A worker is what is known of one notification while it is answered, on a thread that
// can act as others do. It leaves its thread while somebody is asked.
type worker struct {
	judge
	*thread
	l   *listener
	n   notification
	ev  syscalls.Event
	mem snapshot
	t   *task
	op  *operation // nil: the call is not performed

	answered bool
	places   []operand
	net      netCall
	netBuf   []policy.Pair
	who      *identity // whom it serves
}

// An operand is what one path, or one descriptor, of a call names.
type operand struct {
	arg, from int // the arguments that name it; from -1: none
	place
}

// A thread is one of ours. It is not used for anything else afterwards: its attributes
// are its own.
type thread struct {
	tid      int
	mask     mask
	replaced bool // another one serves in its place
	finishes bool // what was asked about; else it takes notifications
}

func newWorker(l *listener) *worker {
	return &worker{judge: l.e.newJudge(), l: l, net: netCall{fd: -1}}
}

// work serves until nobody is left to be served, or another thread does.
func (l *listener) work(finishes bool) {
	defer l.workers.Done()
	th := &thread{tid: unix.Gettid(), finishes: finishes}
	l.enter(th.tid)
	err := th.begin()
	switch {
	case err != nil:
	case finishes:
		l.finish(th)
	default:
		err = l.serve(th)
	}
	l.leave(th.tid, err)
}

// begin makes the thread one that can act as others do.
func (th *thread) begin() error {
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("answer notifications: unshare(CLONE_FS): %w", err)
	}
	own, err := readIdentity(th.tid)
	if err != nil {
		return fmt.Errorf("answer notifications: %w", err)
	}
	th.mask = mask{own: own, worn: own, umask: own.umask}
	return nil
}

// serve takes notifications, until another thread waits for them.
func (l *listener) serve(th *thread) error {
	w := l.borrowWorker(th)
	for !th.replaced && !l.closing.Load() && l.mayWait() {
		w.n = notification{}
		e := l.ioctl(notifRecv, unsafe.Pointer(&w.n))
		l.waited()
		switch e {
		case 0:
			if waits := w.one(); waits {
				w = l.borrowWorker(th)
			}
		case unix.EINTR:
		case unix.ENOENT: // it was withdrawn, or nobody is left
			if l.abandoned() {
				return nil
			}
		default:
			return fmt.Errorf("answer notifications: ioctl(SECCOMP_IOCTL_NOTIF_RECV): %w", e)
		}
	}
	l.returnWorker(w)
	return nil
}

// abandoned reports whether no task is left that has the filter.
func (l *listener) abandoned() bool { return l.events()&unix.POLLHUP != 0 }

// pending reports whether a notification waits to be taken.
func (l *listener) pending() bool { return l.events()&unix.POLLIN != 0 }

func (l *listener) events() int16 {
	fds := []unix.PollFd{{Fd: int32(l.fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(fds, 0); err != nil || n == 0 {
		return 0
	}
	return fds[0].Revents
}

// handOver has another thread serve: this one is about to do what may take long. It
// reports whether that can be: Go ends a program that has 10,000 threads.
func (w *worker) handOver() bool {
	if w.replaced {
		return true
	}
	if !w.l.hire(w.finishes) {
		return false
	}
	w.replaced = true
	return true
}

// one answers one notification. waits: it is not answered yet, and the worker not the
// caller's any more.
func (w *worker) one() (waits bool) {
	w.answered = false
	if waits = w.judgeOne(); !waits {
		w.clear()
	}
	return waits
}

func (w *worker) judgeOne() (waits bool) {
	began := time.Now()
	w.t = w.e.tasks.get(int(w.n.pid))
	if w.t == nil { // nobody traces it
		w.refuse(unix.EPERM)
		return false
	}
	var mono unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &mono)
	if err := w.n.event(&w.ev, w.t, mono.Nano(), began.UnixNano()); err != nil || w.ev.Call == nil {
		w.refuse(unix.ENOSYS)
		return false
	}
	// Who the last call was made for may not look at this thread.
	if err := w.mask.off(); err != nil {
		w.unable(err)
		return false
	}
	w.mem.as(w.t.tid)
	op := w.e.operationOf(&w.ev)
	w.op = op
	profile := w.prepare(op)
	who, err := w.t.identity()
	if err == nil && who == nil { // gone
		w.answered = true
		return false
	}
	if err == nil {
		w.who = w.asking(who)
		err = w.mask.wear(w.who)
	}
	pairs := w.pairsOf(op)
	if err != nil || !w.l.valid(w.n.id) {
		w.unable(err)
		return false
	}
	if e := w.nameless(); e != 0 {
		w.refuse(e)
		return false
	}
	v := w.decide(profile, &w.ev, pairs)
	if op != nil && v.Level == policy.LevelChecked {
		v.Level = policy.LevelPerformed
	}
	w.stayHere(&v)
	w.rawDevice(&v)
	return w.act(op, pairs, v, began)
}

// pairsOf finds what the call names, and what it does.
func (w *worker) pairsOf(op *operation) []policy.Pair {
	switch {
	case op == nil:
		return w.dcr.Pairs(&w.ev)
	case op.net:
		w.findNames()
		return w.netPairs()
	}
	w.find(op)
	return w.dcr.Pairs(&w.ev)
}

// prepare decodes the call and opens, as the supervisor itself, what paths start
// from.
func (w *worker) prepare(op *operation) string {
	ev := &w.ev
	ev.Verbose = true
	w.dec.Enter(ev, &w.mem)
	w.res.as(w.t.tid, w.t.pid)
	_ = w.res.root()
	if op != nil && op.net {
		w.takeSocket()
	} else if op != nil {
		for i := range ev.Call.Effects {
			if d := int(ev.Call.Effects[i].Dir); d >= 0 {
				_, _ = w.res.base(int32(ev.Arg(d)))
			}
		}
	}
	_, _ = w.res.base(unix.AT_FDCWD)
	return w.arm(w.t)
}

// find walks to what the paths of a call name. The walks are the call's: judging
// and doing go by the same objects.
func (w *worker) find(op *operation) {
	ev := &w.ev
	for i := range ev.Call.Effects {
		e := &ev.Call.Effects[i]
		if w.res.known(int(e.Arg)) != nil {
			continue
		}
		o := operand{arg: int(e.Arg), from: int(e.Dir)}
		o.place = w.walkTo(op, &o)
		w.places = append(w.places, o)
		w.res.operands = w.places
	}
}

// walkTo walks to one operand.
func (w *worker) walkTo(op *operation, o *operand) place {
	ev := &w.ev
	if k := ev.ABI.ArgKind(ev.Call, o.arg); k == syscalls.FD || k == syscalls.DirFD {
		return w.res.descriptorPlace(int32(ev.Arg(o.arg)))
	}
	words, ok := wordsOf(ev, o.arg)
	dirfd := int32(unix.AT_FDCWD)
	if o.from >= 0 {
		dirfd = int32(ev.Arg(o.from))
	}
	switch {
	case !ok && ev.Arg(o.arg) == 0 && o.from >= 0 && op.null: // the descriptor itself
		return w.res.descriptorPlace(dirfd)
	case !ok:
		return place{fd: -1, dir: -1, err: w.unreadable(o.arg)}
	case words == "" && o.from >= 0 && op.empty(ev):
		return w.res.descriptorPlace(dirfd)
	}
	return w.res.walk(dirfd, words, op.want(w, o.arg))
}

// unreadable says why the path in an argument cannot be read.
func (w *worker) unreadable(arg int) unix.Errno {
	var b [1]byte
	if w.mem.ReadMemory(w.ev.Arg(arg), b[:]) == 1 {
		return unix.ENAMETOOLONG
	}
	return unix.EFAULT
}

// stayHere refuses what leads to another mount namespace.
func (w *worker) stayHere(v *policy.Verdict) {
	for i := range w.places {
		if w.places[i].foreign && runs(v.Action.Kind) {
			v.Action, v.Rule, v.Why = foreignRefusal, nil, errForeign
		}
	}
}

// nameless returns why one of the paths names nothing at all, not even in vain: it
// is empty, too long, or cannot be read. The call fails then, and whoever it was
// for need not be judged.
func (w *worker) nameless() unix.Errno {
	if w.net.err != 0 {
		return w.net.err
	}
	if isOpening(w.ev.Call.Name) {
		if e := w.opening().err; e != 0 {
			return e
		}
	}
	for i := range w.places {
		o := &w.places[i]
		if o.fd >= 0 || strings.HasPrefix(o.path, "/") {
			continue
		}
		if isOpening(w.ev.Call.Name) {
			if how := w.opening(); how.invalid() { // which the kernel finds first
				return unix.EINVAL
			}
		}
		return o.err
	}
	return 0
}

// act does what a verdict says.
func (w *worker) act(op *operation, pairs []policy.Pair, v policy.Verdict, began time.Time) (waits bool) {
	if v.Action.Kind == policy.Ask {
		if w.e.opt.Ask != nil {
			w.ask(pairs, v, began)
			return true
		}
		v.Action, v.Why = refusal, "nobody to ask"
	}
	w.e.out.decided(w.t, &w.ev, &v, nil, began)
	w.carryOut(op, v.Action)
	return false
}

// carryOut does what was decided.
func (w *worker) carryOut(op *operation, a policy.Action) {
	switch a.Kind {
	case policy.Allow, policy.Log:
		if op == nil {
			w.goOn()
			return
		}
		op.do(w)
		if !w.answered {
			w.refuse(unix.ENOSYS)
		}
	case policy.Return:
		w.reply(int64(a.Num))
	case policy.Kill:
		_ = unix.Kill(w.t.pid, unix.SIGKILL)
		w.refuse(unix.EPERM)
	default:
		w.refuse(unix.Errno(a.Num))
	}
}

// ask has somebody asked. The worker is put aside until then, and the thread goes on
// with others: many may be asked about at a time.
func (w *worker) ask(pairs []policy.Pair, v policy.Verdict, began time.Time) {
	q := w.e.question(w.t, &w.ev, pairs, v, began)
	q.settle = func(a policy.Action) { w.l.answered(w, a) }
	q.dropped = func() { w.l.dropped(w) }
	t := w.t
	w.l.asks(w)
	w.e.waker.Post(func() {
		if w.e.tasks.get(t.tid) != t { // gone meanwhile
			q.withdraw()
			return
		}
		if old := t.question; old != nil { // a signal has ended that call
			old.withdraw()
		}
		t.question = q
		w.e.opt.Ask(q)
	})
}

// unable refuses what cannot be done safely.
func (w *worker) unable(err error) {
	if err == nil { // nobody waits any more
		w.answered = true
		return
	}
	v := policy.Verdict{Action: refusal, Why: err.Error(), Level: policy.LevelPerformed}
	w.e.out.decided(w.t, &w.ev, &v, nil, time.Now())
	w.refuse(unix.EPERM)
}

// clear forgets a call.
func (w *worker) clear() {
	for i := range w.places {
		w.places[i].close()
	}
	w.places = w.places[:0]
	w.net.close()
	w.res.operands = nil
	w.res.done()
	w.t = nil
}

func (w *worker) reply(val int64) { w.send(response{id: w.n.id, val: val}) }

func (w *worker) refuse(e unix.Errno) { w.send(response{id: w.n.id, err: -int32(e)}) }

// goOn has the kernel make the call with the words that are there now.
func (w *worker) goOn() { w.send(response{id: w.n.id, flags: goOn}) }

// result answers with what a system call of ours returned that returns 0 or fails.
func (w *worker) result(err error) {
	if err != nil {
		w.refuse(errno(err))
		return
	}
	w.reply(0)
}

func (w *worker) send(r response) {
	if w.answered {
		return
	}
	w.answered = true
	// The program may close its socket next, and bind another one to its address.
	w.net.close()
	if r.err == -int32(restartSys) {
		w.l.restart(w.t, &r)
		return
	}
	_ = w.l.ioctl(notifSend, unsafe.Pointer(&r)) // ENOENT: it is gone
}

// inject gives the thread a descriptor, and lets its call return that. Ours is
// closed before the thread goes on: a file that the program has closed must not be
// open any more, for it may be about to execute it, or to see the end of a pipe.
// So the descriptor does not come with the answer (SECCOMP_ADDFD_FLAG_SEND).
func (w *worker) inject(fd int, closeOnExec bool) {
	a := addFD{id: w.n.id, src: uint32(fd)}
	if closeOnExec {
		a.newFlags = unix.O_CLOEXEC
	}
	n, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(w.l.fd), notifAddFD, uintptr(unsafe.Pointer(&a)))
	unix.Close(fd)
	if e != 0 {
		w.refuse(e) // EMFILE of the program's own limit
		return
	}
	w.reply(int64(n))
}

// identity returns who a thread is. It is read anew after every call of the thread
// that may change it.
func (t *task) identity() (*identity, error) {
	t.mu.Lock()
	id := t.who
	t.mu.Unlock()
	if id != nil {
		return id, nil
	}
	id, err := readIdentity(t.tid)
	if errors.Is(err, unix.ENOENT) {
		return nil, nil //nolint:nilnil // gone: the notification is not valid any more
	}
	if err != nil {
		return nil, err
	}
	t.mu.Lock()
	t.who = id
	t.mu.Unlock()
	return id, nil
}

// forgetIdentity has the identity of a task read anew.
func (t *task) forgetIdentity() {
	t.mu.Lock()
	t.who = nil
	t.mu.Unlock()
}

// interruptAll ends the waiting of all workers. A signal that comes before the
// wait is lost, so it is sent again until none is left.
func (l *listener) interruptAll() {
	if interrupting() != nil {
		return
	}
	go func() {
		for l.signalAll() {
			time.Sleep(time.Millisecond)
		}
	}()
}

func (l *listener) signalAll() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	for tid := range l.threads {
		_ = unix.Tgkill(unix.Getpid(), tid, interruptSignal)
	}
	return len(l.threads) > 0
}
