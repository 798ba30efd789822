package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"strait/internal/match"
	"strait/syscalls"
)

// A Change is something that two policies decide differently.
type Change struct {
	Setting  string // what it is about, if not about rules: abi.x32, limits.wall
	Profile  string // "a → b" where what came under a comes under b
	Effect   string // "": the call itself
	Object   string // an object that shows the difference
	Calls    []string
	From, To Action
	FromRule *Rule // nil: the default
	ToRule   *Rule

	fromText, toText string // of a limit
}

// Allows reports whether the change allows what was not allowed.
func (c *Change) Allows() bool { return !c.From.Kind.runs() && c.To.Kind.runs() }

// Denies reports whether the change denies what was allowed.
func (c *Change) Denies() bool { return c.From.Kind.runs() && !c.To.Kind.runs() }

func (c *Change) String() string {
	what := strings.Join(c.Calls, " ")
	if c.Effect != "" {
		what = strings.TrimSpace(c.Effect+" "+c.Object) + " (" + calls(c.Calls) + ")"
	}
	word := "changed"
	switch {
	case c.Allows():
		word = "newly allowed"
	case c.Denies():
		word = "newly denied"
	}
	if c.Setting != "" {
		return fmt.Sprintf("%s: %s: %s → %s", word, c.Setting, cmp.Or(c.fromText, c.From.String()), cmp.Or(c.toText, c.To.String()))
	}
	rule := "default"
	if c.ToRule != nil {
		rule = c.ToRule.String()
		if c.ToRule.Pos.Line > 0 {
			rule = c.ToRule.Pos.String() + ": " + rule
		}
	}
	return fmt.Sprintf("%s in %s: %s: %s → %s (%s)", word, c.Profile, what, c.From, c.To, rule)
}

// Diff compares two policies by asking both about every call of the machine, with
// objects and arguments taken from the rules of both: for each pattern what it
// matches and just does not match, for each condition the values at the bounds.
// It compares profiles of the same name, and those that the same program comes
// under. Policies that differ only in how patterns overlap may show no change;
// see [Unlike].
func Diff(from, to *Policy) []Change {
	w := &witnesses{}
	w.collect(from)
	w.collect(to)
	d := &differ{w: w, from: from, to: to, calls: map[*syscalls.Call][]setting{}}
	out := settingChanges(from, to)
	for _, prof := range to.profiles {
		if _, ok := from.ids[prof.name]; ok {
			d.later(prof.name, prof.name)
		}
	}
	for i := 0; i < len(d.pairs); i++ { // comparing finds more of them
		out = append(out, d.compare(d.pairs[i][0], d.pairs[i][1])...)
	}
	return out
}

// Unlike returns the rules that one of two policies has, in any profile, and not the
// other: what is left to look at by eye where Diff sees no change.
func Unlike(from, to *Policy) (gone, added []*Rule) {
	only := func(p, q *Policy) []*Rule {
		var out []*Rule
		for _, prof := range p.profiles {
			for _, r := range prof.rules {
				i, ok := q.ids[prof.name]
				if !ok || !slices.ContainsFunc(q.profiles[i].rules, func(o *rule) bool { return o.String() == r.String() }) {
					if !slices.Contains(out, r.Rule) {
						out = append(out, r.Rule)
					}
				}
			}
		}
		return out
	}
	return only(from, to), only(to, from)
}

// settingChanges compares what is not a rule. The default shows in calls.
func settingChanges(from, to *Policy) []Change {
	var out []Change
	for _, x := range []struct {
		name     string
		from, to Action
	}{
		{"abi.compat32", from.ABI.Compat32, to.ABI.Compat32},
		{"abi.x32", from.ABI.X32, to.ABI.X32},
		{"abi.io_uring", from.ABI.IOUring, to.ABI.IOUring},
	} {
		if x.from != x.to {
			out = append(out, Change{Setting: x.name, From: x.from, To: x.to})
		}
	}
	a, b := &from.Limits, &to.Limits
	limit := func(name string, x, y int64, text func(int64) string) {
		if x == y {
			return
		}
		allow, deny := Action{}, Action{Kind: Deny, Num: eperm}
		c := Change{Setting: "limits." + name, From: deny, To: allow, fromText: text(x), toText: text(y)}
		if y != 0 && (x == 0 || y < x) {
			c.From, c.To = allow, deny
		}
		out = append(out, c)
	}
	none := func(text func(int64) string) func(int64) string {
		return func(n int64) string {
			if n == 0 {
				return "none"
			}
			return text(n)
		}
	}
	duration := none(func(n int64) string { return time.Duration(n).String() })
	limit("wall", int64(a.Wall), int64(b.Wall), duration)
	limit("cpu", int64(a.CPU), int64(b.CPU), duration)
	limit("memory", a.Memory, b.Memory, none(formatSize))
	limit("output", a.Output, b.Output, none(formatSize))
	limit("procs", int64(a.Procs), int64(b.Procs), none(func(n int64) string { return strconv.FormatInt(n, 10) }))
	return out
}

