package forkexec

import "strconv"

// Step names one thing done on the way from clone to execve. The child's steps
// run in the order of their values.
type Step uint8

// The steps of the parent, then those of the child in the order they are made.
const (
	StepCheck   Step = iota // the Cmd is validated
	StepPrepare             // descriptors and memory for the start
	StepClone               // clone, clone3
	StepWait                // the child waits for the parent's word

	StepSetsid
	StepSetpgid
	StepFiles
	StepCloseFiles
	StepCtty
	StepForeground
	StepGroups
	StepGID
	StepUID
	StepDir
	StepNoNewPrivs
	StepSync
	StepTraceMe
	StepConfirm
	StepParentDeath
	StepSignals
	StepSeccomp
	StepExec

	stepCount
)

// firstChildStep is the first step that the child makes.
const firstChildStep = StepWait

// stepNames has what an error message leads with: the system call where that is
// what people look up.
func stepName(s Step) string {
	switch s {
	case StepCheck:
		return "check"
	case StepPrepare:
		return "prepare"
	case StepClone:
		return "clone"
	case StepWait:
		return "wait for the parent"
	case StepSetsid:
		return "setsid"
	case StepSetpgid:
		return "setpgid"
	case StepFiles:
		return "descriptor"
	case StepCloseFiles:
		return "close descriptors"
	case StepCtty:
		return "set controlling terminal"
	case StepForeground:
		return "set foreground process group"
	case StepGroups:
		return "setgroups"
	case StepGID:
		return "setgid"
	case StepUID:
		return "setuid"
	case StepDir:
		return "chdir"
	case StepNoNewPrivs:
		return "set no_new_privs"
	case StepSync:
		return "sync"
	case StepTraceMe:
		return "ptrace(PTRACE_TRACEME)"
	case StepConfirm:
		return "attach"
	case StepParentDeath:
		return "set parent-death signal"
	case StepSignals:
		return "restore signal mask"
	case StepSeccomp:
		return "load seccomp filter"
	case StepExec:
		return "exec"
	}
	return ""
}

// String gives the step's name as error messages have it.
func (s Step) String() string {
	if name := stepName(s); name != "" {
		return name
	}
	return "Step(" + strconv.Itoa(int(s)) + ")"
}
