package policy

import (
	"slices"
	"strings"
)

// An atom is the smallest part of a rule: one target, with one object if it has
// objects.
type atom struct {
	target Target
	object *Object // nil: any
}

func (a atom) String() string {
	r := Rule{Targets: []Target{a.target}}
	if a.object != nil {
		r.Objects = []Object{*a.object}
	}
	return strings.TrimPrefix(r.String(), "allow ")
}

// atoms returns the parts of a rule, groups as their calls.
func (r *rule) atoms() []atom {
	var out []atom
	for _, t := range r.Targets {
		if t.Kind != TargetEffect || len(r.objects) == 0 {
			out = append(out, atom{target: t})
			continue
		}
		for i := range r.objects {
			out = append(out, atom{t, &r.objects[i]})
		}
	}
	return out
}

// covers reports whether r matches all that an atom of another rule, under the
// same condition or any, matches.
func (r *rule) covers(p *Policy, a atom, where *Where) bool {
	if r.Where != nil && (where == nil || r.Where.String() != where.String()) {
		return false
	}
	if r.any {
		return true
	}
	switch a.target.Kind {
	case TargetCall:
		return r.calls[a.target.Name]
	case TargetGroup:
		calls := GroupCalls(a.target.Name)
		if calls == nil {
			calls = p.groups[a.target.Name]
		}
		return !slices.ContainsFunc(calls, func(c string) bool { return isCall(c) && !r.calls[c] })
	case TargetEffect:
		return r.coversEffect(p, a)
	}
	return false
}

func (r *rule) coversEffect(p *Policy, a atom) bool {
	if r.coversCallsOf(p, a.target.Name) {
		return true
	}
	for _, t := range r.Targets {
		if t.Kind != TargetEffect || !coversTarget(t.Name, a.target.Name) {
			continue
		}
		if len(r.objects) == 0 {
			return true
		}
		if a.object != nil && slices.ContainsFunc(r.objects, func(o Object) bool { return o.covers(a.object) }) {
			return true
		}
	}
	return false
}

// coversCallsOf reports whether r names all calls that can have an effect.
func (r *rule) coversCallsOf(p *Policy, effect string) bool {
	found := false
	for _, c := range p.native.All {
		for _, e := range callEffects(c) {
			if e != "" && coversTarget(effect, e) {
				found = true
				if !r.calls[c.Name] {
					return false
				}
			}
		}
	}
	return found
}

// coversTarget is covers for what two rules name: fs.* is covered by itself.
func coversTarget(want, have string) bool {
	if strings.HasSuffix(have, ".*") {
		return want == have
	}
	return covers(want, have)
}

// covers reports whether all that o matches o2 is known to be matched by o. It
// knows patterns that are equal, names, and directories with all below them.
func (o *Object) covers(o2 *Object) bool {
	switch {
	case o.Path != "" && o2.Path != "":
		return o.path.covers(&o2.path)
	case o.Proto != "" && o2.Proto != "":
		return o.coversNet(o2)
	}
	return o.PID != "" && o.PID == o2.PID
}

func (p *pathPattern) covers(q *pathPattern) bool {
	switch {
	case p.pattern == q.pattern:
		return true
	case q.exact:
		return p.matches(q.pattern)
	case p.pattern == "/**":
		return strings.HasPrefix(q.pattern, "/")
	case p.prefix != "":
		return under(strings.TrimSuffix(q.static, "/"), p.prefix)
	}
	return false
}

func (o *Object) coversNet(o2 *Object) bool {
	if !protoCovers(o.Proto, o2.Proto) {
		return false
	}
	switch {
	case o.Net == "" || o.Net == o2.Net:
		return true
	case o2.Net == "":
		return false
	case o.Proto == "unix":
		p, q := compilePath(o.net.unix, ident), compilePath(o2.net.unix, ident)
		return p.covers(&q)
	}
	n, m := &o.net, &o2.net
	if !n.any && (m.any || n.prefix.Bits() > m.prefix.Bits() || !n.prefix.Contains(m.prefix.Addr())) {
		return false
	}
	return n.coversPorts(m)
}

func ident(s string) string { return s }

func (n *netPattern) coversPorts(m *netPattern) bool {
	if len(n.ports) == 0 {
		return true
	}
	if len(m.ports) == 0 {
		return false
	}
	return !slices.ContainsFunc(m.ports, func(q portRange) bool {
		return !slices.ContainsFunc(n.ports, func(p portRange) bool { return p.lo <= q.lo && q.hi <= p.hi })
	})
}
