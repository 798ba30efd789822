package forkexec

import (
	"golang.org/x/sys/unix"
)

// Cmd says what to start and how. Its zero value with Path set starts a plain
// program that inherits everything. Start only reads it: one Cmd may be started
// many times, and from several goroutines at once.
type Cmd struct {
	// Path is the program, as execve(2) takes it: no search in $PATH, and a
	// relative path counts from Dir.
	Path string
	// ExecFD, if positive, is the open descriptor of the program, started by
	// execveat(2) with AT_EMPTY_PATH; Path then only serves error messages.
	ExecFD int
	// Args are the arguments, Args[0] the name that the program sees as its
	// own. Empty: Path alone.
	Args []string
	// Env is the environment, "NAME=value" each. nil: the caller's.
	Env []string
	// Dir is the working directory. Empty: the caller's.
	Dir string

	// Files is the child's descriptor table: child descriptor i is the caller's
	// descriptor Files[i], or FileClosed, or FileKept. Descriptors beyond it
	// are inherited unless they are close-on-exec, as by execve(2).
	Files []int
	// CloseFiles closes every descriptor beyond Files.
	CloseFiles bool

	// Credential, if not nil, changes user, group and supplementary groups.
	Credential *Credential
	// Setsid makes the child the leader of a new session.
	Setsid bool
	// Setpgid moves the child into the process group Pgid, 0: one of its own.
	Setpgid bool
	Pgid    int
	// Ctty, if not nil, is the child descriptor of the terminal that becomes
	// the controlling one of its session; it needs Setsid.
	Ctty *int
	// Foreground, if not nil, is the child descriptor of a terminal whose
	// foreground process group the child's becomes; it needs Setpgid or Setsid.
	Foreground *int

	// NoNewPrivs sets no_new_privs: see prctl(2), PR_SET_NO_NEW_PRIVS.
	NoNewPrivs bool
	// ParentDeath is sent to the child when the thread that called Start ends;
	// 0: nothing. Mind that it is the thread, see prctl(2), PR_SET_PDEATHSIG.
	ParentDeath unix.Signal

	// Sync, if not nil, is called with the child's pid when the child is
	// configured and isolated, right before it is traced, filtered and started.
	// An error ends the child and is what Start returns, wrapped.
	Sync func(pid int) error

	// Ptrace says how the child is traced by the calling thread.
	Ptrace PtraceMode
	// PtraceOptions are PTRACE_O_* for the traced child.
	PtraceOptions int

	// Seccomp is a filter in classic BPF, loaded last, right before execve.
	// It needs NoNewPrivs or CAP_SYS_ADMIN.
	Seccomp []unix.SockFilter
	// SeccompFlags are SECCOMP_FILTER_FLAG_*.
	SeccompFlags uint
}

// What an entry of Cmd.Files says when it is no descriptor.
const (
	FileClosed = -1 // closed in the child
	FileKept   = -2 // left as the caller has it
)

// Credential is the user, group and supplementary groups of a child.
type Credential struct {
	UID, GID uint32
	// Groups are the supplementary groups; empty means none.
	Groups []uint32
	// NoSetGroups leaves the supplementary groups as they are.
	NoSetGroups bool
}

// PtraceMode says how a child becomes traced by the thread that calls Start.
//
// In every mode but PtraceNone the caller has locked its goroutine to its
// thread (runtime.LockOSThread), stays the tracer, waits for the child with
// __WALL, and Start returns with the child in one and the same known state: in
// a ptrace-stop, namely the syscall-exit-stop of the last system call that it
// makes on its own before execve. All that led there has been consumed, the
// options are in force, and the filter, if any, is loaded. The first request of
// the tracer is to resume it, without a signal: by PTRACE_SYSCALL the next stop
// is the entry of execve, by PTRACE_CONT it is PTRACE_EVENT_SECCOMP of execve
// if the filter traces that and PTRACE_EVENT_EXEC if it does not. Signals that
// came in the meantime are pending, and seen by the tracer before that.
type PtraceMode uint8

const (
	// PtraceNone leaves the child untraced.
	PtraceNone PtraceMode = iota
	// PtraceSeize has the child ask for tracing itself (PTRACE_TRACEME) and stop; the
	// caller detaches it stopped, seizes it with the options (PTRACE_SEIZE) and
	// confirms. So group-stops work (PTRACE_LISTEN) and no moment is untraced
	// in which the child could run.
	PtraceSeize
	// PtraceTraceMe leaves it at PTRACE_TRACEME, with the options set.
	PtraceTraceMe
	// PtraceSeizeReady has the child say that it is ready and wait; the caller
	// seizes it meanwhile and confirms.
	PtraceSeizeReady
)
