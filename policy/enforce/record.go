package enforce

import (
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"strait/policy"
	"strait/syscalls"
)

// A Record is a decision, as the audit log has it: one JSON object a line.
type Record struct {
	Time    time.Time     `json:"time"`
	TID     int           `json:"tid"`
	PID     int           `json:"pid"`
	Comm    string        `json:"comm,omitempty"`
	Exe     string        `json:"exe,omitempty"`
	Profile string        `json:"profile"`
	ABI     string        `json:"abi,omitempty"`
	Call    string        `json:"call"`
	Rule    string        `json:"rule,omitempty"` // as it is written; none: see Why
	At      string        `json:"at,omitempty"`   // file:line:column of the rule
	Why     string        `json:"why,omitempty"`  // when no rule decided, or what is to be said besides
	Effect  string        `json:"effect,omitempty"`
	Object  string        `json:"object,omitempty"`
	Decided string        `json:"decision"`             // allow, deny(EPERM), ...
	By      string        `json:"by"`                   // kernel, performed, tracer, checked
	Asked   bool          `json:"asked,omitempty"`      // an answer decided
	Unread  bool          `json:"unread,omitempty"`     // what decides could not be read
	Passed  bool          `json:"permissive,omitempty"` // it was allowed all the same
	Warning string        `json:"warning,omitempty"`    // what was allowed does less than the program expects
	Latency time.Duration `json:"latency_ns"`           // from the call to the decision
}

// An outlet hands out what was decided: records one at a time, and counts.
type outlet struct {
	o  *Options
	mu sync.Mutex

	denied, killed, asked, allowed atomic.Int64
}

// warn tells of a call that is allowed and will not do what the program expects.
func (out *outlet) warn(t *task, ev *syscalls.Event, v *policy.Verdict, warning string) {
	if out.o.Audit == nil {
		return
	}
	r := out.record(t, ev, v, v.Action)
	r.Warning = warning
	out.mu.Lock()
	defer out.mu.Unlock()
	out.o.Audit(r)
}

// decided tells of a decision that was made by a verdict, or by an answer.
func (out *outlet) decided(t *task, ev *syscalls.Event, v *policy.Verdict, answered *policy.Action, began time.Time) {
	act := v.Action
	if answered != nil {
		act = *answered
	}
	out.count(act.Kind)
	plain := act.Kind == policy.Allow && answered == nil
	if out.o.Audit == nil || plain && !out.o.AuditAll {
		return
	}
	r := out.record(t, ev, v, act)
	r.Asked, r.Latency = answered != nil, r.Time.Sub(began)
	out.mu.Lock()
	defer out.mu.Unlock()
	out.o.Audit(r)
}

// record makes the record of an action.
func (out *outlet) record(t *task, ev *syscalls.Event, v *policy.Verdict, act policy.Action) *Record {
	profile, env := t.under()
	r := &Record{
		Time: time.Now(), TID: t.tid, PID: t.pid, Comm: env.Comm, Exe: env.Exe, Profile: profile,
		ABI: ev.ABI.Name, Call: callName(ev), Why: v.Why,
		Effect: v.Pair.Effect, Object: v.Pair.Object(),
		Decided: act.String(), By: v.Level.String(),
		Unread: v.Unread,
		Passed: out.o.Permissive && !runs(act.Kind),
	}
	if v.Pair.Held {
		r.Effect = "" // rules about fs.stat were not asked
		r.Why = strings.TrimPrefix(r.Why+"; of an open descriptor, which rules about fstat decide", "; ")
	}
	if v.Rule != nil {
		r.Rule, r.At = v.Rule.String(), v.Rule.Pos.String()
	}
	return r
}

func (out *outlet) count(k policy.ActionKind) {
	switch k {
	case policy.Deny, policy.Return:
		out.denied.Add(1)
	case policy.Kill:
		out.killed.Add(1)
	default:
		out.allowed.Add(1)
	}
}

// observed tells of a call that was judged.
func (out *outlet) observed(ev *syscalls.Event, pairs []policy.Pair, v policy.Verdict) {
	if out.o.Observe == nil {
		return
	}
	out.mu.Lock()
	defer out.mu.Unlock()
	out.o.Observe(ev, pairs, v)
}

func callName(ev *syscalls.Event) string {
	if c := ev.ABI.Call(ev.Nr); c != nil {
		return c.Name
	}
	return "syscall"
}

// runs reports whether a call is made.
func runs(k policy.ActionKind) bool { return k == policy.Allow || k == policy.Log }
