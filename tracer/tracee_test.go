package tracer

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The test binary is its own tracee: with STRAIT_TRACEE set it does what that
// says. Calls that tests look for have arguments that the runtime's never have.
func TestMain(m *testing.M) {
	if f := tracees()[tracee]; f != nil {
		f(os.Args[1:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

var tracee = pinned(os.Getenv("STRAIT_TRACEE"))

// pinned keeps a tracee's main goroutine on the first thread, the only one that
// is traced without FollowForks. That works while packages are initialised.
func pinned(name string) string {
	if name != "" {
		runtime.LockOSThread()
	}
	return name
}

// tracees are what a tracee can do.
func tracees() map[string]func(args []string) {
	return map[string]func(args []string){
		"mark":       func([]string) { mark(1); mark(2); mark(3) },
		"spin":       func(args []string) { spin(atoi(args[0])) },
		"foreign":    foreignCalls,
		"among":      spinAmong,
		"result":     func([]string) { os.Exit(int(uint8(result()))) },
		"exit":       func([]string) { os.Exit(7) },
		"threads":    threads,
		"fork":       fork,
		"vfork":      vfork,
		"crowd":      crowd,
		"signal":     func([]string) { raise(unix.SIGUSR1) },
		"trap":       func([]string) { raise(unix.SIGTRAP) },
		"stop":       stopAndContinue,
		"stopself":   func([]string) { _ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP); mark(1) },
		"stopmaking": stopMaking,
		"ppids":      ppids,
		"fault":      fault,
		"busy":       busy,
		"read":       func([]string) { mark(1); readByte(0); mark(2) },
		"threadexec": threadExec,
		"memory":     unreadable,
		"ownfilter":  ownFilter,
		"samepid":    samePID,
		"tracer":     beTracer,
		"answer":     answer,
		"masks":      checkMasks,
		"names":      changeNames,
		"readzero":   readZero,
	}
}

// markArg is a descriptor that nobody has.
const markArg = 0x7fff0000

// mark makes a call that tests recognise: close of an impossible descriptor.
func mark(n int) syscall.Errno {
	_, _, e := syscall.RawSyscall(unix.SYS_CLOSE, markArg+uintptr(n), 0, 0)
	return e
}

// result is what mark 1 returns, as the kernel has it.
func result() int {
	r, _, e := syscall.RawSyscall(unix.SYS_CLOSE, markArg+1, 0, 0)
	if e != 0 {
		return -int(e)
	}
	return int(r)
}

// markAt is mark with an address beside it.
func markAt(n int, addr uintptr) {
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, markArg+uintptr(n), addr, 0)
}

func spin(n int) {
	for range n {
		_, _, _ = syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
	}
}

func atoi(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		fatal("%v", err)
	}
	return n
}

func rawKill(pid, sig int) {
	_, _, _ = syscall.RawSyscall(unix.SYS_KILL, uintptr(pid), uintptr(sig), 0)
}

func readByte(fd int) int {
	var b [1]byte
	n, _, _ := syscall.RawSyscall(unix.SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(&b)), 1)
	return int(n)
}

func fatal(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "tracee: "+format+"\n", args...)
	os.Exit(99)
}

// A step is a raw call of a forked child, or a bad access.
type step struct {
	nr, a, b, c, d, e uintptr
	p                 unsafe.Pointer
}

const (
	ownPID    = ^uintptr(1) // stands for the child's process id
	badAccess = ^uintptr(1) // a number: writes to memory at p
)

func markStep(n int) step    { return step{nr: unix.SYS_CLOSE, a: markArg + uintptr(n)} }
func exitStep(code int) step { return step{nr: unix.SYS_EXIT_GROUP, a: uintptr(code)} }
func ppidSteps(n int) []step { return slices.Repeat([]step{{nr: unix.SYS_GETPPID}}, n) }

// rawFork forks this thread; the child takes the steps. It shares no locks with
// the parent's runtime, so it must not need any: no stack growth, no allocation.
func rawFork(steps ...step) int {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid := forkSteps(steps)
	if pid < 0 {
		fatal("fork: %v", syscall.Errno(-pid))
	}
	return pid
}

//go:nosplit
//go:norace
func forkSteps(steps []step) int {
	pid, _, e := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e != 0 {
		return -int(e)
	}
	if pid != 0 {
		return int(pid)
	}
	for i := range steps {
		s := &steps[i]
		if s.a == ownPID {
			s.a, _, _ = syscall.RawSyscall6(unix.SYS_GETPID, 0, 0, 0, 0, 0, 0)
		}
		if s.nr == badAccess {
			*(*int)(s.p) = 1
		}
		_, _, _ = syscall.RawSyscall6(s.nr, s.a, s.b, s.c, s.d, s.e, 0)
	}
	return 0
}

