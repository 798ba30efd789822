package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"time"

	"strait/internal/prompt"
	"strait/policy"
)

// policyOptions are what the flags of strait run say about policies.
type policyOptions struct {
	file       string
	rules      []string
	profile    string
	fallback   actionValue // --default
	permissive bool
	audit      string
	auditAll   bool
	ask        askValue
	askTimeout time.Duration
}

// given says whether there is a policy to enforce.
func (o *policyOptions) given() bool {
	return o.file != "" || len(o.rules) > 0 || o.fallback.set || o.permissive || o.ask == askAlways
}

// check looks at what the flags say together.
func (o *policyOptions) check() error {
	if o.given() {
		return nil
	}
	for _, x := range []struct {
		flag string
		set  bool
	}{{"profile", o.profile != ""}, {"audit", o.audit != ""}, {"audit-all", o.auditAll}, {"ask-timeout", o.askTimeout > 0}} {
		if x.set {
			return badUsage("--%s needs a policy: --policy FILE, -r RULE or --ask", x.flag)
		}
	}
	return nil
}

// A ruleBook is a policy that grows by answers.
type ruleBook struct {
	file    *policy.File
	options policy.Options
	policy  *policy.Policy
}

// load reads the policy file, puts the rules of the command line before its
// own, and makes what is left open a question where --ask says so.
func (o *policyOptions) load(cwd string) (*ruleBook, error) {
	f, err := o.source()
	if err != nil {
		return nil, err
	}
	profile := "main"
	if o.profile != "" {
		profile = o.profile
	}
	p := f.Profile(profile)
	if p == nil && (len(o.rules) > 0 || len(f.Profiles) == 0) {
		p = &policy.Profile{Name: profile}
		f.Profiles = append(f.Profiles, p)
	}
	var rules []*policy.Rule
	for i, text := range o.rules {
		r, err := policy.ParseRule(text)
		if err != nil {
			return nil, fmt.Errorf("-r %q: %w", text, err)
		}
		r.Pos = policy.Pos{File: "-r", Line: i + 1, Col: 1}
		rules = append(rules, r)
	}
	if p != nil {
		p.Rules = append(rules, p.Rules...)
	}
	o.settleDefault(f, rules)
	b := &ruleBook{file: f, options: policy.Options{Vars: map[string]string{"HOME": os.Getenv("HOME"), "CWD": cwd}}}
	if b.policy, err = policy.New(f, b.options); err != nil {
		return nil, err
	}
	if !b.policy.HasProfile(profile) {
		return nil, fmt.Errorf("--profile: no profile %q in the policy", profile)
	}
	return b, nil
}

// source is the policy file; without one, what every program needs to start.
// A file that answers are to go to may be yet to come.
func (o *policyOptions) source() (*policy.File, error) {
	name, src := "strait run", []byte(nil)
	if o.file != "" {
		var err error
		name = o.file
		src, err = os.ReadFile(name)
		if err != nil && (o.ask != askAlways || !errors.Is(err, fs.ErrNotExist)) {
			return nil, err
		}
	}
	if src == nil {
		src = prompt.NewFile()
	}
	return policy.Parse(name, src)
}

// settleDefault says what becomes of calls that no rule is about. Rules of the
// command line alone either take from a program that may do the rest, or give
// to one that may do nothing else.
func (o *policyOptions) settleDefault(f *policy.File, rules []*policy.Rule) {
	switch {
	case o.fallback.set:
		f.Default = &o.fallback.action
	case o.ask == askAlways:
		f.Default = &policy.Action{Kind: policy.Ask}
	case o.file == "" && !slices.ContainsFunc(rules, gives):
		f.Default = &policy.Action{}
	}
}

// gives says whether a rule grants something, or may.
func gives(r *policy.Rule) bool {
	return r.Action.Kind == policy.Allow || r.Action.Kind == policy.Log || r.Action.Kind == policy.Ask
}

// with is the policy with more rules: each before the one that it has to stand
// before, or last in its profile.
func (b *ruleBook) with(more []prompt.NewRule) (*policy.File, *policy.Policy, error) {
	f := *b.file
	f.Profiles = slices.Clone(f.Profiles)
	for _, n := range more {
		r, err := policy.ParseRule(n.Text)
		if err != nil {
			return nil, nil, err
		}
		r.Pos = policy.Pos{File: "answer"}
		i := slices.IndexFunc(f.Profiles, func(p *policy.Profile) bool { return p.Name == n.Profile })
		if i < 0 {
			i = len(f.Profiles)
			f.Profiles = append(f.Profiles, &policy.Profile{Name: n.Profile})
		}
		p := *f.Profiles[i]
		at := slices.IndexFunc(p.Rules, func(have *policy.Rule) bool { return n.Before != "" && have.String() == n.Before })
		if at < 0 {
			at = len(p.Rules)
		}
		p.Rules = slices.Insert(slices.Clone(p.Rules), at, r)
		f.Profiles[i] = &p
	}
	p, err := policy.New(&f, b.options)
	return &f, p, err
}

// add keeps more rules for the run.
func (b *ruleBook) add(more []prompt.NewRule) error {
	f, p, err := b.with(more)
	if err == nil {
		b.file, b.policy = f, p
	}
	return err
}
