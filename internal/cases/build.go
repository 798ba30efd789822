package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"strait/forkexec"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// make runs the commands that build the program.
func (s *scratch) make(ctx context.Context, c *Case) error {
	for i, line := range c.Build {
		at := c.place("build")
		if i < len(c.builds) {
			at = c.builds[i]
		}
		out, err := s.buildBy(ctx, c, line)
		if ctx.Err() != nil {
			err = errors.New("it took too long")
			if errors.Is(context.Cause(ctx), context.Canceled) {
				err = errors.New("interrupted")
			}
		}
		if err != nil {
			return &Failure{at, fmt.Sprintf("build: %s: %v%s", line, err, indented(out))}
		}
	}
	return nil
}

// buildBy runs a command and returns what it writes. It is traced, though none of
// its calls is: so nothing that it starts outlives it, whatever sessions and
// process groups that makes.
func (s *scratch) buildBy(ctx context.Context, c *Case, line string) (out []byte, err error) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		return nil, err
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()
	log, err := os.Create(filepath.Join(s.root, "build.log"))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	to := int(log.Fd())
	cmd := &forkexec.Cmd{
		Path: sh, Args: []string{"sh", "-c", line}, Dir: c.Dir, Setpgid: true,
		Env:        append(slices.DeleteFunc(os.Environ(), isOurs), "CASE="+c.Dir, "BUILD="+s.build),
		Files:      []int{int(null.Fd()), to, to},
		CloseFiles: true,
	}
	var status unix.WaitStatus
	onOwnThread(func() { status, err = untilEnd(ctx, cmd) })
	if err == nil {
		err = badEnd(status)
	}
	out, readErr := os.ReadFile(log.Name())
	return out, errors.Join(err, readErr)
}

func isOurs(v string) bool { return strings.HasPrefix(v, "CASE=") || strings.HasPrefix(v, "BUILD=") }

// untilEnd runs a program until it ends, and ends what it has started by then.
func untilEnd(ctx context.Context, cmd *forkexec.Cmd) (status unix.WaitStatus, err error) {
	// Filter, and none that sends calls here: they run from one process that is
	// made to the next.
	t, err := tracer.New(tracer.Options{FollowForks: true, ExitKill: true, Filter: true})
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, t.Close(tracer.KillThem)) }()
	p, err := t.Start(cmd)
	if err != nil {
		return 0, err
	}
	defer p.Release()
	for s, err := range t.Stops(ctx) {
		if err != nil {
			return 0, err
		}
		if s.Event.TID != p.PID() {
			continue
		}
		switch s.Kind {
		case tracer.Exited:
			return unix.WaitStatus(s.Event.Status << 8), nil
		case tracer.Killed:
			return unix.WaitStatus(s.Event.Sig), nil
		}
	}
	return 0, p.ExecError()
}

// badEnd says how a command ended that failed.
func badEnd(st unix.WaitStatus) error {
	switch {
	case st.Signaled():
		return fmt.Errorf("it was killed by %s", signalName(int(st.Signal())))
	case st.ExitStatus() != 0:
		return fmt.Errorf("it exited with %d", st.ExitStatus())
	}
	return nil
}
