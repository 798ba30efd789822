package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"strait/internal/bpf"
	"strait/syscalls"
)

// A chain is what the registers of a call decide in one profile: the first step
// whose condition holds. The last step has none.
type chain struct {
	steps []step
	more  []step // rules that the tracer asks after the last step, which is its
}

type step struct {
	when   bpf.Cond // nil: always
	action Action
	reason string // why the tracer must decide; "": the kernel does
	rule   *rule  // nil: the default
}

// Why the kernel cannot decide.
const (
	becausePath    = "the path is in memory"
	becauseAddress = "the address is in memory"
	becausePID     = "which process it is, only the tracer knows"
	becauseWhere   = "the condition looks at more than registers"
	becauseAsk     = "a question is asked"
	becauseLog     = "it is written down"
	becauseResult  = "a filter can give no result but 0"
	becauseExec    = "the start's own exec must pass"
	becauseHow     = "the flags are in memory"
	becauseHeld    = "the path may be empty, for the descriptor itself"
	becauseBefore  = "a rule before it is the tracer's"
)

func (ch *chain) key() string {
	var b strings.Builder
	for _, s := range ch.steps {
		when := ""
		if s.when != nil {
			when = s.when.String()
		}
		if s.reason != "" {
			fmt.Fprintf(&b, "%s→stop;", when)
			continue
		}
		fmt.Fprintf(&b, "%s→%s;", when, s.action)
	}
	return b.String()
}

// chain returns what a plan's rules decide about a call. One that may be an fstat,
// by an empty path, stops if that is decided otherwise.
func (c *compiler) chain(pl *plan, abi *syscalls.ABI) *chain {
	ch := c.named(pl, abi)
	flags, ok := argTest(pl.call, "flags")
	if pl.held == nil || !ok || ch.steps[0].when == nil && ch.steps[0].reason != "" {
		return ch
	}
	held := c.named(pl.held, abi)
	if held.key() == ch.key() {
		return ch
	}
	flags.Mask, flags.In = atEmptyPath, []bpf.Range{bpf.Equal(atEmptyPath)}
	first := step{when: flags, reason: becauseHeld, rule: held.steps[0].rule, action: held.steps[0].action}
	return &chain{append([]step{first}, ch.steps...), ch.more}
}

// named is chain for a call that names what it is about.
func (c *compiler) named(pl *plan, abi *syscalls.ABI) *chain {
	presence, exact := present(pl, abi)
	chains := make([]*chain, len(pl.effects))
	for i, e := range pl.effects {
		chains[i] = c.effect(pl, i, e, abi)
	}
	var used []int
	for i := range pl.effects {
		if presence[i] != nil {
			used = append(used, i)
		}
	}
	first := chains[used[0]]
	same := !slices.ContainsFunc(used, func(i int) bool { return chains[i].key() != first.key() })
	switch {
	case same:
		return &chain{first.steps, rest(chains, used, "")}
	case !exact:
		return &chain{steps: []step{{reason: because(pl), rule: first.steps[0].rule}}, more: rest(chains, used, because(pl))}
	}
	out := combine(chains, presence, used)
	out.more = rest(chains, used, "")
	return out
}

// rest returns the rules that are asked about any effect, as the tracer's; with a
// reason also those that the kernel could decide if that were not.
func rest(chains []*chain, used []int, reason string) []step {
	var out []step
	for _, i := range used {
		out = append(out, chains[i].more...)
		for _, s := range chains[i].steps {
			if reason != "" {
				s.reason = cmp.Or(s.reason, reason)
			}
			out = append(out, s)
		}
	}
	return out
}

// because is why it is not known which effects the call has.
func because(pl *plan) string {
	if strings.HasPrefix(pl.effects[0], "net.") {
		return becauseAddress
	}
	return becauseHow
}

// alwaysHolds is a condition that holds for every call.
var alwaysHolds = bpf.And{}

