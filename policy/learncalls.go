package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// rules makes rules of what was collected, in a fixed order.
func (l *learner) rules() []LearnedRule {
	var out []LearnedRule
	out = append(out, l.callRules()...)
	for _, e := range slices.Sorted(maps.Keys(l.plain)) {
		if l.implied(e) {
			continue
		}
		out = append(out, l.make("allow "+e, []string{e}, l.plain[e]))
	}
	out = append(out, l.signalRule()...)
	out = append(out, l.pathRules()...)
	return append(out, l.netRules()...)
}

// implied reports whether a rule that is made anyway allows an effect: who may
// connect may use the socket, who may bind may listen.
func (l *learner) implied(effect string) bool {
	for k := range l.nets {
		if k.effect != effect && coversAllow(k.effect, effect) {
			return true
		}
	}
	return false
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
// does many things. Each argument is among the values that it had.
func (l *learner) selector(name string, values map[selection]int) (string, bool) {
	args := selectorsOf(name)
	abi := l.base.Policy.native
	nr, ok := abi.Number(name)
	if len(args) == 0 || !ok {
		return "", false
	}
	call := abi.Call(nr)
	var conditions []string
	for k, arg := range args {
		i := slices.IndexFunc(call.Args, func(a syscalls.Arg) bool { return a.Name == arg })
		seen := map[uint64]bool{}
		for v := range values {
			seen[v[k]] = true
		}
		if i < 0 || len(seen) > 4*l.o.Siblings {
			return "", false
		}
		table := abi.ArgTable(call, i)
		var set []string
		for _, v := range slices.Sorted(maps.Keys(seen)) {
			text := constantText(table, v)
			if v == 1<<32-1 && strings.HasSuffix(arg, "id") {
				text = "-1" // leave it as it is
			}
			set = append(set, text)
		}
		conditions = append(conditions, arg+" in {"+strings.Join(set, ", ")+"}")
	}
	return strings.Join(conditions, " && "), true
}

// constantText writes a value by its name or the names of its bits, where it has
// any.
func constantText(table *syscalls.Table, v uint64) string {
	if table == nil {
		return strconv.FormatInt(int64(v), 10)
	}
	if name := table.Lookup(v); name != "" {
		return name
	}
	var names []string
	for rest := v; rest != 0; rest &= rest - 1 {
		name := table.Lookup(rest & -rest)
		if name == "" {
			return fmt.Sprintf("%#x", v)
		}
		names = append(names, name)
	}
	return cmp.Or(strings.Join(names, "|"), "0")
}

// signalRule names the signals that were sent to other processes; which those
// were is another thing in each run.
func (l *learner) signalRule() []LearnedRule {
	if len(l.signals) == 0 {
		return nil
	}
	count := 0
	var set []string
	for _, sig := range slices.Sorted(maps.Keys(l.signals)) {
		count += l.signals[sig]
		set = append(set, signalText(sig))
	}
	text := "allow signal where sig in {" + strings.Join(set, ", ") + "}"
	if len(set) > 4*l.o.Siblings {
		text = "allow signal"
	}
	return []LearnedRule{l.make(text, set, count)}
}

func signalText(sig int) string {
	if name := match.SignalName(sig); name != "" {
		return name
	}
	return strconv.Itoa(sig)
}

// signalOf returns the signal that a call sends.
func signalOf(ev *syscalls.Event) int {
	for i := range ev.Call.Args {
		if ev.ABI.ArgKind(ev.Call, i) == syscalls.Sig {
			return int(int32(ev.Arg(i)))
		}
	}
	return 0
}
