package policy

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

//go:embed std/*.yaml
var std embed.FS

// Options say how a policy is loaded. The zero value reads files from disk,
// replaces no variable and is for the machine that this runs on.
type Options struct {
	// Read returns the content of an included file; nil reads files.
	Read func(name string) ([]byte, error)
	// Vars replace ${HOME} and ${CWD} in patterns. One that is needed and not
	// here is an error.
	Vars map[string]string
	// Native is the machine's own ABI; empty: amd64, arm64, ... as GOARCH is.
	Native string
}

// A Policy is a file with all that it includes, ready to decide. It does not
// change any more: any number of goroutines may use it.
type Policy struct {
	File    *File
	Default Action
	ABI     struct{ Compat32, X32, IOUring Action }
	Limits  Limits

	native   *syscalls.ABI
	vars     map[string]string
	groups   map[string][]string // the files' own, expanded
	profiles []*profile
	ids      map[string]int // index in profiles
}

// A profile is a profile with what it extends and what its namesakes in included
// files say.
type profile struct {
	name   string
	rules  []*rule
	tables [syscalls.NumABI]func() *table
}

// A rule is a Rule made ready.
type rule struct {
	*Rule
	objects []Object
	calls   map[string]bool // of its groups and calls; nil: none
	any     bool
}

// Load reads a policy and what it includes. Errors in the files are Errors.
func Load(name string, o Options) (*Policy, error) {
	src, err := o.read(name)
	if err != nil {
		return nil, err
	}
	return LoadSource(name, src, o)
}

// LoadSource is Load for a caller who has read the file, which is called name.
func LoadSource(name string, src []byte, o Options) (*Policy, error) {
	f, errs := parse(name, src)
	if f == nil {
		return nil, errs
	}
	p, err := New(f, o)
	if len(errs) == 0 {
		return p, err
	}
	var more Errors
	if errors.As(err, &more) {
		errs = append(errs, more...)
	}
	errs.sort(name)
	return nil, errs
}

func (o *Options) read(name string) ([]byte, error) {
	if s, ok := strings.CutPrefix(name, "std/"); ok {
		b, err := std.ReadFile("std/" + s + ".yaml")
		if err != nil {
			return nil, &Error{Msg: fmt.Sprintf("no built-in policy %q", name), Hint: "there are: " + strings.Join(StdNames(), " ")}
		}
		return b, nil
	}
	read := o.Read
	if read == nil {
		read = os.ReadFile
	}
	b, err := read(name)
	if err != nil {
		return nil, fmt.Errorf("read policy: %w", err)
	}
	return b, nil
}

// StdNames returns the names of the built-in policies, for include.
func StdNames() []string {
	var names []string
	entries, _ := std.ReadDir("std")
	for _, e := range entries {
		names = append(names, "std/"+strings.TrimSuffix(e.Name(), ".yaml"))
	}
	return names
}

// New makes a policy of a file, reading what it includes.
func New(f *File, o Options) (*Policy, error) {
	l := &loader{o: o, p: &Policy{File: f, Limits: f.Limits, vars: o.Vars, groups: map[string][]string{}, ids: map[string]int{}}}
	native := o.Native
	if native == "" {
		native = runtime.GOARCH
	}
	if l.p.native = syscalls.ByName(native); l.p.native == nil {
		return nil, fmt.Errorf("load policy: no ABI %q", native)
	}
	l.file(f, nil)
	l.settle()
	l.resolve()
	if len(l.errs) > 0 {
		l.errs.sort(f.Name)
		return nil, l.errs
	}
	return l.p, nil
}

// Asks reports whether anything in the policy can be a question.
func (p *Policy) Asks() bool {
	for _, a := range []Action{p.Default, p.ABI.Compat32, p.ABI.X32, p.ABI.IOUring} {
		if a.Kind == Ask {
			return true
		}
	}
	return slices.ContainsFunc(p.profiles, func(f *profile) bool {
		return slices.ContainsFunc(f.rules, func(r *rule) bool { return r.Action.Kind == Ask })
	})
}

// HasProfile reports whether there is a profile of that name; main there always
// is.
func (p *Policy) HasProfile(name string) bool {
	_, ok := p.ids[name]
	return ok
}

type loader struct {
	o     Options
	p     *Policy
	files []*File // the file itself first
	errs  Errors
}

