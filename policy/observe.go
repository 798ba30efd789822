package policy

import (
	"fmt"
	"slices"
	"strings"

	"strait/internal/match"
	"strait/syscalls"
)

// An Observation is a call as a policy sees it. Learn, Minimise, Diff and Why
// work on observations; they can be saved as JSON. Conditions on memory cannot
// be replayed: what they look at is not kept.
type Observation struct {
	Profile string    `json:"profile,omitempty"`
	ABI     string    `json:"abi"`
	Call    string    `json:"call"`
	Args    [6]uint64 `json:"args"`
	Pairs   []Pair    `json:"pairs,omitempty"`
	Comm    string    `json:"comm,omitempty"`
	Exe     string    `json:"exe,omitempty"`
	Count   int       `json:"count"`
}

// Observe makes an observation of a call whose pairs a Decider has returned.
func Observe(profile string, ev *syscalls.Event, pairs []Pair, env *match.Env) Observation {
	o := Observation{Profile: profile, ABI: ev.ABI.Name, Call: callName(ev), Args: ev.Args, Pairs: slices.Clone(pairs), Count: 1}
	if env != nil {
		o.Comm, o.Exe = env.Comm, env.Exe
	}
	return o
}

func callName(ev *syscalls.Event) string {
	if c := ev.ABI.Call(ev.Nr); c != nil {
		return c.Name
	}
	return fmt.Sprintf("syscall_%#x", ev.Nr)
}

// event is the call again, as far as it was kept.
func (o *Observation) event() (*syscalls.Event, error) {
	abi := syscalls.ByName(o.ABI)
	if abi == nil {
		return nil, fmt.Errorf("replay %s: no ABI %q", o.Call, o.ABI)
	}
	nr, ok := abi.Number(o.Call)
	if !ok {
		return nil, fmt.Errorf("replay: %s has no call %q", o.ABI, o.Call)
	}
	return &syscalls.Event{ABI: abi, Nr: nr, Call: abi.Call(nr), Args: o.Args}, nil
}

// Replay decides an observed call, under its own profile.
func (d *Decider) Replay(o *Observation) (Verdict, error) {
	ev, err := o.event()
	if err != nil {
		return Verdict{}, err
	}
	profile := o.Profile
	if _, ok := d.Policy.ids[profile]; !ok {
		profile = "main"
	}
	pairs := o.Pairs
	if len(pairs) == 0 {
		pairs = []Pair{{Known: true, Arg: -1, Dir: -1}}
	}
	env := d.Env
	d.Env = &match.Env{Comm: o.Comm, Exe: o.Exe}
	v := d.DecidePairs(profile, ev, pairs)
	d.Env = env
	return v, nil
}

// A Recorder merges observations that a policy could not tell apart, over any
// number of runs. The zero value is ready.
type Recorder struct {
	list []Observation
	at   map[string]int
}

// Add records an observation, or counts it.
func (r *Recorder) Add(o Observation) {
	if r.at == nil {
		r.at = map[string]int{}
	}
	k := o.key()
	if i, ok := r.at[k]; ok {
		r.list[i].Count += max(1, o.Count)
		return
	}
	o.Count = max(1, o.Count)
	r.at[k] = len(r.list)
	r.list = append(r.list, o)
}

// Observations returns what was recorded, in the order of first appearance.
func (r *Recorder) Observations() []Observation { return r.list }

// key holds what rules are usually about: the call, its objects, and the
// arguments that select what it does.
func (o *Observation) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s %s %s", o.Profile, o.ABI, o.Call, o.Comm)
	for i := range o.Pairs {
		p := &o.Pairs[i]
		fmt.Fprintf(&b, "|%s %s %v", p.Effect, p.Object(), p.Known)
	}
	if ev, err := o.event(); err == nil {
		for i := range ev.Call.Args {
			if ev.ABI.ArgTable(ev.Call, i) != nil {
				fmt.Fprintf(&b, "|%d=%x", i, ev.Arg(i))
			}
		}
	}
	return b.String()
}