// A differ compares profiles of two policies.
type differ struct {
	w        *witnesses
	from, to *Policy
	pairs    [][2]string // profiles that are to be compared
	calls    map[*syscalls.Call][]setting
}

// later has two profiles compared, once.
func (d *differ) later(from, to string) {
	if p := [2]string{from, to}; !slices.Contains(d.pairs, p) {
		d.pairs = append(d.pairs, p)
	}
}

// compare asks both policies about everything.
func (d *differ) compare(from, to string) []Change {
	var out []Change
	at := map[changeKey]int{}
	a, b := Decider{Policy: d.from}, Decider{Policy: d.to}
	name := from
	if from != to {
		name += " → " + to
	}
	for _, id := range append([]syscalls.ABIID{d.to.native.ID}, siblings(d.to.native.ID)...) {
		abi := syscalls.ByID(id)
		if x, whyX := d.from.abiAction(abi); whyX != "" && x.Kind != Allow {
			continue // compared as a setting
		}
		if y, whyY := d.to.abiAction(abi); whyY != "" && y.Kind != Allow {
			continue
		}
		for nr, call := range abi.All {
			for _, s := range d.settings(abi, nr, call) {
				a.Env, b.Env = s.env, s.env
				effects := callEffects(call)
				for i, e := range effects {
					if e == "" && i > 0 && !optional(effects[0]) {
						continue // the call never is without its effects
					}
					for _, p := range d.w.pairs(e) {
						x, y := a.DecidePairs(from, s.ev, []Pair{p}), b.DecidePairs(to, s.ev, []Pair{p})
						if e == "exec" && x.Action.Kind.runs() && y.Action.Kind.runs() {
							d.later(cmp.Or(x.Next, from), cmp.Or(y.Next, to))
						}
						if x.Action != y.Action {
							key := changeKey{e, x.Action, y.Action, d.from.matched(x.Rule, &p), d.to.matched(y.Rule, &p)}
							out = add(out, at, key, Change{
								Profile: name, Effect: e, Object: p.Object(), Calls: []string{call.Name},
								From: x.Action, To: y.Action, FromRule: x.Rule, ToRule: y.Rule,
							})
						}
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(p, q Change) int { return cmp.Compare(p.Effect, q.Effect) })
	return out
}

func (d *differ) settings(abi *syscalls.ABI, nr uint64, call *syscalls.Call) []setting {
	s, ok := d.calls[call]
	if !ok {
		s = d.w.settings(abi, nr)
		d.calls[call] = s
	}
	return s
}

// A changeKey is what changes have in common that are told as one: they differ in
// the call, or in the object, where the same parts of the same rules decide.
type changeKey struct {
	effect   string
	from, to Action
	fromPart part
	toPart   part
}

// A part of a rule: one of its objects.
type part struct {
	rule   *Rule
	object int
}

func (p *Policy) matched(r *Rule, pair *Pair) part {
	if r == nil {
		return part{}
	}
	for _, prof := range p.profiles {
		for _, have := range prof.rules {
			if have.Rule != r {
				continue
			}
			one := *have
			for i := range have.objects {
				one.objects = have.objects[i : i+1]
				if one.matches(pair) == match.True {
					return part{r, i}
				}
			}
			return part{r, -1}
		}
	}
	return part{r, -1}
}

// add joins changes that are alike.
func add(list []Change, at map[changeKey]int, key changeKey, c Change) []Change {
	if i, ok := at[key]; ok {
		list[i].Calls = appendNew(list[i].Calls, c.Calls[0])
		return list
	}
	at[key] = len(list)
	return append(list, c)
}

// pairs returns what to ask about an effect.
func (w *witnesses) pairs(effect string) []Pair {
	var out []Pair
	switch objectOf(effect) {
	case pathObject:
		for _, p := range w.paths {
			out = append(out, Pair{Effect: effect, Path: p, Known: true})
		}
	case netObject:
		for _, a := range w.addrs {
			out = append(out, Pair{Effect: effect, Addr: a, Known: true})
		}
		out = append(out, Pair{Effect: effect, Addr: Address{Proto: "tcp", Host: elsewhere, Port: 9}, Known: true})
	case pidObject:
		out = append(out, Pair{Effect: effect, PID: 1, Known: true}, Pair{Effect: effect, PID: 1, Self: true, Known: true})
	default:
		out = append(out, Pair{Effect: effect, Known: true})
	}
	return out
}
