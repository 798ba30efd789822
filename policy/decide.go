package policy

import (
	"slices"

	"strait/internal/match"
	"strait/syscalls"
)

// A Verdict is what a policy says about a call.
type Verdict struct {
	Action  Action
	Profile string // whose rules decided
	Rule    *Rule  // nil: the default, or what Why says
	Why     string // when no rule decided: default, abi, io_uring, always, unknown
	Pair    Pair   // the effect and object that decided
	Unread  bool   // an argument that decides could not be read: that denies
	Next    string // exec: the profile that the new program runs under; "" the same
	Level   Level  // how strongly the decision holds
}

// Level says who enforces a decision, and so what it withstands. The strongest
// comes first.
type Level uint8

// The levels.
const (
	LevelNone      Level = iota
	LevelKernel          // a seccomp filter or Landlock
	LevelPerformed       // the supervisor does what it has judged
	LevelTracer          // at the stop, by registers: nothing can change them
	LevelChecked         // at the stop, by words in memory, which another thread can change
)

func (l Level) String() string {
	return [...]string{"none", "kernel", "performed", "tracer", "checked"}[l]
}

// Env is what conditions know of the thread that makes a call: comm and exe.
type Env = match.Env

// A Decider decides calls by a policy. It keeps memory between calls and is for
// one goroutine.
type Decider struct {
	Policy   *Policy
	Resolver Resolver // nil: Words{}
	Env      *Env     // nil: comm and exe are unknown
	Program  *Program // the filter in force, for Verdict.Level; may be nil
	pairs    []Pair
}

// Decide says what main's rules say about a call, by its words alone. The event
// must have been decoded by a Decoder with Early, and with Verbose set.
func (p *Policy) Decide(ev *syscalls.Event) Verdict {
	d := Decider{Policy: p, Resolver: Words{p.vars["CWD"]}}
	return d.Decide("main", ev)
}

// always are the calls that are allowed whatever a policy says: without them no
// process can end or return from a signal handler. restart_syscall goes on with
// a call that was allowed.
var always = [...]string{"exit", "exit_group", "rt_sigreturn", "sigreturn", "restart_syscall"}

// Decide says what the rules of a profile say about a call.
func (d *Decider) Decide(profile string, ev *syscalls.Event) Verdict {
	if v, done := d.Policy.beforeRules(ev.ABI, ev.ABI.Call(ev.Nr)); done {
		v.Profile = profile
		return v
	}
	if ev.Call == nil {
		ev.Call = ev.ABI.Call(ev.Nr)
	}
	return d.DecidePairs(profile, ev, d.Pairs(ev))
}

// Pairs returns what a call does. The slice is valid until the next call of a
// method of d.
func (d *Decider) Pairs(ev *syscalls.Event) []Pair {
	d.pairs = appendPairs(d.pairs[:0], ev)
	r := d.Resolver
	if r == nil {
		r = Words{}
	}
	for i := range d.pairs {
		if d.pairs[i].Effect != "" {
			r.Resolve(ev, &d.pairs[i])
		}
	}
	return d.pairs
}

// beforeRules decides what no rule is asked about; call is nil for a number
// without a row.
func (p *Policy) beforeRules(abi *syscalls.ABI, call *syscalls.Call) (Verdict, bool) {
	if a, why := p.abiAction(abi); why != "" {
		return Verdict{Action: a, Why: why, Level: LevelTracer}, true
	}
	switch {
	case call == nil:
		// Whatever the default: a call that is newer than the rules could go around
		// their denials, and C libraries have fallbacks for ENOSYS.
		return Verdict{Action: Action{Deny, enosys}, Why: "unknown", Level: LevelTracer}, true
	case slices.Contains(always[:], call.Name):
		return Verdict{Why: "always", Level: LevelTracer}, true
	case isIOUring(call.Name) && p.ABI.IOUring.Kind != Allow:
		return Verdict{Action: p.ABI.IOUring, Why: "io_uring", Level: LevelTracer}, true
	}
	return Verdict{}, false
}

func isIOUring(name string) bool {
	return name == "io_uring_setup" || name == "io_uring_enter" || name == "io_uring_register"
}

// abiAction returns what is done about all calls of an ABI; why is empty when
// the rules are asked.
func (p *Policy) abiAction(abi *syscalls.ABI) (a Action, why string) {
	switch {
	case abi == p.native:
		return a, ""
	case abi.ID == syscalls.X32:
		a = p.ABI.X32
	default:
		a = p.ABI.Compat32
	}
	if a.Kind == Allow {
		return a, ""
	}
	return a, "abi"
}

