package forkexec

import (
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// This file is what runs between clone and execve. In the child only the
// calling thread exists, and the runtime's locks are as they were: no
// allocation, no stack growth, no scheduler, no write barrier (hence no pointer
// is ever stored), only raw system calls. After a vfork the child shares the
// parent's memory besides: it writes to the childConfig of this very start and
// to its report, and to nothing else.
//
// Every function here carries
//
//	//go:nosplit     the stack guard is set to crash on growth (runtime.beforefork)
//	//go:norace      the race detector's state does not survive a fork
//	//go:nocheckptr  -race adds calls for unsafe.Pointer that allocate
//
// and, where it could be inlined into a function that does not, go:noinline.

// The runtime's hooks around a fork: signals blocked, the stack guard armed, and
// in the child the handlers reset and the mask restored.
//
//go:linkname runtimeBeforeFork syscall.runtime_BeforeFork
func runtimeBeforeFork()

//go:linkname runtimeAfterFork syscall.runtime_AfterFork
func runtimeAfterFork()

//go:linkname runtimeAfterForkInChild syscall.runtime_AfterForkInChild
func runtimeAfterForkInChild()

// stepListener is when the parent has the listener and does for the child what a
// filter may forbid it.
const stepListener = stepCount

const (
	textBusyTries = 100     // a millisecond apart
	textBusySpins = 500_000 // about as long
	sigsetSize    = 8       // of the kernel's sigset_t: 64 signals everywhere but on mips
)

// phaseLast in report.phase: the next system call of the child is the last one
// before execve.
const phaseLast = 1

// cloneArgs is struct clone_args, linux/sched.h.
type cloneArgs struct {
	flags, pidFD, childTID, parentTID, exitSignal, stack, stackSize, tls, setTID, setTIDSize, cgroup uint64
}

// report is what the child tells the parent: in memory shared by both, because
// a filter may forbid write once it is loaded.
type report struct {
	step  int32  // the Step being made
	index int32  // which one of the step's many
	errno int32  // why the step failed; 0: it did not
	op    int32  // the operation of a mount
	phase uint32 // phaseLast
	// The descriptor on which a filter notifies, plus 1; and the parent's word
	// that it has it.
	listener, ack uint32
	// The init of a pid namespace, and the child beside it; and that the init has
	// nothing of ours any more.
	init, child int32
	initReady   uint32
	// What the kernel says about a file system that it does not make: "e tmpfs:
	// Unknown parameter 'x'".
	said [128]byte
}

// childConfig is a Cmd, copied and converted to what system calls take.
type childConfig struct {
	report *report
	// Calls by value divide the chains of nosplit functions that the linker
	// measures; see growStack.
	makeStep   func(*childConfig, Step) syscall.Errno
	placeMount func(*childConfig, *childMount) syscall.Errno

	clone3 cloneArgs
	pidfd  int32
	// The system call, clone or clone3, and its arguments.
	cloneCall, cloneArg1, cloneArg2, cloneArg3 uintptr

	vfork      bool
	waitParent bool // until the parent has configured the child from outside

	init     bool       // a process of ours is to be process 1
	initPipe int        // on which it waits for our end
	ignore   [8]uintptr // struct sigaction with SIG_IGN

	sock, parentSock int // the child's end of the socket pair, the parent's

	paths    []*byte // of which execve gets the one that is found
	found    int
	execFD   int
	argv     []*byte
	envv     []*byte
	dir      *byte
	files    []int
	nfiles   int // len(files), or 3 where files is nil
	closing  bool
	maxFD    int  // for kernels without close_range(2)
	execKept bool // execFD stays open, for the interpreter of a script
	// The child's own /proc/PID/fd, 0: none, and what is read from it.
	selfFD  *byte
	fdDir   int
	dirents *[1024]byte

	setsid, setpgid  bool
	pgid             int
	ctty, foreground int // -1: none

	setCred     bool
	setGroups   bool
	uid, gid    uint32
	groups      []uint32
	noNewPrivs  bool
	parentDeath uintptr

	sync    bool
	ptrace  PtraceMode
	ignored uint64
	sigmask unix.Sigset_t // the caller's, for the program
	blocked unix.Sigset_t // in force until then: all
	confirm unix.Sigset_t // while the tracer attaches: all but SIGCONT

	oomPath, timePath, timeNS *byte
	oomScore, timeOffsets     []byte
	newTime, newNet           bool
	loopback                  ifreq

	ownMounts, newRoot      bool
	readonlyRoot, initramfs bool
	mounts                  []childMount
	rootFD                  int
	openHow                 unix.OpenHow
	readonly                unix.MountAttr
	slash, dot              [2]byte // "/" and "."

	hostname, domainname []byte
	umask, ioPriority    int // -1: as they are; StepUmask undoes what StepPrivate sets
	setNice              bool
	nice                 int
	setPersonality       bool
	personality          uint32
	rlimits              []childRlimit

	securebits          uintptr
	setCaps             bool
	capKeep, capAmbient uint64
	capHeader           unix.CapUserHeader
	dumpable            bool
	landlock            *childLandlock
	listener            bool

	seccomp      *unix.SockFprog
	seccompFlags uintptr

	empty byte    // the empty path of execveat
	word  [8]byte // what is sent and received
}

// ifreq is struct ifreq, netdevice(7), with ifr_flags.
type ifreq struct {
	name  [unix.IFNAMSIZ]byte
	flags uint16
	_     [22]byte
}

// childRlimit is a limit; index is that of Cmd.Rlimits, or less than 0. step is
// when it is set.
type childRlimit struct {
	index    int
	resource int
	limit    unix.Rlimit
	step     Step
}

// atFDCWD is AT_FDCWD as a system call takes it.
const atFDCWD = ^uintptr(-unix.AT_FDCWD - 1)

// ioprioWhoProcess is IOPRIO_WHO_PROCESS, linux/ioprio.h.
const ioprioWhoProcess = 1

// forkAndExecInChild clones, and the child configures itself and becomes the
// program. It returns in the parent only: at once after a fork, after execve or
// the death of the child after a vfork.
//
//go:norace
//go:noinline
func forkAndExecInChild(c *childConfig) (pid int, errno syscall.Errno) {
	c.makeStep, c.placeMount = makeStep, placeMount
	growStack()
	pid, errno = cloneChild(c)
	runtimeAfterFork()
	return pid, errno
}

// growStack leaves room below its caller: some hundred bytes are what code that
// may not grow the stack can count on, and a child built without optimisation
// takes more. The garbage collector may halve the stack once before the clone.
//
//go:noinline
func growStack() {
	var room [8 << 10]byte
	runtime.KeepAlive(&room)
}

// cloneChild is a frame of its own because a vforked child runs on it: the
// parent does nothing here after clone but return. It is not nosplit: its
// prologue makes sure of the stack that everything below it may use.
//
//go:norace
//go:noinline
//go:nocheckptr
func cloneChild(c *childConfig) (int, syscall.Errno) {
	runtimeBeforeFork()
	pid, errno := rawVfork(c.cloneCall, c.cloneArg1, c.cloneArg2, c.cloneArg3)
	if errno != 0 || pid != 0 {
		return int(pid), errno
	}
	runChild(c)
	return 0, 0 // not reached
}

// runChild makes the steps one after the other. It does not return.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func runChild(c *childConfig) {
	var err syscall.Errno
	runtimeAfterForkInChild()
	if c.init {
		err = splitInit(c)
	}
	if !c.vfork && err == 0 {
		err = prepareFork(c)
	}
	for step := firstChildStep; step < stepCount && err == 0; step++ {
		c.report.step = int32(step)
		c.report.index = -1
		c.report.op = opNone
		err = c.makeStep(c, step)
	}
	c.report.errno = int32(err)
	rawCall(unix.SYS_EXIT_GROUP, 127, 0, 0, 0, 0, 0)
	rawCall(unix.SYS_EXIT, 127, 0, 0, 0, 0, 0)
	load(nil) // a filter forbids both; a fault it cannot
}

