package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"strait/forkexec"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// This file is -D: the program takes the place of the process that was started,
// so that it has its process id and its parent, and the tracer is a grandchild.
//
// Three processes of this executable take part. The first starts the second and
// waits for it; the second starts the third, the tracer, and ends, so that the
// tracer is nobody's child. The tracer seizes the first's main thread and says so
// over a pipe; then the first makes the execve, which is where the trace begins.
// The other threads that the Go runtime made end in it, unseen.

// roleVariable tells the second and the third process what they are: "start" or
// "trace", the process to be traced, and which of its threads.
const roleVariable = "STRAIT_DAEMON"

// The roles of the second process and of the third.
const (
	roleStart = "start"
	roleTrace = "trace"
)

// readyFD is where the tracer says that it is ready.
const readyFD = 3

// A role is what this process is for another that was started with -D.
type role struct {
	kind     string
	pid, tid int
}

// takeRole reads the role of this process, nil if it has none.
func takeRole() *role {
	value := os.Getenv(roleVariable)
	if value == "" {
		return nil
	}
	_ = os.Unsetenv(roleVariable)
	r := &role{}
	kind, ids, _ := strings.Cut(value, ":")
	pid, tid, _ := strings.Cut(ids, ":")
	var errs [2]error
	r.kind = kind
	r.pid, errs[0] = strconv.Atoi(pid)
	r.tid, errs[1] = strconv.Atoi(tid)
	if errors.Join(errs[:]...) != nil {
		return nil
	}
	return r
}

// startRole starts this executable once more, as r says, with the same arguments.
func startRole(argv []string, r role, ready *os.File) (*exec.Cmd, error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = argv
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%s:%d:%d", roleVariable, r.kind, r.pid, r.tid))
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{ready}
	return cmd, cmd.Start()
}

// startTracer is the whole life of the second process.
func startTracer(argv []string, r *role) int {
	ready := os.NewFile(readyFD, "ready")
	if _, err := startRole(argv, role{roleTrace, r.pid, r.tid}, ready); err != nil {
		return 1
	}
	return 0
}

// leave puts the tracer where -D, -DD or -DDD wants it.
func (d daemonize) leave() error {
	switch d {
	case daemonizeProcessGroup:
		return unix.Setpgid(0, 0)
	case daemonizeSession:
		_, err := unix.Setsid()
		return err
	}
	return nil
}

// attachFirst seizes the process that waits to become the program, and lets it.
func (s *session) attachFirst(r *role) error {
	if err := s.o.Daemonize.leave(); err != nil {
		return fmt.Errorf("leave the process group: %w", err)
	}
	if err := s.t.AttachStart(r.pid, r.tid); err != nil {
		return refuse("%s", attachMessage(r.pid, err))
	}
	if s.o.Quiet&quietAttach == 0 {
		s.loud.say("Process %d attached", r.pid)
	}
	s.main = r.pid
	_, err := unix.Write(readyFD, []byte{'r'})
	return errors.Join(err, unix.Close(readyFD))
}

// ours says whether a signal is one that the first process, which became the
// program, got or sent itself before: the Go runtime preempts its threads by
// SIGURG, and one that is sent while execve is under way is still pending after it.
func (s *session) ours(stop *tracer.Stop) bool {
	if s.role == nil || stop.Event.TID != s.main {
		return false
	}
	if !s.begun {
		return true
	}
	if s.called || stop.Event.Sig != int(unix.SIGURG) {
		return false
	}
	stop.Do(tracer.Action{Suppress: true})
	return true
}

// daemonize is the rest of the first process's life: it has itself traced and
// becomes the program. It returns only if that fails.
func (e *environment) daemonize(argv []string, o *Options, loud *messages) error {
	cmd, err := e.command(o, loud)
	if err != nil {
		return err
	}
	cmd.IgnoredSignals = ignoredSignals()
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	_ = unix.Prctl(unix.PR_SET_PTRACER, ^uintptr(0), 0, 0, 0) // only Yama knows of it
	runtime.LockOSThread()
	middle, err := startRole(argv, role{roleStart, os.Getpid(), unix.Gettid()}, w)
	if err != nil {
		return fmt.Errorf("start the tracer: %w", err)
	}
	w.Close()
	_ = middle.Wait() // what went wrong shows in that nobody says ready
	var word [1]byte
	if n, _ := unix.Read(int(r.Fd()), word[:]); n != 1 {
		return errSilent // it was told by the tracer
	}
	return become(cmd)
}

// become turns this process into the program. Credentials and filters are set for
// this thread only: the execve ends all others.
func become(c *forkexec.Cmd) error {
	for sig := 1; sig <= 64; sig++ {
		if c.IgnoredSignals>>(sig-1)&1 != 0 {
			setIgnored(sig)
		}
	}
	if err := setCredential(c.Credential); err != nil {
		return err
	}
	if err := setFilter(c); err != nil {
		return err
	}
	err := syscall.Exec(c.Path, c.Args, c.Env)
	return refuse("exec: %s", reason(err))
}

func setCredential(c *forkexec.Credential) error {
	if c == nil {
		return nil
	}
	var groups *uint32
	if len(c.Groups) > 0 {
		groups = &c.Groups[0]
	}
	_, _, e := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(c.Groups)), uintptr(unsafe.Pointer(groups)), 0)
	if e != 0 {
		return refuse("setgroups: %s", reason(e))
	}
	gid, uid := uintptr(c.GID), uintptr(c.UID)
	if _, _, e = unix.RawSyscall(unix.SYS_SETRESGID, gid, gid, gid); e != 0 {
		return refuse("setregid: %s", reason(e))
	}
	if _, _, e = unix.RawSyscall(unix.SYS_SETRESUID, uid, uid, uid); e != 0 {
		return refuse("setreuid: %s", reason(e))
	}
	return nil
}

func setFilter(c *forkexec.Cmd) error {
	if c.NoNewPrivs {
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return refuse("prctl(PR_SET_NO_NEW_PRIVS): %s", reason(err))
		}
	}
	if len(c.Seccomp) == 0 {
		return nil
	}
	prog := unix.SockFprog{Len: uint16(len(c.Seccomp)), Filter: &c.Seccomp[0]}
	_, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&prog)))
	if e != 0 {
		return refuse("seccomp: %s", reason(e))
	}
	return nil
}
