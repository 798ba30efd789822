package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
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
	out := p.checkIncludes()
	if main := p.profiles[0]; len(p.profiles) > 1 && len(main.rules) == 0 && len(p.File.Profiles) > 0 && p.File.Profile("main") == nil {
		var names []string
		for _, f := range p.File.Profiles {
			names = append(names, f.Name)
		}
		hint := "main: [allow ...]"
		if near := match.Nearest("main", slices.Values(names)); near != "" {
			hint = "is " + near + " meant?"
		}
		out = append(out, Finding{p.File.pos["profiles"], "there is no profile main, under which programs start: they get the default for everything", hint})
	}
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

func (p *Policy) checkIncludes() []Finding {
	var out []Finding
	for i, in := range p.File.Include {
		if slices.ContainsFunc(p.File.Include[:i], func(o Include) bool { return o.Name == in.Name }) {
			out = append(out, Finding{in.Pos, in.Name + " is included twice", "once is enough"})
		}
	}
	return out
}

// checkWords looks at words of a rule that mean something else than they look.
func checkWords(r *rule) []Finding {
	var out []Finding
	for i := range r.Objects {
		o := &r.Objects[i]
		for name := range strings.SplitSeq(o.Path, "/") {
			switch {
			case name != "**" && strings.Contains(name, "**"):
				out = append(out, Finding{r.Pos, fmt.Sprintf("%s: ** beside other characters is *, within one name", o.text()), "write /**/ for any directories between: /usr/**/*.so"})
			case len(name) > 1 && name[0] == '$' && 'A' <= name[1] && name[1] <= 'Z':
				out = append(out, Finding{r.Pos, fmt.Sprintf("%s: %s is the name itself", o.text(), name), "only ${HOME} and ${CWD}, at the beginning, are replaced; * is any name"})
			}
		}
		if host, _, ok := strings.Cut(o.Net, "/"); ok && o.Proto != "unix" {
			if a, err := netip.ParseAddr(strings.TrimPrefix(host, "[")); err == nil && a != o.net.prefix.Addr() {
				out = append(out, Finding{r.Pos, fmt.Sprintf("%s: the network begins at %s", o.text(), o.net.prefix.Addr()), ""})
			}
		}
	}
	return out
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
		out = append(out, checkWords(r)...)
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
	if !r.Action.Kind.runs() {
		atoms = split(atoms)
	}
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
		return []Finding{{r.Pos, fmt.Sprintf("never reached: %s decides all that it is about: %s", by.Pos, by.Rule), neverHint(r, by)}}
	case covered < len(atoms) && !alive[r] && !p.has(r):
		return []Finding{{r.Pos, "never reached: no call of " + p.native.Name + " is what it is about", "strait policy list has the words; --arch says for which machine the policy is"}}
	case covered < len(atoms) && !alive[r]:
		return []Finding{{r.Pos, "never reached: earlier rules together decide all that it is about", ""}}
	}
	return out
}

// neverHint says what to do about a rule that an earlier one leaves nothing to.
func neverHint(r, by *rule) string {
	switch {
	case r.Action != by.Action:
		return "put it before that"
	case r.Where != nil && r.Action.Kind.runs() && !strings.Contains(by.Where.text(), r.Where.String()):
		return "a condition takes nothing from what is allowed without one: to keep the rest out, deny it before, " + opposite(r.Where)
	}
	return "take it out: all of it is done already"
}

// opposite is a condition that holds where w does not.
func opposite(w *Where) string {
	not, err := ParseWhere("!(" + w.String() + ")")
	if err != nil {
		return "under the opposite condition"
	}
	return "where " + not.String()
}

func (w *Where) text() string {
	if w == nil {
		return ""
	}
	return w.String()
}

// has reports whether the machine has calls that a rule can be about.
func (p *Policy) has(r *rule) bool {
	if r.any || slices.ContainsFunc(r.Targets, func(t Target) bool { return t.Kind == TargetEffect }) {
		return true
	}
	for _, id := range append(siblings(p.native.ID), p.native.ID) {
		for name := range r.calls {
			if _, ok := syscalls.ByID(id).Number(name); ok {
				return true
			}
		}
	}
	return false
}

// split has each effect of a kind stand for itself: fs.* is fs.read, fs.write and
// so on.
func split(atoms []atom) []atom {
	var out []atom
	for _, a := range atoms {
		kind, ok := strings.CutSuffix(a.target.Name, "*")
		if a.target.Kind != TargetEffect || !ok {
			out = append(out, a)
			continue
		}
		for i := range effects {
			if e := &effects[i]; e.under == "" && strings.HasPrefix(e.name, kind) {
				out = append(out, atom{Target{TargetEffect, e.name}, a.object})
			}
		}
	}
	return out
}