// file collects f and what it includes, each file once, in the order in which
// their rules count.
func (l *loader) file(f *File, chain []string) {
	l.files = append(l.files, f)
	chain = append(chain, f.Name)
	for _, in := range f.Include {
		name := in.Name
		if !strings.HasPrefix(name, "std/") && !filepath.IsAbs(name) {
			name = path.Join(path.Dir(f.Name), name)
		}
		if slices.Contains(chain, name) {
			circle := append(slices.Clone(chain[slices.Index(chain, name):]), name)
			l.errs = append(l.errs, in.Pos.errorf("take one of the includes out", "%s includes itself: %s", name, strings.Join(circle, " -> ")))
			continue
		}
		if slices.ContainsFunc(l.files, func(o *File) bool { return o.Name == name }) {
			continue
		}
		src, err := l.o.read(name)
		if err != nil {
			l.errs = append(l.errs, in.Pos.errorf("", "include %s: %v", name, err))
			continue
		}
		g, err := Parse(name, src)
		if err != nil {
			var all Errors
			if !errors.As(err, &all) {
				all = Errors{in.Pos.errorf("", "include %s: %v", name, err)}
			}
			l.errs = append(l.errs, all...)
			continue
		}
		l.file(g, chain)
	}
}

// settle takes each setting from the first file that has it.
func (l *loader) settle() {
	p := l.p
	fallback := Action{Deny, enosys}
	p.Default = Action{Deny, eperm}
	p.ABI.Compat32, p.ABI.X32, p.ABI.IOUring = fallback, fallback, fallback
	for _, f := range slices.Backward(l.files) {
		for _, s := range []struct {
			to   *Action
			from *Action
		}{{&p.Default, f.Default}, {&p.ABI.Compat32, f.ABI.Compat32}, {&p.ABI.X32, f.ABI.X32}, {&p.ABI.IOUring, f.ABI.IOUring}} {
			if s.from != nil {
				*s.to = *s.from
			}
		}
	}
}

func (l *loader) resolve() {
	l.groups()
	names := []string{"main"}
	for _, f := range l.files {
		for _, p := range f.Profiles {
			if !slices.Contains(names, p.Name) {
				names = append(names, p.Name)
			}
		}
	}
	for i, name := range names {
		l.p.ids[name] = i
		l.p.profiles = append(l.p.profiles, &profile{name: name})
	}
	ready := map[*Rule]*rule{}
	for _, p := range l.p.profiles {
		for _, r := range l.rules(p.name, nil, Pos{}) {
			if ready[r] == nil {
				ready[r] = l.rule(r)
			}
			p.rules = append(p.rules, ready[r])
		}
		l.p.prepare(p)
	}
}

// rules returns the rules of a profile, then of what it extends.
func (l *loader) rules(name string, chain []string, from Pos) []*Rule {
	if i := slices.Index(chain, name); i >= 0 {
		// The others of the circle come here too, and say the same.
		circle := append(slices.Clone(chain[i:]), name)
		teller := slices.Min(circle)
		if slices.Contains(circle, "main") {
			teller = "main"
		}
		if i == 0 && name == teller {
			l.errs = append(l.errs, from.errorf("one of them has to be without extends", "profile %s extends itself: %s", name, strings.Join(circle, " -> ")))
		}
		return nil
	}
	chain = append(chain, name)
	var out []*Rule
	var parents []*Profile
	found := name == "main"
	for _, f := range l.files {
		if p := f.Profile(name); p != nil {
			found = true
			out = append(out, p.Rules...)
			if p.Extends != "" {
				parents = append(parents, p)
			}
		}
	}
	if !found {
		l.errs = append(l.errs, from.errorf(l.nearProfile(name), "no profile %q", name))
	}
	for _, p := range parents {
		from := p.extends
		if from.Line == 0 {
			from = p.Pos
		}
		out = append(out, l.rules(p.Extends, chain, from)...)
	}
	return out
}

