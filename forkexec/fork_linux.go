package forkexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// cloning is held from the making of a socket pair until the child's end is
// closed here again, that is around clone and never while anything is waited
// for: a second child forked in between would keep the first one's end open
// until its own execve, and a child that waits (for its tracer, for its sync
// function) would hold up every other start. syscall.ForkLock is not the lock
// for this: os/exec holds it through its handshake.
var cloning sync.Mutex

// Start starts what c says. It returns when the child has become the program,
// or with the error that kept it from that, as *Error; then the child is gone and
// reaped. With tracing, and with SeccompListener, it returns earlier: see
// PtraceMode and Process.ExecError.
func Start(c *Cmd) (*Process, error) {
	c = contain(c)
	if err := c.validate(); err != nil {
		return nil, err
	}
	s := &start{cmd: c, sock: -1, began: time.Now()}
	done := false
	defer func() {
		if !done { // failed, or the sync function panicked
			s.undo()
		}
	}()
	if err := s.prepare(); err != nil {
		return nil, err
	}
	p, err := s.run()
	if err != nil {
		return nil, err
	}
	done = true
	s.group.closeFD()
	p.watch()
	return p, nil
}

// start is one start.
type start struct {
	cmd     *Cmd
	cfg     *childConfig
	streams *streams
	group   *cgroup
	late    bool // the child is moved into its group by us
	began   time.Time

	// A start by fork has more to it.
	page     *page
	sock     int // the parent's end
	pid      int
	wait     int // options of wait4 that find the child
	gone     bool
	listener int
	init     int      // process 1 of the pid namespace, where it is ours
	lifeline *os.File // open as long as it is to live
}

// prepare makes everything that exists before the child does.
func (s *start) prepare() error {
	c := s.cmd
	s.listener = -1
	var files []int
	var err error
	if s.streams, files, err = openStreams(c, c.Files); err != nil {
		return err
	}
	if s.cfg, err = prepare(c, files); err != nil {
		return err
	}
	if c.Cgroup != "" {
		if s.group, err = newCgroup(c.Cgroup, c.Limits); err != nil {
			return err
		}
	}
	return nil
}

// run clones in the cheapest way that does. A kernel, or a filter around us,
// that has no clone3 leaves the cgroup to be joined from outside, for which the
// child has to wait.
func (s *start) run() (*Process, error) {
	into := -1
	if s.group != nil {
		into = s.group.fd
	}
	start := s.startFork
	if s.cfg.vfork {
		start = s.startVfork
	}
	prepareClone(s.cfg, s.cmd, s.cmd.Namespaces, into)
	p, err := start()
	var e *Error
	if into < 0 || !errors.As(err, &e) || e.Step != StepClone || !errors.Is(err, unix.ENOSYS) {
		return p, err
	}
	s.late, s.cfg.waitParent, s.cfg.vfork = true, true, false
	prepareClone(s.cfg, s.cmd, s.cmd.Namespaces, -1)
	return s.startFork()
}

func (s *start) process(pid int) *Process {
	return &Process{
		pid: pid, pidfd: int(s.cfg.pidfd), listener: s.listener,
		limits: s.cmd.Limits, streams: s.streams, group: s.group, began: s.began,
		init: s.init, lifeline: s.lifeline,
		ended: make(chan struct{}),
	}
}

// startVfork needs no pipe: when clone returns, execve has succeeded, or the
// child is dead and its report complete.
func (s *start) startVfork() (*Process, error) {
	s.cfg.report = new(report)
	pid, errno := forkAndExecInChild(s.cfg)
	runtime.KeepAlive(s.cfg)
	if errno != 0 {
		return nil, cloneError(errno)
	}
	if err := childError(s.cmd, s.cfg.report); err != nil {
		reap(pid, 0)
		return nil, err
	}
	return s.process(pid), nil
}

// startFork keeps to one thread: the tracer is a thread, and so is the parent
// whose death the child wants to notice.
func (s *start) startFork() (*Process, error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if s.cfg.ptrace != PtraceNone {
		s.wait = unix.WALL | unix.WNOTHREAD
	}
	done := false
	defer func() {
		s.closeSocket()
		if !done {
			s.abandon()
		}
	}()
	if err := s.clone(); err != nil {
		return nil, err
	}
	if err := s.configure(); err != nil {
		return nil, err
	}
	done = true
	p := s.process(s.pid)
	if s.cfg.ptrace == PtraceNone && !s.cfg.listener {
		s.page.free()
		return p, nil
	}
	p.keep(s.cmd, s.page)
	return p, nil
}

