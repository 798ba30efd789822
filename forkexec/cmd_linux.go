package forkexec

import (
	"io"
	"time"

	"golang.org/x/sys/unix"
)

// Cmd says what to start and how. Its zero value with Path set starts a plain
// program that inherits everything. Start only reads it: one Cmd may be started
// many times, and from several goroutines at once.
type Cmd struct {
	// Path is the program, as execve(2) takes it: no search in $PATH unless
	// Search says so, and a relative path counts from Dir.
	Path string
	// Search, if not empty, are directories with colons in between, as $PATH has
	// them. The child looks there for a Path without a slash, in its own root and
	// as its own user, as execvp(3) does; an empty one is Dir.
	Search string
	// ExecFD, if positive, is the open descriptor of the program, started by
	// execveat(2) with AT_EMPTY_PATH; Path then only serves error messages. A
	// script's stays open in the child, where its interpreter reads /dev/fd/N.
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
	// are inherited unless they are close-on-exec, as by execve(2); a child
	// that waits before its execve, for Sync or a tracer, does not hold those
	// meanwhile.
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

	// Namespaces are CLONE_NEW* flags: the child gets new ones. An ordinary
	// user needs CLONE_NEWUSER among them. A new network namespace has its
	// loopback interface up.
	Namespaces uintptr
	// Init has a process of ours as process 1 of a new pid namespace, which
	// reaps, and the program beside it: the kernel ignores for process 1 every
	// signal whose default action would end it, abort(3) and SIGPIPE included.
	Init bool
	// UIDMap and GIDMap fill a new user namespace. Without them the child runs
	// under the overflow ids.
	UIDMap, GIDMap []IDMap
	// AllowSetgroups leaves setgroups(2) usable in a new user namespace; it
	// needs CAP_SETGID in the caller's, or a mapping that NewGIDMap writes.
	AllowSetgroups bool
	// NewUIDMap and NewGIDMap are the set-user-ID programs that write mappings
	// the caller itself may not. Empty: newuidmap and newgidmap of $PATH.
	NewUIDMap, NewGIDMap string
	// TimeOffsets shift the clocks of a new time namespace.
	TimeOffsets TimeOffsets

	// Root is the directory that becomes the child's root, with all that is
	// mounted below it; the old root is gone. It needs CLONE_NEWNS and is short for
	// a first Mount of that directory on "/".
	Root string
	// Mounts are made in this order, below the new root if there is one.
	Mounts []Mount
	// ReadonlyRoot makes the new root read-only, in the end.
	ReadonlyRoot bool
	// Hostname and Domainname are set in a new UTS namespace.
	Hostname, Domainname string

	// IgnoredSignals are those that the program starts with ignored: bit n-1 is
	// signal n. SIG_IGN survives execve; what Go has set is reset to SIG_DFL.
	IgnoredSignals uint64

	// Umask, if not nil, is the file mode creation mask.
	Umask *int
	// Nice, if not nil, is the nice value, -20 to 19.
	Nice *int
	// IOPriority, if not nil, is the value of ioprio_set(2): class<<13 | level.
	IOPriority *int
	// Personality, if not nil, is the argument of personality(2).
	Personality *uint32
	// NoASLR adds ADDR_NO_RANDOMIZE to the personality.
	NoASLR bool
	// OOMScoreAdj, if not nil, is written to /proc/self/oom_score_adj, -1000 to 1000.
	OOMScoreAdj *int
	// Rlimits are set by prlimit64(2).
	Rlimits []Rlimit
	// Securebits, if not 0, are SECBIT_* of capabilities(7).
	Securebits int
	// Caps, if not nil, are the only capabilities left.
	Caps *Caps
	// Landlock, if not nil, restricts the child. It needs NoNewPrivs or
	// CAP_SYS_ADMIN.
	Landlock *Landlock

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
	// SeccompListener asks for the descriptor on which the filter's
	// SECCOMP_RET_USER_NOTIF arrive: Process.Listener. Since execve itself may
	// wait for an answer, Start returns before it, and Process.ExecError and
	// Process.Wait have its error.
	SeccompListener bool

	// PIDFD asks for a pidfd of the child: Process.PIDFD.
	PIDFD bool
	// Cgroup is a directory of cgroup v2 in which the caller may make groups.
	// The child starts in a new one of its own there; when it ends, everything
	// left in that group is killed and the group is removed.
	Cgroup string
	// Contain has everything that the child started gone when Wait returns,
	// setsid and double forks included. Cgroup and CLONE_NEWPID do that by
	// themselves; where neither is given, Contain adds CLONE_NEWPID with Init, and for
	// an ordinary user CLONE_NEWUSER with the caller's ids mapped to themselves.
	Contain bool
	// Limits end the child when it takes too much.
	Limits Limits

	// Stdin, Stdout and Stderr, where not nil, are what descriptors 0, 1 and 2
	// of the child are copied from and to, by pipes; Files then has nothing
	// else to say about them. Wait waits for the copies.
	Stdin          io.Reader
	Stdout, Stderr io.Writer
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
	// PtraceSeize has the child ask for tracing itself (PTRACE_TRACEME); the caller
	// stops it, detaches it stopped, seizes it with the options (PTRACE_SEIZE) and
	// confirms. So group-stops work (PTRACE_LISTEN) and no moment is untraced
	// in which the child could run.
	PtraceSeize
	// PtraceTraceMe leaves it at PTRACE_TRACEME, with the options set.
	PtraceTraceMe
	// PtraceSeizeReady has the child say that it is ready and wait; the caller
	// seizes it meanwhile and confirms.
	PtraceSeizeReady
)