func waitFor(pid, options int) unix.WaitStatus {
	var ws unix.WaitStatus
	for {
		_, err := unix.Wait4(pid, &ws, options, nil)
		if err == nil {
			return ws
		}
		if err != unix.EINTR {
			fatal("wait4: %v", err)
		}
	}
}

// threads runs 10 threads that mark.
func threads([]string) {
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			runtime.LockOSThread() // the thread ends with the goroutine
			mark(i)
		})
	}
	wg.Wait()
}

// fork forks a child that marks 1 and exits with 3, waits, and marks 2.
func fork([]string) {
	pid := rawFork(markStep(1), exitStep(3))
	ws := waitFor(pid, 0)
	mark(2)
	if ws.ExitStatus() != 3 {
		fatal("child's status %#x", uint32(ws))
	}
}

// vfork starts itself as "exit" in the way of os/exec, which is vfork.
func vfork([]string) {
	c := exec.Command(self())
	c.Env = environ("exit")
	err := c.Run()
	if c.ProcessState.ExitCode() != 7 {
		fatal("child: %v", err)
	}
	mark(2)
}

// environ is the environment of a tracee.
func environ(tracee string) []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "STRAIT_TRACEE=") })
	return append(env, "STRAIT_TRACEE="+tracee)
}

func self() string {
	exe, err := os.Executable()
	if err != nil {
		fatal("%v", err)
	}
	return exe
}

// ppids marks 1 to 3, and calls getppid three times behind each.
func ppids([]string) {
	for n := range 3 {
		mark(n + 1)
		for range 3 {
			_, _, _ = syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
		}
	}
}

// stopMaking stops itself 30 times while it makes threads.
func stopMaking([]string) {
	done := make(chan struct{})
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			select {
			case <-done:
				return
			default:
			}
			made := make(chan struct{})
			go func() {
				runtime.LockOSThread() // the thread ends with the goroutine
				close(made)
			}()
			<-made
		}
	}()
	for range 30 {
		_ = unix.Tgkill(os.Getpid(), unix.Gettid(), unix.SIGSTOP)
	}
	close(done)
	<-over
	mark(1)
}

// crowd forks 100 children, which end at once: killed, or because a pipe is
// closed.
func crowd(args []string) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		fatal("pipe2: %v", err)
	}
	if err := unix.Setpgid(0, 0); err != nil {
		fatal("setpgid: %v", err)
	}
	read := step{nr: unix.SYS_READ, a: uintptr(p[0]), b: uintptr(unsafe.Pointer(new(int))), c: 1}
	for range 100 {
		rawFork(step{nr: unix.SYS_CLOSE, a: uintptr(p[1])}, read, exitStep(5))
	}
	if len(args) > 0 {
		rawKill(0, int(unix.SIGKILL)) // this process, too
	}
	_ = unix.Close(p[1])
	for range 100 {
		if ws := waitFor(-1, 0); ws.ExitStatus() != 5 {
			fatal("child's status %#x", uint32(ws))
		}
	}
}

// raise sends itself a signal, with a handler, and marks when that got it.
func raise(sig unix.Signal) {
	c := make(chan os.Signal, 1)
	signal.Notify(c, sig)
	rawKill(os.Getpid(), int(sig))
	mark(1)
	<-c
	mark(2)
}

// stopAndContinue has a child that stops itself, and sees to it as a shell does.
func stopAndContinue([]string) {
	pid := rawFork(step{nr: unix.SYS_KILL, a: ownPID, b: uintptr(unix.SIGSTOP)}, markStep(1), exitStep(4))
	ws := waitFor(pid, unix.WUNTRACED)
	if !ws.Stopped() || ws.StopSignal() != unix.SIGSTOP {
		fatal("child is not stopped: %#x", uint32(ws))
	}
	mark(2)
	rawKill(pid, int(unix.SIGCONT))
	if ws = waitFor(pid, 0); ws.ExitStatus() != 4 {
		fatal("child's status %#x", uint32(ws))
	}
	mark(3)
}

