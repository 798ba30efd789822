package tracer

import (
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// Kind says what a [Stop] is about.
type Kind uint8

// The kinds of stops. The task of the last five is no longer traced, or there
// is none: their action is ignored.
const (
	SyscallEnter Kind = iota // about to make the call in Event
	SyscallExit              // the call in Event has returned
	Signal                   // Event.Sig is about to be delivered
	GroupStop                // the process is stopped by Event.Sig; it stays so
	NewTask                  // the first stop of a task; Event.OtherTID made it, 0: we did. One that is killed before has none
	Exec                     // an execve succeeded; Event.OtherTID: the thread that called it
	Exiting                  // about to end, see Options.TellExiting; Event is that of the call it is in, if any
	Exited                   // ended with Event.Status
	Killed                   // ended by Event.Sig
	Superseded               // vanished in the execve of thread Event.OtherTID
	Detached                 // let go, as an action asked
	Woken                    // no task: see Waker
)

var kindNames = [...]string{
	"SyscallEnter", "SyscallExit", "Signal", "GroupStop", "NewTask", "Exec", "Exiting",
	"Exited", "Killed", "Superseded", "Detached", "Woken",
}

func (k Kind) String() string { return kindNames[k] }

// A Stop is one thing that happened. It and its Event belong to the task: they
// are valid in the body of the loop that got them, and if held until the task
// goes on.
type Stop struct {
	Kind Kind
	Task *Task
	// Event has Kind, TID, PID and the times filled in; for calls all that
	// stands before "How to decode" in its declaration. A call's Event is the
	// same at SyscallEnter and SyscallExit; other kinds use another one, so that
	// they do not disturb an open call.
	Event *syscalls.Event
	// Filtered says that the program's seccomp filter sent the call here, with
	// FilterData in the low 16 bits of its SECCOMP_RET_TRACE.
	Filtered   bool
	FilterData uint16

	mode    syscalls.ABIID // of the code at a Signal stop
	siginfo [128]byte
	act     Action
	held    bool
}

// Do sets what the task does next; the zero Action is to go on. It takes effect
// after the body of the loop. The last one counts.
func (s *Stop) Do(a Action) { s.act = a }

// Hold keeps the task stopped after the body of the loop, until
// [Tracer.Resume]. Other tasks go on.
func (s *Stop) Hold() { s.held = true }

// Siginfo returns the 128 bytes of the siginfo_t of a Signal stop, in the
// layout of the tracer's own ABI.
func (s *Stop) Siginfo() []byte { return s.siginfo[:] }

// class is what a wait status says by itself.
type class uint8

const (
	classNone    class = iota // not a stop that we know
	classExited               // arg: exit code
	classKilled               // arg: signal, 0x80 set with a core
	classSyscall              // entry or exit
	classSeccomp              // a filter's SECCOMP_RET_TRACE
	classFork                 // fork, vfork or clone made a task
	classExec                 // execve succeeded
	classExit                 // about to end
	classTrap                 // PTRACE_EVENT_STOP that is no group-stop: new, interrupted, continued
	classGroup                // group-stop by signal arg
	classSignal               // signal arg is about to be delivered
	classMaybe                // signal arg is about to be delivered, or stopped the group: siginfo tells
)

// classify says what a status of wait4 means for a task that is traced with
// TRACESYSGOOD and TRACEEXEC. Only a seized task tells group-stops from
// signals.
func classify(status uint32, seized bool) (c class, arg int) {
	ws := unix.WaitStatus(status)
	switch {
	case ws.Exited():
		return classExited, ws.ExitStatus()
	case ws.Signaled():
		return classKilled, int(status & 0xff)
	case !ws.Stopped():
		return classNone, 0
	}
	sig := int(status >> 8 & 0xff)
	switch event := status >> 16; {
	case event == eventFork, event == eventVfork, event == eventClone:
		return classFork, int(event)
	case event == eventExec:
		return classExec, 0
	case event == eventExit:
		return classExit, 0
	case event == eventSeccomp:
		return classSeccomp, 0
	case event == eventStop && isStopSignal(sig):
		return classGroup, sig
	case event == eventStop:
		return classTrap, sig
	case event != 0:
		return classNone, int(event)
	case sig == int(unix.SIGTRAP)|0x80:
		return classSyscall, 0
	case !seized && isStopSignal(sig):
		return classMaybe, sig
	}
	return classSignal, sig
}

func isStopSignal(sig int) bool {
	switch unix.Signal(sig) {
	case unix.SIGSTOP, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU:
		return true
	}
	return false
}
