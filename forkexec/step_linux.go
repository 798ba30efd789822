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
	StepIDMap               // the mappings of the user namespace are written
	StepCgroup              // the cgroup is made and joined
	StepInit                // process 1 of the pid namespace is made
	StepWait                // the child waits for the parent's word

	StepSetsid
	StepSetpgid
	StepOOMScore
	StepTime
	StepLoopback
	StepPrivate  // mounts are made private to the child
	StepSource   // sources of bind mounts are opened
	StepMount    // file systems are made and put in their places
	StepPivot    // pivot_root
	StepReadonly // the root becomes read-only
	StepHostname
	StepDomainname
	StepUmask
	StepNice
	StepIOPriority
	StepPersonality
	StepFiles
	StepCloseFiles
	StepCtty
	StepForeground
	StepRlimit
	StepBounding // capabilities are dropped from the bounding set
	StepSecurebits
	StepGroups
	StepGID
	StepUID
	StepCaps
	StepAmbient
	StepDir
	StepFind // the program is looked for in the directories of Search
	StepNoNewPrivs
	StepLandlock
	StepOpenFiles // the limit on open files, once the child opens none any more
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
var stepNames = [...]string{
	StepCheck:       "check",
	StepPrepare:     "prepare",
	StepClone:       "clone",
	StepIDMap:       "map ids",
	StepCgroup:      "cgroup",
	StepInit:        "start init",
	StepWait:        "wait for the parent",
	StepSetsid:      "setsid",
	StepSetpgid:     "setpgid",
	StepOOMScore:    "set oom_score_adj",
	StepTime:        "enter time namespace",
	StepLoopback:    "bring loopback up",
	StepPrivate:     "make mounts private",
	StepSource:      "open mount source",
	StepMount:       "mount",
	StepPivot:       "pivot_root",
	StepReadonly:    "make root read-only",
	StepHostname:    "sethostname",
	StepDomainname:  "setdomainname",
	StepUmask:       "umask",
	StepNice:        "setpriority",
	StepIOPriority:  "ioprio_set",
	StepPersonality: "personality",
	StepFiles:       "descriptor",
	StepCloseFiles:  "close descriptors",
	StepCtty:        "set controlling terminal",
	StepForeground:  "set foreground process group",
	StepRlimit:      "set resource limit",
	StepBounding:    "drop capability",
	StepSecurebits:  "set securebits",
	StepGroups:      "setgroups",
	StepGID:         "setgid",
	StepUID:         "setuid",
	StepCaps:        "capset",
	StepAmbient:     "raise ambient capability",
	StepDir:         "chdir",
	StepFind:        "find",
	StepNoNewPrivs:  "set no_new_privs",
	StepLandlock:    "landlock",
	StepOpenFiles:   "set resource limit",
	StepSync:        "sync",
	StepTraceMe:     "ptrace(PTRACE_TRACEME)",
	StepConfirm:     "attach",
	StepParentDeath: "set parent-death signal",
	StepSignals:     "restore signal mask",
	StepSeccomp:     "load seccomp filter",
	StepExec:        "exec",
}

// String gives the step's name as error messages have it.
func (s Step) String() string {
	if int(s) < len(stepNames) {
		return stepNames[s]
	}
	return "Step(" + strconv.Itoa(int(s)) + ")"
}
