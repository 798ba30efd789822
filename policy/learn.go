package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"strait/syscalls"
)

// LearnOptions say how far Learn may go beyond what it saw. The zero value is a
// cautious policy upon std/runtime.
type LearnOptions struct {
	Options
	Include []string // policies to start from; nil: std/runtime. What they allow is not learnt
	// Siblings is how many names in a directory become "all names there"; 0: 4.
	Siblings int
	// Protected are patterns below which nothing is widened; nil: Protected().
	Protected []string
}

// Protected are the places where a name must stand for itself: whoever may read
// one file there must not be given the others.
func Protected() []string {
	return []string{
		"${HOME}/.ssh/**", "${HOME}/.gnupg/**", "${HOME}/.aws/**", "${HOME}/.kube/**", "${HOME}/.netrc", "${HOME}/.config/**",
		"${HOME}/.*history", "${HOME}/.password-store/**", "${HOME}/.docker/**", "${HOME}/.mozilla/**", "/root/**",
		"/etc/shadow*", "/etc/gshadow*", "/etc/sudoers*", "/etc/ssh/**", "/etc/ssl/private/**", "/boot/**", "/dev/**", "/proc/**", "/sys/**",
	}
}

// Learned is a policy and what it rests on.
type Learned struct {
	File   *File
	Policy *Policy
	Rules  []LearnedRule
	// Failed are observations that the policy does not pass: there should be none.
	Failed []Observation
	// Unknown are those of which an object could not be read: no rule can name it.
	Unknown []Observation
}

// A LearnedRule is a rule with what it was made of.
type LearnedRule struct {
	Rule     *Rule
	Observed []string // objects, or calls
	Count    int      // how often the calls were made
}

// Learn writes the smallest policy that allows all observed calls, and replays
// them through Decide and through the filter to prove that it does.
func Learn(obs []Observation, o LearnOptions) (*Learned, error) {
	if o.Siblings == 0 {
		o.Siblings = 4
	}
	if o.Include == nil {
		o.Include = []string{"std/runtime"}
	}
	if o.Protected == nil {
		o.Protected = Protected()
	}
	deny := Action{Deny, eperm}
	f := &File{Name: "learned", Default: &deny}
	for _, name := range o.Include {
		f.Include = append(f.Include, Include{Name: name})
	}
	base, err := New(f, o.Options)
	if err != nil {
		return nil, err
	}
	l := &learner{o: &o, base: Decider{Policy: base}, out: &Learned{File: f}}
	if err := l.profiles(obs); err != nil {
		return nil, err
	}
	return l.out, l.prove(obs)
}

type learner struct {
	o     *LearnOptions
	base  Decider
	out   *Learned
	paths map[string]map[string]int // effect, path: count
	nets  map[netKey]int
	plain map[string]int            // effects without objects
	calls map[string]map[uint64]int // call, selector: count
}

type netKey struct {
	effect string
	addr   Address
}

func (l *learner) profiles(obs []Observation) error {
	var names []string
	for i := range obs {
		name := cmp.Or(obs[i].Profile, "main")
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int { return cmp.Compare(btoi(a != "main"), btoi(b != "main")) })
	for _, name := range names {
		l.paths, l.nets = map[string]map[string]int{}, map[netKey]int{}
		l.plain, l.calls = map[string]int{}, map[string]map[uint64]int{}
		for i := range obs {
			if cmp.Or(obs[i].Profile, "main") != name {
				continue
			}
			if err := l.collect(&obs[i]); err != nil {
				return err
			}
		}
		p := &Profile{Name: name}
		l.out.File.Profiles = append(l.out.File.Profiles, p)
		for _, r := range l.rules() {
			p.Rules = append(p.Rules, r.Rule)
			l.out.Rules = append(l.out.Rules, r)
		}
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// collect takes what an observation needs beyond the base.
func (l *learner) collect(o *Observation) error {
	ev, err := o.event()
	if err != nil {
		return err
	}
	pairs := o.Pairs
	if len(pairs) == 0 {
		pairs = []Pair{{Known: true}}
	}
	for i := range pairs {
		p := &pairs[i]
		one := *o
		one.Pairs = pairs[i : i+1]
		v, err := l.base.Replay(&one)
		if err != nil {
			return err
		}
		if v.Action.Kind.runs() {
			continue
		}
		l.pair(o, ev, p)
	}
	return nil
}

func (l *learner) pair(o *Observation, ev *syscalls.Event, p *Pair) {
	switch kind := objectOf(p.Effect); {
	case p.Effect == "" && isIOUring(o.Call):
		allow := Action{}
		l.out.File.ABI.IOUring = &allow
		l.call(o, ev)
	case p.Effect == "":
		l.call(o, ev)
	case kind == noObject:
		l.plain[p.Effect] += o.Count
	case kind == pidObject:
		object := ""
		if p.Self {
			object = " self"
		}
		l.plain[p.Effect+object] += o.Count
	case !p.Known:
		l.out.Unknown = append(l.out.Unknown, *o)
	case kind == pathObject:
		if l.paths[p.Effect] == nil {
			l.paths[p.Effect] = map[string]int{}
		}
		l.paths[p.Effect][p.Path] += o.Count
	case kind == netObject:
		l.nets[netKey{p.Effect, p.Addr}] += o.Count
	}
}

// selectors are calls that are many in one; the argument says which.
var selectors = [...]struct{ call, arg string }{
	{"ioctl", "op"}, {"prctl", "option"}, {"fcntl", "op"}, {"setsockopt", "optname"}, {"bpf", "cmd"}, {"keyctl", "operation"}, {"seccomp", "operation"},
}

func selectorOf(call string) string {
	for _, s := range selectors {
		if s.call == call {
			return s.arg
		}
	}
	return ""
}

func (l *learner) call(o *Observation, ev *syscalls.Event) {
	if l.calls[o.Call] == nil {
		l.calls[o.Call] = map[uint64]int{}
	}
	v := uint64(0)
	if arg := selectorOf(o.Call); arg != "" {
		v = argByName(ev, arg)
	}
	l.calls[o.Call][v] += o.Count
}

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
	r.Comment.Line = fmt.Sprintf("# seen %d×", count)
	return LearnedRule{r, observed, count}
}

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

// prove replays everything.
func (l *learner) prove(obs []Observation) error {
	p, err := New(l.out.File, l.o.Options)
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	l.out.Policy = p
	prog, err := p.Compile(CompileOptions{})
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	d := Decider{Policy: p}
	for i := range obs {
		v, err := d.Replay(&obs[i])
		if err != nil {
			return err
		}
		ev, _ := obs[i].event()
		if !v.Action.Kind.runs() || !prog.lets(ev) {
			l.out.Failed = append(l.out.Failed, obs[i])
		}
	}
	return nil
}
