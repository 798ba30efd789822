package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"strait/syscalls"
)

// A Change is something that two policies decide differently.
type Change struct {
	Profile  string
	Effect   string // "": the call itself
	Object   string // an object that shows the difference
	Calls    []string
	From, To Action
	FromRule *Rule // nil: the default
	ToRule   *Rule
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
// objects and arguments taken from the rules of both: for each pattern an object
// that it matches, for each condition the values that it names. Policies that
// differ only in how patterns overlap may show no change.
func Diff(from, to *Policy) []Change {
	w := &witnesses{}
	w.collect(from)
	w.collect(to)
	var out []Change
	for _, prof := range to.profiles {
		if _, ok := from.ids[prof.name]; !ok {
			continue
		}
		out = append(out, w.compare(from, to, prof.name)...)
	}
	return out
}

// witnesses are objects and arguments worth asking about.
type witnesses struct {
	paths []string
	addrs []Address
	args  [][6]uint64
}

func (w *witnesses) collect(p *Policy) {
	w.args = append(w.args, [6]uint64{})
	w.paths = append(w.paths, "/nowhere/at/all")
	for _, prof := range p.profiles {
		for _, r := range prof.rules {
			for i := range r.objects {
				w.object(&r.objects[i])
			}
		}
		for _, pl := range prof.tables[p.native.ID]().plans {
			w.conditions(pl)
		}
	}
}

func (w *witnesses) object(o *Object) {
	switch {
	case o.Path != "":
		w.paths = appendNew(w.paths, example(o.path.pattern))
	case o.Proto != "":
		a := Address{Proto: o.Proto}
		n := &o.net
		switch {
		case o.Proto == "any" || o.Proto == "ip":
			a.Proto = "tcp"
		case o.Proto == "unix":
			a.Path = example(n.unix)
		}
		if n.any || o.Net == "" {
			a.Host = elsewhere
		} else {
			a.Host = n.prefix.Addr()
		}
		a.Port = 1
		if len(n.ports) > 0 {
			a.Port = n.ports[0].lo
		}
		if !slices.Contains(w.addrs, a) {
			w.addrs = append(w.addrs, a)
		}
	}
}

// example returns a path that a pattern matches, mostly.
func example(pattern string) string {
	s := strings.NewReplacer("**", "x/y", "*", "x", "?", "x", `\`, "").Replace(pattern)
	for {
		i := strings.IndexByte(s, '{')
		k := strings.IndexByte(s, '}')
		if i < 0 || k < i {
			return s
		}
		first, _, _ := strings.Cut(s[i+1:k], ",")
		s = s[:i] + first + s[k+1:]
	}
}

// compare asks both policies about everything.
func (w *witnesses) compare(from, to *Policy, profile string) []Change {
	var out []Change
	at := map[string]int{}
	a, b := Decider{Policy: from}, Decider{Policy: to}
	for nr, call := range to.native.All {
		for _, args := range w.args {
			ev := &syscalls.Event{ABI: to.native, Nr: nr, Call: call, Args: args}
			effects := callEffects(call)
			for i, e := range effects {
				if e == "" && i > 0 && !optional(effects[0]) {
					continue // the call never is without its effects
				}
				for _, p := range w.pairs(e) {
					x, y := a.DecidePairs(profile, ev, []Pair{p}), b.DecidePairs(profile, ev, []Pair{p})
					if x.Action != y.Action {
						out = add(out, at, Change{profile, e, p.Object(), []string{call.Name}, x.Action, y.Action, x.Rule, y.Rule})
					}
				}
			}
		}
	}
	slices.SortStableFunc(out, func(p, q Change) int { return cmp.Compare(p.Effect, q.Effect) })
	return out
}

// add joins changes that differ in the call only.
func add(list []Change, at map[string]int, c Change) []Change {
	key := fmt.Sprintf("%s|%s|%s|%s|%p", c.Effect, c.Object, c.From, c.To, c.ToRule)
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
