package policy

import (
	"slices"
	"strings"
	"sync"

	"strait/internal/match"
	"strait/syscalls"
)

// A table is what a profile says about the calls of an ABI: for each call and
// each effect that it can have, the rules that can match, in order.
type table struct{ plans map[uint64]*plan }

// A plan is a call's. The effect "" stands for the call itself, when it has no
// effect, or none on this occasion.
type plan struct {
	call    *syscalls.Call
	effects []string
	rules   [][]candidate // by effects
	held    *plan         // fstat's, where the call may be one
}

// of returns the plan and the index of the effect that are asked about a pair.
func (pl *plan) of(p *Pair) (*plan, int) {
	if p.Held && pl.held != nil {
		return pl.held, len(pl.held.effects) - 1
	}
	i := slices.Index(pl.effects, p.Effect)
	if i < 0 {
		i = len(pl.effects) - 1
	}
	return pl, i
}

// A candidate is a rule that can match.
type candidate struct {
	rule    *rule
	pred    *match.Pred // nil: no condition
	exact   bool        // pred rests on registers only
	objects bool        // the pair's object must be among the rule's
	moved   bool        // it is about files that get another name, see loses
}

// prepare lets tables be made when they are first needed.
func (p *Policy) prepare(prof *profile) {
	for id := range syscalls.NumABI {
		prof.tables[id] = sync.OnceValue(func() *table { return p.table(prof, syscalls.ByID(id)) })
	}
}

func (p *Policy) table(prof *profile, abi *syscalls.ABI) *table {
	t := &table{plans: map[uint64]*plan{}}
	for nr, call := range abi.All {
		pl := &plan{call: call, effects: callEffects(call)}
		for _, e := range pl.effects {
			pl.rules = append(pl.rules, p.candidates(prof, abi, call, e))
		}
		t.plans[nr] = pl
	}
	if nr, ok := abi.Number("fstat"); ok {
		for _, pl := range t.plans {
			if looksAtHeld(pl.call) {
				pl.held = t.plans[nr]
			}
		}
	}
	return t
}

// callEffects returns the effects that a call can have, and "" last.
func callEffects(call *syscalls.Call) []string {
	var out []string
	add := func(names ...string) {
		for _, n := range names {
			if !slices.Contains(out, n) {
				out = append(out, n)
			}
		}
	}
	for _, e := range call.Effects {
		if e.Name == "fs.open" {
			add("fs.read", "fs.write", "fs.create", "fs.stat")
			continue
		}
		add(e.Name)
		if e.Name == "net.send" {
			add("net.use") // without an address
		}
	}
	add("")
	return out
}

// candidates returns the rules of a profile that can be about an effect of a
// call, up to the first that surely is.
func (p *Policy) candidates(prof *profile, abi *syscalls.ABI, call *syscalls.Call, effect string) []candidate {
	var out []candidate
	for _, r := range prof.rules {
		byCall, byEffect := r.about(call.Name, effect)
		moved := !byCall && !byEffect && r.holdsBack(call, effect)
		if !byCall && !byEffect && !moved {
			continue
		}
		c := candidate{rule: r, exact: true, moved: moved, objects: !byCall && len(r.objects) > 0 && objectOf(effect) != noObject}
		if r.Where != nil {
			if !r.Where.expr.Applies(abi, call) {
				continue
			}
			pred, err := r.Where.expr.Bind(abi, call, p.expandText)
			if err != nil {
				continue // was reported when the policy was loaded
			}
			c.pred = pred
			_, c.exact = pred.Lower()
		}
		out = append(out, c)
		if c.pred == nil && !c.objects {
			break
		}
	}
	return out
}

// holdsBack reports whether a rule denies what could be done to a file by another name,
// which a rename gives it.
func (r *rule) holdsBack(call *syscalls.Call, effect string) bool {
	if effect != "fs.delete" || !strings.HasPrefix(call.Name, "rename") || len(r.objects) == 0 || r.Action.Kind.runs() || r.Action.Kind == Return {
		return false
	}
	return slices.ContainsFunc(r.Targets, func(t Target) bool {
		return t.Kind == TargetEffect && slices.ContainsFunc([]string{"fs.read", "fs.stat", "fs.write", "fs.meta", "exec"}, func(e string) bool { return covers(t.Name, e) })
	})
}

// about reports whether a rule names a call, itself or by a group, and whether it
// names an effect.
func (r *rule) about(call, effect string) (byCall, byEffect bool) {
	byCall = r.any || r.calls[call]
	if effect == "" {
		return byCall, false
	}
	for _, t := range r.Targets {
		if t.Kind != TargetEffect {
			continue
		}
		if len(r.Objects) > 0 && objectOf(effect) == noObject && !r.Action.Kind.runs() {
			continue // net.bind tcp *:80 says where not to bind, not that nobody may listen
		}
		if covers(t.Name, effect) || r.Action.Kind == Allow && coversAllow(t.Name, effect) {
			byEffect = true
		}
	}
	return byCall, byEffect
}

func (p *Policy) expandText(s string) string {
	for name, v := range p.vars {
		s = strings.ReplaceAll(s, "${"+name+"}", v)
	}
	return s
}

// where reports conditions that fit none of the calls that their rule is about.
func (l *loader) where(r *rule) {
	if r.Where == nil {
		return
	}
	var first error
	named := 0
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		for _, call := range abi.All {
			if !l.whereAbout(r, call) {
				continue
			}
			_, err := r.Where.expr.Bind(abi, call, nil)
			if err == nil || r.Where.expr.Applies(abi, call) && abi != l.p.native {
				if err == nil {
					named++
				}
				continue
			}
			if first == nil || r.Where.expr.Applies(abi, call) {
				first = err
			}
			if r.Where.expr.Applies(abi, call) || r.calls[call.Name] && slices.Contains(r.callTargets(), call.Name) && abi == l.p.native {
				l.errs = append(l.errs, matchError(err, r.Where.pos, r.Where.src))
				return
			}
		}
	}
	if named == 0 && first != nil {
		l.errs = append(l.errs, matchError(first, r.Where.pos, r.Where.src))
	}
}

// callTargets returns the calls that the rule names one by one.
func (r *rule) callTargets() []string {
	var out []string
	for _, t := range r.Targets {
		if t.Kind == TargetCall {
			out = append(out, t.Name)
		}
	}
	return out
}

func (l *loader) whereAbout(r *rule, call *syscalls.Call) bool {
	for _, e := range callEffects(call) {
		if byCall, byEffect := r.about(call.Name, e); byCall || byEffect {
			return true
		}
	}
	return false
}
