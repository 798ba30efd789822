package cases

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"strait/policy"
	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// signalNumber is the number of a signal by its name, 0 if there is none.
func signalNumber(name string) int { return int(unix.SignalNum(name)) }

// parse reads what stands behind never: or must: as a policy's rule that denies
// it. ./x is ${CWD}/x.
func (r *Rule) parse() (*policy.Rule, error) {
	text := fromHere(r.Text)
	rule, err := policy.ParseRule("deny(EPERM) " + text)
	if err != nil {
		var other error
		if rule, other = policy.ParseRule("deny(EPERM) " + programs(text)); other != nil {
			return nil, placeless(err)
		}
	}
	if rule.Then != "" {
		return nil, errors.New("-> is for policies: a program is the same in all")
	}
	return rule, nil
}

// placeless is an error of the language of policies without its place, which is in a line
// that nobody wrote.
func placeless(err error) error {
	var one *policy.Error
	if errors.As(err, &one) {
		return &policy.Error{Msg: one.Msg, Hint: one.Hint}
	}
	if all := policy.Errors(nil); errors.As(err, &all) && len(all) > 0 {
		return placeless(all[0])
	}
	return err
}

// programs makes patterns of the names of programs behind exec.
func programs(s string) string {
	fields := strings.Fields(s)
	if len(fields) == 0 || fields[0] != "exec" {
		return s
	}
	for i, f := range fields[1:] {
		if f == "where" {
			break
		}
		if !strings.ContainsAny(f, "/$") {
			fields[i+1] = "/**/" + f
		}
	}
	return strings.Join(fields, " ")
}

// Check says what is wrong with a rule.
func (r *Rule) Check() error {
	rule, err := r.parse()
	if err == nil {
		_, err = newPolicy([]*policy.Rule{rule}, map[string]string{"CWD": "/", "HOME": "/"})
	}
	return placeless(err)
}

// NewOnly makes an Only of one of the words writes, reads, execs and connects.
func NewOnly(word string, objects []string) Only {
	return Only{Word: word, Effects: onlyEffects[word], Objects: objects}
}

// Check says what is wrong with an Only.
func (o *Only) Check() error {
	rules, err := o.rules()
	if err == nil {
		_, err = newPolicy(rules, map[string]string{"CWD": "/", "HOME": "/"})
	}
	return placeless(err)
}

// Check says what is wrong with a count.
func (c *Count) Check() error {
	_, err := newCounter(c)
	return err
}

// fromHere puts ${CWD}/ in the place of ./ at the start of words.
func fromHere(s string) string {
	fields := strings.Fields(s)
	for i, f := range fields {
		if rest, ok := strings.CutPrefix(f, "./"); ok {
			fields[i] = "${CWD}/" + rest
		}
	}
	return strings.Join(fields, " ")
}

// rules are those that deny all objects but the ones that are listed.
func (o *Only) rules() ([]*policy.Rule, error) {
	var out []*policy.Rule
	add := func(s string) error {
		r, err := policy.ParseRule(s)
		if err == nil {
			out = append(out, r)
		}
		return err
	}
	effects := strings.Join(o.Effects, " ")
	for _, obj := range o.Objects {
		obj = fromHere(obj)
		if o.Word == "execs" && !strings.ContainsAny(obj, "/$") {
			obj = "/**/" + obj
		}
		if err := add("allow " + effects + " " + obj); err != nil {
			return nil, err
		}
	}
	if o.Word == "writes" { // where what is written is lost
		if err := add("allow " + effects + " /dev/null /dev/tty /dev/full"); err != nil {
			return nil, err
		}
	}
	return out, add("deny(EPERM) " + effects)
}

// A check is one expectation about calls, made ready.
type check struct {
	pos   policy.Pos
	what  string
	pol   *policy.Policy
	dec   policy.Decider
	must  bool
	reads bool // what the machine alone decides is not looked at
	execs bool

	hits  int
	tried int    // calls that it is to make and that failed
	errno string // how the last one did
	found []violation
}

// A violation is a call that a check forbids.
type violation struct {
	text  string
	lines []string // below it: rule, stack
}

// mostFound is how many different calls are told for one check.
const mostFound = 10

// newPolicy makes a policy of rules that allows all else.
func newPolicy(rules []*policy.Rule, vars map[string]string) (*policy.Policy, error) {
	allow := policy.Action{}
	f := &policy.File{
		Name: "case", Default: &allow, ABI: policy.ABIRules{Compat32: &allow, X32: &allow, IOUring: &allow},
		Profiles: []*policy.Profile{{Name: "main", Rules: rules}},
	}
	return policy.New(f, policy.Options{Vars: vars})
}