// present returns for each effect of a plan the condition under which the call
// has it (nil: never). It is not exact when that lies in memory.
func present(pl *plan, _ *syscalls.ABI) (conds []bpf.Cond, exact bool) {
	conds = make([]bpf.Cond, len(pl.effects))
	exact = true
	for i, e := range pl.effects {
		conds[i] = alwaysHolds
		switch {
		case e == "":
			conds[i] = nil
			if i == 0 || optional(pl.effects[0]) {
				conds[i] = alwaysHolds
			}
		case e == "net.connect" || e == "net.bind" || e == "net.send":
			exact = false
		}
	}
	if to, ok := argTest(pl.call, "dest_addr"); ok && pl.effects[0] == "net.send" {
		to.In = []bpf.Range{bpf.Equal(0)}
		conds[0], conds[1] = bpf.Not{C: to}, to
		return conds, true
	}
	if !isOpen(pl.call) {
		return conds, exact
	}
	t, ok := argTest(pl.call, "flags")
	if !ok {
		return conds, false
	}
	for i, e := range pl.effects {
		conds[i] = openCond(t, e)
	}
	return conds, true
}

// optional reports whether a call with this effect need not have it: the address
// may be NULL, and the call fails.
func optional(effect string) bool {
	return effect == "net.connect" || effect == "net.bind"
}

func isOpen(call *syscalls.Call) bool {
	return slices.ContainsFunc(call.Effects, func(e syscalls.Effect) bool { return e.Name == "fs.open" })
}

// openCond is appendOpen as a condition on the flags.
func openCond(flags bpf.Test, effect string) bpf.Cond {
	masked := func(mask uint64, values ...uint64) bpf.Cond {
		t := flags
		t.Mask = mask
		for _, v := range values {
			t.In = append(t.In, bpf.Equal(v))
		}
		return t
	}
	path := bpf.Not{C: masked(oPath, 0)}
	switch effect {
	case "fs.stat":
		return path
	case "fs.read":
		return bpf.And{bpf.Not{C: path}, masked(3, 0, 2, 3)}
	case "fs.write":
		return bpf.And{bpf.Not{C: path}, bpf.Or{masked(3, 1, 2, 3), bpf.Not{C: masked(oTrunc, 0)}}}
	case "fs.create":
		return bpf.And{bpf.Not{C: path}, bpf.Not{C: masked(oCreat|oTmpfile, 0)}}
	}
	return nil
}

// argTest returns a test of an argument, without its values.
func argTest(call *syscalls.Call, name string) (bpf.Test, bool) {
	for i := range call.Args {
		if a := &call.Args[i]; a.Name == name && !a.Swap {
			return bpf.Test{Arg: int(a.Reg), Width: int(a.Width), Pair: a.Pair}, true
		}
	}
	return bpf.Test{}, false
}

// effect returns what the rules decide about one effect of a call.
func (c *compiler) effect(pl *plan, i int, effect string, _ *syscalls.ABI) *chain {
	ch := &chain{}
	done := false
	for k := range pl.rules[i] {
		s, ends := c.step(&pl.rules[i][k], pl, effect)
		if done {
			if s.reason == "" {
				s.reason = becauseBefore
			}
			ch.more = append(ch.more, s)
			continue
		}
		ch.steps = append(ch.steps, s)
		done = ends
	}
	s := step{action: c.p.Default}
	s.reason = refuse(s.action, pl.call)
	if done {
		if last := pl.rules[i][len(pl.rules[i])-1]; last.pred != nil || last.objects {
			s.reason = cmp.Or(s.reason, becauseBefore)
			ch.more = append(ch.more, s)
		}
		return ch
	}
	ch.steps = append(ch.steps, s)
	return ch
}

