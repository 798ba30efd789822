package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"

	"strait/forkexec"
	"strait/policy"
	"strait/policy/enforce"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// observe runs the program under the policy as somebody wrote it, denying nothing,
// and records what would have been denied.
func (s *lesson) observe() (exitStatus, error) {
	base := s.base
	if base == nil {
		base = newPolicyFile(s.out, s.limits.Include)
		s.base = base
	}
	p, err := policy.New(base, s.v.options())
	if err != nil {
		return exitStatus{}, err
	}
	var rec policy.Recorder
	for _, o := range s.rec.Observations {
		rec.Add(o)
	}
	status, err := s.v.enforced(enforce.Options{
		Policy: p, Permissive: true,
		Observe: func(ev *syscalls.Event, pairs []policy.Pair, verdict policy.Verdict) {
			if !runs(verdict.Action) {
				s.seen++
				rec.Record(verdict.Profile, ev, pairs, nil)
			}
		},
	})
	if err != nil {
		return status, err
	}
	s.rec.Runs++
	s.rec.Observations = rec.Observations()
	return status, nil
}

// newPolicyFile is a policy that denies what its includes do not allow.
func newPolicyFile(name string, include []string) *policy.File {
	deny := policy.Action{Kind: policy.Deny, Num: int(unix.EPERM)}
	f := &policy.File{Name: name, Default: &deny}
	for _, in := range include {
		f.Include = append(f.Include, policy.Include{Name: in})
	}
	return f
}

// enforced runs the program of the command line under a policy, until nothing of
// it is left. An interrupt from the terminal is the program's: it ends, or not,
// and what it did is not lost.
func (v *policyCommand) enforced(o enforce.Options) (exitStatus, error) {
	path, err := findProgram(v.args[0], os.Getenv("PATH"))
	if err != nil {
		return exitStatus{}, err
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, unix.SIGINT, unix.SIGQUIT)
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGHUP)
	defer stop()
	e, err := enforce.New(o)
	if err != nil {
		return exitStatus{}, err
	}
	if _, err := e.Start(&forkexec.Cmd{Path: path, Args: v.args}); err != nil {
		return exitStatus{}, err
	}
	r, err := e.Run(ctx)
	switch {
	case err != nil:
		return exitStatus{}, err
	case r.ExecError != nil:
		return exitStatus{}, fmt.Errorf("%s: %w", path, r.ExecError)
	case r.Status.Signaled():
		return exitStatus{sig: int(r.Status.Signal())}, nil
	}
	return exitStatus{code: r.Status.ExitStatus()}, nil
}

// verified runs the program under the policy that was learnt. What is denied goes
// to the audit log of the last run too.
func (s *lesson) verified(l *policy.Learned) (int, error) {
	log, err := openAudits("")
	if err != nil {
		return 0, err
	}
	denied := 0
	said := map[string]bool{}
	status, err := s.v.enforced(enforce.Options{Policy: l.Policy, Audit: func(r *enforce.Record) {
		log.write(r, false)
		if r.Decided == "allow" || r.Decided == "log" {
			return
		}
		denied++
		if line := verdictText(r); !said[line] {
			said[line] = true
			s.say("verify: %s", line)
		}
	}})
	if err = errors.Join(err, log.close()); err != nil {
		return 0, err
	}
	if denied > 0 {
		s.say("verify: %s denied; learn again with the same -o, which adds what this run did differently", count(denied, "call"))
		return statusNo, nil
	}
	s.say("verify: %s under the policy, nothing was denied", ended(status))
	return statusYes, nil
}
