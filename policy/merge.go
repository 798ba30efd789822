package policy

import (
	"cmp"
	"fmt"
	"slices"
)

// MergeMode says what a merged policy allows.
type MergeMode uint8

// The modes.
const (
	Union        MergeMode = iota // what either allows
	Intersection                  // what both allow
)

// Merge makes one file of two policies (with all that they include): of what they
// say about a call, the milder (Union) or the severer (Intersection) holds. The
// profile main is made of both profiles main; an exec that leads to other profiles
// in one of them, or in both, leads to one that is made of these. Where only one
// policy allows it, the other stays in the profile that it is in.
// Where no rule can say what two rules have in common, the merged policy is
// stricter than it should be, and the list returned says so.
func Merge(a, b *Policy, mode MergeMode) (*File, []string) {
	m := &merger{a: a, b: b, mode: mode, states: []state{{"main", "main", "main"}}}
	m.named = slices.Clone(m.states)
	def := m.choose(a.Default, b.Default)
	f := &File{Name: "merged", Default: &def}
	m.settings(f)
	for i := 0; i < len(m.states); i++ { // merging finds more of them
		m.at = m.states[i]
		var rules []*rule
		m.as, m.bs = m.rules(a, m.at.a), m.rules(b, m.at.b)
		for _, x := range m.as {
			for _, y := range m.bs {
				rules = append(rules, m.both(x, y)...)
			}
		}
		// The pairs stand in the order of a's rules, then of b's. The first that
		// matches is that of the first match of each.
		kept := tidy(a, rules, def)
		m.reached(kept)
		f.Profiles = append(f.Profiles, &Profile{Name: m.at.name, Rules: kept})
	}
	m.groups(f)
	return f, m.lost
}

// rules are those of a profile, and the default. Groups of b that a has otherwise
// are written out.
func (m *merger) rules(p *Policy, profile string) []*rule {
	var out []*rule
	for _, r := range p.profiles[p.ids[profile]].rules {
		if p == m.b {
			r = m.writeOut(r)
		}
		out = append(out, r)
	}
	return append(out, &rule{Rule: &Rule{Action: p.Default, Targets: []Target{{TargetAny, "*"}}}, any: true})
}

func (m *merger) writeOut(r *rule) *rule {
	differs := func(t Target) bool {
		own, ok := m.b.groups[t.Name]
		other, both := m.a.groups[t.Name]
		return t.Kind == TargetGroup && ok && both && !slices.Equal(own, other)
	}
	if !slices.ContainsFunc(r.Targets, differs) {
		return r
	}
	out, plain := *r, *r.Rule
	out.Rule, plain.Targets = &plain, nil
	for _, t := range r.Targets {
		if !differs(t) {
			plain.Targets = append(plain.Targets, t)
			continue
		}
		for _, c := range m.b.groups[t.Name] {
			plain.Targets = append(plain.Targets, Target{TargetCall, c})
		}
	}
	return &out
}

// groups adds the groups that the rules use and that are not built in.
func (m *merger) groups(f *File) {
	for _, p := range f.Profiles {
		for _, r := range p.Rules {
			for _, t := range r.Targets {
				known := slices.ContainsFunc(f.Groups, func(g Group) bool { return g.Name == t.Name })
				if t.Kind == TargetGroup && GroupCalls(t.Name) == nil && !known {
					f.Groups = append(f.Groups, Group{Name: t.Name, Members: m.group(t.Name)})
				}
			}
		}
	}
}

type merger struct {
	a, b   *Policy
	mode   MergeMode
	states []state // that there are profiles for, main first
	named  []state // and those that are thought of
	at     state
	as, bs []*rule // of at
	missed string  // what no rule says of the last two atoms
	lost   []string
}

// A state is the profiles that a program is under in both policies, and the name
// of the one that is made of them.
type state struct{ a, b, name string }

// then is the profile that an exec leads to which two rules decide; "": it stays.
func (m *merger) then(x, y *rule) string {
	s := state{a: cmp.Or(x.Then, m.at.a), b: cmp.Or(y.Then, m.at.b)}
	if s.a == m.at.a && s.b == m.at.b {
		return ""
	}
	named := func(name string) bool {
		return slices.ContainsFunc(m.named, func(s state) bool { return s.name == name })
	}
	for _, have := range m.named {
		if have.a == s.a && have.b == s.b {
			return have.name
		}
	}
	joined := s.a + "-" + s.b
	switch {
	case s.a == s.b || s.b == "main" && !m.b.HasProfile(s.a):
		s.name = s.a
	case s.a == "main" && !m.a.HasProfile(s.b):
		s.name = s.b
	default:
		s.name = joined
	}
	for n := 2; named(s.name); n++ {
		s.name = fmt.Sprintf("%s-%d", joined, n)
	}
	m.named = append(m.named, s)
	return s.name
}

