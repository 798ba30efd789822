package main

import (
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"runtime"

	"strait/forkexec"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// newEnvironment is this process's.
func newEnvironment(name string) *environment {
	e := &environment{
		Name: name, Pid: os.Getpid(), Root: os.Geteuid() == 0,
		Calls: tableIndex{}, Personalities: personalities(),
		User: lookUpUser, RealPath: realPath,
	}
	if !isStrace(name) {
		e.Name = "strait"
	}
	return e
}

// trace is the tracing mode: strace's command line.
func (e *environment) trace(argv []string, stdout, stderr io.Writer) int {
	o, err := e.parse(argv[1:])
	switch {
	case errors.Is(err, errHelp):
		fmt.Fprint(stdout, helpText(e.Name))
		return 0
	case err == nil && o.Version:
		fmt.Fprint(stdout, versionText(e.Name))
		return 0
	case err == nil:
		err = o.check(e)
	}
	if err == nil {
		err = o.checkThere()
	}
	loud := &messages{w: stderr, name: e.Name}
	for _, w := range o.Warnings {
		if e.Role == nil { // the first process has said it
			loud.say("%s", w)
		}
	}
	if err == nil && o.Daemonize != daemonizeNo && e.Role == nil {
		complain(stderr, e.Name, e.daemonize(argv, o, loud))
		return 1
	}
	if err != nil {
		complain(stderr, e.Name, err)
		return 1
	}
	if len(o.Program) == 0 && len(o.Attach) == 0 { // --tips alone
		fmt.Fprint(stderr, tipText(o.Tip, rand.IntN))
		return 0
	}
	status, err := e.start(o, loud)
	if err != nil {
		complain(stderr, e.Name, err)
		return 1
	}
	if o.Tip.format != tipNone {
		fmt.Fprint(stderr, tipText(o.Tip, rand.IntN))
	}
	return status.end()
}

// start opens the output and traces.
func (e *environment) start(o *Options, loud *messages) (exitStatus, error) {
	out, err := openOutput(o, loud)
	if err != nil {
		return exitStatus{}, err
	}
	defer out.close()
	said := len(o.Warnings)
	if err := o.checkQuiet(); err != nil {
		return exitStatus{}, err
	}
	for _, w := range o.Warnings[said:] {
		loud.say("%s", w)
	}
	cmd, err := e.command(o, loud)
	if err != nil {
		return exitStatus{}, err
	}
	t, err := tracer.New(tracer.Options{
		TellExiting: o.Summary != summaryOnly,
		FollowForks: o.Follow, Filter: o.Seccomp, ExitKill: o.KillOnExit || o.Seccomp,
		Placement: o.Placement.place(), PlaceAttached: o.used("--placement"),
		CPUTime: o.Summary != summaryNone && !o.Wall, Describe: tracer.FDDetails(o.DecodeFDs >> 1), DescribePIDs: tracer.PIDDetails(o.DecodePIDs),
	})
	if err != nil {
		return exitStatus{}, err
	}
	s := &session{o: o, name: e.Name, t: t, loud: loud, ignored: ignoredSignals(), role: e.Role}
	s.prepare(out)
	got := catchSignals()
	if err := s.begin(cmd); err != nil {
		return exitStatus{code: 1}, errors.Join(err, t.Close(tracer.KillThem))
	}
	leaveStandard()
	ctx, stop := s.watchSignals(got)
	defer stop()
	err = s.run(ctx)
	s.summary(out)
	if err != nil {
		return exitStatus{code: 1}, err
	}
	return s.status, nil
}

// begin attaches to what -p names and starts the program.
func (s *session) begin(cmd *forkexec.Cmd) error {
	attached := 0
	for _, pid := range s.o.Attach {
		before := s.t.Count()
		if err := s.t.Attach(pid); err != nil {
			s.loud.say("%s", attachMessage(pid, err))
			if why := whyNotAttached(pid, err); why != "" {
				s.loud.say("%s", why)
			}
			continue
		}
		attached++
		switch threads := s.t.Count() - before; {
		case s.o.Quiet&quietAttach != 0:
		case threads > 1:
			s.loud.say("Process %d attached with %d threads", pid, threads)
		default:
			s.loud.say("Process %d attached", pid)
		}
	}
	if s.role != nil {
		return s.attachFirst(s.role)
	}
	if cmd == nil {
		if attached == 0 {
			return errSilent
		}
		return nil
	}
	cmd.IgnoredSignals = s.ignored
	p, err := s.t.Start(cmd)
	if err != nil {
		return refuse("%s", execMessage(err))
	}
	s.main, s.proc = p.PID(), p
	return nil
}

// command is what is to be started; nil with -p alone.
func (e *environment) command(o *Options, loud *messages) (*forkexec.Cmd, error) {
	if len(o.Program) == 0 {
		return nil, nil
	}
	path, err := findProgram(o.Program[0], os.Getenv("PATH"))
	if err != nil {
		return nil, err
	}
	c := &forkexec.Cmd{Path: path, Args: append([]string(nil), o.Program...), Env: o.environ(os.Environ())}
	if o.Argv0 != nil {
		c.Args[0] = *o.Argv0
	}
	if o.UserSet {
		c.Credential = &forkexec.Credential{UID: o.Creds.UID, GID: o.Creds.GID, Groups: o.Creds.Groups}
	}
	if c.Seccomp, err = o.filter(e, loud); err != nil {
		return nil, err
	}
	c.NoNewPrivs = c.Seccomp != nil && !e.Root
	return c, nil
}

// end ends us as the program ended: by the same signal, or with its status.
func (x exitStatus) end() int {
	switch x.sig {
	case 0:
		return x.code
	case 32, 33: // of the C library, which lets no C program send them to itself
		return 128 + x.sig
	}
	_ = unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0) // one core is enough
	restoreDefault(x.sig)
	if err := unix.Kill(os.Getpid(), unix.Signal(x.sig)); err != nil {
		return 128 + x.sig
	}
	runtime.Gosched()
	waitForSignal()
	return 128 + x.sig
}

// leaveStandard lets go of standard input and output: they are the program's, and
// whoever reads what it writes shall see an end of file when it is done.
func leaveStandard() {
	for fd, mode := range []int{unix.O_RDONLY, unix.O_WRONLY} {
		null, err := unix.Open("/dev/null", mode|unix.O_CLOEXEC, 0)
		if err != nil {
			return
		}
		_ = unix.Dup3(null, fd, unix.O_CLOEXEC)
		_ = unix.Close(null)
	}
}
