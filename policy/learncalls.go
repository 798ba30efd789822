package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"strait/syscalls"
)

// rules makes rules of what was collected, in a fixed order.
func (l *learner) rules() []LearnedRule {
	var out []LearnedRule
	out = append(out, l.callRules()...)
	for _, e := range slices.Sorted(maps.Keys(l.plain)) {
		out = append(out, l.make("allow "+e, []string{e}, l.plain[e]))
	}
	out = append(out, l.pathRules()...)
	return append(out, l.netRules()...)
}

// make parses a rule that was put together as text.
func (l *learner) make(text string, observed []string, count int) LearnedRule {
	r, err := ParseRule(text)
	if err != nil {
		panic(fmt.Sprintf("policy: learned %q: %v", text, err)) // a defect here
	}
	r.Pos = Pos{}
	r.Comment.Line = seenComment(count)
	return LearnedRule{Rule: r, Observed: observed, Count: count}
}

func seenComment(count int) string { return fmt.Sprintf("# seen %d×", count) }

func (l *learner) callRules() []LearnedRule {
	var out []LearnedRule
	var names []string
	total := 0
	for _, name := range slices.Sorted(maps.Keys(l.calls)) {
		values := l.calls[name]
		count := 0
		for _, n := range values {
			count += n
		}
		if set, ok := l.selector(name, values); ok {
			out = append(out, l.make("allow "+name+" where "+set, []string{name}, count))
			continue
		}
		names = append(names, name)
		total += count
	}
	if len(names) > 0 {
		out = append([]LearnedRule{l.make("allow "+strings.Join(names, " "), names, total)}, out...)
	}
	return out
}

// selector returns the condition on what a call was used for, if it is one that
// does many things.
func (l *learner) selector(name string, values map[uint64]int) (string, bool) {
	arg := selectorOf(name)
	abi := l.base.Policy.native
	nr, ok := abi.Number(name)
	if arg == "" || !ok || len(values) > 4*l.o.Siblings {
		return "", false
	}
	call := abi.Call(nr)
	i := slices.IndexFunc(call.Args, func(a syscalls.Arg) bool { return a.Name == arg })
	if i < 0 {
		return "", false
	}
	table := abi.ArgTable(call, i)
	var set []string
	for _, v := range slices.Sorted(maps.Keys(values)) {
		text := fmt.Sprintf("%#x", v)
		if table != nil {
			text = cmp.Or(table.Lookup(v), text)
		}
		set = append(set, text)
	}
	return arg + " in {" + strings.Join(set, ", ") + "}", true
}
