package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// A keystroke is what is typed at the terminal of a traced run when a word has
// been seen on it.
type keystroke struct{ word, key string }

// keystrokes reads the condition pty: "up=^C again=^Z". Without one the run has no
// terminal.
func (r tracedRun) keystrokes() (list []keystroke, terminal bool) {
	for _, c := range r.conds {
		rest, ok := strings.CutPrefix(c, "pty:")
		if !ok {
			continue
		}
		terminal = true
		for _, f := range strings.Fields(rest) {
			word, key, _ := strings.Cut(f, "=")
			if control, ok := strings.CutPrefix(key, "^"); ok {
				key = string(control[0] - '@')
			} else {
				key += "\n"
			}
			list = append(list, keystroke{word, key})
		}
	}
	return list, terminal
}

// runAtTerminal runs cmd as the leader of a session with a terminal of its own,
// types, and returns what is on the terminal in the end.
func runAtTerminal(t *testing.T, cmd *exec.Cmd, keys []keystroke) string {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	defer master.Close()
	if err := plainTerminal(slave); err != nil {
		t.Fatal(err)
	}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = slave, slave, slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	err = cmd.Start()
	slave.Close()
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	buf := make([]byte, 4096)
	for seen := 0; ; {
		n, err := master.Read(buf)
		all.Write(buf[:n])
		for len(keys) > 0 {
			at := strings.Index(all.String()[seen:], keys[0].word)
			if at < 0 {
				break
			}
			seen += at + len(keys[0].word)
			fmt.Fprint(master, keys[0].key)
			keys = keys[1:]
		}
		if err != nil { // EIO: nobody has the terminal any more
			break
		}
	}
	_ = cmd.Wait() // its status is looked at by the caller
	return all.String()
}

// plainTerminal has the terminal add nothing to what is written and typed.
func plainTerminal(f *os.File) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	var ioErr error
	err = raw.Control(func(fd uintptr) {
		var mode *unix.Termios
		if mode, ioErr = unix.IoctlGetTermios(int(fd), unix.TCGETS); ioErr != nil {
			return
		}
		mode.Lflag &^= unix.ECHO
		mode.Lflag |= unix.NOFLSH // or Ctrl-\ throws away what is written in answer to it
		mode.Oflag &^= unix.OPOST
		ioErr = unix.IoctlSetTermios(int(fd), unix.TCSETS, mode)
	})
	if err != nil {
		return err
	}
	return ioErr
}
