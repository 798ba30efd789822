package policy

import (
	"encoding/binary"
	"fmt"
	"slices"

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
	key  []byte
}

// Record records a call whose pairs a Decider has returned, or counts it. It
// keeps nothing that is passed.
func (r *Recorder) Record(profile string, ev *syscalls.Event, pairs []Pair, env *match.Env) {
	r.key = appendKey(r.key[:0], profile, ev, pairs)
	if i, ok := r.at[string(r.key)]; ok {
		r.list[i].Count++
		return
	}
	r.add(Observe(profile, ev, pairs, env))
}

// Add records an observation, or counts it.
func (r *Recorder) Add(o Observation) {
	o.Count = max(1, o.Count)
	ev, err := o.event()
	if err != nil {
		r.list = append(r.list, o) // what it is, nobody knows: it is merged with nothing
		return
	}
	r.key = appendKey(r.key[:0], o.Profile, ev, o.Pairs)
	if i, ok := r.at[string(r.key)]; ok {
		r.list[i].Count += o.Count
		return
	}
	r.add(o)
}

func (r *Recorder) add(o Observation) {
	if r.at == nil {
		r.at = map[string]int{}
	}
	r.at[string(r.key)] = len(r.list)
	r.list = append(r.list, o)
}

// Observations returns what was recorded, in the order of first appearance.
func (r *Recorder) Observations() []Observation { return r.list }

// appendKey appends what rules are usually about: the call, its objects, and the
// arguments that select what it does.
func appendKey(b []byte, profile string, ev *syscalls.Event, pairs []Pair) []byte {
	b = append(append(b, profile...), 0, byte(ev.ABI.ID))
	b = binary.LittleEndian.AppendUint64(b, ev.Nr)
	for i := range pairs {
		p := &pairs[i]
		b = append(append(b, p.Effect...), 0)
		b = append(append(b, p.Path...), 0)
		b = append(append(b, p.Addr.Proto...), 0)
		b = append(append(b, p.Addr.Path...), 0)
		b, _ = p.Addr.Host.AppendBinary(b)
		b = binary.LittleEndian.AppendUint16(b, p.Addr.Port)
		b = append(b, btob(p.Known), btob(p.Self))
	}
	if ev.Call == nil {
		return b
	}
	selecting := selectorsOf(ev.Call.Name)
	for i := range ev.Call.Args {
		if ev.ABI.ArgTable(ev.Call, i) != nil || slices.Contains(selecting, ev.Call.Args[i].Name) {
			b = binary.LittleEndian.AppendUint64(b, ev.Arg(i))
		}
	}
	return b
}

func btob(b bool) byte {
	if b {
		return 1
	}
	return 0
}
