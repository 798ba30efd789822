package bpf

import "fmt"

// An Action is what a filter returns: one of the actions below, with 16 bits of
// data. When several filters are in force the kernel takes the lowest value as a
// signed number, so the order here is from the strongest to the weakest.
type Action uint32

// The actions of include/uapi/linux/seccomp.h.
const (
	KillProcess Action = 0x80000000
	KillThread  Action = 0x00000000
	Trap        Action = 0x00030000
	errno       Action = 0x00050000
	Notify      Action = 0x7fc00000
	Trace       Action = 0x7ff00000
	Log         Action = 0x7ffc0000
	Allow       Action = 0x7fff0000

	actionFull Action = 0xffff0000
	actionData Action = 0x0000ffff
)

// Errno is the action that fails a call with error number n without running it.
func Errno(n uint16) Action { return errno | Action(n) }

// TraceData is Trace with data that the tracer reads by PTRACE_GETEVENTMSG.
func TraceData(n uint16) Action { return Trace | Action(n) }

// Data returns the low 16 bits: an error number, or the data of Trace.
func (a Action) Data() uint16 { return uint16(a & actionData) }

// Kind returns a without its data.
func (a Action) Kind() Action { return a & actionFull }

// IsErrno reports whether a fails the call with an error number.
func (a Action) IsErrno() bool { return a.Kind() == errno }

func (a Action) String() string {
	name := ""
	switch a.Kind() {
	case KillProcess:
		name = "KILL_PROCESS"
	case KillThread:
		name = "KILL_THREAD"
	case Trap:
		name = "TRAP"
	case errno:
		return fmt.Sprintf("ERRNO(%d)", a.Data())
	case Notify:
		name = "USER_NOTIF"
	case Trace:
		name = "TRACE"
	case Log:
		name = "LOG"
	case Allow:
		name = "ALLOW"
	default:
		return fmt.Sprintf("%#x", uint32(a))
	}
	if d := a.Data(); d != 0 {
		return fmt.Sprintf("%s(%d)", name, d)
	}
	return name
}