// reached has the profiles made that rules lead to.
func (m *merger) reached(rules []*Rule) {
	for _, r := range rules {
		for _, s := range m.named {
			if r.Then == s.name && !slices.Contains(m.states, s) {
				m.states = append(m.states, s)
			}
		}
	}
}

func (m *merger) choose(x, y Action) Action {
	if x.Kind == y.Kind || m.mode == Union == (x.Kind < y.Kind) {
		return x
	}
	return y
}

func (m *merger) settings(f *File) {
	act := func(x, y Action) *Action {
		a := m.choose(x, y)
		return &a
	}
	f.ABI = ABIRules{act(m.a.ABI.Compat32, m.b.ABI.Compat32), act(m.a.ABI.X32, m.b.ABI.X32), act(m.a.ABI.IOUring, m.b.ABI.IOUring)}
	x, y := m.a.Limits, m.b.Limits
	f.Limits = Limits{
		limit(m.mode, x.Wall, y.Wall), limit(m.mode, x.CPU, y.CPU),
		limit(m.mode, x.Memory, y.Memory), limit(m.mode, x.Output, y.Output), limit(m.mode, x.Procs, y.Procs),
	}
}

// limit chooses between limits; 0 is none.
func limit[T cmp.Ordered](mode MergeMode, x, y T) T {
	var none T
	switch {
	case x == none && mode == Union || y == none && mode == Union:
		return none
	case x == none:
		return y
	case y == none:
		return x
	case mode == Union:
		return max(x, y)
	}
	return min(x, y)
}

// both returns rules for what two rules have in common.
func (m *merger) both(x, y *rule) []*rule {
	act := m.choose(x.Action, y.Action)
	where, joined := joinWhere(x.Where, y.Where)
	eitherAllows := m.mode == Union && x.Action.Kind == Allow && y.Action.Kind == Allow // the other pairs have it
	byObject := map[string]*Rule{}                                                      // rules with the same objects become one
	var out []*rule
	for _, pair := range m.pairs(x, y) {
		m.missed = ""
		if !joined {
			m.lose(x, y, "their conditions")
		}
		c, found := m.common(pair[0], pair[1], x, y)
		if m.missed != "" {
			r := m.instead(act, pair, x, y)
			if r != nil {
				out = append(out, &rule{Rule: r})
			}
			if r != nil || !eitherAllows {
				m.lost = appendNew(m.lost, m.missed)
			}
			continue
		}
		if !found || !m.applies(where, c.target) {
			continue
		}
		key := c.target.Kind.String()
		switch {
		case c.object != nil:
			key += c.target.Name + c.object.Proto
		case c.target.Name == "exec":
			key += c.target.Name // may lead to a profile
		}
		r := byObject[key]
		if r == nil {
			r = &Rule{Action: act, Where: where}
			if c.target.Name == "exec" && (act.Kind.runs() || act.Kind == Ask) {
				r.Then = m.then(x, y)
			}
			byObject[key] = r
			out = append(out, &rule{Rule: r})
		}
		r.add(c)
	}
	for _, r := range out {
		r.ready(m)
	}
	return out
}

// instead is a rule for what two atoms have in common where none can say just
// that: it is about one of them as a whole, and not milder than either policy is
// about any part of that. nil: what comes later is not milder.
func (m *merger) instead(act Action, pair [2]atom, x, y *rule) *Rule {
	k := 0
	for i, a := range pair {
		if b := pair[1-i]; a.object != nil && b.object == nil || a.object == nil && b.object == nil && a.target.Kind == TargetCall {
			k = i
		}
	}
	// Later pairs could have an exec come under a profile that allows more than
	// either has for it.
	leads := false
	if slices.ContainsFunc(slices.Concat(m.as, m.bs), func(r *rule) bool { return r.Then != "" }) {
		for i, a := range pair {
			if a.target.Name == "exec" && (!leads || a.object != nil && pair[0].object == nil) {
				leads, k = true, i
			}
		}
	}
	owner, region := [2]*rule{x, y}[k], pair[k]
	if act.Kind == Allow && !leads || !m.applies(owner.Where, region.target) {
		return nil
	}
	// What reaches this pair is first matched by x, or not by x at all.
	others := m.bs
	if k == 1 {
		others = slices.Concat(m.as, m.bs)
	}
	if k == 0 && m.mode == Union {
		act, others = x.Action, nil
	}
	for _, r := range others {
		if r.Action.Kind > act.Kind && m.meets(region, r) {
			act = r.Action
		}
	}
	if deny := (Action{Deny, eperm}); leads && act.Kind < deny.Kind {
		act = deny
	}
	out := &Rule{Action: act, Where: owner.Where}
	out.add(region)
	return out
}

