package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strconv"

	"strait/policy"
	"strait/policy/enforce"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// checkAttach looks at what the flags say together where -p names processes that
// run already: of a start there is nothing to say.
func (l *runLine) checkAttach(e *environment) error {
	if len(l.trace.Program) > 0 {
		return badUsage("-p holds processes that run already to a policy; start PROG by a strait run of its own")
	}
	if !l.rules.given() {
		return badUsage("-p needs a policy: --policy FILE, -r RULE or --ask; strait -p traces")
	}
	ours := map[string]bool{}
	for _, g := range runFlags(&runOptions{}) {
		if g.title == "Policy" || g.title == "Tracing" {
			g.flags.VisitAll(func(f *pflag.Flag) { ours[f.Name] = true })
		}
	}
	for _, name := range l.given {
		if !ours[name] {
			return badUsage("--%s is for a program that is yet to run: it does not go with -p", name)
		}
	}
	if len(l.trace.Env) > 0 || l.trace.UserSet || l.trace.Argv0 != nil {
		return badUsage("-E, -u and --argv0 are for a program that is yet to run: they do not go with -p")
	}
	return l.checkTrace(e)
}

// runAttached holds running processes to a policy until they end, or we are told
// to: then they go on without it.
func (l *runLine) runAttached(env *environment, loud *messages) (status exitStatus, err error) {
	g := &guarded{l: l, loud: loud, said: map[string]int{}}
	if g.book, err = l.rules.load(workingDir(l.trace.Attach[0])); err != nil {
		return exitStatus{}, err
	}
	if g.book.policy.Limits != (policy.Limits{}) {
		loud.say("the limits of the policy are for programs that strait run starts, not for attached ones")
	}
	if g.audit, err = openAudits(l.rules.audit); err != nil {
		return exitStatus{}, err
	}
	defer func() { err = errors.Join(err, g.audit.close()) }()
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	if g.desk, err = openDesk(g, nil); err != nil {
		return exitStatus{}, err
	}
	if g.desk != nil {
		g.desk.letGo = func() error { stop(errLetGo); return nil }
	}
	err = g.attach(ctx, stop, env)
	if derr := g.desk.close(); derr != nil {
		err = errors.Join(err, derr)
	}
	g.summary()
	if err != nil {
		return exitStatus{}, err
	}
	var by *interruption
	if cause := context.Cause(ctx); errors.As(cause, &by) {
		loud.say("%s: what is left goes on without the policy", unix.SignalName(by.sig))
		status = exitStatus{sig: int(by.sig)}
	}
	return status, g.desk.review()
}

// errLetGo ends the watching of processes that go on.
var errLetGo = errors.New("let go")

// attach enforces until ctx ends or nothing is left.
func (g *guarded) attach(ctx context.Context, stop context.CancelCauseFunc, env *environment) error {
	o := g.enforceOptions()
	watch, done, err := g.l.watcher(env, g.loud)
	if err != nil {
		return err
	}
	if watch != nil {
		o.Watch = watch.see
	}
	if g.e, err = enforce.New(o); err != nil {
		return errors.Join(err, done(nil))
	}
	got := make(chan os.Signal, 1)
	signal.Notify(got, unix.SIGHUP, unix.SIGINT, unix.SIGTERM)
	defer signal.Stop(got)
	go func() {
		select {
		case sig := <-got:
			if sig, ok := sig.(unix.Signal); ok {
				stop(&interruption{sig})
			}
		case <-ctx.Done():
		}
	}()
	attached := 0
	for _, pid := range g.l.trace.Attach {
		if err := g.e.Attach(pid); err != nil {
			g.loud.say("%s", attachMessage(pid, err))
			if why := whyNotAttached(pid, err); why != "" {
				g.loud.say("%s", why)
			}
			continue
		}
		attached++
		g.loud.say("Process %d attached", pid)
		if g.desk != nil && sharesTerminal(pid) {
			g.loud.say("process %d has this terminal too: what it prints is not held back, and it may be able to type answers (TIOCSTI)", pid)
		}
	}
	if attached == 0 {
		return errors.Join(errSilent, done(nil))
	}
	for _, line := range g.e.Limits() {
		g.loud.say("%s", line)
	}
	_, err = g.e.Run(ctx)
	if ctx.Err() != nil && errors.Is(err, context.Cause(ctx)) {
		err = nil
	}
	return errors.Join(err, done(nil))
}

// workingDir is where a process is, or else where we are.
func workingDir(pid int) string {
	dir, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", pid))
	if err != nil {
		dir, _ = os.Getwd()
	}
	return dir
}

// sharesTerminal says whether a process has our controlling terminal.
func sharesTerminal(pid int) bool {
	ours, theirs := terminalOf("self"), terminalOf(strconv.Itoa(pid))
	return ours != 0 && ours == theirs
}

// terminalOf is the number of a process's controlling terminal: field 7 of
// proc_pid_stat(5); 0: none.
func terminalOf(pid string) int {
	f := statFields(pid)
	if len(f) <= 7-3 {
		return 0
	}
	n, _ := strconv.Atoi(string(f[7-3]))
	return n
}
