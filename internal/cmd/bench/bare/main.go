// Bare is the least that a tracer in Go can do: wait4, PTRACE_GET_SYSCALL_INFO
// and PTRACE_SYSCALL for each stop of one process, both on one CPU. It decodes
// nothing, prints nothing, and passes no signal on.
package main

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	runtime.LockOSThread()
	code, err := trace(os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare:", err)
		code = 1
	}
	os.Exit(code)
}

func trace(argv []string) (int, error) {
	if err := pin(); err != nil {
		return 0, err
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	silence()
	return loop(cmd.Process.Pid)
}

// loop is all there is: the stop after execve has come, so the first wait gets it.
func loop(pid int) (int, error) {
	var info [88]byte // struct ptrace_syscall_info
	options := false
	for {
		var status uint32
		if _, _, e := syscall.Syscall6(unix.SYS_WAIT4, uintptr(pid), uintptr(unsafe.Pointer(&status)), unix.WALL, 0, 0, 0); e != 0 {
			if e == unix.EINTR {
				continue
			}
			return 0, fmt.Errorf("wait4: %w", e)
		}
		ws := unix.WaitStatus(status)
		switch {
		case ws.Exited():
			return ws.ExitStatus(), nil
		case ws.Signaled():
			return 128 + int(ws.Signal()), nil
		case options:
			_ = request(unix.PTRACE_GET_SYSCALL_INFO, pid, unsafe.Sizeof(info), uintptr(unsafe.Pointer(&info)))
		default:
			options = true
			_ = request(unix.PTRACE_SETOPTIONS, pid, 0, unix.PTRACE_O_TRACESYSGOOD)
		}
		if e := request(unix.PTRACE_SYSCALL, pid, 0, 0); e != 0 && e != unix.ESRCH {
			return 0, fmt.Errorf("ptrace: %w", e)
		}
	}
}

func request(req, pid int, addr, data uintptr) syscall.Errno {
	_, _, e := syscall.RawSyscall6(unix.SYS_PTRACE, uintptr(req), uintptr(pid), addr, data, 0, 0)
	return e
}

// pin binds this thread, and the child to come, to the CPU that it is on.
func pin() error {
	var cpu uint32
	if _, _, e := syscall.RawSyscall(unix.SYS_GETCPU, uintptr(unsafe.Pointer(&cpu)), 0, 0); e != 0 {
		return fmt.Errorf("getcpu: %w", e)
	}
	var set unix.CPUSet
	set.Set(int(cpu))
	return unix.SchedSetaffinity(0, &set)
}

// silence sets SIGCHLD to its default: the runtime's handler would be the
// dearest part of a stop.
func silence() {
	var act [5]uintptr
	_, _, _ = syscall.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0)
}