// fault ends by a bad access in a child, out of the runtime's sight.
func fault([]string) {
	// The action is the default one, not the runtime's, and core files are off.
	act := new([8]uint64)
	none, err := unix.Mmap(-1, 0, pageSize, unix.PROT_NONE, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		fatal("mmap: %v", err)
	}
	pid := rawFork(step{nr: unix.SYS_PRLIMIT64, b: unix.RLIMIT_CORE, c: uintptr(unsafe.Pointer(act))},
		step{nr: unix.SYS_RT_SIGACTION, a: uintptr(unix.SIGSEGV), b: uintptr(unsafe.Pointer(act)), d: 8},
		step{nr: badAccess, p: unsafe.Pointer(&none[0])}, exitStep(1))
	runtime.KeepAlive(act)
	if ws := waitFor(pid, 0); !ws.Signaled() {
		fatal("child's status %#x", uint32(ws))
	}
}

// busy has 20 threads besides: 10 that make calls and 10 that are blocked in
// read. It says that it is ready, waits for the end of its input, ends the
// threads and says so.
func busy([]string) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		fatal("pipe2: %v", err)
	}
	var over atomic.Bool
	var wg, up sync.WaitGroup
	up.Add(20)
	for i := range 10 {
		wg.Go(func() {
			runtime.LockOSThread()
			up.Done()
			for !over.Load() {
				mark(i)
				runtime.Gosched()
			}
		})
		wg.Go(func() {
			runtime.LockOSThread()
			up.Done()
			var b [1]byte
			if n, err := syscall.Read(p[0], b[:]); n != 1 || err != nil {
				fatal("read: %d, %v", n, err)
			}
		})
	}
	up.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
	over.Store(true)
	_, _ = unix.Write(p[1], make([]byte, 10))
	wg.Wait()
	fmt.Println("done")
}

// threadExec has a thread that is not the leader become "exit", while the
// leader makes calls.
func threadExec(args []string) {
	runtime.LockOSThread()
	if unix.Gettid() != os.Getpid() { // the runtime moved us: once more
		_ = syscall.Exec(self(), os.Args, os.Environ())
	}
	up := make(chan bool)
	go func() {
		runtime.LockOSThread()
		close(up)
		for i := range 50 {
			mark(i)
		}
		env := environ("exit")
		_ = syscall.Exec(self(), []string{"exit"}, env)
	}()
	<-up
	for {
		spin(1)
	}
}

// unreadable marks addresses before a page that cannot be read: mapped without
// rights, and not mapped.
func unreadable([]string) {
	runtime.LockOSThread() // the thread that is traced
	for i := range 2 {
		m, err := unix.Mmap(-1, 0, 4*pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANON)
		if err != nil {
			fatal("mmap: %v", err)
		}
		for i := range m {
			m[i] = byte(i % 251)
		}
		addr := uintptr(unsafe.Pointer(&m[0]))
		if i == 0 {
			err = unix.Mprotect(m[3*pageSize:], unix.PROT_NONE)
		} else if _, _, e := syscall.RawSyscall(unix.SYS_MUNMAP, addr+3*pageSize, pageSize, 0); e != 0 {
			err = e
		}
		if err != nil {
			fatal("%v", err)
		}
		markAt(i, addr)
		if i == 0 && (m[10] != 'X' || m[11] != 'Y' || m[12] != 'Z' || m[13] != 13) {
			fatal("not written: % x", m[8:16])
		}
	}
}

// ownFilter installs a filter of its own, which allows everything, and makes
// calls; so does a child.
func ownFilter([]string) {
	runtime.LockOSThread()
	spin(3)
	allow := [1]unix.SockFilter{{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW}}
	prog := unix.SockFprog{Len: 1, Filter: &allow[0]}
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		fatal("prctl: %v", err)
	}
	if err := unix.Prctl(unix.PR_SET_SECCOMP, unix.SECCOMP_MODE_FILTER, uintptr(unsafe.Pointer(&prog)), 0, 0); err != nil {
		fatal("prctl: %v", err)
	}
	spin(2)
	waitFor(rawFork(append(ppidSteps(4), exitStep(0))...), 0)
}

// samePID forks children that get one and the same id, by the leave of the
// kernel: /proc/sys/kernel/ns_last_pid.
func samePID([]string) {
	first := 0
	for i := range 5 {
		if first != 0 {
			if err := os.WriteFile("/proc/sys/kernel/ns_last_pid", fmt.Append(nil, first-1), 0); err != nil {
				mark(100)
				return
			}
		}
		pid := rawFork(markStep(i), exitStep(i))
		if first == 0 {
			first = pid
		}
		if ws := waitFor(pid, 0); ws.ExitStatus() != i {
			fatal("child's status %#x", uint32(ws))
		}
	}
}

// answer says its id and then an x for each byte that it gets.
func answer([]string) {
	fmt.Println(os.Getpid())
	var b [1]byte
	for {
		if n, err := os.Stdin.Read(b[:]); n != 1 || err != nil {
			return
		}
		fmt.Println("x")
	}
}
