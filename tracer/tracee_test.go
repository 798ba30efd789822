package tracer

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The test binary is its own tracee: with STRAIT_TRACEE set it does what that
// says. Calls that tests look for have arguments that the runtime's never have.
func TestMain(m *testing.M) {
	if f := tracees[os.Getenv("STRAIT_TRACEE")]; f != nil {
		f(os.Args[1:])
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tracees are what a tracee can do.
var tracees = map[string]func(args []string){
	"mark":    func([]string) { mark(1); mark(2); mark(3) },
	"spin":    func([]string) { spin(100_000) },
	"exit":    func([]string) { os.Exit(7) },
	"threads": threads,
	"fork":    fork,
}

// markArg is a descriptor that nobody has.
const markArg = 0x7fff0000

// mark makes a call that tests recognise: close of an impossible descriptor.
func mark(n int) { _, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, markArg+uintptr(n), 0, 0) }

func spin(n int) {
	for range n {
		_, _, _ = syscall.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
	}
}

// threads runs 10 threads that mark.
func threads([]string) {
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			runtime.LockOSThread() // and the thread ends with it
			mark(i)
		})
	}
	wg.Wait()
}

// fork forks a child that marks 1 and exits with 3, waits, and marks 2.
func fork([]string) {
	pid := rawFork(func() { mark(1); exit(3) })
	var ws unix.WaitStatus
	_, _ = unix.Wait4(pid, &ws, 0, nil)
	mark(2)
	if ws.ExitStatus() != 3 {
		fatal("child's status %#x", uint32(ws))
	}
}

func exit(code int) { _, _, _ = syscall.RawSyscall(unix.SYS_EXIT_GROUP, uintptr(code), 0, 0) }

func fatal(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(99)
}

// rawFork forks this thread; the child runs f, which must only make raw calls
// and exit.
func rawFork(f func()) int {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	pid, _, e := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if e != 0 {
		fatal("fork: %v", e)
	}
	if pid == 0 {
		f()
	}
	return int(pid)
}
