package policy

import (
	"fmt"
	"slices"

	"strait/internal/match"
)

// Minimise returns the file of p without what no observation needed: rules,
// their calls, effects and objects. What is decided about the observations stays
// as it was; denials are kept, used or not, as they say what must not happen.
func Minimise(p *Policy, obs []Observation) (*File, error) {
	used := map[*Rule]*usage{}
	d := Decider{Policy: p}
	for i := range obs {
		if err := d.use(&obs[i], used); err != nil {
			return nil, err
		}
	}
	f := *p.File
	f.Profiles = nil
	for _, prof := range p.File.Profiles {
		q := *prof
		q.Rules = nil
		for _, r := range prof.Rules {
			switch u := used[r]; {
			case r.Action.Kind >= Deny:
				q.Rules = append(q.Rules, r)
			case u != nil:
				q.Rules = append(q.Rules, u.narrow(r))
			}
		}
		f.Profiles = append(f.Profiles, &q)
	}
	return &f, nil
}

// usage is what of a rule was needed.
type usage struct {
	targets []bool
	objects []bool
}

// use notes which parts of which rules decided an observation.
func (d *Decider) use(o *Observation, used map[*Rule]*usage) error {
	ev, err := o.event()
	if err != nil {
		return fmt.Errorf("minimise: %w", err)
	}
	i, ok := d.Policy.ids[o.Profile]
	if !ok {
		i = 0
	}
	pl := d.Policy.profiles[i].tables[ev.ABI.ID]().plans[ev.Nr]
	pairs := o.Pairs
	if len(pairs) == 0 {
		pairs = []Pair{{Known: true}}
	}
	for k := range pairs {
		asked, e := pl.of(&pairs[k])
		list := asked.rules[e]
		c := slices.IndexFunc(list, func(c candidate) bool {
			return c.holds(ev, &match.Env{Comm: o.Comm, Exe: o.Exe}, &pairs[k]) == match.True
		})
		if c >= 0 {
			list[c].rule.use(asked.call.Name, &pairs[k], used)
		}
	}
	return nil
}

func (r *rule) use(call string, p *Pair, used map[*Rule]*usage) {
	u := used[r.Rule]
	if u == nil {
		u = &usage{make([]bool, len(r.Targets)), make([]bool, len(r.objects))}
		used[r.Rule] = u
	}
	for i, t := range r.Targets {
		one := rule{Rule: &Rule{Action: r.Action, Targets: []Target{t}}, any: t.Kind == TargetAny, objects: r.objects}
		if t.Kind == TargetCall {
			one.addCall(t.Name)
		}
		byCall, byEffect := one.about(call, p.Effect)
		if t.Kind == TargetGroup {
			byCall = r.calls[call]
		}
		u.targets[i] = u.targets[i] || byCall || byEffect
	}
	for i := range r.objects {
		one := rule{Rule: r.Rule, objects: r.objects[i : i+1]}
		if one.matches(p) == match.True {
			u.objects[i] = true
			return // the first that matches is enough
		}
	}
}

// narrow returns the rule with what was needed of it.
func (u *usage) narrow(r *Rule) *Rule {
	q := *r
	q.Targets, q.Objects = nil, nil
	for i, t := range r.Targets {
		if u.targets[i] {
			q.Targets = append(q.Targets, t)
		}
	}
	for i, o := range r.Objects {
		if u.objects[i] {
			q.Objects = append(q.Objects, o)
		}
	}
	return &q
}