func (s *start) clone() error {
	var err error
	if s.page, err = newPage(); err != nil {
		return prepareError("mmap", err)
	}
	s.cfg.report = s.page.report()
	cloning.Lock()
	defer cloning.Unlock()
	if s.cfg.init {
		r, w, err := os.Pipe()
		if err != nil {
			return prepareError("pipe", err)
		}
		defer r.Close()
		s.lifeline, s.cfg.initPipe = w, int(r.Fd())
	}
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return prepareError("socketpair", err)
	}
	s.sock = pair[0]
	s.cfg.parentSock, s.cfg.sock = pair[0], pair[1]
	pid, errno := forkAndExecInChild(s.cfg)
	runtime.KeepAlive(s.cfg)
	_ = unix.Close(pair[1])
	if errno != 0 {
		return cloneError(errno)
	}
	s.pid = pid
	return s.meetInit()
}

// meetInit learns from the process that was cloned which it has made, and reaps
// it.
func (s *start) meetInit() error {
	if !s.cfg.init {
		return nil
	}
	st, ok := reap(s.pid, s.wait)
	s.init, s.pid, s.gone = int(s.cfg.report.init), int(s.cfg.report.child), s.cfg.report.child == 0
	if err := s.childError(); err != nil && s.gone {
		return err
	}
	if s.gone {
		return &Error{Kind: KindSynchronisation, Step: StepInit, Index: -1, Err: deathError(st)}
	}
	if !ok || !wantPIDFD(s.cmd) {
		return nil
	}
	pidfd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return prepareError("pidfd_open", err)
	}
	s.cfg.pidfd = int32(pidfd)
	return nil
}

// configure is the parent's part of a start, in the order in which the child
// waits for it.
func (s *start) configure() error {
	if err := s.admit(); err != nil {
		return err
	}
	if s.cfg.sync {
		if err := s.callSync(); err != nil {
			return err
		}
	}
	if s.cfg.ptrace != PtraceNone {
		return s.attach()
	}
	if s.cfg.listener {
		return s.awaitListener()
	}
	if _, err := s.receive(); !errors.Is(err, io.EOF) {
		return s.failed(StepExec, err)
	}
	return s.childError()
}

// admit does for the child what has to be done from outside, and lets it go on.
func (s *start) admit() error {
	if !s.cfg.waitParent {
		return nil
	}
	if s.late {
		if err := s.group.add(s.pid); err != nil {
			return err
		}
	}
	if err := s.mapIDs(); err != nil {
		return err
	}
	return s.send(StepWait)
}

func (s *start) callSync() error {
	word, err := s.receive()
	if err != nil {
		return s.failed(StepSync, err)
	}
	if word != wordSync {
		return s.failed(StepSync, fmt.Errorf("the child said %q", word))
	}
	if err := s.cmd.Sync(s.pid); err != nil {
		return &Error{Kind: KindSynchronisation, Step: StepSync, Index: -1, Err: err}
	}
	return s.send(StepSync)
}

// receive waits for a word of the child: io.EOF when it has become the program,
// or is dead.
func (s *start) receive() (byte, error) {
	var b [1]byte
	for {
		n, err := unix.Read(s.sock, b[:])
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return 0, err
		case n == 0:
			return 0, io.EOF
		}
		return b[0], nil
	}
}

// send lets the child go on. A child that is dead makes it fail, without SIGPIPE.
func (s *start) send(step Step) error {
	for {
		err := unix.Sendto(s.sock, []byte{wordGo}, unix.MSG_NOSIGNAL, nil)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case err != nil:
			return s.failed(step, err)
		}
		return nil
	}
}

func (s *start) childError() error { return childError(s.cmd, s.cfg.report) }

func (s *start) closeSocket() {
	if s.sock >= 0 {
		_ = unix.Close(s.sock)
		s.sock = -1
	}
}

// childError converts the child's report; nil: it reported no error.
func childError(c *Cmd, r *report) error {
	if r.errno == 0 {
		return nil
	}
	e := &Error{Kind: KindConfiguration, Step: Step(r.step), Index: int(r.index), Err: syscall.Errno(r.errno)}
	switch e.Step {
	case StepExec:
		e.Kind, e.Subject = KindSystemCall, c.Path
		if c.ExecFD > 0 && c.Path == "" {
			e.Subject = fmt.Sprintf("descriptor %d", c.ExecFD)
		}
	case StepWait, StepSync, StepTraceMe, StepConfirm:
		e.Kind = KindSynchronisation
	default:
		e.Subject = subject(c, e.Step, e.Index)
	}
	if said, ok := strings.CutPrefix(unix.ByteSliceToString(r.said[:]), "e "); ok {
		e.Err = fmt.Errorf("%w: %s", e.Err, strings.TrimSpace(said))
	}
	if r.op != opNone {
		e.Err = &os.SyscallError{Syscall: opNames[r.op], Err: e.Err}
	}
	return e
}
