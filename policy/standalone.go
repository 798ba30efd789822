package policy

import (
	"strait/internal/bpf"
	"strait/syscalls"
)

// Standalone makes a filter that needs no supervisor, for tools that load one:
// what a tracer would have to decide is allowed, or with Strict gets the default,
// and is listed. [Policy.Compile] makes the one for a supervisor, in which such
// calls stop; without a tracer they would fail.
func (p *Policy) Standalone(o ExportOptions) (*Program, []string, error) {
	x := &exporter{o: o}
	c := &compiler{p: p, o: &CompileOptions{Frequent: frequent[:]}, profiles: p.profiles[:1], alone: x}
	prog, err := c.compile()
	if err != nil {
		return nil, nil, err
	}
	if len(p.reachable("main")) > 1 {
		x.lose("profiles other than main")
	}
	x.limits(p.Limits)
	return prog, x.losses(), nil
}

// standalone replaces the steps of a chain that a tracer would decide.
func (x *exporter) standalone(call *syscalls.Call, ch *chain, def Action) *chain {
	out := &chain{}
	for i, s := range ch.steps {
		if s.reason != "" {
			x.loseStep(&s, s.reason, call.Name)
			s.action, s.reason = x.instead(ch, i, call, def), ""
		}
		out.steps = append(out.steps, s)
	}
	return out
}

// instead is the action for what only a tracer could tell: allow where one of the
// rules from step i on may.
func (x *exporter) instead(ch *chain, i int, call *syscalls.Call, def Action) Action {
	deny := def
	if def.Kind.runs() || def.Kind == Ask || refuse(def, call) != "" {
		deny = Action{Deny, eperm} // nobody is there to be asked
	}
	may := def.Kind.runs() || refuse(deny, call) == becauseExec
	for _, list := range [][]step{ch.steps[i:], ch.more} {
		for _, s := range list {
			may = may || s.action.Kind.runs()
		}
	}
	if may && (!x.o.Strict || refuse(deny, call) == becauseExec) {
		return Action{}
	}
	return deny
}

// outcome is what a filter of its own does about a call of another ABI, or one
// that no rule is asked about.
func (x *exporter) outcome(a Action) bpf.Action {
	if act, ok := kernelAction(a); ok {
		return act
	}
	if a.Kind.runs() {
		return bpf.Allow
	}
	return bpf.Errno(eperm)
}