// IDMap maps Count ids from Inside, in the new user namespace, to Outside.
type IDMap struct {
	Inside, Outside, Count uint32
}

// TimeOffsets are added to the clocks of a time namespace: time_namespaces(7).
type TimeOffsets struct {
	Monotonic, Boottime time.Duration
}

// Mount is one mount of the child.
//
// Type "bind" mounts what is at Source, with all below it. Type "dev" makes a
// small /dev: null, zero, full, random, urandom, tty, ptmx, pts, shm and the
// links to /proc/self/fd. Type "symlink" makes a symbolic link at Target to
// Source, and "dir" a directory. Everything else is a file system type of the
// kernel: tmpfs, proc, sysfs, devpts, mqueue, overlay, ...
//
// A Target that does not exist is made. It is looked up inside the new root,
// whatever symbolic links are there. A Mount on "/" is a new root, and has to
// come first.
type Mount struct {
	Type   string
	Source string
	Target string
	// Options are those of the file system, as in mount(8): "size=1m,mode=755".
	// A comma in a value is written "\,".
	Options string
	// Attr are MOUNT_ATTR_* of mount_setattr(2), for a bind mount and all below
	// it. They are added: what is read-only, nosuid, ... stays so.
	Attr uint64
	// Optional leaves out a bind mount whose Source does not exist.
	Optional bool
}

// Rlimit is a soft and hard limit on a resource, RLIMIT_*. unix.RLIM_INFINITY
// is ^uint64(0).
type Rlimit struct {
	Resource  int
	Soft, Max uint64
}

// Caps says which capabilities a child keeps; bit n is capability n, as
// 1<<unix.CAP_KILL.
type Caps struct {
	// Keep are left in the bounding, permitted, effective and inheritable
	// sets, where they were there; all others are dropped from every set.
	// ^uint64(1<<unix.CAP_SYS_ADMIN) drops one.
	Keep uint64
	// Ambient are raised in the inheritable and ambient sets, so that a program
	// of a user who is not root has them.
	Ambient uint64
}

// Landlock is a ruleset of landlock(7).
type Landlock struct {
	// HandledFS, HandledNet and Scoped are LANDLOCK_ACCESS_FS_*,
	// LANDLOCK_ACCESS_NET_* and LANDLOCK_SCOPE_*: what is denied unless a rule
	// allows it.
	HandledFS, HandledNet, Scoped uint64
	Paths                         []LandlockPath
	Ports                         []LandlockPort
	// BestEffort leaves out what the running kernel does not know, rather than
	// failing.
	BestEffort bool
}

// LandlockPath allows Access below Path, which is looked up by the child, in
// its own root. For a file, the rights that only directories have are left out.
type LandlockPath struct {
	Path   string
	Access uint64
}

// LandlockPort allows Access to a TCP port.
type LandlockPort struct {
	Port   uint16
	Access uint64
}

// Limits end a child, and Result.Limit says which one did. Zero is no limit.
type Limits struct {
	// Wall is the time from start to end.
	Wall time.Duration
	// CPU is the time on all processors: of everything in the Cgroup, or else
	// of the child itself (and RLIMIT_CPU, in whole seconds, for each process
	// that it starts).
	CPU time.Duration
	// Memory is memory.max of the Cgroup, in bytes, or else the address space
	// of each process (RLIMIT_AS).
	Memory uint64
	// Output is how many bytes Stdout and Stderr together may take.
	Output uint64
	// FileSize is the size of any file that is written (RLIMIT_FSIZE).
	FileSize uint64
	// Procs is pids.max of the Cgroup, or else RLIMIT_NPROC, which counts all
	// processes of the user, and none of root's.
	Procs uint64
	// OpenFiles is RLIMIT_NOFILE.
	OpenFiles uint64
	// CPUs is how many processors the Cgroup may use at a time (cpu.max).
	CPUs float64
}
