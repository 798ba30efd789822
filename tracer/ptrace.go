package tracer

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Requests, events and options (include/uapi/linux/ptrace.h), here because
// x/sys/unix lacks some of them on some architectures.
const (
	ptraceSetOptions     = 0x4200
	ptraceGetEventMsg    = 0x4201
	ptraceGetSigInfo     = 0x4202
	ptraceGetRegSet      = 0x4204
	ptraceSetRegSet      = 0x4205
	ptraceSeize          = 0x4206
	ptraceInterrupt      = 0x4207
	ptraceListen         = 0x4208
	ptraceSyscallInfo    = 0x420e
	ptraceSetSyscallInfo = 0x4212

	eventFork    = 1
	eventVfork   = 2
	eventClone   = 3
	eventExec    = 4
	eventExit    = 6
	eventSeccomp = 7
	eventStop    = 128

	optSysGood  = 0x1
	optFork     = 0x2
	optVfork    = 0x4
	optClone    = 0x8
	optExec     = 0x10
	optExit     = 0x40
	optSeccomp  = 0x80
	optExitKill = 0x100000
)

// ptrace makes a request. It never blocks, so the runtime is not told of it.
func ptrace(req, tid int, addr, data uintptr) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, data, 0, 0)
	return e
}

// ptracePtr is ptrace with a data argument that points to our memory.
func ptracePtr(req, tid int, addr uintptr, data unsafe.Pointer) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(tid), addr, uintptr(data), 0, 0)
	return e
}

// A RequestError is a ptrace request that the kernel refused.
type RequestError struct {
	Request string        // PTRACE_...
	Err     syscall.Errno // why
}

func (e *RequestError) Error() string { return "ptrace(" + e.Request + "): " + e.Err.Error() }

func (e *RequestError) Unwrap() error { return e.Err }

func requestName(req int) string {
	switch req {
	case unix.PTRACE_CONT:
		return "PTRACE_CONT"
	case unix.PTRACE_SYSCALL:
		return "PTRACE_SYSCALL"
	case unix.PTRACE_DETACH:
		return "PTRACE_DETACH"
	case ptraceSetOptions:
		return "PTRACE_SETOPTIONS"
	case ptraceGetEventMsg:
		return "PTRACE_GETEVENTMSG"
	case ptraceGetSigInfo:
		return "PTRACE_GETSIGINFO"
	case ptraceSeize:
		return "PTRACE_SEIZE"
	case ptraceInterrupt:
		return "PTRACE_INTERRUPT"
	case ptraceListen:
		return "PTRACE_LISTEN"
	case requestRegs:
		return "read registers"
	case requestSetRegs:
		return "write registers"
	case ptraceSyscallInfo:
		return "PTRACE_GET_SYSCALL_INFO"
	case ptraceSetSyscallInfo:
		return "PTRACE_SET_SYSCALL_INFO"
	}
	return fmt.Sprintf("request %#x", req)
}

// do makes a request about a task that is stopped, and reports whether it was
// made. Here, and nowhere else, it shows that a task can be killed, or lose its
// id to another thread's execve, at any time, even while it is stopped (ESRCH).
// Its last status is then on the way: the task is marked as gone, and that is no
// error. Every other failure is one.
func (t *Tracer) do(k *Task, req int, data uintptr) (bool, error) {
	if k.state == gone {
		return false, nil
	}
	return k.made(req, ptrace(req, k.tid, 0, data))
}

// doPtr is do with a data argument that points to our memory.
func (t *Tracer) doPtr(k *Task, req int, addr uintptr, data unsafe.Pointer) (bool, error) {
	if k.state == gone {
		return false, nil
	}
	return k.made(req, ptracePtr(req, k.tid, addr, data))
}

func (k *Task) made(req int, e syscall.Errno) (bool, error) {
	switch e {
	case 0:
		return true, nil
	case unix.ESRCH:
		k.state = gone
		return false, nil
	}
	return false, fmt.Errorf("task %d: %w", k.tid, &RequestError{requestName(req), e})
}
