package golden

import (
	"fmt"
	"strings"
	"sync"

	"strait/internal/lazyregexp"
	"strait/policy"
)

// A ReportStyle says how differences are written.
type ReportStyle struct {
	// Stacks writes the stack of the call under each new line.
	Stacks bool
	// Rules writes which rule of a policy would allow what is new.
	Rules bool
	// Most is how many lines of a process are written; 0: all.
	Most int
}

// Report writes differences for people, each line behind indent: + is new, - is
// gone, ~ has changed.
func Report(list []Section, style ReportStyle, indent string) string {
	var b strings.Builder
	for i := range list {
		s := &list[i]
		b.WriteString(indent + s.head() + "\n")
		for k := range s.Lines {
			if style.Most > 0 && k == style.Most && len(s.Lines) > k+1 {
				fmt.Fprintf(&b, "%s  ... and %d more\n", indent, len(s.Lines)-k)
				break
			}
			s.Lines[k].write(&b, style, indent+"  ")
		}
	}
	return b.String()
}

func (s *Section) head() string {
	name := "process " + s.Process.ID
	if !strings.Contains(s.Process.ID, s.Process.Program) {
		name += ": " + s.Process.Program
	}
	switch {
	case s.Kind == New:
		name += " is new"
	case s.Kind == Gone:
		name += " is gone"
	case s.NewOrder:
		name += ": the same in another order"
	case s.Old != nil && s.Old.Program != s.Process.Program:
		name += ", which was " + s.Old.Program
	}
	if s.Maker != nil {
		name += fmt.Sprintf(" (%s made it)", s.Maker.Program)
	}
	return name
}

func (d *Difference) write(b *strings.Builder, style ReportStyle, indent string) {
	switch d.Kind {
	case Gone:
		fmt.Fprintf(b, "%s- %s%s\n", indent, d.Was.Text, d.Was.place())
		return
	case New:
		fmt.Fprintf(b, "%s+ %s\n", indent, d.Now.Text)
	case Changed:
		fmt.Fprintf(b, "%s~ %s%s\n%s  %s\n", indent, d.Was.Text, d.Was.place(), indent, "→ "+d.Now.Text)
	}
	if style.Rules {
		for _, rule := range Rules(&d.Now) {
			fmt.Fprintf(b, "%s    rule: %s\n", indent, rule)
		}
	}
	if style.Stacks {
		for _, f := range d.Now.Stack {
			fmt.Fprintf(b, "%s    > %s\n", indent, strings.TrimPrefix(f, " > "))
		}
	}
}

func (l *Line) place() string {
	if l.At == 0 {
		return ""
	}
	return fmt.Sprintf("  (line %d)", l.At)
}

// Rules are the rules of a policy that would allow what a line does.
func Rules(l *Line) []string {
	var out []string
	add := func(s string) {
		if r, err := policy.ParseRule(s); err == nil {
			s = r.String()
			for _, o := range out {
				if o == s {
					return
				}
			}
			out = append(out, s)
		}
	}
	for i := range l.Pairs {
		p := &l.Pairs[i]
		if p.Effect == "" {
			continue
		}
		object := p.Object()
		switch {
		case p.Path != "":
			object = pattern(p.Path)
		case p.PID != 0 && !p.Self:
			object = ""
		}
		add(strings.TrimSpace("allow " + p.Effect + " " + object))
	}
	if len(out) == 0 && l.Call != "" && !alwaysAllowed()[l.Call] {
		add("allow " + l.Call)
	}
	return out
}

// alwaysAllowed are the calls that std/runtime allows, which every policy has.
var alwaysAllowed = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, g := range []string{"@runtime", "@memory", "@signal", "@time", "@sync", "@io", "@process"} {
		for _, c := range policy.GroupCalls(g) {
			out[c] = true
		}
	}
	return out
})

// byChance are the words that golden traces have for what is by chance in a name.
var byChance = lazyregexp.New(`(^|[^A-Za-z0-9])(?:TEMP|PID|TIME|HASH)\b`)

// pattern makes a path a pattern for itself; what a golden trace has a word for, for
// whatever stands there.
func pattern(s string) string {
	for _, c := range []string{`\`, "*", "?", "[", "{"} {
		s = strings.ReplaceAll(s, c, `\`+c)
	}
	s = byChance.ReplaceAllString(s, "${1}*")
	if rest, ok := strings.CutPrefix(s, "~/"); ok {
		s = "${HOME}/" + rest
	} else if strings.HasPrefix(s, "$") { // a folder that has another name in every run
		_, rest, _ = strings.Cut(s, "/")
		s = "/**/" + rest
	} else if !strings.HasPrefix(s, "/") {
		s = "${CWD}/" + strings.TrimPrefix(s, "./")
	}
	if strings.ContainsAny(s, " \"#\\") {
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(s) + `"`
	}
	return s
}
