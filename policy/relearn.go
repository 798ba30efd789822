package policy

import (
	"slices"
	"strings"
)

// Unlearnt returns a file without the rules that were learnt and have not been
// edited since: what somebody wrote.
func (r *Recording) Unlearnt(f *File) *File {
	out := *f
	out.Profiles = nil
	for _, p := range f.Profiles {
		q := *p
		q.Rules = slices.DeleteFunc(slices.Clone(p.Rules), func(rule *Rule) bool {
			return slices.Contains(r.Rules, learntText(p.Name, rule))
		})
		out.Profiles = append(out.Profiles, &q)
	}
	return &out
}

// Learnt notes the rules of a new policy.
func (r *Recording) Learnt(l *Learned) {
	r.Rules = nil
	for _, rule := range l.Rules {
		r.Rules = append(r.Rules, learntText(rule.Profile, rule.Rule))
	}
}

func learntText(profile string, r *Rule) string { return profile + ": " + r.String() }

// Forget drops the observations that a policy does not allow: somebody has taken
// out or narrowed a rule that was learnt, and it is not to come back by itself. It
// returns what was dropped.
func (r *Recording) Forget(p *Policy) ([]Observation, error) {
	d := Decider{Policy: p}
	var kept, dropped []Observation
	for i := range r.Observations {
		allowed := true
		err := r.Observations[i].each(&d, func(one *Observation, v Verdict) {
			allowed = allowed && (v.Action.Kind.runs() || !one.Pairs[0].Known)
		})
		if err != nil {
			return nil, err
		}
		if allowed {
			kept = append(kept, r.Observations[i])
		} else {
			dropped = append(dropped, r.Observations[i])
		}
	}
	r.Observations = kept
	return dropped, nil
}

// A Grant is one object of a learnt rule beside what was observed of it. Where
// the two differ, learning went beyond what it saw.
type Grant struct {
	Profile  string
	Rule     *Rule
	Object   string
	Observed []string
}

// Widened reports whether the object covers more than what was observed.
func (g *Grant) Widened() bool { return len(g.Observed) != 1 || g.Observed[0] != g.Object }

// Grants lists the objects of all learnt rules.
func (l *Learned) Grants() []Grant {
	var out []Grant
	for i := range l.Rules {
		out = append(out, l.grants(&l.Rules[i])...)
	}
	return out
}

func (l *Learned) grants(r *LearnedRule) []Grant {
	var out []Grant
	ready := l.ready(r.Rule)
	for i := range r.Rule.Objects {
		g := Grant{Profile: r.Profile, Rule: r.Rule, Object: strings.TrimSpace(r.Rule.Objects[i].Proto + " " + r.Rule.Objects[i].text())}
		for _, seen := range r.Observed {
			if ready != nil && ready.objects[i].names(seen) {
				g.Observed = append(g.Observed, seen)
			}
		}
		if o := &ready.objects[i]; o.path.exact && len(g.Observed) == 1 {
			g.Object = g.Observed[0] // ${CWD}/x is no more than the x in it
		}
		out = append(out, g)
	}
	return out
}

func (l *Learned) ready(r *Rule) *rule {
	for _, p := range l.Policy.profiles {
		for _, q := range p.rules {
			if q.Rule == r {
				return q
			}
		}
	}
	return nil
}

// names reports whether an object that was observed, as Pair.Object has it, is one
// of o's.
func (o *Object) names(seen string) bool {
	if o.Path != "" {
		return o.path.matches(seen)
	}
	proto, rest, _ := strings.Cut(seen, " ")
	if o.Net == "" || !protoCovers(o.Proto, proto) {
		return protoCovers(o.Proto, proto)
	}
	if proto == "unix" {
		return o.net.matches(o, &Address{Proto: proto, Path: rest})
	}
	q := Object{Proto: proto, Net: rest}
	if q.net.parse(&q) != nil {
		return false
	}
	return o.covers(&q)
}
