package forkexec

import (
	"errors"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

// Process is a started child. Wait reaps an untraced one; a traced one is
// reaped by its tracer, which calls Release after that.
type Process struct {
	pid    int
	traced bool

	cmd     *Cmd
	page    *page
	cleanup runtime.Cleanup

	mu   sync.Mutex
	done bool
}

// PID is the child's process id.
func (p *Process) PID() int { return p.pid }

// keep has what ExecError needs. A process that is dropped without Release
// frees its page when it is collected.
func (p *Process) keep(c *Cmd, pg *page) {
	p.traced = true
	p.cmd = &Cmd{Path: c.Path, ExecFD: c.ExecFD, Dir: c.Dir}
	p.page = pg
	p.cleanup = runtime.AddCleanup(p, (*page).free, pg)
}

// ExecError is why a traced child did not become the program, as *Error: "exec
// /bin/nope: no such file or directory". It is nil as long as nothing has
// failed, so a tracer asks when the child has died without PTRACE_EVENT_EXEC.
// For an untraced child Start itself returns the error.
func (p *Process) ExecError() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page == nil {
		return nil
	}
	return childError(p.cmd, p.page.report())
}

// Release frees what Start keeps of a traced child for ExecError. It neither ends
// nor reaps the child.
func (p *Process) Release() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.page != nil {
		p.cleanup.Stop()
		p.page.free()
		p.page = nil
	}
}

// Result is how a process ended.
type Result struct {
	Status unix.WaitStatus
	Usage  unix.Rusage // its own, and of the children it waited for
}

var errTraced = errors.New("the child is traced: its tracer waits for it")

// Wait waits until the child ends, and reaps it. A second Wait is an error
// (os.ErrProcessDone).
func (p *Process) Wait() (*Result, error) {
	if p.traced {
		return nil, errTraced
	}
	if err := p.blockUntilDead(); err != nil {
		return nil, os.NewSyscallError("waitid", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return nil, os.ErrProcessDone
	}
	r := new(Result)
	for {
		_, err := unix.Wait4(p.pid, &r.Status, unix.WALL, &r.Usage)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		p.done = true
		if err != nil {
			return nil, os.NewSyscallError("wait4", err)
		}
		return r, nil
	}
}

// blockUntilDead leaves the dead child to be reaped, so that Signal never hits a
// process that got its pid: reaping and signalling exclude each other.
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

// Signal sends a signal to the child; os.ErrProcessDone once it is reaped.
func (p *Process) Signal(sig unix.Signal) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return os.ErrProcessDone
	}
	return os.NewSyscallError("kill", unix.Kill(p.pid, sig))
}