// rule makes one ready and checks what its file alone does not show.
func (l *loader) rule(r *Rule) *rule {
	out := &rule{Rule: r}
	for _, t := range r.Targets {
		switch t.Kind {
		case TargetAny:
			out.any = true
		case TargetCall:
			out.addCall(t.Name)
		case TargetGroup:
			calls, ok := l.group(t.Name)
			if !ok {
				at, ok := r.groups[t.Name]
				if !ok {
					at = r.Pos
				}
				l.errs = append(l.errs, at.errorf(l.nearGroup(t.Name), "no group %q", t.Name))
			}
			for _, c := range calls {
				out.addCall(c)
			}
		}
	}
	for _, o := range r.Objects {
		o.path = compilePath(o.Path, func(s string) string { return l.expand(s, r) })
		if o.Proto == "unix" && o.Net != "" {
			o.net.unix = l.expand(o.Net, r)
		} else if o.Net != "" {
			_ = o.net.parse(&o) // parsed before, unless the policy was built in code
		}
		out.objects = append(out.objects, o)
	}
	if r.Then != "" && !l.hasProfile(r.Then) {
		at := r.then
		if at.Line == 0 {
			at = r.Pos
		}
		l.errs = append(l.errs, at.errorf(l.nearProfile(r.Then), "no profile %q", r.Then))
	}
	l.where(out)
	return out
}

func (r *rule) addCall(name string) {
	if r.calls == nil {
		r.calls = map[string]bool{}
	}
	r.calls[name] = true
}

func (l *loader) hasProfile(name string) bool {
	return slices.ContainsFunc(l.p.profiles, func(p *profile) bool { return p.name == name })
}

func (l *loader) nearGroup(name string) string {
	near := match.Nearest(name, func(yield func(string) bool) {
		for g := range Groups {
			if !yield(g) {
				return
			}
		}
		for g := range l.p.groups {
			if !yield(g) {
				return
			}
		}
	})
	if near == "" || name == "@" {
		return "strait policy list has them"
	}
	return "did you mean " + near + "?"
}

func (l *loader) nearProfile(name string) string {
	var names []string
	for _, f := range l.files {
		for _, p := range f.Profiles {
			names = append(names, p.Name)
		}
	}
	if near := match.Nearest(name, slices.Values(names)); near != "" {
		return "did you mean " + near + "?"
	}
	return "there are: " + strings.Join(slices.Compact(names), " ")
}

// expand replaces variables by their values, in which nothing is magic.
func (l *loader) expand(s string, r *Rule) string {
	return expandVars(s, func(name string) string {
		v, ok := l.p.vars[name]
		if !ok {
			l.errs = append(l.errs, r.Pos.errorf("", "${%s} is not known here", name))
		}
		return escape(strings.TrimSuffix(v, "/"))
	})
}

// expandVars replaces each ${NAME} in s.
func expandVars(s string, value func(name string) string) string {
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "${")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		name, after, ok := strings.Cut(rest, "}")
		if !ok {
			b.WriteString("${" + rest)
			return b.String()
		}
		b.WriteString(value(name))
		s = after
	}
}

// groups expands the groups of the files.
func (l *loader) groups() {
	for _, f := range l.files {
		for _, g := range f.Groups {
			if _, ok := l.p.groups[g.Name]; ok || GroupCalls(g.Name) != nil {
				l.errs = append(l.errs, g.Pos.errorf("", "group %s is there already", g.Name))
			}
			l.p.groups[g.Name] = nil
		}
	}
	for _, f := range l.files {
		for _, g := range f.Groups {
			l.p.groups[g.Name] = l.expandGroup(g, nil)
		}
	}
}

func (l *loader) expandGroup(g Group, chain []string) []string {
	if slices.Contains(chain, g.Name) {
		l.errs = append(l.errs, g.Pos.errorf("", "group %s contains itself", g.Name))
		return nil
	}
	chain = append(chain, g.Name)
	var out []string
	for _, m := range g.Members {
		switch calls := GroupCalls(m); {
		case m[0] != '@':
			out = append(out, m)
		case calls != nil:
			out = append(out, calls...)
		default:
			inner, ok := l.ownGroup(m)
			if !ok {
				l.errs = append(l.errs, g.Pos.errorf(l.nearGroup(m), "no group %q", m))
				continue
			}
			out = append(out, l.expandGroup(inner, chain)...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func (l *loader) ownGroup(name string) (Group, bool) {
	for _, f := range l.files {
		for _, g := range f.Groups {
			if g.Name == name {
				return g, true
			}
		}
	}
	return Group{}, false
}

func (l *loader) group(name string) ([]string, bool) {
	if calls := GroupCalls(name); calls != nil {
		return calls, true
	}
	calls, ok := l.p.groups[name]
	return calls, ok
}
