package policy

import (
	"cmp"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"strait/internal/bpf"
	"strait/syscalls"
)

// lets reports whether the filter lets a call run or leaves it to the tracer.
func (p *Program) lets(ev *syscalls.Event) bool {
	v, err := p.Simulate(ev)
	switch bpf.Action(v).Kind() {
	case bpf.Allow, bpf.Trace, bpf.Notify:
		return err == nil
	}
	return false
}

// pathRules makes a rule for each effect: all that was done to a path is put
// together first, so that who reads and looks gets one rule, and who writes,
// makes and removes another.
func (l *learner) pathRules() []LearnedRule {
	l.noteMade()
	done := map[string][]string{} // path: effects
	counts := map[string]int{}
	for _, e := range slices.Sorted(maps.Keys(l.paths)) {
		for p, n := range l.paths[e] {
			done[p] = append(done[p], e)
			counts[p] = max(counts[p], n)
		}
	}
	byEffect := map[string][]string{}
	for p, list := range done {
		for _, e := range reduce(list) {
			byEffect[e] = append(byEffect[e], p)
		}
	}
	var out []LearnedRule
	for _, e := range inOrder(byEffect) {
		paths := slices.DeleteFunc(byEffect[e], func(p string) bool { return allowedBy(out, e, p) })
		slices.Sort(paths)
		for _, line := range l.lines(l.generalise(e, paths)) {
			out = append(out, l.pathRule(e, line, paths, counts))
		}
	}
	slices.SortStableFunc(out, func(a, b LearnedRule) int { return cmp.Compare(a.Rule.Targets[0].Name, b.Rule.Targets[0].Name) })
	return out
}

// inOrder returns effects so that those that cover others come first.
func inOrder(byEffect map[string][]string) []string {
	return slices.SortedFunc(maps.Keys(byEffect), func(a, b string) int {
		return cmp.Or(cmp.Compare(effectByName(a).under, effectByName(b).under), cmp.Compare(a, b))
	})
}

// allowedBy reports whether one of some learnt rules allows an effect on a path.
func allowedBy(rules []LearnedRule, effect, path string) bool {
	return slices.ContainsFunc(rules, func(r LearnedRule) bool {
		return covers(r.Rule.Targets[0].Name, effect) &&
			slices.ContainsFunc(r.patterns, func(p pathPattern) bool { return p.matches(path) })
	})
}

// lines splits patterns into rules that can be read: by places, where one line
// would be long, and what is protected apart from all else.
func (l *learner) lines(patterns []string) [][]string {
	const width = 90
	var secret, rest []string
	for _, s := range patterns {
		if l.secret(s) {
			secret = append(secret, s)
		} else {
			rest = append(rest, s)
		}
	}
	return append(pack(places(rest, width), width), pack(places(secret, width), width)...)
}

// places puts patterns of one place together, up to a width.
func places(patterns []string, width int) [][]string {
	var out [][]string
	length := 0
	for i, s := range patterns {
		if i == 0 || place(s) != place(patterns[i-1]) || length+len(s) > width {
			out, length = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], s)
		length += len(s) + 1
	}
	return out
}

// pack joins neighbours while a line is no longer than width.
func pack(groups [][]string, width int) [][]string {
	var out [][]string
	length := 0
	for i, g := range groups {
		n := len(strings.Join(g, " ")) + 1
		if i == 0 || length+n > width {
			out, length = append(out, nil), 0
		}
		out[len(out)-1] = append(out[len(out)-1], g...)
		length += n
	}
	return out
}

// place is the beginning of a pattern, for putting together what belongs together.
func place(s string) string {
	s = strings.TrimPrefix(s, `"`)
	if i := strings.IndexByte(s[1:], '/'); i >= 0 {
		return s[:i+1]
	}
	return s
}

// secret reports whether a pattern is about what a reviewer should look at.
func (l *learner) secret(s string) bool {
	if o, err := strconv.Unquote(s); err == nil {
		s = o
	}
	for _, dir := range [...]string{"/proc", "/sys", "/dev"} {
		if under(s, dir) {
			return false
		}
	}
	return l.protected(inside.Replace(s))
}

func (l *learner) pathRule(effect string, patterns, paths []string, counts map[string]int) LearnedRule {
	r := l.make("allow "+effect+" "+strings.Join(patterns, " "), nil, 0)
	for i := range r.Rule.Objects {
		o := compilePath(r.Rule.Objects[i].Path, l.expand)
		r.patterns = append(r.patterns, o)
		for _, p := range paths {
			if o.matches(p) && !slices.Contains(r.Observed, p) {
				r.Observed = append(r.Observed, p)
				r.Count += counts[p]
			}
		}
	}
	slices.Sort(r.Observed)
	r.Rule.Comment.Line = seenComment(r.Count)
	if l.secret(patterns[0]) {
		r.Rule.Comment.Line += ", protected"
	}
	return r
}

// expand replaces variables as loading does.
func (l *learner) expand(s string) string {
	return expandVars(s, func(name string) string { return escape(strings.TrimSuffix(l.o.Vars[name], "/")) })
}

// reduce replaces effects by one that covers them.
func reduce(list []string) []string {
	writes := 0
	for _, e := range list {
		if covers("fs.write", e) {
			writes++
		}
	}
	var out []string
	for _, e := range list {
		switch {
		case e == "fs.stat" && slices.Contains(list, "fs.read"):
		case writes > 1 && covers("fs.write", e):
			if !slices.Contains(out, "fs.write") {
				out = append(out, "fs.write")
			}
		default:
			out = append(out, e)
		}
	}
	return out
}

