package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"strait/syscalls"
)

// LearnOptions say how far Learn may go beyond what it saw. The zero value is a
// cautious policy upon std/runtime.
type LearnOptions struct {
	Options
	// Base is a policy to go on from: what it allows is not learnt, what a rule of
	// it denies stays denied, and learnt rules come behind its own. nil: a new one
	// that denies by default.
	Base    *File
	Include []string // of a new policy; nil: std/runtime
	// Siblings is how many names in a directory become "all names there"; 0: 4.
	// Negative: nothing is widened.
	Siblings int
	// Protected are patterns below which nothing is widened; nil: Protected(). Nor
	// is anything widened over what an included rule denies or asks about.
	Protected []string
}

// Protected are the places where a name must stand for itself: whoever may read
// one file there must not be given the others.
func Protected() []string {
	return []string{
		"${HOME}/.ssh/**", "${HOME}/.gnupg/**", "${HOME}/.aws/**", "${HOME}/.kube/**", "${HOME}/.netrc", "${HOME}/.npmrc", "${HOME}/.pypirc", "${HOME}/.git-credentials", "${HOME}/.config/**",
		"${HOME}/.*history", "${HOME}/.password-store/**", "${HOME}/.docker/**", "${HOME}/.mozilla/**", "/root/**",
		"/etc/shadow*", "/etc/gshadow*", "/etc/sudoers*", "/etc/ssh/**", "/etc/ssl/private/**", "/boot/**", "/dev/**", "/proc/**", "/sys/**",
	}
}

// Learned is a policy and what it rests on.
type Learned struct {
	File   *File
	Policy *Policy
	Rules  []LearnedRule
	// Refused are observations that a rule of the base denies or asks about: they
	// are not learnt.
	Refused []Observation
	// Failed are other observations that the policy does not pass: there should be
	// none.
	Failed []Observation
	// Unknown are those of which an object could not be read: no rule can name it.
	Unknown []Observation
}

// A LearnedRule is a rule with what it was made of.
type LearnedRule struct {
	Rule     *Rule
	Profile  string
	Observed []string // objects, or calls
	Count    int      // how often the calls were made

	patterns []pathPattern
}

// Learn writes the smallest policy that allows all observed calls, and replays
// them through Decide and through the filter to prove that it does.
func Learn(obs []Observation, o LearnOptions) (*Learned, error) {
	switch {
	case o.Siblings == 0:
		o.Siblings = 4
	case o.Siblings < 0:
		o.Siblings = 1 << 30
	}
	if o.Include == nil {
		o.Include = []string{"std/runtime"}
	}
	if o.Protected == nil {
		o.Protected = Protected()
	}
	l := &learner{o: &o, out: &Learned{File: o.base()}}
	if err := l.settle(obs); err != nil {
		return nil, err
	}
	if err := l.profiles(obs); err != nil {
		return nil, err
	}
	return l.out, l.prove(obs)
}

// base returns the file that rules are added to.
func (o *LearnOptions) base() *File {
	if o.Base != nil {
		f := *o.Base
		f.Profiles = nil
		for _, p := range o.Base.Profiles {
			q := *p
			q.Rules = slices.Clone(p.Rules)
			f.Profiles = append(f.Profiles, &q)
		}
		return &f
	}
	deny := Action{Deny, eperm}
	f := &File{Name: "learned", Default: &deny}
	for _, name := range o.Include {
		f.Include = append(f.Include, Include{Name: name})
	}
	return f
}

type learner struct {
	o       *LearnOptions
	base    Decider
	behind  []*rule // denials that what is learnt must not go over
	out     *Learned
	paths   map[string]map[string]int // effect, path: count
	nets    map[netKey]int
	plain   map[string]int // effects without objects
	calls   map[string]map[selection]int
	made    map[string]bool // paths that the program has made
	signals map[int]int     // sent to other processes
}

type netKey struct {
	effect string
	addr   Address
}

// settle makes the policy to go on from. The ABIs that were used, and io_uring,
// the file must allow as a whole: no rule can.
func (l *learner) settle(obs []Observation) error {
	p, err := New(l.out.File, l.o.Options)
	if err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	for i := range obs {
		ev, err := obs[i].event()
		if err != nil {
			return err
		}
		abi := &l.out.File.ABI
		switch v, done := p.beforeRules(ev.ABI, ev.Call); {
		case !done || v.Action.Kind.runs():
		case v.Why == "io_uring" && abi.IOUring == nil:
			abi.IOUring = &Action{}
		case v.Why == "abi" && ev.ABI.ID == syscalls.X32 && abi.X32 == nil:
			abi.X32 = &Action{}
		case v.Why == "abi" && ev.ABI.ID != syscalls.X32 && abi.Compat32 == nil:
			abi.Compat32 = &Action{}
		}
	}
	if p, err = New(l.out.File, l.o.Options); err != nil {
		return fmt.Errorf("learn: %w", err)
	}
	l.base = Decider{Policy: p}
	l.behind = p.refusedBehind(l.out.File)
	return nil
}

// refusedBehind returns the rules about paths that do not simply allow, and that
// stand in included files: what is learnt comes before them, and must not go over
// them.
func (p *Policy) refusedBehind(f *File) []*rule {
	var out []*rule
	for _, prof := range p.profiles {
		own := f.Profile(prof.name)
		for _, r := range prof.rules {
			if !r.Action.Kind.runs() && len(r.objects) > 0 && (own == nil || !slices.Contains(own.Rules, r.Rule)) {
				out = append(out, r)
			}
		}
	}
	return out
}

