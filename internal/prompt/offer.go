package prompt

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"strait/policy"
)

// Breadth is how much an answer covers.
type Breadth uint8

// The breadths.
const (
	Exact     Breadth = iota // these effects on this very object
	Directory                // all below its directory; all ports of its host
	Glob                     // what is named like it in its directory; its port on any host
	Call                     // this system call, whatever it does
	Program                  // everything this program does
)

// Rules are the rules that an answer of a breadth stands for. Where a breadth
// means nothing, as a directory of a signal, there are none.
func (q *Question) Rules(a policy.Action, by Breadth, vars map[string]string) []string {
	switch by {
	case Call:
		return []string{ruleText(a, []string{q.Name}, nil, "")}
	case Program:
		if q.Exe == "" {
			return nil
		}
		return []string{ruleText(a, []string{"*"}, nil, "exe == "+strconv.Quote(q.Exe))}
	}
	var rules []string
	for _, g := range q.byObject() {
		objects, ok := widen(g.pair, by, vars)
		if !ok {
			return nil
		}
		rules = append(rules, ruleText(a, g.targets, objects, ""))
	}
	return slices.Compact(rules)
}

// A pairGroup is the effects that a call has on one object.
type pairGroup struct {
	pair    *policy.Pair
	targets []string
}

func (q *Question) byObject() []pairGroup {
	var groups []pairGroup
	for i := range q.Pairs {
		p := &q.Pairs[i]
		target := p.Effect
		if target == "" {
			target = q.Name
		}
		at := slices.IndexFunc(groups, func(g pairGroup) bool {
			return g.pair.Object() == p.Object() && kind(g.pair) == kind(p)
		})
		if at < 0 {
			at = len(groups)
			groups = append(groups, pairGroup{pair: p})
		}
		if !slices.Contains(groups[at].targets, target) {
			groups[at].targets = append(groups[at].targets, target)
		}
	}
	return groups
}

// kind is what sort of object a pair has: objects of two sorts fit no one rule.
func kind(p *policy.Pair) string {
	switch {
	case p.Effect == "":
		return "call"
	case p.Path != "":
		return "path"
	}
	return strings.SplitN(p.Effect, ".", 2)[0]
}

// widen gives the objects for a breadth; ok is false where it means nothing.
func widen(p *policy.Pair, by Breadth, vars map[string]string) (objects []policy.Object, ok bool) {
	switch {
	case !p.Known, p.Effect == "":
		return nil, by == Exact
	case p.Path != "":
		pattern, ok := widenPath(p.Path, by)
		return []policy.Object{{Path: variables(pattern, vars)}}, ok
	case p.Addr.Proto != "":
		return widenAddress(&p.Addr, by, vars)
	case p.Self:
		return []policy.Object{{PID: "self"}}, by == Exact
	}
	return nil, by == Exact
}

// escapePattern makes a name a pattern of itself.
func escapePattern(s string) string {
	var b strings.Builder
	for _, r := range []byte(s) {
		if strings.IndexByte(`*?[]{}\`, r) >= 0 {
			b.WriteByte('\\')
		}
		b.WriteByte(r)
	}
	return b.String()
}

// widenPath is a pattern for a path: itself, all below its directory, or what is
// named alike next to it. Nothing is as wide as all below the root.
func widenPath(p string, by Breadth) (string, bool) {
	dir, name := path.Split(path.Clean(p))
	dir = strings.TrimSuffix(dir, "/")
	switch {
	case by == Exact:
		return escapePattern(p), true
	case dir == "":
		return "", false
	case by == Directory:
		return escapePattern(dir) + "/**", true
	}
	ext := path.Ext(name)
	if ext == name || ext == "." {
		ext = ""
	}
	return escapePattern(dir) + "/*" + escapePattern(ext), true
}

// variables has what is below ${CWD} or ${HOME} say so, for the rule to fit
// elsewhere too.
func variables(pattern string, vars map[string]string) string {
	for _, name := range []string{"CWD", "HOME"} {
		v := escapePattern(strings.TrimSuffix(vars[name], "/"))
		if v == "" {
			continue
		}
		if rest, ok := strings.CutPrefix(pattern, v); ok && (rest == "" || rest[0] == '/') {
			return "${" + name + "}" + rest
		}
	}
	return pattern
}

func widenAddress(a *policy.Address, by Breadth, vars map[string]string) ([]policy.Object, bool) {
	o := policy.Object{Proto: a.Proto}
	switch {
	case a.Proto == "unix" && strings.HasPrefix(a.Path, "/"):
		pattern, ok := widenPath(a.Path, by)
		o.Net = variables(pattern, vars)
		return []policy.Object{o}, ok
	case a.Proto == "unix":
		o.Net = escapePattern(a.Path)
		return []policy.Object{o}, by == Exact
	case !a.Host.IsValid():
		return []policy.Object{o}, by == Exact
	}
	host, port := a.Host.String(), strconv.Itoa(int(a.Port))
	if a.Host.Is6() {
		host = "[" + host + "]"
	}
	switch by {
	case Directory:
		port = "*"
	case Glob:
		host = "*"
	}
	o.Net = host + ":" + port
	return []policy.Object{o}, true
}

// ruleText writes a rule in canonical form.
func ruleText(a policy.Action, targets []string, objects []policy.Object, where string) string {
	r := policy.Rule{Action: a, Objects: objects}
	for _, t := range targets {
		r.Targets = append(r.Targets, policy.Target{Name: t})
	}
	if where != "" {
		return r.String() + " where " + where
	}
	return r.String()
}
