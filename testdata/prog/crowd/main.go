// Crowd measures what a system call costs among many tasks: it makes some
// threads or processes that wait in a read, makes getppid calls, and prints the
// nanoseconds that one of them took.
//
//	crowd threads|processes TASKS CALLS     one task makes all calls
//	crowd busy TASKS CALLS                  the threads make the calls, all at once
package main

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) != 4 {
		fail(fmt.Errorf("want a kind, a number of tasks and one of calls"))
	}
	tasks, err := strconv.Atoi(os.Args[2])
	if err != nil {
		fail(err)
	}
	calls, err := strconv.Atoi(os.Args[3])
	if err != nil {
		fail(err)
	}
	var took time.Duration
	switch os.Args[1] {
	case "threads":
		took, err = amongThreads(tasks, calls)
	case "processes":
		took, err = amongProcesses(tasks, calls)
	case "busy":
		took = busy(tasks, calls)
	default:
		err = fmt.Errorf("%s: want threads, processes or busy", os.Args[1])
	}
	if err != nil {
		fail(err)
	}
	fmt.Println(took.Nanoseconds() / int64(calls))
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "crowd:", err)
	os.Exit(2)
}

func spin(n int) time.Duration {
	start := time.Now()
	for range n {
		unix.RawSyscall(unix.SYS_GETPPID, 0, 0, 0)
	}
	return time.Since(start)
}

// settle has all tasks reach their read, which they do at a tracer's pace: what
// is measured is a call among tasks that wait, not their start.
func settle(tasks int) { time.Sleep(time.Duration(tasks) * time.Millisecond) }

// amongThreads has one thread make the calls while the others wait.
func amongThreads(tasks, calls int) (time.Duration, error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return 0, err
	}
	var up, done sync.WaitGroup
	up.Add(tasks - 1)
	for range tasks - 1 {
		done.Go(func() {
			runtime.LockOSThread()
			up.Done()
			var b [1]byte
			_, _ = syscall.Read(p[0], b[:])
		})
	}
	up.Wait()
	settle(tasks)
	took := spin(calls)
	err := unix.Close(p[1])
	done.Wait()
	return took, err
}

// amongProcesses has children that wait.
func amongProcesses(tasks, calls int) (time.Duration, error) {
	var p [2]int
	if err := unix.Pipe2(p[:], unix.O_CLOEXEC); err != nil {
		return 0, err
	}
	runtime.LockOSThread()
	b := new(byte)
	for range tasks - 1 {
		if e := child(uintptr(p[0]), uintptr(p[1]), uintptr(unsafe.Pointer(b))); e != 0 {
			return 0, e
		}
	}
	settle(tasks)
	took := spin(calls)
	if err := unix.Close(p[1]); err != nil {
		return 0, err
	}
	for range tasks - 1 {
		if _, err := unix.Wait4(-1, nil, 0, nil); err != nil {
			return 0, err
		}
	}
	return took, nil
}

// child forks a process that reads until the pipe is closed, and ends.
//
//go:nosplit
//go:norace
func child(in, out, buf uintptr) syscall.Errno {
	pid, _, e := syscall.RawSyscall6(unix.SYS_CLONE, uintptr(unix.SIGCHLD), 0, 0, 0, 0, 0)
	if pid != 0 || e != 0 {
		return e
	}
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, out, 0, 0)
	_, _, _ = syscall.RawSyscall(unix.SYS_READ, in, buf, 1)
	for {
		_, _, _ = syscall.RawSyscall(unix.SYS_EXIT_GROUP, 0, 0, 0)
	}
}

// busy has all threads make calls.
func busy(tasks, calls int) time.Duration {
	var up, done sync.WaitGroup
	up.Add(tasks)
	begin := make(chan bool)
	for range tasks {
		done.Go(func() {
			runtime.LockOSThread()
			up.Done()
			<-begin
			spin(calls / tasks)
		})
	}
	up.Wait()
	start := time.Now()
	close(begin)
	done.Wait()
	return time.Since(start)
}
