package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// messages are what we say ourselves, on standard error, the program's name in
// front.
type messages struct {
	w    io.Writer
	name string
	// before is called first: it ends what stands open on the terminal.
	before func()
}

func (m *messages) say(format string, args ...any) {
	if m.before != nil {
		m.before()
	}
	m.sayBeside(format, args...)
}

// sayBeside says something and leaves a line that stands open to be ended by what
// comes next.
func (m *messages) sayBeside(format string, args ...any) {
	fmt.Fprintf(m.w, "%s: %s\n", m.name, fmt.Sprintf(format, args...))
}

// errSilent ends the program without a word: all was said.
var errSilent = errors.New("nothing is left to trace")

// execMessage puts a failed start in strace's form: exec: No such file or
// directory.
func execMessage(err error) string {
	var e unix.Errno
	if !errors.As(err, &e) {
		return err.Error()
	}
	step, _, found := strings.Cut(err.Error(), ":")
	if !found {
		return err.Error()
	}
	if word, _, _ := strings.Cut(step, " "); word == "exec" {
		step = "exec"
	}
	return step + ": " + reason(e)
}

// attachMessage puts a failed attach in strace's form.
func attachMessage(pid int, err error) string {
	return fmt.Sprintf("attach: ptrace(PTRACE_SEIZE, %d): %s", pid, reason(err))
}

// whyNotAttached is a guess, "" if there is none.
func whyNotAttached(pid int, err error) string {
	if !errors.Is(err, unix.EPERM) {
		return ""
	}
	if by := tracedBy(pid); by != 0 {
		return fmt.Sprintf("Process %d is already being traced by pid %d", pid, by)
	}
	if errors.Is(unix.Kill(pid, 0), unix.EPERM) {
		return fmt.Sprintf("process %d may be owned by a different user", pid)
	}
	if scope := ptraceScope(); scope > 0 {
		return fmt.Sprintf("sysctl kernel.yama.ptrace_scope = %d may be restricting this attach", scope)
	}
	return ""
}

// ptraceScope is Yama's restriction, 0 if there is none.
func ptraceScope() int {
	text, err := os.ReadFile("/proc/sys/kernel/yama/ptrace_scope")
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(strings.TrimSpace(string(text)))
	return n
}

// tracedBy is the process that traces pid; 0 if none does, or nobody knows.
func tracedBy(pid int) int {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(status), "\nTracerPid:")
	line, _, _ := strings.Cut(rest, "\n")
	by, _ := strconv.Atoi(strings.TrimSpace(line))
	return by
}

// restoreDefault gives a signal its default action, past Go's handler.
func restoreDefault(sig int) {
	signal.Reset(unix.Signal(sig))
	setDefault(sig)
}

// waitForSignal gives a signal that was sent to this process the time to end it.
func waitForSignal() {
	for range 100 {
		time.Sleep(10 * time.Millisecond)
	}
}