// prepareFork blocks the signals until the program is about to start, has the
// child die with the parent's thread, and drops the parent's end of the socket,
// so that a dead parent is an end of file.
//
//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func prepareFork(c *childConfig) syscall.Errno {
	c.report.step = int32(StepWait)
	c.report.index = -1
	if err := setMask(&c.blocked); err != 0 {
		return err
	}
	if err := prctl(unix.PR_SET_PDEATHSIG, uintptr(unix.SIGKILL), 0); err != 0 {
		return err
	}
	if c.selfFD != nil { // now, for the child's root may have no /proc
		if fd, err := rawCall(unix.SYS_OPENAT, atFDCWD, uintptr(unsafe.Pointer(c.selfFD)), unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0, 0, 0); err == 0 {
			c.fdDir = int(fd)
		}
	}
	_, err := rawCall(unix.SYS_CLOSE, uintptr(c.parentSock), 0, 0, 0, 0, 0)
	return err
}

//go:norace
//go:nocheckptr
//go:nosplit
func makeStep(c *childConfig, step Step) syscall.Errno {
	switch step {
	case StepWait:
		return waitParent(c)
	case StepOOMScore:
		return setOOMScore(c)
	case StepTime:
		return enterTime(c)
	case StepLoopback:
		return loopbackUp(c)
	case StepPrivate, StepSource, StepMount, StepPivot, StepReadonly:
		return doMounts(c, step)
	case StepHostname, StepDomainname, StepUmask, StepNice, StepIOPriority, StepPersonality:
		return setSystem(c, step)
	case StepBounding, StepSecurebits, StepCaps, StepAmbient:
		return setCaps(c, step)
	case StepLandlock:
		return restrict(c)
	case StepSetsid, StepSetpgid, StepCtty, StepForeground:
		return joinSession(c, step)
	case StepFiles:
		return mapFiles(c)
	case StepCloseFiles:
		return closeFiles(c)
	case StepRlimit, StepOpenFiles:
		return setRlimits(c, step)
	case StepGroups, StepGID, StepUID:
		return setCredential(c, step)
	case StepDir:
		return changeDir(c)
	case StepFind:
		return findProgram(c)
	case StepNoNewPrivs:
		return setNoNewPrivs(c)
	case StepSync:
		return syncParent(c)
	case StepTraceMe:
		return traceMe(c)
	case StepConfirm:
		return confirmTracer(c)
	case StepParentDeath:
		return setParentDeath(c)
	case StepSignals:
		return restoreSignals(c)
	case StepSeccomp:
		return loadSeccomp(c)
	case StepExec:
		return execProgram(c)
	}
	return 0
}

