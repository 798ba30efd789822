package forkexec

import (
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"

	"golang.org/x/sys/unix"
)

// undo drops what prepare made.
func (s *start) undo() {
	s.streams.close()
	s.group.remove()
	if s.cfg != nil && s.cfg.pidfd >= 0 {
		_ = unix.Close(int(s.cfg.pidfd))
	}
	if s.listener >= 0 {
		_ = unix.Close(s.listener)
	}
}

func cloneError(errno syscall.Errno) error {
	return &Error{Kind: KindSystemCall, Step: StepClone, Index: -1, Err: errno}
}

func prepareError(what string, err error) error {
	return &Error{Kind: KindSystemCall, Step: StepPrepare, Index: -1, Subject: what, Err: err}
}

// endInit ends the init of a pid namespace, which takes with it all others in
// it: when it is reaped, they are gone (zap_pid_ns_processes in
// kernel/pid_namespace.c). That waits for whoever has to reap them.
func endInit(pid int, lifeline *os.File, wait bool) {
	if lifeline != nil {
		_ = lifeline.Close()
	}
	if pid <= 0 {
		return
	}
	_ = unix.Kill(pid, unix.SIGKILL)
	if wait {
		reap(pid, unix.WALL)
		return
	}
	go reap(pid, unix.WALL)
}

// failed is the error of a start that came apart at a step: the child's own if
// it reported one, which it does before its end of the socket closes.
func (s *start) failed(step Step, err error) error {
	if own := s.childError(); own != nil {
		return own
	}
	if errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		err = s.howItDied()
	}
	return &Error{Kind: KindSynchronisation, Step: step, Index: -1, Err: err}
}

// howItDied waits for a child whose end of the socket is closed.
func (s *start) howItDied() error {
	st, ok := reap(s.pid, s.wait)
	s.gone = true
	if !ok {
		return errors.New("the child is gone")
	}
	return deathError(st)
}

func deathError(st unix.WaitStatus) error {
	if st.Signaled() {
		return fmt.Errorf("the child was killed by %s", unix.SignalName(st.Signal()))
	}
	return fmt.Errorf("the child exited with status %d", st.ExitStatus())
}

// abandon leaves nothing behind of a start that failed.
func (s *start) abandon() {
	if s.pid > 0 && !s.gone {
		_ = unix.Kill(s.pid, unix.SIGKILL)
		reap(s.pid, s.wait)
	}
	endInit(s.init, s.lifeline, true)
	s.init, s.lifeline = 0, nil
	s.page.free()
}

// reap waits for the end of a child. ptrace-stops before it are passed over:
// the child has been killed or is about to exit.
func reap(pid, options int) (unix.WaitStatus, bool) {
	for {
		var st unix.WaitStatus
		_, err := unix.Wait4(pid, &st, options, nil)
		switch {
		case errors.Is(err, unix.EINTR):
		case err != nil:
			return 0, false
		case st.Exited() || st.Signaled():
			return st, true
		default:
			_ = ptrace(unix.PTRACE_CONT, pid, 0, 0)
		}
	}
}

// subject is what a step of configuration was about.
func subject(c *Cmd, step Step, i int) string {
	switch step {
	case StepDir:
		return c.Dir
	case StepFind:
		return c.Path
	case StepSource:
		if i < 0 {
			return c.Root
		}
		return c.Mounts[i].Source
	case StepMount:
		if i < 0 {
			return "/"
		}
		return c.Mounts[i].Type + " on " + c.Mounts[i].Target
	case StepHostname:
		return c.Hostname
	case StepDomainname:
		return c.Domainname
	case StepBounding, StepAmbient:
		if i >= 0 {
			return capName(i)
		}
	case StepLandlock:
		switch n := len(c.Landlock.Paths); {
		case i >= n:
			return fmt.Sprintf("port %d", c.Landlock.Ports[i-n].Port)
		case i >= 0:
			return c.Landlock.Paths[i].Path
		}
	case StepRlimit, StepOpenFiles:
		if i >= 0 {
			return fmt.Sprintf("Rlimits[%d]", i)
		}
		return "of Limits"
	}
	return ""
}
