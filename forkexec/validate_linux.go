package forkexec

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// bad is an error in field i (-1: the field as a whole) of a Cmd.
func bad(field string, i int, err error) *Error {
	if i >= 0 {
		field += "[" + strconv.Itoa(i) + "]"
	}
	return &Error{Kind: KindParameter, Step: StepCheck, Index: i, Subject: field, Err: err}
}

func badf(field string, i int, format string, args ...any) *Error {
	return bad(field, i, fmt.Errorf(format, args...))
}

var errNUL = errors.New("contains a NUL byte")

// validate finds what can be known to be wrong before anything is started.
func (c *Cmd) validate() error {
	for _, check := range []func(*Cmd) error{checkProgram, checkFiles, checkSession, checkNamespaces, checkMounts, checkSystem, checkTracing} {
		if err := check(c); err != nil {
			return err
		}
	}
	return nil
}

func checkProgram(c *Cmd) error {
	if c.ExecFD < 0 {
		return badf("ExecFD", -1, "descriptor %d: %w", c.ExecFD, unix.EBADF)
	}
	if c.Path == "" && c.ExecFD == 0 {
		return bad("Path", -1, errors.New("empty, and no ExecFD"))
	}
	if c.ExecFD > 0 && c.Search != "" {
		return bad("Search", -1, errors.New("conflicts with ExecFD: the program is open already"))
	}
	if c.ExecFD > 0 {
		if err := checkOpen("ExecFD", -1, c.ExecFD); err != nil {
			return err
		}
	}
	for _, s := range []struct{ field, value string }{
		{"Path", c.Path},
		{"Dir", c.Dir},
		{"Search", c.Search},
		{"Root", c.Root},
		{"Cgroup", c.Cgroup},
		{"Hostname", c.Hostname},
		{"Domainname", c.Domainname},
		{"NewUIDMap", c.NewUIDMap},
		{"NewGIDMap", c.NewGIDMap},
	} {
		if strings.IndexByte(s.value, 0) >= 0 {
			return bad(s.field, -1, errNUL)
		}
	}
	for i, s := range c.Args {
		if strings.IndexByte(s, 0) >= 0 {
			return bad("Args", i, errNUL)
		}
	}
	for i, s := range c.Env {
		if strings.IndexByte(s, 0) >= 0 {
			return bad("Env", i, errNUL)
		}
	}
	return nil
}

func checkOpen(field string, i, fd int) error {
	if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
		return badf(field, i, "descriptor %d: %w", fd, err)
	}
	return nil
}

func checkFiles(c *Cmd) error {
	for i, fd := range c.Files {
		if fd == FileClosed || fd == FileKept {
			continue
		}
		if fd < 0 {
			return badf("Files", i, "%d is neither a descriptor nor FileClosed nor FileKept", fd)
		}
		if err := checkOpen("Files", i, fd); err != nil {
			return err
		}
	}
	return nil
}

func checkSession(c *Cmd) error {
	switch {
	case c.Setsid && c.Setpgid:
		return bad("Setpgid", -1, errors.New("conflicts with Setsid: a session leader leads its own group"))
	case c.Pgid != 0 && !c.Setpgid:
		return bad("Pgid", -1, errors.New("needs Setpgid"))
	case c.Pgid < 0 || c.Pgid > math.MaxInt32:
		return badf("Pgid", -1, "%d is no process group", c.Pgid)
	case c.Ctty != nil && !c.Setsid:
		return bad("Ctty", -1, errors.New("needs Setsid"))
	case c.Foreground != nil && !c.Setsid && !c.Setpgid:
		return bad("Foreground", -1, errors.New("needs Setpgid or Setsid"))
	case c.ParentDeath < 0 || c.ParentDeath > maxSignal:
		return badf("ParentDeath", -1, "%d is no signal", int(c.ParentDeath))
	case c.IgnoredSignals&unstoppable != 0:
		return bad("IgnoredSignals", -1, errors.New("SIGKILL and SIGSTOP cannot be ignored"))
	}
	if err := checkTerminal("Ctty", c.Ctty, c); err != nil {
		return err
	}
	return checkTerminal("Foreground", c.Foreground, c)
}

// checkTerminal looks whether a descriptor of the child is one.
func checkTerminal(field string, fd *int, c *Cmd) error {
	switch {
	case fd == nil:
		return nil
	case *fd >= 0 && *fd < len(streamNames) && c.stream(*fd) != nil: // checkStreams looks at those
		return nil
	case *fd >= len(c.Files):
		return checkOpen(field, -1, *fd)
	case *fd < 0 || c.Files[*fd] == FileClosed:
		return badf(field, -1, "descriptor %d: %w", *fd, unix.EBADF)
	}
	return nil
}

func checkTracing(c *Cmd) error {
	switch {
	case c.Ptrace > PtraceSeizeReady:
		return badf("Ptrace", -1, "%d is no mode", c.Ptrace)
	case c.PtraceOptions != 0 && c.Ptrace == PtraceNone:
		return bad("PtraceOptions", -1, errors.New("needs Ptrace"))
	case len(c.Seccomp) > maxFilter:
		return badf("Seccomp", -1, "%d instructions, more than %d", len(c.Seccomp), maxFilter)
	case c.SeccompFlags != 0 && len(c.Seccomp) == 0:
		return bad("SeccompFlags", -1, errors.New("needs Seccomp"))
	case c.SeccompFlags&unix.SECCOMP_FILTER_FLAG_NEW_LISTENER != 0 && !c.SeccompListener:
		return bad("SeccompFlags", -1, errors.New("SECCOMP_FILTER_FLAG_NEW_LISTENER is what SeccompListener asks for"))
	}
	return nil
}
