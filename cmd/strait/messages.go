package main

import (
	"errors"
	"fmt"
	"io"
	"os/signal"
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
	fmt.Fprintf(m.w, "%s: %s\n", m.name, fmt.Sprintf(format, args...))
}

// errSilent ends the program without a word: all was said.
var errSilent = errors.New("")

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

func attachMessage(err error) string {
	var e unix.Errno
	if !errors.As(err, &e) {
		return err.Error()
	}
	text := err.Error()
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[:i]
	}
	return text + ": " + reason(e)
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