// meets reports whether a rule may match something of an atom.
func (m *merger) meets(a atom, r *rule) bool {
	for _, q := range r.atoms() {
		for _, q := range m.flat(q) {
			_, ok, known := commonObject(a.object, q.object)
			switch {
			case a.target.Kind == TargetAny || q.target.Kind == TargetAny:
				return true
			case a.target.Kind != q.target.Kind, a.target.Kind == TargetCall && a.target == q.target:
				return true
			case a.target.Kind == TargetEffect && (ok || !known) && (coversTarget(a.target.Name, q.target.Name) || coversTarget(q.target.Name, a.target.Name)):
				return true
			}
		}
	}
	return false
}

func (k TargetKind) String() string { return [...]string{"any", "effect", "group", "call"}[k] }

func (r *Rule) add(a atom) {
	if !slices.Contains(r.Targets, a.target) {
		r.Targets = append(r.Targets, a.target)
	}
	if a.object != nil && !slices.Contains(objectTexts(r.Objects), a.object.key()) {
		r.Objects = append(r.Objects, *a.object)
	}
}

func (o *Object) key() string { return o.Path + "|" + o.Proto + " " + o.Net + "|" + o.PID }

func objectTexts(list []Object) []string {
	var out []string
	for i := range list {
		out = append(out, list[i].key())
	}
	return out
}

// ready fills in what loading a file would.
func (r *rule) ready(m *merger) {
	r.objects = r.Objects
	for _, t := range r.Targets {
		switch t.Kind {
		case TargetAny:
			r.any = true
		case TargetCall:
			r.addCall(t.Name)
		case TargetGroup:
			for _, c := range m.group(t.Name) {
				r.addCall(c)
			}
		}
	}
}

// pairs returns the atoms of two rules against each other. Groups stay what they
// are where the other side does not cut into them.
func (m *merger) pairs(x, y *rule) [][2]atom {
	var out [][2]atom
	for _, p := range x.atoms() {
		for _, q := range y.atoms() {
			if p.target.Kind == TargetAny || q.target.Kind == TargetAny || p.target == q.target {
				out = append(out, [2]atom{p, q})
				continue
			}
			for _, p := range m.flat(p) {
				for _, q := range m.flat(q) {
					out = append(out, [2]atom{p, q})
				}
			}
		}
	}
	return out
}

// flat returns a group as its calls.
func (m *merger) flat(a atom) []atom {
	if a.target.Kind != TargetGroup {
		return []atom{a}
	}
	var out []atom
	for _, c := range m.group(a.target.Name) {
		out = append(out, atom{target: Target{TargetCall, c}})
	}
	return out
}

func (m *merger) group(name string) []string {
	for _, calls := range [][]string{GroupCalls(name), m.a.groups[name], m.b.groups[name]} {
		if calls != nil {
			return calls
		}
	}
	return nil
}

// applies reports whether a condition can be asked about a call that is named.
func (m *merger) applies(where *Where, t Target) bool {
	if where == nil || t.Kind != TargetCall {
		return true
	}
	nr, ok := m.a.native.Number(t.Name)
	return ok && where.expr.Applies(m.a.native, m.a.native.Call(nr))
}

// common returns what two atoms have in common, if anything.
func (m *merger) common(p, q atom, x, y *rule) (atom, bool) {
	if q.target.Kind == TargetAny {
		return p, true
	}
	if p.target.Kind == TargetAny {
		return q, true
	}
	if p.target.Kind != q.target.Kind {
		return m.mixed(p, q, x, y)
	}
	if p.target.Kind != TargetEffect {
		return p, p.target == q.target
	}
	out := p
	switch {
	case coversTarget(p.target.Name, q.target.Name):
		out.target = q.target
	case !coversTarget(q.target.Name, p.target.Name):
		return atom{}, false
	}
	object, ok, known := commonObject(p.object, q.object)
	if !known {
		m.lose(x, y, "the objects "+p.object.text()+" and "+q.object.text())
	}
	out.object = object
	return out, ok
}

