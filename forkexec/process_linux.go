package forkexec

import (
	"errors"
	"os"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Process is a started child. Wait reaps an untraced one; a traced one is
// reaped by its tracer, which calls Reaped after that.
type Process struct {
	pid      int
	pidfd    int
	listener int
	traced   bool

	limits   Limits
	streams  *streams
	group    *cgroup
	init     int // process 1 of the pid namespace, where it is ours
	lifeline *os.File
	began    time.Time
	clock    clock
	ended    chan struct{} // closed when the child is reaped

	cmd     *Cmd
	page    *page
	cleanup runtime.Cleanup

	mu   sync.Mutex
	done bool
	hit  Limit
}

// PID is the child's process id.
func (p *Process) PID() int { return p.pid }

// PIDFD is the pidfd that Cmd.PIDFD asked for, or -1. It is closed when the child
// is reaped.
func (p *Process) PIDFD() int { return p.pidfd }

// Done is closed when the child has ended and was reaped.
func (p *Process) Done() <-chan struct{} { return p.ended }

// Listener is the descriptor that Cmd.SeccompListener asked for, or -1. It is
// the caller's to close.
func (p *Process) Listener() int { return p.listener }

// keep has what ExecError needs. A process that is dropped without Release
// frees its page when it is collected.
func (p *Process) keep(c *Cmd, pg *page) {
	p.traced = c.Ptrace != PtraceNone
	own := *c
	p.cmd = &own
	p.page = pg
	p.cleanup = runtime.AddCleanup(p, (*page).free, pg)
}

// ExecError is why a child did not become the program, as *Error: "exec
// /bin/nope: no such file or directory", where Start returned before that was
// known. It is nil as long as nothing has failed, so a tracer asks when the
// child has died without PTRACE_EVENT_EXEC.
func (p *Process) ExecError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page == nil {
		return nil
	}
	return childError(p.cmd, p.page.report())
}

// Release frees what Start keeps for ExecError. It neither ends nor reaps the
// child.
func (p *Process) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page != nil {
		p.cleanup.Stop()
		p.page.free()
		p.page = nil
	}
}

var errTraced = errors.New("the child is traced: its tracer waits for it")

// Wait waits until the child ends, and reaps it. It is an error if the child
// never became the program (see ExecError), if copying from Stdin or to Stdout
// and Stderr failed, in which case there is a Result too, if somebody else has
// reaped it, or nobody could since SIGCHLD is ignored (unix.ECHILD), and a
// second time (os.ErrProcessDone).
func (p *Process) Wait() (*Result, error) {
	if p.traced {
		return nil, errTraced
	}
	if err := p.blockUntilDead(); err != nil && !errors.Is(err, unix.ECHILD) {
		return nil, os.NewSyscallError("waitid", err)
	}
	st, usage, err := p.reap()
	if errors.Is(err, os.ErrProcessDone) {
		return nil, err
	}
	execError := p.ExecError()
	r, streamError := p.finish(st, usage)
	switch {
	case execError != nil:
		return nil, execError
	case err != nil:
		return nil, err
	}
	return r, streamError
}

// Reaped is for a tracer that has reaped the child itself: it kills what the child
// leaves behind where a Cgroup or an Init makes that possible, ends the copying
// of streams, frees everything and gives the Result. It does not wait until the
// others are gone, since their tracer may have to reap them; a process of an
// unknown pid that the tracer reaps meanwhile was the init.
func (p *Process) Reaped(st unix.WaitStatus, usage *unix.Rusage) (*Result, error) {
	p.mu.Lock()
	done := p.done
	p.done = true
	p.mu.Unlock()
	if done {
		return nil, os.ErrProcessDone
	}
	close(p.ended)
	if usage == nil {
		usage = new(unix.Rusage)
	}
	return p.finish(st, usage)
}

// reap reaps the dead child. Signal never hits a process that got its pid:
// reaping and signalling exclude each other.
func (p *Process) reap() (st unix.WaitStatus, usage *unix.Rusage, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return 0, nil, os.ErrProcessDone
	}
	usage = new(unix.Rusage)
	for {
		_, err := unix.Wait4(p.pid, &st, unix.WALL, usage)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		p.done = true
		close(p.ended)
		return st, usage, os.NewSyscallError("wait4", err)
	}
}

// blockUntilDead leaves the dead child to be reaped.
func (p *Process) blockUntilDead() error {
	for {
		p.mu.Lock()
		done := p.done
		p.mu.Unlock()
		if done {
			return nil
		}
		err := unix.Waitid(unix.P_PID, p.pid, nil, unix.WEXITED|unix.WNOWAIT|unix.WALL, nil)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// finish has what comes after reaping.
func (p *Process) finish(st unix.WaitStatus, usage *unix.Rusage) (*Result, error) {
	r := &Result{Status: st, Usage: *usage, Wall: p.elapsed(), PeakMemory: uint64(usage.Maxrss) << 10}
	p.mu.Lock()
	r.Limit = p.hit
	p.mu.Unlock()
	if p.group != nil {
		_ = p.group.kill()
	}
	// The tracer, who is the caller then, may have others to reap in there.
	endInit(p.init, p.lifeline, !p.traced)
	err := p.streams.finish()
	p.account(r)
	p.group.remove()
	if p.pidfd >= 0 {
		_ = unix.Close(p.pidfd)
	}
	p.Release()
	return r, err
}

// Signal sends a signal to the child; os.ErrProcessDone once it is reaped.
func (p *Process) Signal(sig unix.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.signal(sig)
}

func (p *Process) signal(sig unix.Signal) error {
	switch {
	case p.done:
		return os.ErrProcessDone
	case p.pidfd >= 0: // a tracer may have reaped the child without saying so yet
		return os.NewSyscallError("pidfd_send_signal", unix.PidfdSendSignal(p.pidfd, sig, nil, 0))
	}
	return os.NewSyscallError("kill", unix.Kill(p.pid, sig))
}

// Kill ends the child, and with a Cgroup everything in it.
func (p *Process) Kill() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	err := p.signal(unix.SIGKILL)
	if err == nil && p.group != nil {
		err = p.group.kill()
	}
	return err
}
