package forkexec

import (
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// awaitListener fetches the listener of a filter from a child that is not
// traced, and that may make no system call any more to hand it over: it waits
// for report.ack in a loop.
func (s *start) awaitListener() error {
	poll := []unix.PollFd{{Fd: int32(s.sock), Events: unix.POLLIN}}
	for {
		if fd := load(&s.cfg.report.listener); fd != 0 {
			return s.takeListener(int(fd) - 1)
		}
		n, err := unix.Poll(poll, 1)
		if err != nil && !errors.Is(err, unix.EINTR) {
			return s.failed(StepSeccomp, err)
		}
		if n > 0 { // the child never got as far
			_, err := s.receive()
			return s.failed(StepSeccomp, err)
		}
	}
}

// takeListener copies descriptor fd of the child here and lets it go on, the
// limit on open files set, which the listener could be one too many for.
func (s *start) takeListener(fd int) error {
	pidfd, err := unix.PidfdOpen(s.pid, 0)
	if err != nil {
		return s.failed(StepSeccomp, fmt.Errorf("pidfd_open: %w", err))
	}
	s.listener, err = unix.PidfdGetfd(pidfd, fd, 0)
	_ = unix.Close(pidfd)
	if err != nil {
		s.listener = -1
		return s.failed(StepSeccomp, fmt.Errorf("pidfd_getfd: %w", err))
	}
	for i := range s.cfg.rlimits {
		r := &s.cfg.rlimits[i]
		if r.step != stepListener {
			continue
		}
		if err := unix.Prlimit(s.pid, r.resource, &r.limit, nil); err != nil {
			return &Error{Kind: KindConfiguration, Step: StepOpenFiles, Index: r.index, Subject: subject(s.cmd, StepOpenFiles, r.index), Err: err}
		}
	}
	s.cfg.report.ack = 1
	return nil
}
