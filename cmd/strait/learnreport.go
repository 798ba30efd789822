package main

import (
	"fmt"
	"strings"

	"strait/policy"

	"golang.org/x/sys/unix"
)

func (s *lesson) say(format string, args ...any) {
	fmt.Fprintf(s.v.stderr, "%s: %s\n", s.v.name, fmt.Sprintf(format, args...))
}

// ended says how the program ended.
func ended(st exitStatus) string {
	if st.sig != 0 {
		return "the program was killed by " + unix.SignalName(unix.Signal(st.sig))
	}
	return fmt.Sprintf("the program exited with %d", st.code)
}

// report says what was learnt: the rules that are new, what they grant beyond
// what was observed, and what could not be learnt.
func (s *lesson) report(l *policy.Learned, status exitStatus) {
	if status != (exitStatus{}) {
		s.say("%s: a run that failed may not have shown all that the program needs", ended(status))
	}
	fresh := s.fresh(l)
	s.say("%s: %s learnt, %d new; this run needed them for %s, all runs (%d) for %d",
		s.target(), count(len(l.Rules), "rule"), len(fresh), count(s.seen, "call"), s.rec.Runs, s.total())
	for _, r := range fresh {
		fmt.Fprintf(s.v.stderr, "+ %s # seen %d×\n", r.Rule, r.Count)
	}
	for _, g := range l.Grants() {
		if g.Widened() || s.all {
			fmt.Fprintf(s.v.stderr, "  %s granted %s, observed %s\n", g.Rule.Targets[0].Name, g.Object, names(g.Observed, s.all))
		}
	}
	s.exceptions(l)
}

// exceptions says what could not be learnt, or was not.
func (s *lesson) exceptions(l *policy.Learned) {
	for _, o := range s.gone {
		s.say("forgotten, as its rule was taken out: %s", describe(&o))
	}
	for _, o := range l.Refused {
		s.say("a rule denies it, so it was not learnt: %s", describe(&o))
	}
	for _, o := range l.Unknown {
		s.say("its object could not be read, so no rule can allow it: %s", describe(&o))
	}
	for _, o := range l.Failed {
		s.say("does not pass the policy: %s", describe(&o))
	}
	if len(l.Failed) == 0 {
		s.say("replayed: all of it passes the rules and the filter")
	}
}

func (s *lesson) target() string {
	if s.out == "-" {
		return "policy"
	}
	return s.out
}

// fresh returns the rules that did not stand in the file before.
func (s *lesson) fresh(l *policy.Learned) []policy.LearnedRule {
	old := map[string]bool{}
	if s.file != nil {
		for _, p := range s.file.Profiles {
			for _, r := range p.Rules {
				old[p.Name+": "+r.String()] = true
			}
		}
	}
	var out []policy.LearnedRule
	for _, r := range l.Rules {
		if !old[r.Profile+": "+r.Rule.String()] {
			out = append(out, r)
		}
	}
	return out
}

func (s *lesson) total() int {
	n := 0
	for i := range s.rec.Observations {
		n += s.rec.Observations[i].Count
	}
	return n
}

// count is a number of things in words.
func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// names lists what was observed: a few, or all.
func names(list []string, all bool) string {
	const most = 4
	if all || len(list) <= most+1 {
		return strings.Join(list, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:most], " "), len(list)-most)
}

// describe names an observed call.
func describe(o *policy.Observation) string {
	out := o.Call
	for i := range o.Pairs {
		if p := &o.Pairs[i]; p.Effect != "" {
			out += ", " + strings.TrimSpace(p.Effect+" "+p.Object())
		}
	}
	return fmt.Sprintf("%s (%d×)", out, o.Count)
}