// generalise turns paths into patterns.
func (l *learner) generalise(effect string, paths []string) []string {
	limit := l.o.Siblings
	switch effect {
	case "exec":
		limit *= 2 // a program more is more than a file more
	case "fs.stat":
		limit = max(2, limit/2) // and a look is less
	}
	var exact []string
	names := map[string][]string{} // directory: names in it
	for _, p := range paths {
		s := l.variable(p)
		if l.protected(s) {
			exact = append(exact, kernelName(s))
		} else if t, ok := l.temporary(s); ok {
			exact = append(exact, t)
		} else if t, ok := dated(s); ok && l.made[p] {
			exact = append(exact, t)
		} else if t, ok := replaces(s); ok && l.made[p] {
			exact = append(exact, t)
		} else if t, ok := l.passing(s, p); ok {
			exact = append(exact, t)
		} else {
			names[path.Dir(s)] = append(names[path.Dir(s)], s)
		}
	}
	wide := l.merge(effect, names, limit)
	for _, list := range names {
		for _, s := range list {
			exact = append(exact, escape(s)) // a file may be called *
		}
	}
	exact = append(exact, wide...)
	for i, s := range exact {
		exact[i] = outside(s)
	}
	slices.Sort(exact)
	return quoteAll(dropCovered(slices.Compact(exact)))
}

// merge widens directories with many names to dir/*, and those with many such
// directories below them to dir/**, and takes them out of names.
func (l *learner) merge(effect string, names map[string][]string, limit int) (patterns []string) {
	out := map[string]string{}
	wide := map[string]int{} // directory: how many below it were widened
	for dir, list := range names {
		if len(list) >= limit && l.mayWiden(effect, dir) {
			out[dir] = escape(dir) + "/*"
			delete(names, dir)
			for d := path.Dir(dir); len(d) > 1; d = path.Dir(d) {
				wide[d]++
			}
		}
	}
	for _, dir := range slices.SortedFunc(maps.Keys(wide), func(a, b string) int { return cmp.Compare(len(b), len(a)) }) {
		if wide[dir] < limit || !l.mayWiden(effect, dir) {
			continue
		}
		maps.DeleteFunc(out, func(d, _ string) bool { return under(d, dir) })
		maps.DeleteFunc(names, func(d string, _ []string) bool { return under(d, dir) })
		out[dir] = escape(dir) + "/**"
	}
	return slices.Collect(maps.Values(out))
}

// mayWiden reports whether all of a directory may be granted: it must not be one
// that everything is below, nor have something protected in it.
func (l *learner) mayWiden(effect, dir string) bool {
	if l.goesOver(effect, dir) {
		return false
	}
	if strings.Count(dir, "/") < 2 && !slices.Contains([]string{"/usr", "/opt", "/lib", "/lib64", "/$CWD"}, dir) {
		return false
	}
	for _, s := range l.o.Protected {
		p := compilePath(s, inside.Replace)
		static := strings.TrimSuffix(p.static, "/")
		deep := strings.Contains(p.pattern, "**")
		if under(static, dir) || deep && under(dir, static) {
			return false
		}
	}
	return true
}

func (l *learner) protected(s string) bool {
	for _, pattern := range l.o.Protected {
		p := compilePath(pattern, inside.Replace)
		if p.matches(s) {
			return true
		}
	}
	return false
}

// variable writes /$CWD or /$HOME for the beginning of a path.
func (l *learner) variable(p string) string {
	for _, name := range [...]string{"CWD", "HOME"} {
		if v := l.o.Vars[name]; len(v) > 1 && under(p, v) {
			return "/$" + name + p[len(v):]
		}
	}
	return p
}

// While paths are generalised, ${NAME} at their beginning is written /$NAME: a
// directory like any other.
var inside = strings.NewReplacer("${HOME}", "/$HOME", "${CWD}", "/$CWD")

// outside writes it as rules have it again.
func outside(s string) string {
	for _, name := range [...]string{"HOME", "CWD"} {
		if under(s, "/$"+name) {
			return "${" + name + "}" + s[len("/$"+name):]
		}
	}
	return s
}

// kernelName writes a name that the kernel gives with what is another one
// elsewhere left open: /proc/12/stat is /proc/*/stat, and a file of a control group
// that of any, as where a program is put is not its choice.
func kernelName(s string) string {
	if rest, ok := strings.CutPrefix(s, "/sys/fs/cgroup/"); ok && strings.Contains(rest, "/") {
		return "/sys/fs/cgroup/**/" + escape(path.Base(rest))
	}
	rest, ok := strings.CutPrefix(s, "/proc/")
	if !ok {
		return escape(s)
	}
	first, tail, _ := strings.Cut(rest, "/")
	if _, err := strconv.Atoi(first); err != nil {
		return escape(s)
	}
	return strings.TrimSuffix("/proc/*/"+escape(tail), "/")
}

// dropCovered removes patterns that another one covers.
func dropCovered(list []string) []string {
	patterns := make([]pathPattern, len(list))
	for i, s := range list {
		patterns[i] = compilePath(s, ident)
	}
	var out []string
	for i := range list {
		covered := false
		for k := range list {
			covered = covered || k != i && patterns[k].covers(&patterns[i])
		}
		if !covered {
			out = append(out, list[i])
		}
	}
	return out
}

func quoteAll(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		o := Object{Path: s}
		out[i] = o.text()
	}
	return out
}
