package policy

import (
	"fmt"
	"slices"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// An Answer is what a profile says about one effect and object, and by which
// calls.
type Answer struct {
	Calls  []string
	Steps  []Step
	Action Action
}

// ParsePairs reads an effect with one object as rules have them: "fs.read
// /etc/shadow", "net.connect tcp 192.0.2.1:443", "signal self". A family (fs.*)
// is all of its effects.
func (p *Policy) ParsePairs(text string) ([]Pair, error) {
	r, err := ParseRule("allow " + text)
	if err != nil {
		return nil, asked(err)
	}
	if len(r.Targets) != 1 || r.Targets[0].Kind != TargetEffect || r.Where != nil || r.Then != "" {
		return nil, &Error{Msg: fmt.Sprintf("%q is not an effect with an object", text), Hint: "fs.read /etc/shadow, or a call: openat(AT_FDCWD, \"/etc/shadow\", O_RDONLY)"}
	}
	if len(r.Objects) > 1 {
		return nil, &Error{Msg: fmt.Sprintf("%q has several objects", text), Hint: "ask about one at a time"}
	}
	pair := Pair{Known: true, Arg: -1, Dir: -1}
	if len(r.Objects) == 1 {
		if err := p.object(&pair, &r.Objects[0]); err != nil {
			return nil, err
		}
	}
	var out []Pair
	for i := range effects {
		e := &effects[i]
		if e.name != r.Targets[0].Name && !strings.HasSuffix(r.Targets[0].Name, ".*") || !covers(r.Targets[0].Name, e.name) {
			continue
		}
		if e.object != noObject && e.object != pidObject && len(r.Objects) == 0 {
			return nil, &Error{Msg: e.name + " lacks its object", Hint: "fs.read /etc/shadow, net.connect tcp 192.0.2.1:443"}
		}
		q := pair
		q.Effect = e.name
		out = append(out, q)
	}
	return out, nil
}

// asked takes the word allow, which was put before what the user wrote, out of an
// error's place.
func asked(err error) error {
	e, ok := err.(*Error) //nolint:errorlint // ParseRule returns no other
	if !ok {
		return err
	}
	return &Error{Msg: e.Msg, Hint: e.Hint}
}

// object makes the object of a pair of one that stands for itself.
func (p *Policy) object(pair *Pair, o *Object) error {
	several := func(s, hint string) error {
		return &Error{Msg: fmt.Sprintf("%q is more than one object", s), Hint: hint}
	}
	switch {
	case o.Path != "":
		var unknown string
		path := expandVars(o.Path, func(name string) string {
			if p.vars[name] == "" {
				unknown = name
			}
			return p.vars[name]
		})
		if unknown != "" {
			return &Error{Msg: fmt.Sprintf("${%s} is not known here", unknown)}
		}
		pair.Path = path
	case o.PID == "self":
		pair.Self = true
	case o.Proto == "unix":
		pair.Addr = Address{Proto: o.Proto, Path: o.Net}
	default:
		n := &o.net
		pair.Addr = Address{Proto: o.Proto}
		switch {
		case o.Net == "":
		case n.any || !n.prefix.IsSingleIP():
			return several(o.Net, "name one host: 192.0.2.1:443")
		case len(n.ports) != 1 || n.ports[0].lo != n.ports[0].hi:
			return several(o.Net, "name one port: 192.0.2.1:443")
		default:
			pair.Addr.Host, pair.Addr.Port = n.prefix.Addr(), n.ports[0].lo
		}
	}
	return nil
}

// WhyPair answers what the rules of a profile say about a pair, whatever call it
// comes from: calls about which the same is said share an answer. A rule with a
// condition may or may not hold, and is passed over.
func (d *Decider) WhyPair(profile string, pair Pair) []Answer {
	p := d.Policy
	i, ok := p.ids[profile]
	if !ok {
		return nil
	}
	plans := p.profiles[i].tables[p.native.ID]().plans
	var out []Answer
	for nr := range p.native.All {
		pl := plans[nr]
		e := slices.Index(pl.effects, pair.Effect)
		if e < 0 {
			continue
		}
		a := p.answer(pl, e, pair)
		same := slices.IndexFunc(out, func(o Answer) bool { return slices.Equal(o.Steps, a.Steps) })
		if same >= 0 {
			out[same].Calls = append(out[same].Calls, pl.call.Name)
			continue
		}
		out = append(out, a)
	}
	return out
}

func (p *Policy) answer(pl *plan, e int, pair Pair) Answer {
	out := Answer{Calls: []string{pl.call.Name}}
	for k := range pl.rules[e] {
		c := &pl.rules[e][k]
		s := Step{Pair: pair, Rule: c.rule.Rule, Action: c.rule.Action}
		switch {
		case c.objects && c.rule.matches(&pair) == match.False:
			s.Reason = "the object is not among its objects"
		case c.pred != nil:
			s.Reason = "unless its condition holds"
		default:
			s.Held = true
		}
		out.Steps = append(out.Steps, s)
		if s.Held {
			out.Action = s.Action
			return out
		}
	}
	out.Action = p.Default
	out.Steps = append(out.Steps, Step{Pair: pair, Why: "default", Action: p.Default, Held: true})
	return out
}

// ParseCall reads one call as a trace shows it: openat(AT_FDCWD, "/etc/shadow",
// O_RDONLY). Arguments at the end may be missing: they are 0.
func ParseCall(text string, o ImportOptions) (*syscalls.Event, error) {
	im, err := newImporter(o)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	m := callStart.FindStringSubmatchIndex(text)
	if m == nil || m[2] != 0 {
		return nil, &Error{Msg: fmt.Sprintf("%q is not a call", text), Hint: "openat(AT_FDCWD, \"/etc/shadow\", O_RDONLY)"}
	}
	name, args := text[:m[3]], splitArgs(text[m[3]+1:])
	nr, ok := im.abi.Number(name)
	if !ok {
		return nil, &Error{Msg: fmt.Sprintf("%s has no call %q", im.abi.Name, name), Hint: didYouMean(name)}
	}
	call := im.abi.Call(nr)
	if len(args) > len(call.Args) {
		return nil, &Error{Msg: fmt.Sprintf("%s has %d arguments, not %d", name, len(call.Args), len(args))}
	}
	var bad error
	ev, _, err := im.event(name, len(args), func(c *syscalls.Call, i int) argument {
		a := textArgument(im, c, i, args)
		if a.unknown && bad == nil {
			bad = &Error{Msg: fmt.Sprintf("%s: cannot make out its %s: %s", name, c.Args[i].Name, args[i]), Hint: "a number, a constant, a string in quotes, or NULL"}
		}
		return a
	})
	if err == nil {
		err = bad
	}
	return ev, err
}