// mixed is common for an effect and a call: no rule says "the reading that is
// done by openat", but none is needed when the call has no such effect.
func (m *merger) mixed(p, q atom, x, y *rule) (atom, bool) {
	effect, call := p, q
	if p.target.Kind == TargetCall {
		effect, call = q, p
	}
	nr, ok := m.a.native.Number(call.target.Name)
	if !ok {
		return atom{}, false
	}
	effects := callEffects(m.a.native.Call(nr))
	effects = effects[:len(effects)-1]
	has := func(e string) bool { return coversTarget(effect.target.Name, e) }
	switch {
	case !slices.ContainsFunc(effects, has):
		return atom{}, false
	case x.Then+y.Then == "" && effect.object == nil && !slices.ContainsFunc(effects, func(e string) bool { return !has(e) }):
		return call, true // all that the call does
	}
	m.lose(x, y, effect.target.Name+" by "+call.target.Name)
	return atom{}, false
}

// commonObject returns what two objects have in common; not known when patterns
// overlap.
func commonObject(a, b *Object) (o *Object, ok, known bool) {
	switch {
	case a == nil:
		return b, true, true
	case b == nil, b.covers(a):
		return a, true, true
	case a.covers(b):
		return b, true, true
	case a.Path != "" && b.Path != "":
		return nil, false, a.path.apart(&b.path)
	case a.Proto != "" && a.Proto != b.Proto && a.Proto != "ip" && b.Proto != "ip":
		return nil, false, true
	case a.Net != "" && b.Net != "" && a.Proto != "unix" && b.Proto != "unix":
		o := commonNet(a, b)
		return o, o != nil, true
	}
	return nil, false, false
}

// commonNet is commonObject for addresses with ports; nil: none.
func commonNet(a, b *Object) *Object {
	out := *a
	if a.Proto == "ip" {
		out.Proto = b.Proto
	}
	n, m := &a.net, &b.net
	switch {
	case n.any, !m.any && n.prefix.Overlaps(m.prefix) && n.prefix.Bits() < m.prefix.Bits():
		out.net.any, out.net.prefix = m.any, m.prefix
	case !m.any && !n.prefix.Overlaps(m.prefix):
		return nil
	}
	out.net.ports = commonPorts(n.ports, m.ports)
	if len(out.net.ports) == 0 && len(n.ports)+len(m.ports) > 0 {
		return nil
	}
	out.Net = out.net.text()
	return &out
}

// commonPorts are the ports in both of two lists; an empty one is all ports.
func commonPorts(a, b []portRange) []portRange {
	if len(a) == 0 {
		return b
	}
	if len(b) == 0 {
		return a
	}
	var out []portRange
	for _, p := range a {
		for _, q := range b {
			if r := (portRange{max(p.lo, q.lo), min(p.hi, q.hi)}); r.lo <= r.hi {
				out = append(out, r)
			}
		}
	}
	return out
}

func joinWhere(x, y *Where) (*Where, bool) {
	switch {
	case x == nil:
		return y, true
	case y == nil || x.String() == y.String():
		return x, true
	}
	w, err := ParseWhere("(" + x.String() + ") && (" + y.String() + ")")
	return w, err == nil
}

// lose notes that no rule says what two have in common.
func (m *merger) lose(x, y *rule, what string) {
	m.missed = fmt.Sprintf("no rule says what %q and %q have in common: %s", x.String(), y.String(), what)
}

// tidy drops rules that earlier ones make useless, and those at the end that say
// what the default says.
func tidy(p *Policy, rules []*rule, def Action) []*Rule {
	var kept []*rule
	for _, r := range rules {
		covered := func(a atom) bool {
			return slices.ContainsFunc(kept, func(k *rule) bool { return k.covers(p, a, r.Where) })
		}
		if !slices.ContainsFunc(r.atoms(), func(a atom) bool { return !covered(a) }) {
			continue
		}
		r.Targets = slices.DeleteFunc(r.Targets, func(t Target) bool { return t.Kind == TargetCall && covered(atom{target: t}) })
		kept = append(kept, r)
	}
	for n := len(kept); n > 0 && kept[n-1].Action == def && kept[n-1].Then == ""; n-- {
		kept = kept[:n-1]
	}
	out := make([]*Rule, len(kept))
	for i, r := range kept {
		out[i] = r.Rule
	}
	return out
}
