package forkexec

import (
	"errors"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

func ptrace(request, pid int, addr, data uintptr) error {
	if _, _, errno := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), addr, data, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

func (s *start) ptraceError(request string, err error) error {
	return s.failed(StepConfirm, fmt.Errorf("ptrace(%s): %w", request, err))
}

// attach makes the calling thread the tracer in the way that was asked for, lets
// the child go on, and steps it to where Start leaves it (see PtraceMode).
func (s *start) attach() error {
	var err error
	switch s.cfg.ptrace {
	case PtraceSeize:
		err = s.seizeStopped()
	case PtraceTraceMe:
		err = s.optionsAfterTraceMe()
	case PtraceSeizeReady:
		err = s.seizeReady()
	}
	if err != nil {
		return err
	}
	if err := s.send(StepConfirm); err != nil {
		return err
	}
	return s.stepToExec()
}

// options has PTRACE_O_TRACESYSGOOD besides the caller's, for the stepping.
func (s *start) options() uintptr {
	return uintptr(s.cmd.PtraceOptions | unix.PTRACE_O_TRACESYSGOOD)
}

// seizeStopped turns PTRACE_TRACEME into PTRACE_SEIZE. The child is detached
// into a group-stop, so it does not run in between. A SIGCONT of somebody else
// there would set it running, as far as its read of our word; the interrupt
// makes it stop in that case too.
func (s *start) seizeStopped() error {
	if err := s.awaitStop(); err != nil {
		return err
	}
	if err := ptrace(unix.PTRACE_DETACH, s.pid, 0, uintptr(unix.SIGSTOP)); err != nil {
		return s.ptraceError("PTRACE_DETACH", err)
	}
	if err := s.seize(); err != nil {
		return err
	}
	if err := unix.Kill(s.pid, unix.SIGCONT); err != nil {
		return s.failed(StepConfirm, fmt.Errorf("kill(SIGCONT): %w", err))
	}
	return s.passSIGCONT()
}

// passSIGCONT runs the child until the SIGCONT that ended its group-stop has
// been reported, and swallows it. It is reported before the child reads our word:
// it is not blocked by then.
func (s *start) passSIGCONT() error {
	for sig := uintptr(0); ; {
		if err := ptrace(unix.PTRACE_CONT, s.pid, 0, sig); err != nil {
			return s.ptraceError("PTRACE_CONT", err)
		}
		st, err := s.waitStop()
		if err != nil {
			return err
		}
		sig = 0
		if st>>16 != 0 {
			continue
		}
		if st.StopSignal() == unix.SIGCONT {
			return nil
		}
		sig = uintptr(st.StopSignal())
	}
}

// seize seizes the child and has it stopped by PTRACE_EVENT_STOP.
func (s *start) seize() error {
	if err := ptrace(unix.PTRACE_SEIZE, s.pid, 0, s.options()); err != nil {
		return s.ptraceError("PTRACE_SEIZE", err)
	}
	if err := ptrace(unix.PTRACE_INTERRUPT, s.pid, 0, 0); err != nil {
		return s.ptraceError("PTRACE_INTERRUPT", err)
	}
	_, err := s.waitStop()
	return err
}

func (s *start) seizeReady() error {
	if err := s.awaitReady(); err != nil {
		return err
	}
	return s.seize()
}

func (s *start) awaitReady() error {
	word, err := s.receive()
	if err != nil {
		return s.failed(StepConfirm, err)
	}
	if word != wordReady {
		return s.failed(StepConfirm, fmt.Errorf("the child said %q", word))
	}
	return nil
}

func (s *start) optionsAfterTraceMe() error {
	if err := s.awaitStop(); err != nil {
		return err
	}
	if err := ptrace(unix.PTRACE_SETOPTIONS, s.pid, 0, s.options()); err != nil {
		return s.ptraceError("PTRACE_SETOPTIONS", err)
	}
	return nil
}

// awaitStop stops a child that has done PTRACE_TRACEME by SIGSTOP, and leaves it in
// that stop. A SIGCONT of somebody else takes a pending SIGSTOP with it; but
// then it is reported itself, and another SIGSTOP is sent while the child cannot
// take the first.
func (s *start) awaitStop() error {
	if err := s.awaitReady(); err != nil {
		return err
	}
	for sig := unix.Signal(0); ; {
		if err := unix.Kill(s.pid, unix.SIGSTOP); err != nil {
			return s.failed(StepConfirm, fmt.Errorf("kill(SIGSTOP): %w", err))
		}
		if sig != 0 {
			if err := ptrace(unix.PTRACE_CONT, s.pid, 0, uintptr(sig)); err != nil {
				return s.ptraceError("PTRACE_CONT", err)
			}
		}
		st, err := s.waitStop()
		if err != nil {
			return err
		}
		if sig = st.StopSignal(); sig == unix.SIGSTOP {
			return nil
		}
	}
}

// waitStop waits for the next stop of the child. The child's end is an error.
func (s *start) waitStop() (unix.WaitStatus, error) {
	var st unix.WaitStatus
	for {
		_, err := unix.Wait4(s.pid, &st, s.wait, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return 0, s.failed(StepConfirm, fmt.Errorf("wait4: %w", err))
		}
		break
	}
	if st.Stopped() {
		return st, nil
	}
	s.gone = true
	return 0, s.failed(StepConfirm, deathError(st))
}

// syscallStop is what a stop at a system call's entry or exit has for a signal,
// under PTRACE_O_TRACESYSGOOD.
const syscallStop = unix.SIGTRAP | 0x80

// stepToExec steps the child until it leaves its last system call before
// execve. The child says in its report when the next is that one, so the first
// stop then is its entry and the second its exit.
func (s *start) stepToExec() error {
	for sig, seen := uintptr(0), 0; ; {
		if err := ptrace(unix.PTRACE_SYSCALL, s.pid, 0, sig); err != nil {
			return s.ptraceError("PTRACE_SYSCALL", err)
		}
		st, err := s.waitStop()
		if err != nil {
			return err
		}
		sig = 0
		switch {
		case st>>16 != 0:
			continue
		case st.StopSignal() != syscallStop:
			sig = uintptr(st.StopSignal())
			continue
		case s.cfg.report.phase == phaseLast:
			seen++
		}
		if seen == 2 {
			return s.leaveAtExec()
		}
	}
}

// leaveAtExec looks whether the last call succeeded, and leaves the caller's
// options in force.
func (s *start) leaveAtExec() error {
	value, failed, known := s.callResult()
	if known && failed {
		// The child is about to report it, and to exit.
		_ = ptrace(unix.PTRACE_CONT, s.pid, 0, 0)
		reap(s.pid, s.wait)
		s.gone = true
		return s.failed(StepSeccomp, unix.EINVAL)
	}
	if s.cfg.listener {
		if !known {
			return s.failed(StepSeccomp, errors.New("no PTRACE_GET_SYSCALL_INFO to learn the listener by"))
		}
		if err := s.takeListener(value); err != nil {
			return err
		}
	}
	if s.cmd.PtraceOptions&unix.PTRACE_O_TRACESYSGOOD != 0 {
		return nil
	}
	if err := ptrace(unix.PTRACE_SETOPTIONS, s.pid, 0, uintptr(s.cmd.PtraceOptions)); err != nil {
		return s.ptraceError("PTRACE_SETOPTIONS", err)
	}
	return nil
}

// syscallExit is struct ptrace_syscall_info at an exit stop, linux/ptrace.h.
type syscallExit struct {
	op      uint8
	_       [3]uint8
	arch    uint32
	ip, sp  uint64
	rval    int64
	isError uint8
	_       [64]byte
}

// callResult asks what the call gives that the child is leaving. Kernels
// before 5.3 do not say; then Process.ExecError has it in the end.
func (s *start) callResult() (value int, failed, known bool) {
	var info syscallExit
	err := ptrace(unix.PTRACE_GET_SYSCALL_INFO, s.pid, unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)))
	if err != nil || info.op != unix.PTRACE_SYSCALL_INFO_EXIT {
		return 0, false, false
	}
	return int(info.rval), info.isError != 0, true
}