// DecidePairs is Decide for a caller who has resolved the pairs himself. It
// returns the severest of what the rules say about them; of several alike, the
// first.
func (d *Decider) DecidePairs(profile string, ev *syscalls.Event, pairs []Pair) Verdict {
	p := d.Policy
	i, ok := p.ids[profile]
	if !ok {
		return Verdict{Action: Action{Deny, eperm}, Profile: profile, Why: "no such profile", Level: LevelTracer}
	}
	if v, done := p.beforeRules(ev.ABI, ev.Call); done {
		v.Profile = profile
		return v
	}
	pl := p.profiles[i].tables[ev.ABI.ID]().plans[ev.Nr]
	findMoves(ev, pairs)
	var out Verdict
	level := LevelTracer
	for k := range pairs {
		v := d.pair(pl, ev, &pairs[k])
		level = max(level, v.Level)
		if k == 0 || v.Action.Kind > out.Action.Kind {
			next := out.Next
			out = v
			if out.Next == "" {
				out.Next = next
			}
		} else if out.Next == "" {
			out.Next = v.Next
		}
	}
	out.Profile, out.Level = profile, level
	if !out.Action.Kind.runs() {
		out.Next = ""
	}
	if d.Program != nil && d.Program.decides(ev, out.Action) {
		out.Level = LevelKernel
	}
	return out
}

// pair returns what the first rule says that is about a pair.
func (d *Decider) pair(pl *plan, ev *syscalls.Event, p *Pair) Verdict {
	out := Verdict{Action: d.Policy.Default, Why: "default", Pair: *p, Level: LevelTracer}
	pl, i := pl.of(p)
	for k := range pl.rules[i] {
		c := &pl.rules[i][k]
		if !c.exact || c.objects {
			out.Level = LevelChecked
		}
		switch c.holds(ev, d.Env, p) {
		case match.Unknown:
			// Who cannot read an argument must not let it pass, nor pretend.
			if k := c.rule.Action.Kind; k.runs() || k == Return {
				continue
			}
			out.Unread = true
		case match.False:
			continue
		}
		out.Action, out.Rule, out.Why, out.Next = c.rule.Action, c.rule.Rule, "", c.rule.Then
		return out
	}
	return out
}

// holds reports whether a candidate is about this call and this pair.
func (c *candidate) holds(ev *syscalls.Event, env *match.Env, p *Pair) match.Truth {
	t := match.True
	if c.pred != nil {
		t = c.pred.Eval(ev, env)
	}
	switch {
	case !c.objects || t == match.False:
		return t
	case c.moved:
		return min(t, c.rule.loses(p))
	}
	return min(t, c.rule.matches(p))
}

// loses reports whether a rename takes a file out of what the rule denies.
func (r *rule) loses(p *Pair) match.Truth {
	if !p.Moves {
		return match.False
	}
	there := Pair{Effect: p.Effect, Path: p.To, Known: true}
	if p.To != "" && r.matches(&there) == match.True {
		return match.False
	}
	return r.matches(p)
}

// matches reports whether the object of a pair is among those of the rule.
func (r *rule) matches(p *Pair) match.Truth {
	if !p.Known {
		return match.Unknown
	}
	strict := r.Action.Kind.runs() || r.Action.Kind == Return
	out := match.False
	for i := range r.objects {
		o := &r.objects[i]
		t := match.False
		switch {
		case o.Path != "":
			t = truth(o.path.matches(p.Path) || !strict && p.Subtree && o.path.within(p.Path))
		case o.Proto != "":
			t = o.matchesAddress(p, strict)
		case o.PID == "self":
			t = truth(p.Self)
		}
		out = max(out, t)
	}
	return out
}

func truth(b bool) match.Truth {
	if b {
		return match.True
	}
	return match.False
}

// matchesAddress reports whether an address is one of the pattern's. A socket of
// which only the family is known may be of any protocol: rules that allow do not
// cover it, rules that deny do.
func (o *Object) matchesAddress(p *Pair, strict bool) match.Truth {
	if p.Effect == "net.socket" { // nothing but the protocol is known yet
		return truth(protoCovers(o.Proto, p.Addr.Proto))
	}
	if o.net.matches(o, &p.Addr) {
		return match.True
	}
	if p.Addr.Proto != "ip" || strict {
		return match.False
	}
	as := *o
	as.Proto = "ip"
	return truth((o.Proto == "tcp" || o.Proto == "udp") && as.net.matches(&as, &p.Addr))
}