// checks makes the expectations ready.
func (x *Expect) checks(vars map[string]string) ([]*check, error) {
	var out []*check
	add := func(pos policy.Pos, what string, rules []*policy.Rule) (*check, error) {
		p, err := newPolicy(rules, vars)
		if err != nil {
			return nil, &Failure{pos, fmt.Sprintf("%s: %v", what, err)}
		}
		c := &check{pos: pos, what: what, pol: p, dec: policy.Decider{Policy: p}}
		out = append(out, c)
		return c, nil
	}
	for kind, list := range [][]Rule{x.Never, x.Must} {
		for i := range list {
			rule, err := list[i].parse()
			if err != nil {
				return nil, &Failure{list[i].Pos, err.Error()}
			}
			c, err := add(list[i].Pos, [...]string{"never ", "must "}[kind]+list[i].Text, []*policy.Rule{rule})
			if err != nil {
				return nil, err
			}
			c.must = kind == 1
		}
	}
	for i := range x.Only {
		o := &x.Only[i]
		rules, err := o.rules()
		if err != nil {
			return nil, &Failure{o.Pos, err.Error()}
		}
		what := o.Word + " only " + strings.Join(o.Objects, " ")
		if len(o.Objects) == 0 {
			what = o.Word + " none"
		}
		c, err := add(o.Pos, what, rules)
		if err != nil {
			return nil, err
		}
		c.reads, c.execs = o.Word == "reads", o.Word == "execs"
	}
	return out, nil
}

// forbids says whether a check is about a call, and by which of its effects.
func (c *check) forbids(ev *syscalls.Event, pairs []policy.Pair) (policy.Pair, bool) {
	v := c.dec.DecidePairs("main", ev, pairs)
	return v.Pair, v.Action.Kind == policy.Deny && v.Rule != nil
}

// note keeps a call that is forbidden, once.
func (c *check) note(v violation) {
	c.hits++
	if len(c.found) < mostFound && !slices.ContainsFunc(c.found, func(o violation) bool { return o.text == v.text }) {
		c.found = append(c.found, v)
	}
}

// report tells what became of a check.
func (c *check) report(r *Result) {
	switch {
	case c.must && c.hits == 0 && c.tried > 0:
		r.fail(c.pos, "%s: it did not happen; failed calls: %d, the last with %s", c.what, c.tried, c.errno)
	case c.must && c.hits == 0:
		r.fail(c.pos, "%s: it did not happen", c.what)
	case !c.must && c.hits > 0:
		var b strings.Builder
		fmt.Fprintf(&b, "%s: it happened", c.what)
		for _, v := range c.found {
			b.WriteString("\n  " + v.text)
			for _, l := range v.lines {
				b.WriteString("\n    " + l)
			}
		}
		if n := c.hits - len(c.found); n > 0 {
			fmt.Fprintf(&b, "\n  and %d times more", n)
		}
		r.Failures = append(r.Failures, &Failure{c.pos, b.String()})
	}
}

// A counter counts for one Count.
type counter struct {
	*Count
	calls  map[string]bool // of a call or group
	effect string          // or of an effect; it may end in .*
	n      int64
}

func newCounter(c *Count) (*counter, error) {
	k := &counter{Count: c}
	if slices.Contains(countWords, c.What) {
		return k, nil
	}
	rule, err := policy.ParseRule("deny(EPERM) " + c.What)
	if err != nil || len(rule.Objects) > 0 || rule.Where != nil || len(rule.Targets) != 1 {
		return nil, fmt.Errorf("%q: %q is no call, @group or effect, nor one of: %s", c.Text, c.What, strings.Join(countWords, ", "))
	}
	switch t := rule.Targets[0]; t.Kind {
	case policy.TargetEffect:
		k.effect = t.Name
	case policy.TargetCall:
		k.calls = map[string]bool{t.Name: true}
	case policy.TargetGroup:
		k.calls = map[string]bool{}
		for _, name := range policy.GroupCalls(t.Name) {
			k.calls[name] = true
		}
	default:
		return nil, fmt.Errorf("%q: calls counts all of them", c.Text)
	}
	return k, nil
}

// call counts a call.
func (k *counter) call(name string, pairs []policy.Pair) {
	switch {
	case k.What == "calls" || k.calls[name]:
		k.n++
	case k.effect != "":
		for i := range pairs {
			if kind, all := strings.CutSuffix(k.effect, "*"); pairs[i].Effect == k.effect || all && strings.HasPrefix(pairs[i].Effect, kind) {
				k.n++
				return
			}
		}
	}
}