//go:norace
//go:noinline
//go:nocheckptr
//go:nosplit
func execProgram(c *childConfig) syscall.Errno {
	var err syscall.Errno
	argv, envv := uintptr(unsafe.Pointer(&c.argv[0])), uintptr(unsafe.Pointer(&c.envv[0]))
	nap := unix.Timespec{Nsec: 1_000_000}
	for range textBusyTries {
		if c.execFD > 0 {
			_, err = rawCall(unix.SYS_EXECVEAT, uintptr(c.execFD), uintptr(unsafe.Pointer(&c.empty)), argv, envv, unix.AT_EMPTY_PATH, 0)
		} else {
			_, err = rawCall(unix.SYS_EXECVE, uintptr(unsafe.Pointer(c.paths[c.found])), argv, envv, 0, 0, 0)
		}
		// Some other thread forked while a writer of the file was open, and
		// its child has not reached execve: golang.org/issue/22315. A tracer
		// would see it, and whoever has the listener.
		if err != unix.ETXTBSY || c.listener || c.ptrace != PtraceNone {
			break
		}
		if c.seccomp == nil {
			rawCall(unix.SYS_NANOSLEEP, uintptr(unsafe.Pointer(&nap)), 0, 0, 0, 0, 0)
			continue
		}
		for range textBusySpins { // the filter may forbid the nap
			load(&c.report.ack)
		}
	}
	return err
}