// goesOver reports whether a pattern of all below a directory could match what a
// rule behind it refuses.
func (l *learner) goesOver(effect, dir string) bool {
	for _, r := range l.behind {
		about := slices.ContainsFunc(r.Targets, func(t Target) bool { return covers(t.Name, effect) || covers(effect, t.Name) })
		for i := range r.objects {
			if o := &r.objects[i]; about && o.Path != "" && o.path.within(l.expand(outside(dir))) {
				return true
			}
		}
	}
	return false
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
		l.plain, l.calls, l.signals = map[string]int{}, map[string]map[selection]int{}, map[int]int{}
		for i := range obs {
			if cmp.Or(obs[i].Profile, "main") != name {
				continue
			}
			if err := l.collect(&obs[i]); err != nil {
				return err
			}
		}
		l.add(name)
	}
	return nil
}

// add puts the rules of a profile into the file.
func (l *learner) add(name string) {
	p := l.out.File.Profile(name)
	if p == nil {
		p = &Profile{Name: name}
		l.out.File.Profiles = append(l.out.File.Profiles, p)
	}
	for _, r := range l.rules() {
		r.Profile = name
		p.Rules = append(p.Rules, r.Rule)
		l.out.Rules = append(l.out.Rules, r)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// each asks about the pairs of an observation one by one.
func (o *Observation) each(d *Decider, f func(one *Observation, v Verdict)) error {
	one := *o
	pairs := o.Pairs
	if len(pairs) == 0 {
		pairs = []Pair{{Known: true, Arg: -1, Dir: -1}}
	}
	for i := range pairs {
		one.Pairs = pairs[i : i+1]
		v, err := d.Replay(&one)
		if err != nil {
			return err
		}
		f(&one, v)
	}
	return nil
}

// collect takes what an observation needs beyond the base.
func (l *learner) collect(o *Observation) error {
	ev, err := o.event()
	if err != nil {
		return err
	}
	return o.each(&l.base, func(one *Observation, v Verdict) {
		switch {
		case v.Action.Kind.runs():
		case v.stays():
			l.out.Refused = append(l.out.Refused, *one)
		default:
			l.pair(one, ev, &one.Pairs[0])
		}
	})
}

// stays reports whether no rule behind the others can change a verdict.
func (v *Verdict) stays() bool { return v.Rule != nil || v.Why != "default" }

func (l *learner) pair(o *Observation, ev *syscalls.Event, p *Pair) {
	switch kind := objectOf(p.Effect); {
	case p.Effect == "":
		l.call(o, ev)
	case kind == noObject:
		l.plain[p.Effect] += o.Count
	case p.Effect == "signal" && !p.Self:
		l.signals[signalOf(ev)] += o.Count
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

// A selection is the values of those arguments of a call that say which of the
// many things it does is meant.
type selection [3]uint64

// selectors are calls that are many in one; the arguments, separated by spaces,
// say which.
var selectors = [...]struct{ call, args string }{
	{"ioctl", "op"},
	{"prctl", "op"},
	{"fcntl", "op"},
	{"setsockopt", "optname"},
	{"bpf", "cmd"},
	{"keyctl", "operation"},
	{"seccomp", "operation"},
	{"setuid", "uid"},
	{"setgid", "gid"},
	{"setreuid", "ruid euid"},
	{"setregid", "rgid egid"},
	{"setresuid", "ruid euid suid"},
	{"setresgid", "rgid egid sgid"},
	{"setfsuid", "fsuid"},
	{"setfsgid", "fsgid"},
	{"personality", "persona"},
	{"unshare", "flags"},
	{"setns", "nstype"},
	{"setrlimit", "resource"},
	{"syslog", "type"},
	{"shmctl", "op"},
	{"semctl", "op"},
	{"msgctl", "op"},
	{"reboot", "op"},
}

func selectorsOf(call string) []string {
	for _, s := range selectors {
		if s.call == call {
			return strings.Fields(s.args)
		}
	}
	return nil
}

func (l *learner) call(o *Observation, ev *syscalls.Event) {
	if l.calls[o.Call] == nil {
		l.calls[o.Call] = map[selection]int{}
	}
	var v selection
	for i, arg := range selectorsOf(o.Call) {
		v[i] = argByName(ev, arg)
	}
	l.calls[o.Call][v] += o.Count
}

// prove replays everything but what the base refuses.
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
		passes, err := l.passes(&d, prog, &obs[i])
		if err != nil {
			return err
		}
		if !passes {
			l.out.Failed = append(l.out.Failed, obs[i])
		}
	}
	return nil
}

// passes reports whether an observation passes the policy and its filter, as far
// as the base does not refuse it and its objects are known.
func (l *learner) passes(d *Decider, prog *Program, o *Observation) (bool, error) {
	ev, err := o.event()
	if err != nil {
		return false, err
	}
	expected := true
	err = o.each(&l.base, func(one *Observation, v Verdict) {
		if !v.Action.Kind.runs() && (v.stays() || !one.Pairs[0].Known) {
			expected = false
		}
	})
	passes := true
	err = cmp.Or(err, o.each(d, func(_ *Observation, v Verdict) { passes = passes && v.Action.Kind.runs() }))
	return !expected || passes && prog.lets(ev), err
}
