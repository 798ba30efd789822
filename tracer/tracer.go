package tracer

import (
	"errors"
	"fmt"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

// Options say how a [Tracer] works. The zero value traces the tasks that are
// given to it, all their system calls and signals, and none of their children.
type Options struct {
	// FollowForks also traces what fork, vfork and clone make, and all threads
	// of a process that is attached.
	FollowForks bool
	// Filter says that the programs that are started have a seccomp filter that
	// sends calls here by SECCOMP_RET_TRACE. They run from one such call to the
	// next. The filter must send seccomp and prctl here: a task that installs
	// a filter of its own stops at every call from then on, as do its children.
	Filter bool
	// AllCalls has programs under a Filter stop at every call all the same.
	AllCalls bool
	// ExitKill has the kernel kill every task when the tracer ends, however it
	// ends (PTRACE_O_EXITKILL).
	ExitKill bool
	// TraceMe leaves what is started traced by PTRACE_TRACEME, without
	// PTRACE_SEIZE: a group-stop then does not last.
	TraceMe bool
	// CPUTime fills in CPUEnter and CPUExit, as wait4(2) has them: of the whole
	// process and its children that it waited for.
	CPUTime bool
	// TellExiting has a task stop once more when it is about to end
	// (PTRACE_O_TRACEEXIT): an Exiting stop, while it still can be looked at.
	// Those of all threads of a process come before the first of them ends. It
	// also tells of the calls of tasks that are killed before they can be looked
	// at; their events are Lost.
	TellExiting bool
	// Placement says on which CPUs tracer and tracees run. With any but PlaceFree
	// ExitKill is set for what is started: a tracer that is killed must not leave
	// behind programs that are bound to one CPU.
	Placement Placement
	// PlaceAttached places the tasks that are attached, too, and sets ExitKill
	// for them.
	PlaceAttached bool
	// Describe asks for more about descriptors than their names.
	Describe FDDetails
	// DescribePIDs says what is told of process ids.
	DescribePIDs PIDDetails

	noSyscallInfo bool // tests: as before Linux 5.3
}

// A Tracer traces tasks. All its methods, and those of its tasks and stops, are
// to be called by the goroutine that made it: ptrace binds to one thread, to
// which New locks the goroutine. Only a [Waker] is for others.
//
// That goroutine must not start processes by other means (os/exec): the tracer
// would get their status.
type Tracer struct {
	opt   Options
	flags uintptr // PTRACE_O_*

	tasks map[int]*Task
	procs map[int]*process
	early map[int]uint32 // the first statuses of tasks whose parent's event is to come
	over  map[int]bool   // tasks that ended while they were adopted
	free  []*Task

	queue queue
	guess guess
	place placement
	ready ring
	bell  bell

	mono, wall int64 // of the status being handled
	cpu        int64
	base       time.Time
	baseMono   int64

	info    syscallInfo
	noInfo  bool
	message uintptr
	status  uint32 // wait4's
	regs    userRegs
	rusage  unix.Rusage
	mem     memory
	path    []byte     // fdname.go: a path in /proc
	link    [4096]byte // and where it leads, or what is in it
	stat    [2]unix.Stat_t
	sockets sockets
	genl    genericFamilies
	pids    map[pidKey]int // ids of other PID namespaces
	pidNS   uint64         // inode number of ours
	effects effects
	epoch   epoch
	sigchld sigaction

	ending End // what Close is at
}

// New makes a tracer and locks the goroutine to its thread until Close. While
// there is a tracer, stops of its tasks send no SIGCHLD to the program.
func New(opt Options) (*Tracer, error) {
	runtime.LockOSThread()
	t := &Tracer{
		opt: opt, flags: opt.flags(), noInfo: opt.noSyscallInfo,
		tasks: map[int]*Task{}, procs: map[int]*process{}, early: map[int]uint32{}, over: map[int]bool{},
		epoch: epoch{now: 1, age: fdAge, long: brief},
	}
	var ts unix.Timespec
	t.base = time.Now()
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts); err != nil {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("clock_gettime: %w", err)
	}
	t.baseMono = ts.Nano()
	t.place.begin(opt.Placement)
	if e := silenceSIGCHLD(&t.sigchld); e != 0 {
		runtime.UnlockOSThread()
		return nil, fmt.Errorf("rt_sigaction(SIGCHLD): %w", e)
	}
	return t, nil
}

func (o *Options) flags() uintptr {
	f := uintptr(optSysGood | optExec)
	if o.FollowForks {
		f |= optFork | optVfork | optClone
	}
	if o.Filter {
		f |= optSeccomp
	}
	if o.TellExiting {
		f |= optExit
	}
	if o.ExitKill || o.Placement != PlaceFree {
		f |= optExitKill
	}
	return f
}

// End says what Close does to the tasks that are left.
type End uint8

// The ways to end.
const (
	open     End = iota
	LetGo        // they go on, untraced; what is stopped stays so
	KillThem     // every process gets SIGKILL
)

// Close ends the tracing and waits until no task is left. It restores the
// handling of SIGCHLD and unlocks the goroutine from its thread.
//
// Letting go waits for each task to stop, which a parent in vfork does only when
// its child is done.
func (t *Tracer) Close(how End) error {
	t.ending = how
	err := t.end()
	err = errors.Join(err, t.closeBell())
	for _, p := range t.procs {
		p.closeMemory()
	}
	t.place.end()
	if e := restoreSIGCHLD(&t.sigchld); e != 0 {
		err = errors.Join(err, fmt.Errorf("rt_sigaction(SIGCHLD): %w", e))
	}
	runtime.UnlockOSThread()
	return err
}

// stamp takes the time of a status. The runtime's clock is the vDSO's
// CLOCK_MONOTONIC; base ties it to the kernel's numbers.
func (t *Tracer) stamp() {
	now := time.Now()
	t.wall = now.UnixNano()
	t.mono = t.baseMono + int64(now.Sub(t.base))
}
