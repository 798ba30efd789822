package forkexec

import (
	"errors"
	"os"
	"strconv"
	"syscall"
)

// Kind is the class of an Error.
type Kind uint8

// The classes.
const (
	KindParameter       Kind = iota + 1 // the Cmd is wrong; nothing was started
	KindSystemCall                      // clone, execve and what belongs to them failed
	KindSynchronisation                 // parent and child did not come together
	KindConfiguration                   // a step that configures the child failed
)

// String gives the name of the class.
func (k Kind) String() string {
	switch k {
	case KindParameter:
		return "parameter"
	case KindSystemCall:
		return "system call"
	case KindSynchronisation:
		return "synchronisation"
	case KindConfiguration:
		return "configuration"
	}
	return "Kind(" + strconv.Itoa(int(k)) + ")"
}

// Error says which step of a start failed, and why.
type Error struct {
	Kind Kind
	Step Step
	// Index tells which one where a step has many (the descriptor, the mount,
	// the limit), -1 where it has one.
	Index int
	// Subject is what the step was about: a path, a field of Cmd; may be empty.
	Subject string
	// Err is the cause: a syscall.Errno for what the kernel refused.
	Err error
}

// Error leads with the step: "exec /bin/nope: no such file or directory". What the
// kernel is too old for names the version that has it.
func (e *Error) Error() string {
	s := e.Step.String()
	switch {
	case e.Subject != "":
		s += " " + e.Subject
	case e.Index >= 0:
		s += " " + strconv.Itoa(e.Index)
	}
	s += ": " + e.Err.Error()
	if v := e.since(); v != "" {
		s += " (it needs Linux " + v + ")"
	}
	return s
}

// since is the Linux version whose system call was missing, "" if none was.
func (e *Error) since() string {
	if !errors.Is(e.Err, syscall.ENOSYS) {
		return ""
	}
	if e.Step == StepLandlock {
		return "5.13"
	}
	var call *os.SyscallError
	if !errors.As(e.Err, &call) {
		return ""
	}
	switch call.Syscall {
	case opNames[opOpenTree], opNames[opFsopen], opNames[opFsconfig], opNames[opFsmount], opNames[opMove]:
		return "5.2"
	case opNames[opLookup]:
		return "5.6"
	case opNames[opSetattr]:
		return "5.12"
	}
	return ""
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }
