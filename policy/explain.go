package policy

import (
	"fmt"
	"slices"
	"strings"

	"strait/syscalls"
)

// An Explanation says who decides what one rule is about, on the machine's own
// ABI.
type Explanation struct {
	Rule   *Rule // nil: the default
	Kernel []string
	Traced []Traced
}

// Traced are calls that the kernel cannot decide, and why, and how strongly the
// decision holds then.
type Traced struct {
	Level Level
	Why   string
	Calls []string
}

func (e *Explanation) String() string {
	name := "default"
	if e.Rule != nil {
		name = e.Rule.String()
		if e.Rule.Pos.Line > 0 {
			name = e.Rule.Pos.String() + ": " + name
		}
	}
	var b strings.Builder
	b.WriteString(name + "\n")
	if len(e.Kernel) > 0 {
		fmt.Fprintf(&b, "  kernel: %s\n", calls(e.Kernel))
	}
	for _, t := range e.Traced {
		fmt.Fprintf(&b, "  %s: %s: %s\n", t.Level, t.Why, calls(t.Calls))
	}
	if len(e.Kernel)+len(e.Traced) == 0 {
		b.WriteString("  nobody: an earlier rule decides all that it is about\n")
	}
	return b.String()
}

// calls names a few calls, and how many more there are.
func calls(names []string) string {
	const most = 8
	if len(names) <= most+1 {
		return strings.Join(names, " ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], " "), len(names)-most)
}

// An explainer collects, while calls are compiled, what became of each rule.
type explainer struct {
	notes  []note
	notify []string // calls that are performed
}

type note struct {
	rule *Rule
	call string
	why  string // "": the kernel
	runs bool   // the call is made
}

// note remembers the steps of a chain.
func (x *explainer) note(native bool, _ *profile, call *syscalls.Call, ch *chain) {
	if !native {
		return
	}
	for _, s := range slices.Concat(ch.steps, ch.more) {
		n := note{call: call.Name, why: s.reason, runs: s.action.Kind == Allow}
		if s.rule != nil {
			n.rule = s.rule.Rule
		}
		if !slices.Contains(x.notes, n) {
			x.notes = append(x.notes, n)
		}
	}
}

// override says that a call is traced after all; running: only where it is made.
func (x *explainer) override(native bool, call *syscalls.Call, why string, running bool) {
	for i := range x.notes {
		if n := &x.notes[i]; native && n.call == call.Name && n.why == "" && (n.runs || !running) {
			n.why = why
		}
	}
}

// list returns the explanations in the order of the rules.
func (x *explainer) list(c *compiler) []Explanation {
	var out []Explanation
	at := map[*Rule]int{}
	for _, p := range c.profiles {
		for _, r := range p.rules {
			if _, ok := at[r.Rule]; !ok {
				at[r.Rule] = len(out)
				out = append(out, Explanation{Rule: r.Rule})
			}
		}
	}
	at[nil] = len(out)
	out = append(out, Explanation{})
	for _, n := range x.notes {
		e := &out[at[n.rule]]
		if n.why == "" {
			e.Kernel = appendNew(e.Kernel, n.call)
			continue
		}
		level := x.level(n)
		i := slices.IndexFunc(e.Traced, func(t Traced) bool { return t.Why == n.why && t.Level == level })
		if i < 0 {
			i = len(e.Traced)
			e.Traced = append(e.Traced, Traced{Why: n.why, Level: level})
		}
		e.Traced[i].Calls = appendNew(e.Traced[i].Calls, n.call)
	}
	return out
}

// level says how strongly a decision holds that the kernel does not make.
func (x *explainer) level(n note) Level {
	switch {
	case slices.Contains(x.notify, n.call):
		return LevelPerformed
	case n.call == "execve" || n.call == "execveat": // verified when the program is there
		return LevelTracer
	}
	switch n.why {
	case becausePath, becauseAddress, becauseHow, becauseWhere, becauseHeld, becauseBefore:
		return LevelChecked
	}
	return LevelTracer
}

func appendNew(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}
