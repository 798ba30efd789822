package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"strait/forkexec"
	"strait/policy"
	"strait/policy/enforce"
	"strait/tracer"
)

// A guarded run is a program under a policy.
type guarded struct {
	l     *runLine
	loud  *messages
	book  *ruleBook
	audit auditLogs
	desk  *askDesk // nil: nobody is asked
	e     *enforce.Enforcer
	said  map[string]int // verdicts, and how often
	more  int            // verdicts that are not shown
}

// runGuarded runs a program under a policy, and traces it where that is asked
// for too.
func (l *runLine) runGuarded(env *environment, cmd *forkexec.Cmd, loud *messages) (status exitStatus, err error) {
	g := &guarded{l: l, loud: loud, said: map[string]int{}}
	if g.book, err = l.rules.load(startDir(cmd)); err != nil {
		return exitStatus{}, err
	}
	l.policyLimits(&g.book.policy.Limits)
	cmd.Limits = l.limits
	l.outputs(cmd)
	if err := l.cgroup.place(cmd); err != nil {
		return exitStatus{}, err
	}
	if g.audit, err = openAudits(l.rules.audit); err != nil {
		return exitStatus{}, err
	}
	defer func() { err = errors.Join(err, g.audit.close()) }()
	if g.desk, err = openDesk(g, cmd); err != nil {
		return exitStatus{}, err
	}
	r, err := g.run(env, cmd)
	if derr := g.desk.close(); derr != nil {
		err = errors.Join(err, derr)
	}
	g.summary()
	switch {
	case err != nil:
		return exitStatus{}, err
	case r.ExecError != nil:
		return exitStatus{}, r.ExecError
	case r.Process == nil:
		return exitStatus{}, errors.New("the program's end was not seen")
	}
	status = l.conclude(r.Process, loud)
	return status, g.desk.review()
}

// run starts the program and enforces until it ends; what it leaves is ended.
func (g *guarded) run(env *environment, cmd *forkexec.Cmd) (*enforce.Result, error) {
	o := g.enforceOptions()
	watch, done, err := g.l.watcher(env, g.loud)
	if err != nil {
		return nil, err
	}
	if watch != nil {
		o.Watch = watch.see
	}
	if g.e, err = enforce.New(o); err != nil {
		return nil, errors.Join(err, done(nil))
	}
	p, err := g.e.Start(cmd)
	if err != nil {
		return nil, errors.Join(err, done(nil))
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-p.Done()
		cancel()
	}()
	if err := g.desk.started(p); err != nil {
		cancel()
		_, rerr := g.e.Run(ctx)
		return nil, errors.Join(err, ignoreCancel(rerr), done(nil))
	}
	for _, line := range g.e.Limits() {
		g.loud.say("%s", line)
	}
	stop := relaySignals(p, cmd.Setsid)
	r, err := g.e.Run(ctx)
	stop()
	return r, errors.Join(ignoreCancel(err), done(p))
}

func (g *guarded) enforceOptions() enforce.Options {
	o := enforce.Options{
		Policy: g.book.policy, Profile: g.l.rules.profile, Permissive: g.l.rules.permissive,
		Audit: g.record, AuditAll: g.l.rules.auditAll,
	}
	if g.desk != nil {
		o.Ask = g.desk.ask
	}
	return o
}

// ignoreCancel drops the error that says that the program has ended.
func ignoreCancel(err error) error {
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// startDir is what ${CWD} stands for.
func startDir(cmd *forkexec.Cmd) string {
	dir, _ := os.Getwd()
	switch {
	case cmd.Dir == "":
		return dir
	case strings.HasPrefix(cmd.Dir, "/"):
		return cmd.Dir
	}
	return dir + "/" + cmd.Dir
}

// policyLimits takes what the policy says about limits, where no flag does.
func (l *runLine) policyLimits(p *policy.Limits) {
	if l.limits.Wall == 0 {
		l.limits.Wall = p.Wall
	}
	if l.limits.CPU == 0 {
		l.limits.CPU = p.CPU
	}
	if l.limits.Memory == 0 {
		l.limits.Memory = uint64(p.Memory)
	}
	if l.limits.Output == 0 {
		l.limits.Output = uint64(p.Output)
	}
	if l.limits.Procs == 0 {
		l.limits.Procs = uint64(p.Procs)
	}
}

// shownVerdicts is how many different verdicts are told.
const shownVerdicts = 100

// record takes a decision that is not plainly to allow: into the audit log, and
// on standard error each of its kind once.
func (g *guarded) record(r *enforce.Record) {
	g.audit.write(r, !g.l.rules.auditAll)
	if r.Warning == "" && (r.Asked || r.Decided == "allow" || r.Decided == "log") {
		return
	}
	text := verdictText(r)
	if r.Warning != "" {
		text = fmt.Sprintf("%s %s: %s", r.Effect, printable(r.Object), r.Warning)
	}
	g.said[text]++
	switch {
	case g.said[text] > 1:
		g.more++
	case len(g.said) > shownVerdicts:
		g.more++
	default:
		g.loud.say("%s", text)
	}
}

// summary says how many verdicts were not told.
func (g *guarded) summary() {
	if g.more > 0 {
		g.loud.say("and %d more like these; --audit FILE has all", g.more)
	}
}

// verdictText is a verdict in a line, with the rule as strait policy why shows
// it.
func verdictText(r *enforce.Record) string {
	what := strings.TrimSpace(r.Effect + " " + printable(r.Object))
	if what == "" {
		what = r.Call
	} else {
		what += " (" + r.Call + ")"
	}
	because := r.Why
	if r.Rule != "" {
		because = printable(r.Rule)
		if r.At != "" {
			because = printable(r.At) + ": " + because
		}
		if r.Why != "" {
			because += " (" + r.Why + ")"
		}
	}
	if r.Unread {
		because += " (it could not be read)"
	}
	decided := r.Decided
	if r.Passed {
		decided = "permitted, not " + decided
	}
	return fmt.Sprintf("%s: %s: %s", what, decided, because)
}

// printable is text without what a terminal would obey.
func printable(s string) string {
	q := quoteC(s, hexNonASCIIChars)
	return q[1 : len(q)-1]
}

// watcher makes what traces in the same run; nil: nothing does. done ends it,
// with the process that was started, if one was.
func (l *runLine) watcher(env *environment, loud *messages) (w *watcher, done func(*forkexec.Process) error, err error) {
	if !l.tracing {
		return nil, func(*forkexec.Process) error { return nil }, nil
	}
	out, err := openOutput(l.trace, loud)
	if err != nil {
		return nil, nil, err
	}
	if err := l.trace.checkQuiet(); err != nil {
		out.close()
		return nil, nil, err
	}
	w = &watcher{s: &session{o: l.trace, name: env.Name + " run", loud: loud, alone: true, states: map[int]*taskState{}}}
	w.s.prepare(out)
	return w, func(*forkexec.Process) error {
		defer out.close()
		w.s.flush()
		w.s.summary(out)
		out.flush()
		return nil
	}, nil
}

// A watcher traces what an Enforcer shows it.
type watcher struct{ s *session }

func (w *watcher) see(stop *tracer.Stop) {
	w.s.at = stop.Task
	switch stop.Kind {
	case tracer.NewTask:
		w.s.watched++
	case tracer.Exited, tracer.Killed, tracer.Superseded, tracer.Detached:
		w.s.watched--
	}
	_ = w.s.handle(stop) // what cannot be written is told in the end
}
