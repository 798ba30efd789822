package policy

import (
	"fmt"
	"slices"
)

// A Finding is something in a policy that is allowed to stand there and is
// hardly meant.
type Finding struct {
	Pos  Pos
	Msg  string
	Hint string
}

func (f Finding) String() string {
	return (&Error{f.Pos.File, f.Pos.Line, f.Pos.Col, f.Msg, f.Hint}).Error()
}

// Check looks for rules that never decide anything, for denials of what an
// earlier rule allows, for profiles that nothing leads to and for groups that
// nobody uses. What cannot stand in a policy at all is found by Load.
func (p *Policy) Check() []Finding {
	var out []Finding
	for _, prof := range p.profiles {
		out = append(out, p.checkProfile(prof)...)
	}
	reachable := p.reachable("main")
	for _, f := range p.File.Profiles {
		if i := p.ids[f.Name]; !slices.Contains(reachable, p.profiles[i]) && !p.extended(f.Name) {
			out = append(out, Finding{f.Pos, fmt.Sprintf("no program comes under profile %s", f.Name), "allow exec /path/of/program -> " + f.Name})
		}
	}
	return append(out, p.checkGroups()...)
}

func (p *Policy) extended(name string) bool {
	return slices.ContainsFunc(p.File.Profiles, func(q *Profile) bool { return q.Extends == name })
}

func (p *Policy) checkGroups() []Finding {
	var out []Finding
	for _, g := range p.File.Groups {
		used := slices.ContainsFunc(p.File.Groups, func(o Group) bool { return slices.Contains(o.Members, g.Name) })
		for _, prof := range p.profiles {
			for _, r := range prof.rules {
				used = used || slices.ContainsFunc(r.Targets, func(t Target) bool { return t.Name == g.Name })
			}
		}
		if !used {
			out = append(out, Finding{g.Pos, fmt.Sprintf("no rule uses group %s", g.Name), ""})
		}
	}
	return out
}

// checkProfile looks at the rules that the file itself has for a profile: that
// they make rules of others useless is what they are for.
func (p *Policy) checkProfile(prof *profile) []Finding {
	own := p.File.Profile(prof.name)
	if own == nil {
		return nil
	}
	alive := p.deciding(prof)
	var out []Finding
	for j, r := range prof.rules {
		if !slices.Contains(own.Rules, r.Rule) {
			continue
		}
		out = append(out, p.checkRule(prof, j, alive)...)
	}
	return out
}

// deciding returns the rules that are the first to match something.
func (p *Policy) deciding(prof *profile) map[*rule]bool {
	out := map[*rule]bool{}
	for _, id := range append(siblings(p.native.ID), p.native.ID) {
		for _, pl := range prof.tables[id]().plans {
			for _, list := range pl.rules {
				for i := range list {
					out[list[i].rule] = true
				}
			}
		}
	}
	return out
}

func (p *Policy) checkRule(prof *profile, j int, alive map[*rule]bool) []Finding {
	r := prof.rules[j]
	var out []Finding
	covered, by := 0, (*rule)(nil)
	atoms := r.atoms()
	for _, a := range atoms {
		i := slices.IndexFunc(prof.rules[:j], func(earlier *rule) bool { return earlier.covers(p, a, r.Where) })
		if i < 0 {
			continue
		}
		covered++
		by = prof.rules[i]
		if !r.Action.Kind.runs() && by.Action.Kind.runs() {
			out = append(out, Finding{r.Pos, fmt.Sprintf("deny under an allow: %s is decided by %s: %s", a, by.Pos, by.Rule), "put the denial before it"})
		} else if len(atoms) > 1 {
			out = append(out, Finding{r.Pos, fmt.Sprintf("shadowed: %s is decided by %s: %s", a, by.Pos, by.Rule), ""})
		}
	}
	switch {
	case covered == len(atoms) && len(out) == 0:
		return []Finding{{r.Pos, fmt.Sprintf("never reached: %s decides all that it is about: %s", by.Pos, by.Rule), ""}}
	case covered < len(atoms) && !alive[r]:
		return []Finding{{r.Pos, "never reached: earlier rules decide all that it is about, or no call of this machine is", ""}}
	}
	return out
}
