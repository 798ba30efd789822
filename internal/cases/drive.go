package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"strait/forkexec"
	"strait/internal/print"
	"strait/policy"
	"strait/tracer"
)

func signalName(sig int) string { return print.SignalName(sig) }

// A running is one run of a program, from its start until nothing is left of it.
type running struct {
	t   *trial
	s   *scratch
	cmd *forkexec.Cmd
	rec *recorder
	pol *policy.Policy
}

// load reads the policy that must hold.
func (r *running) load(vars map[string]string) error {
	x := &r.t.c.Expect
	name := x.Policy
	if !strings.HasPrefix(name, "std/") && x.Rules == "" {
		name = r.t.c.shown(name)
	}
	p, err := r.policy(name, vars)
	if err != nil {
		return &Failure{x.PolPos, fmt.Sprintf("policy: %v", err)}
	}
	r.pol = p
	return nil
}

// policy reads a policy and allows the files that stand for standard input, output
// and error in this run: those are not the program's choice.
func (r *running) policy(name string, vars map[string]string) (*policy.Policy, error) {
	o := policy.Options{Vars: vars}
	if strings.HasPrefix(name, "std/") {
		return policy.Load(name, o)
	}
	src := []byte(r.t.c.Expect.Rules)
	if len(src) == 0 {
		var err error
		if src, err = os.ReadFile(name); err != nil {
			return nil, err
		}
	}
	f, err := policy.Parse(name, src)
	if err != nil {
		return nil, err
	}
	rule, err := policy.ParseRule("allow fs.read fs.write " + strings.Join(r.s.out[:], " "))
	if err != nil {
		return nil, err
	}
	for _, p := range f.Profiles {
		p.Rules = append([]*policy.Rule{rule}, p.Rules...)
	}
	return policy.New(f, o)
}

// start runs the program on a thread of its own.
func (r *running) start(ctx context.Context) error {
	r.limits()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := time.AfterFunc(r.t.timeout, func() { cancel(errTimeout) })
	defer timer.Stop()
	linger := r.t.c.Linger
	if linger == 0 {
		linger = DefaultLinger
	}
	r.rec.ended = func() {
		left := time.AfterFunc(linger, func() { cancel(errLeft) })
		context.AfterFunc(ctx, func() { left.Stop() })
	}
	if most := r.t.c.Limits.Output; most > 0 {
		stop := r.watchOutput(most, cancel)
		defer stop()
	}
	run := r.trace
	if r.pol != nil {
		run = r.hold
	}
	done := make(chan error, 1)
	onOwnThread(func() { done <- run(ctx) })
	err := <-done
	if err == nil {
		return nil
	}
	return r.ended(err, context.Cause(ctx))
}

// ended says in words why a run was ended.
func (r *running) ended(err, cause error) error {
	switch {
	case errors.Is(cause, errTimeout):
		r.t.r.fail(r.t.c.place("timeout", "run"), "it took longer than %s; it was in:%s", r.t.timeout, r.rec.left())
	case errors.Is(cause, errLeft):
		r.t.r.fail(r.t.c.place("linger", "run"), "it left processes behind, which were in:%s", r.rec.left())
	case errors.Is(cause, errOutput):
		r.t.r.fail(r.t.c.place("limits", "run"), "it wrote more than %d bytes", r.t.c.Limits.Output)
	case cause != nil:
		return fmt.Errorf("interrupted: %w", cause)
	default:
		return err
	}
	return nil
}

// watchOutput ends the run when what was written is too much.
func (r *running) watchOutput(most uint64, cancel context.CancelCauseFunc) (stop func()) {
	tick := time.NewTicker(10 * time.Millisecond)
	over := make(chan struct{})
	go func() {
		defer tick.Stop()
		for {
			select {
			case <-over:
				return
			case <-tick.C:
			}
			if r.s.written() > most {
				cancel(errOutput)
				return
			}
		}
	}()
	return func() { close(over) }
}

// written is how much the program wrote to standard output and error.
func (s *scratch) written() (n uint64) {
	for _, f := range s.files[1:] {
		if st, err := f.Stat(); err == nil {
			n += uint64(st.Size())
		}
	}
	return n
}

// trace runs the program under a tracer.
func (r *running) trace(ctx context.Context) error {
	t, err := tracer.New(tracer.Options{FollowForks: true, ExitKill: true})
	if err != nil {
		return err
	}
	p, err := t.Start(r.cmd)
	if err != nil {
		return errors.Join(r.notStarted(err), t.Close(tracer.KillThem))
	}
	r.rec.main = p.PID()
	for s, e := range t.Stops(ctx) {
		if e != nil {
			err = e
			break
		}
		r.rec.handle(s)
	}
	if e := p.ExecError(); e != nil {
		err = errors.Join(r.notStarted(e), err)
	}
	p.Release()
	if most := r.t.c.Limits.Output; err == nil && most > 0 && r.s.written() > most {
		r.t.r.fail(r.t.c.place("limits", "run"), "it wrote more than %d bytes", most)
	}
	return errors.Join(err, t.Close(tracer.KillThem))
}

// left tells what the tasks that are left were doing.
func (r *recorder) left() string {
	var out []string
	for tid, o := range r.tasks {
		if tid != o.pid {
			continue
		}
		doing := "no call"
		if o.name != "" {
			doing = o.name
		}
		out = append(out, fmt.Sprintf("process %d (%s): %s", tid, programOf(r, tid), doing))
	}
	slices.Sort(out)
	if len(out) == 0 {
		return " no process"
	}
	return "\n  " + strings.Join(out, "\n  ")
}

// programOf is the program of a task, as far as the steps tell.
func programOf(r *recorder, tid int) string {
	if o := r.tasks[tid]; o.program != "" {
		return o.program
	}
	return "?"
}