// step returns what one rule decides, and whether that is final.
func (c *compiler) step(cand *candidate, pl *plan, effect string) (step, bool) {
	s := step{action: cand.rule.Action, rule: cand.rule, reason: refuse(cand.rule.Action, pl.call)}
	conds := bpf.And{}
	if cand.pred != nil {
		cond, exact := cand.pred.Lower()
		conds = append(conds, cond)
		if !exact {
			s.reason = becauseWhere
		}
	}
	if cand.objects {
		cond, reason := objectCond(cand.rule, pl.call, effect)
		if reason != "" {
			s.reason = reason
		} else {
			conds = append(conds, cond)
		}
	}
	if len(conds) > 0 {
		s.when = conds
	}
	// A rule about objects may not match, and then those behind it count: but
	// which, the tracer finds out, so the kernel is done here.
	return s, s.when == nil
}

// objectCond returns the condition under which the object of an effect is among
// the rule's, or why registers do not tell.
func objectCond(r *rule, call *syscalls.Call, effect string) (bpf.Cond, string) {
	switch objectOf(effect) {
	case pathObject:
		return nil, becausePath
	case pidObject:
		return nil, becausePID
	}
	if effect != "net.socket" {
		return nil, becauseAddress
	}
	out := bpf.Or{}
	for i := range r.objects {
		cond, ok := socketCond(call, r.objects[i].Proto)
		if !ok {
			return nil, becauseAddress
		}
		out = append(out, cond)
	}
	return out, ""
}

// socketCond is socketProto and protoCovers as a condition on socket(2)'s
// arguments.
func socketCond(call *syscalls.Call, proto string) (bpf.Cond, bool) {
	test := func(name string, mask uint64, values ...uint64) (bpf.Cond, bool) {
		t, ok := argTest(call, name)
		t.Mask = mask
		for _, v := range values {
			t.In = append(t.In, bpf.Equal(v))
		}
		return t, ok
	}
	inet, ok := test("domain", 0, 2, 10)
	if !ok {
		return nil, false
	}
	kind := func(typ uint64, protocols ...uint64) bpf.Cond {
		t, _ := test("type", 0xf, typ)
		p, _ := test("protocol", 0, protocols...)
		return bpf.And{inet, t, p}
	}
	switch proto {
	case "any":
		return alwaysHolds, true
	case "ip":
		return inet, true
	case "tcp":
		return kind(1, 0, 6, 262), true
	case "udp":
		return kind(2, 0, 17), true
	}
	for family := range uint64(64) {
		if FamilyName(family) == proto {
			return test("domain", 0, family)
		}
	}
	return nil, false
}

// refuse says why the kernel cannot do an action, or "".
func refuse(a Action, call *syscalls.Call) string {
	isExec := call.Name == "execve" || call.Name == "execveat"
	switch {
	case a.Kind == Ask:
		return becauseAsk
	case a.Kind == Log:
		return becauseLog
	case a.Kind == Return && a.Num != 0:
		return becauseResult
	case isExec && a.Kind != Allow:
		return becauseExec
	}
	return ""
}

// combine makes one chain of several effects that a call can have at once: the
// severest of their actions. What only the tracer knows may be a kill; so it
// comes behind the kills and before all else.
func combine(chains []*chain, presence []bpf.Cond, used []int) *chain {
	var all []step
	for _, i := range used {
		before := bpf.And{presence[i]}
		for _, s := range chains[i].steps {
			when := slices.Clone(before)
			if s.when != nil {
				when = append(when, s.when)
				before = append(before, bpf.Not{C: s.when})
			}
			s.when = when
			all = append(all, s)
		}
	}
	rank := func(s step) int {
		switch {
		case s.reason == "" && s.action.Kind == Kill:
			return 0
		case s.reason != "":
			return 1
		}
		return 2 + int(Kill-s.action.Kind)
	}
	slices.SortStableFunc(all, func(a, b step) int { return cmp.Compare(rank(a), rank(b)) })
	for len(all) > 1 && all[len(all)-2].reason == "" && all[len(all)-2].action == all[len(all)-1].action {
		all = slices.Delete(all, len(all)-2, len(all)-1)
	}
	all[len(all)-1].when = nil
	return &chain{steps: all}
}
