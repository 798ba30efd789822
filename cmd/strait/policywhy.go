package main

import (
	"fmt"
	"strings"

	"strait/policy"
)

// policyWhy is strait policy why: of a call, of an effect and object, or of what
// the audit log of a run says.
func policyWhy(v *policyCommand) func() (int, error) {
	v.machine()
	profile := v.flags.String("profile", "main", "the `PROFILE` to ask")
	last := v.flags.Bool("last", false, "explain the decisions of the last strait run, or those with all of some words in them")
	audit := v.flags.String("audit", "", "explain those in the audit log `FILE`")
	return func() (int, error) {
		switch {
		case *last && *audit != "":
			return 0, badUsage("--last and --audit are two logs")
		case *last:
			status, err := v.whyAudit(lastAudit(), v.args)
			return status, noLast(err)
		case *audit != "":
			return v.whyAudit(*audit, v.args)
		case len(v.args) < 2:
			return 0, badUsage("POLICY or QUESTION is missing")
		}
		p, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		if !p.HasProfile(*profile) {
			return 0, fmt.Errorf("%s has no profile %s", v.args[0], *profile)
		}
		question := strings.Join(v.args[1:], " ")
		if _, err := policy.ParseCall(question+"()", policy.ImportOptions{ABI: v.arch}); err == nil { // a call by its name alone
			question += "()"
		}
		if strings.Contains(question, "(") {
			return v.whyCall(p, *profile, question)
		}
		return v.whyEffect(p, *profile, question)
	}
}

// whyCall prints the rules that were asked about a call and the verdict.
func (v *policyCommand) whyCall(p *policy.Policy, profile, call string) (int, error) {
	ev, err := policy.ParseCall(call, policy.ImportOptions{ABI: v.arch, CWD: v.cwd})
	if err != nil {
		return 0, err
	}
	prog, err := p.Compile(policy.CompileOptions{Profile: profile})
	if err != nil {
		return 0, err
	}
	d := policy.Decider{Policy: p, Resolver: policy.Words{CWD: v.cwd}, Program: prog}
	for _, step := range d.Why(profile, ev) {
		fmt.Fprintln(v.stdout, step)
	}
	verdict := d.Decide(profile, ev)
	fmt.Fprintf(v.stdout, "%s%s, decided by the %s\n", verdict.Action, under(verdict), decidedBy(verdict.Level))
	return allowedStatus(verdict.Action), nil
}

// under says which profile an allowed exec leads to.
func under(v policy.Verdict) string {
	if v.Next == "" {
		return ""
	}
	return " under profile " + v.Next
}

// decidedBy puts a level in words.
func decidedBy(l policy.Level) string {
	switch l {
	case policy.LevelKernel:
		return "kernel"
	case policy.LevelTracer:
		return "tracer, by registers"
	case policy.LevelChecked:
		return "tracer, by what memory holds"
	}
	return "tracer"
}

func allowedStatus(a policy.Action) int {
	if runs(a) {
		return statusYes
	}
	return statusNo
}

// whyEffect prints what is said about an effect, for each set of calls about
// which it is said.
func (v *policyCommand) whyEffect(p *policy.Policy, profile, question string) (int, error) {
	pairs, err := p.ParsePairs(question)
	if err != nil {
		return 0, err
	}
	d := policy.Decider{Policy: p}
	status := statusYes
	for _, pair := range pairs {
		for _, a := range d.WhyPair(profile, pair) {
			for _, step := range a.Steps {
				fmt.Fprintln(v.stdout, step)
			}
			fmt.Fprintf(v.stdout, "%s: %s\n", a.Action, callList(a.Calls))
			status = max(status, allowedStatus(a.Action))
		}
	}
	return status, nil
}

// callList names a few calls and says how many there are more.
func callList(calls []string) string {
	const most = 6
	if len(calls) <= most+1 {
		return strings.Join(calls, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(calls[:most], " "), len(calls)-most)
}

func runs(a policy.Action) bool { return a.Kind == policy.Allow || a.Kind == policy.Log }
