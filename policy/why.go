package policy

import (
	"fmt"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// A Step is one rule that was asked about one effect of a call.
type Step struct {
	Pair   Pair
	Rule   *Rule // nil: the default, or what Why says
	Why    string
	Action Action
	Held   bool   // it decided
	Reason string // why it did not, or why it did though it could not be read
}

// Why returns all that was asked to decide a call, in order: for each of its
// effects the rules about it, up to the one that decided.
func (d *Decider) Why(profile string, ev *syscalls.Event) []Step {
	if ev.Call == nil {
		ev.Call = ev.ABI.Call(ev.Nr)
	}
	return d.WhyPairs(profile, ev, d.Pairs(ev))
}

// WhyPairs is Why for what a call is known to do, as DecidePairs is Decide.
func (d *Decider) WhyPairs(profile string, ev *syscalls.Event, pairs []Pair) []Step {
	p := d.Policy
	if v, done := p.beforeRules(ev.ABI, ev.ABI.Call(ev.Nr)); done {
		return []Step{{Why: v.Why, Action: v.Action, Held: true}}
	}
	i, ok := p.ids[profile]
	if !ok {
		return nil
	}
	pl := p.profiles[i].tables[ev.ABI.ID]().plans[ev.Nr]
	var out []Step
	for k := range pairs {
		out = d.steps(out, pl, ev, &pairs[k])
	}
	return out
}

func (d *Decider) steps(out []Step, pl *plan, ev *syscalls.Event, pair *Pair) []Step {
	pl, i := pl.of(pair)
	for k := range pl.rules[i] {
		c := &pl.rules[i][k]
		s := Step{Pair: *pair, Rule: c.rule.Rule, Action: c.rule.Action}
		held := c.holds(ev, d.Env, pair)
		s.Held = held == match.True || held == match.Unknown && !c.rule.Action.Kind.runs() && c.rule.Action.Kind != Return
		switch {
		case held == match.Unknown:
			s.Reason = "what it asks about could not be read"
		case held == match.False && c.objects && (c.pred == nil || c.pred.Eval(ev, d.Env) == match.True):
			s.Reason = "the object is not among its objects"
		case held == match.False:
			s.Reason = "its condition does not hold"
		}
		out = append(out, s)
		if s.Held {
			return out
		}
	}
	return append(out, Step{Pair: *pair, Why: "default", Action: d.Policy.Default, Held: true})
}

func (s Step) String() string {
	var b strings.Builder
	if s.Pair.Effect != "" {
		b.WriteString(strings.TrimSpace(s.Pair.Effect+" "+s.Pair.Object()) + ": ")
	}
	switch {
	case s.Rule == nil:
		fmt.Fprintf(&b, "%s (%s)", s.Action, s.Why)
	case s.Rule.Pos.Line > 0:
		fmt.Fprintf(&b, "%s: %s", s.Rule.Pos, s.Rule)
	default:
		b.WriteString(s.Rule.String())
	}
	if s.Reason != "" {
		b.WriteString(": " + s.Reason)
	}
	if s.Held && s.Rule != nil {
		b.WriteString(" ← decides")
	}
	return b.String()
}
