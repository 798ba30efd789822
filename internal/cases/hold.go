package cases

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"strait/internal/golden"
	"strait/internal/print"
	"strait/internal/tracefile"
	"strait/policy"
	"strait/policy/enforce"
	"strait/syscalls"
)

// hold runs the program under its policy: every call is judged, and with enforce:
// what the policy does not allow is not done.
func (r *running) hold(ctx context.Context) error {
	x := &r.t.c.Expect
	h := &holder{r: r, chk: &check{pos: x.PolPos, what: "policy " + x.Policy}}
	r.rec.checks = append(r.rec.checks, h.chk)
	e, err := enforce.New(enforce.Options{Policy: r.pol, Permissive: !x.Enforce, Observe: h.observe, Watch: r.rec.handle})
	if err != nil {
		return err
	}
	p, err := e.Start(r.cmd)
	if err != nil {
		return r.notStarted(err)
	}
	r.rec.main = p.PID()
	res, err := e.Run(ctx)
	if res != nil && res.ExecError != nil {
		err = errors.Join(r.notStarted(res.ExecError), err)
	}
	return err
}

// A holder keeps what a policy did not allow.
type holder struct {
	r    *running
	chk  *check
	text print.Text
}

// observe sees every call that is judged. An enforcer that is permissive calls it
// on the goroutine of the recorder, right before that sees the entry of the call;
// else several goroutines do, one at a time.
func (h *holder) observe(ev *syscalls.Event, pairs []policy.Pair, v policy.Verdict) {
	permissive := !h.r.t.c.Expect.Enforce
	var bad *violation
	if k := v.Action.Kind; k != policy.Allow && k != policy.Log {
		bad = h.violation(ev, &v)
	}
	switch {
	case permissive:
		h.r.rec.judged(ev, pairs, h.chk, bad)
	case bad != nil:
		h.chk.note(*bad)
	}
}

func (h *holder) violation(ev *syscalls.Event, v *policy.Verdict) *violation {
	name := "?"
	if b, err := os.ReadFile("/proc/" + strconv.Itoa(ev.TID) + "/comm"); err == nil {
		name = strings.TrimSpace(string(b))
	}
	own := h.r.rec.own
	out := &violation{text: own.Replace(name + ": " + tracefile.Normalise(string(h.text.AppendEnter(nil, ev))) + ")")}
	if v.Pair.Effect != "" {
		out.text += ": " + own.Replace(v.Pair.Effect+" "+v.Pair.Object())
	}
	switch {
	case v.Rule != nil:
		out.lines = append(out.lines, fmt.Sprintf("%s: %s", v.Rule.Pos, v.Rule))
	case v.Why == "default":
		out.lines = append(out.lines, fmt.Sprintf("no rule is about it, and the default is %s", v.Action))
	default:
		out.lines = append(out.lines, fmt.Sprintf("%s: %s", v.Why, v.Action))
	}
	if v.Action.Kind == policy.Ask {
		out.lines = append(out.lines, "nobody answers in a test: an ask is a failure")
	}
	pair := v.Pair
	pair.Path = own.Replace(pair.Path)
	for _, rule := range golden.Rules(&golden.Line{Pairs: []policy.Pair{pair}, Call: callName(ev)}) {
		out.lines = append(out.lines, "a policy would allow it by: "+rule)
	}
	return out
}

func callName(ev *syscalls.Event) string {
	if c := ev.ABI.Call(ev.Nr); c != nil {
		return c.Name
	}
	return ""
}

// judged takes what an enforcer found out about a call whose entry comes next.
func (r *recorder) judged(ev *syscalls.Event, pairs []policy.Pair, chk *check, bad *violation) {
	r.seen = sight{tid: ev.TID, pairs: append(r.seen.pairs[:0], pairs...), chk: chk, bad: bad}
}

// A sight is what an enforcer has found out about the call that a task enters.
type sight struct {
	tid   int
	pairs []policy.Pair
	chk   *check
	bad   *violation
}

// take returns what was found out about the call of a task, once.
func (s *sight) take(tid int) (*sight, bool) {
	ok := s.tid == tid && tid != 0
	s.tid = 0
	return s, ok
}

// limits takes over those of the policy that the case does not say itself.
func (r *running) limits() {
	if r.pol == nil {
		return
	}
	l, c := &r.pol.Limits, &r.cmd.Limits
	if c.CPU == 0 {
		c.CPU = l.CPU
	}
	if c.Memory == 0 {
		c.Memory = uint64(l.Memory)
	}
	if c.Procs == 0 {
		c.Procs = uint64(l.Procs)
	}
	if l.Wall > 0 {
		r.t.timeout = min(r.t.timeout, l.Wall)
	}
}
