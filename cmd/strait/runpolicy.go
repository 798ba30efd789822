package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"strait/forkexec"
	"strait/policy"
	"strait/policy/enforce"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// A runPolicy is what strait run is told about policies.
type runPolicy struct {
	file       string   // of the policy; "": the rules alone
	rules      []string // before those of the file
	profile    string
	permissive bool
	audit      string

	loaded *policy.Policy
}

func policyFlags(f *pflag.FlagSet, o *runOptions) {
	p := &o.policy
	f.StringVar(&p.file, "policy", "", "`FILE` hold the program, and all that it starts, to this policy; std/NAME is a built-in one")
	f.StringArrayVarP(&p.rules, "rule", "r", nil, "`RULE` as in a policy, before those of the file; may be given several times. Without a file it stands before std/runtime, and the rest is denied")
	f.StringVar(&p.profile, "profile", "main", "`NAME` the profile of the policy that the program starts under")
	f.BoolVar(&p.permissive, "permissive", false, "deny nothing; say what would have been denied")
	f.StringVar(&p.audit, "audit", "", "`FILE` append the decisions to it, as JSON lines; without it they are kept for strait policy why, until the next run")
}

// given says whether there is a policy.
func (p *runPolicy) given() bool { return p.file != "" || len(p.rules) > 0 }

// load reads the policy and takes its limits where no flag sets one.
func (l *runLine) loadPolicy() error {
	p := &l.policy
	if !p.given() {
		if p.permissive || p.audit != "" || p.profile != "main" {
			return badUsage("--permissive, --audit and --profile need --policy or -r")
		}
		return nil
	}
	if l.tracing {
		return badUsage("a run is traced or held to a policy; --audit FILE has the decisions")
	}
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	o := policy.Options{Vars: map[string]string{"HOME": os.Getenv("HOME"), "CWD": cwd}}
	if len(p.rules) == 0 {
		p.loaded, err = policy.Load(p.file, o)
	} else {
		p.loaded, err = policy.LoadSource("-r", p.source(cwd), o)
	}
	if err != nil {
		return err
	}
	if !p.loaded.HasProfile(p.profile) {
		return fmt.Errorf("--profile: %s has no profile %q", cmp.Or(p.file, "-r"), p.profile)
	}
	l.limits = withLimits(l.limits, p.loaded.Limits)
	return nil
}

// source is a policy of the rules on the command line, before all that the file
// has. A JSON string is a YAML one.
func (p *runPolicy) source(cwd string) []byte {
	var b strings.Builder
	include, last := "std/runtime", "default: deny(EPERM)\n"
	if p.file != "" {
		include, last = p.file, ""
		if !filepath.IsAbs(include) && !strings.HasPrefix(include, "std/") {
			include = filepath.Join(cwd, include)
		}
	}
	quote := func(s string) string {
		q, _ := json.Marshal(s) // a string always has a form
		return string(q)
	}
	fmt.Fprintf(&b, "version: 1\ninclude: [%s]\n%sprofiles:\n  %s:\n", quote(include), last, quote(p.profile))
	for _, r := range p.rules {
		fmt.Fprintf(&b, "    - %s\n", quote(r))
	}
	return []byte(b.String())
}

// withLimits fills in the limits of a policy where there are none.
func withLimits(l forkexec.Limits, p policy.Limits) forkexec.Limits {
	if l.Wall == 0 {
		l.Wall = p.Wall
	}
	if l.CPU == 0 {
		l.CPU = p.CPU
	}
	if l.Memory == 0 {
		l.Memory = uint64(p.Memory)
	}
	if l.Output == 0 {
		l.Output = uint64(p.Output)
	}
	if l.Procs == 0 {
		l.Procs = uint64(p.Procs)
	}
	return l
}

// runHeld runs a program under the policy. It ends when all that the program
// started has ended, or been ended with it.
func (l *runLine) runHeld(cmd *forkexec.Cmd, loud *messages) (exitStatus, error) {
	log, err := openAudit(l.policy.audit)
	switch {
	case err == nil:
	case l.policy.audit != "":
		return exitStatus{}, err
	default: // nobody asked for one
		loud.say("%v; strait policy why will not know of this run", err)
		return l.hold(cmd, loud, func(*enforce.Record) {})
	}
	status, err := l.hold(cmd, loud, log.write)
	return status, errors.Join(err, log.close())
}

func (l *runLine) hold(cmd *forkexec.Cmd, loud *messages, log func(*enforce.Record)) (exitStatus, error) {
	said := map[string]bool{}
	e, err := enforce.New(enforce.Options{
		Policy: l.policy.loaded, Profile: l.policy.profile, Permissive: l.policy.permissive,
		Audit: func(r *enforce.Record) {
			log(r)
			line := refusalLine(r)
			if r.Decided == "allow" || r.Decided == "log" || said[line] {
				return
			}
			said[line] = true
			if r.Passed {
				line = "would be: " + line
			}
			loud.say("%s", line)
		},
	})
	if err != nil {
		return exitStatus{}, err
	}
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, unix.SIGINT, unix.SIGQUIT) // the program gets them from the terminal, too
	defer signal.Stop(interrupts)
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGHUP)
	defer stop()
	if _, err := e.Start(cmd); err != nil {
		return exitStatus{}, err
	}
	for _, line := range e.Limits() {
		loud.say("%s", line)
	}
	r, err := e.Run(ctx)
	switch {
	case err != nil && !errors.Is(err, context.Canceled):
		return exitStatus{}, err
	case r.ExecError != nil:
		return exitStatus{}, r.ExecError
	case r.Process != nil:
		return l.conclude(r.Process, loud), nil
	case r.Status.Signaled():
		return exitStatus{sig: int(r.Status.Signal())}, nil
	}
	return exitStatus{code: r.Status.ExitStatus()}, nil
}
