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

// Merge makes one file of the profiles main of two policies (with all that they
// include): of what they say about a call, the milder (Union) or the severer
// (Intersection) holds. Where no rule can say what two rules have in common, the
// merged policy is stricter than it should be, and the list returned says so.
func Merge(a, b *Policy, mode MergeMode) (*File, []string) {
	m := &merger{a: a, b: b, mode: mode}
	def := m.choose(a.Default, b.Default)
	f := &File{Name: "merged", Default: &def, Profiles: []*Profile{{Name: "main"}}}
	m.settings(f)
	var rules []*rule
	list := func(p *Policy) []*rule {
		all := slices.Clone(p.profiles[0].rules)
		return append(all, &rule{Rule: &Rule{Action: p.Default, Targets: []Target{{TargetAny, "*"}}}, any: true})
	}
	bs := list(b)
	for _, x := range list(a) {
		for _, y := range bs {
			rules = append(rules, m.both(x, y)...)
		}
	}
	// The pairs stand in the order of a's rules, then of b's. The first that
	// matches is that of the first match of each.
	f.Profiles[0].Rules = tidy(a, rules, def)
	m.groups(f)
	return f, m.lost
}

// groups adds the groups that the rules use and that are not built in.
func (m *merger) groups(f *File) {
	for _, r := range f.Profiles[0].Rules {
		for _, t := range r.Targets {
			known := slices.ContainsFunc(f.Groups, func(g Group) bool { return g.Name == t.Name })
			if t.Kind == TargetGroup && GroupCalls(t.Name) == nil && !known {
				f.Groups = append(f.Groups, Group{Name: t.Name, Members: m.group(t.Name)})
			}
		}
	}
}

type merger struct {
	a, b *Policy
	mode MergeMode
	lost []string
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
	where, ok := joinWhere(x.Where, y.Where)
	if !ok {
		m.lose(x, y, "their conditions")
		return nil
	}
	byObject := map[string]*Rule{} // rules with the same objects become one
	var out []*rule
	for _, pair := range m.pairs(x, y) {
		c, found := m.common(pair[0], pair[1], x, y)
		if !found || !m.applies(where, c.target) {
			continue
		}
		key := c.target.Kind.String()
		if c.object != nil {
			key += c.target.Name + c.object.Proto
		}
		r := byObject[key]
		if r == nil {
			r = &Rule{Action: act, Where: where}
			if act.Kind.runs() {
				r.Then = cmp.Or(x.Then, y.Then)
			}
			byObject[key] = r
			out = append(out, &rule{Rule: r})
		}
		r.add(c)
	}
	for _, r := range out {
		if len(r.Targets) != 1 || r.Targets[0].Name != "exec" {
			r.Then = ""
		}
		r.ready(m)
	}
	return out
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
	case effect.object == nil && !slices.ContainsFunc(effects, func(e string) bool { return !has(e) }):
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
	case a.Net != "" && b.Net != "" && !a.net.any && !b.net.any && a.Proto != "unix" && !a.net.prefix.Overlaps(b.net.prefix):
		return nil, false, true
	}
	return nil, false, false
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

func (m *merger) lose(x, y *rule, what string) {
	s := fmt.Sprintf("no rule says what %q and %q have in common: %s", x.String(), y.String(), what)
	m.lost = appendNew(m.lost, s)
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
