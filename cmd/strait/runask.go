package main

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"strait/forkexec"
	"strait/internal/match"
	"strait/internal/print"
	"strait/internal/prompt"
	"strait/internal/stacks"
	"strait/internal/unwind"
	"strait/policy"
	"strait/policy/enforce"
	"strait/syscalls"

	"golang.org/x/term"
)

// An askDesk has the questions of a run put to whoever sits at the terminal.
// All methods but ask can be called on nil: then there is nobody.
type askDesk struct {
	g       *guarded
	term    *prompt.Terminal
	relay   *prompt.Relay // nil: the program does not share the terminal
	asker   *prompt.Asker
	session *prompt.Session   // nil: there is no file to write rules to
	proc    *forkexec.Process // nil: attached
	letGo   func() error      // detaches; nil: the program was started under a filter
	text    print.Text
	stacks  stacks.Taker

	mu sync.Mutex // of the book, which the Asker's goroutine changes
}

// openDesk finds the terminal and gives the program one of its own.
func openDesk(g *guarded, cmd *forkexec.Cmd) (*askDesk, error) {
	o := &g.l.rules
	if o.ask == askNever || o.permissive || !g.book.policy.Asks() {
		return nil, nil
	}
	t, err := prompt.Open()
	if err != nil {
		if o.ask == askAlways {
			g.loud.say("--ask: no terminal to ask at (%s): what is left open is denied", reason(err))
		}
		return nil, nil
	}
	d := &askDesk{g: g, term: t, stacks: stacks.Taker{Limit: 64}}
	g.loud.w = t.Writer(g.loud.w)
	if err := d.openSession(); err != nil {
		return nil, errors.Join(err, t.Close())
	}
	d.asker = prompt.NewAsker(prompt.Options{
		Terminal: t, Timeout: o.askTimeout, Vars: g.book.options.Vars, Check: d.check, Apply: d.apply, Detach: d.detach,
	})
	if cmd == nil { // attached: it has its own
		return d, nil
	}
	if err := d.giveTerminal(cmd); err != nil {
		d.asker.Close()
		return nil, errors.Join(err, t.Close())
	}
	return d, nil
}

// openSession goes on with the answers that have not been reviewed yet.
func (d *askDesk) openSession() error {
	file := d.g.l.rules.file
	if file == "" {
		return nil
	}
	state := stateDir()
	if state == "" {
		return errors.New("--ask needs a place for its sessions: set XDG_STATE_HOME or HOME")
	}
	s, resumed, err := prompt.OpenSession(file, filepath.Join(state, "sessions"))
	if err != nil {
		return err
	}
	d.session = s
	if !resumed {
		return nil
	}
	d.g.loud.say("going on with the session of %s: %d rules", s.Begun.Format("2006-01-02 15:04"), len(s.Entries))
	var rules []prompt.NewRule
	for _, e := range s.Entries {
		if !e.Always {
			rules = append(rules, prompt.NewRule{Profile: e.Profile, Text: e.Rule, Before: e.Before})
		}
	}
	return d.g.book.add(rules)
}

// giveTerminal has the program use a terminal of its own where it would use
// ours, and have none where it would not.
func (d *askDesk) giveTerminal(cmd *forkexec.Cmd) error {
	cmd.Setsid = true
	shared := false
	files := []int{0, 1, 2}
	for i := range files {
		shared = shared || term.IsTerminal(i)
	}
	if !shared || d.g.l.newSession {
		return nil
	}
	r, err := d.term.Relay()
	if err != nil {
		return err
	}
	d.relay = r
	slave := int(r.Slave().Fd())
	ctty := -1
	for i := range files {
		if term.IsTerminal(i) {
			files[i], ctty = slave, i
		}
	}
	if cmd.Stdout == nil && cmd.Stderr == nil {
		cmd.Files = files
		cmd.Ctty = &ctty
	}
	return nil
}

// started begins to copy between the terminals.
func (d *askDesk) started(p *forkexec.Process) error {
	if d == nil {
		return nil
	}
	d.proc = p
	if d.relay == nil {
		return nil
	}
	return d.relay.Start(p.PID)
}

// ask takes a question from the Enforcer, on its goroutine.
func (d *askDesk) ask(q *enforce.Question) {
	answer := q.Answer
	if d.proc != nil {
		d.proc.StopClock()
		answer = func(a policy.Action) {
			d.proc.StartClock()
			q.Answer(a)
		}
	}
	d.asker.Ask(d.question(q, answer))
}

// question converts one. Only what the rules leave open is shown of a call.
func (d *askDesk) question(q *enforce.Question, answer func(policy.Action)) *prompt.Question {
	out := &prompt.Question{
		Exe: q.Exe, Comm: q.Comm, PID: q.PID, TID: q.TID, Profile: q.Verdict.Profile,
		Name: callName(q), Rule: q.Verdict.Rule, Because: q.Verdict.Why, Answer: answer, Gone: q.Done(),
	}
	if out.Because == "default" {
		out.Because = "no rule is about it (default)"
	}
	out.Call = d.callText(q.Event, out.Name)
	decider := d.decider(d.policy(), q)
	for i := range q.Pairs {
		if decider.DecidePairs(out.Profile, q.Event, q.Pairs[i:i+1]).Action.Kind == policy.Ask {
			out.Pairs = append(out.Pairs, q.Pairs[i])
		}
	}
	if len(out.Pairs) == 0 {
		out.Pairs = q.Pairs
	}
	out.Why = func() []string {
		var lines []string
		for _, step := range decider.WhyPairs(out.Profile, q.Event, q.Pairs) {
			lines = append(lines, step.String())
		}
		return lines
	}
	out.Context = q
	d.stacks.Changed(q.PID) // who knows what it has mapped since the last question
	var stack []byte
	if q.Task != nil {
		stack = d.stacks.Append(nil, q.Task, unwind.AtEntry)
	} else {
		stack = d.stacks.AppendWaiting(nil, q.PID, q.TID, q.Event.ABI.ID, unwind.AtEntry)
	}
	if text := strings.TrimRight(string(stack), "\n"); text != "" {
		out.Stack = strings.Split(text, "\n")
	}
	return out
}

// callText is the call as traces show it, as far as it is known before it is
// made. An environment is left out: it is long, and may hold what is not for a
// screen.
func (d *askDesk) callText(ev *syscalls.Event, name string) string {
	shown := *ev
	shown.Split, shown.Joint, shown.JointName, shown.JointArg = false, syscalls.JointNone, "", false
	env := map[string]int{"execve": 2, "execveat": 3}[name]
	if n := match.Argument(ev, env); env > 0 && n >= 0 {
		shown.EnterEnd = min(shown.EnterEnd, n)
	}
	text := string(d.text.AppendEnter(nil, &shown))
	if shown.EnterEnd < len(ev.Nodes) || len(ev.Call.Args) > 0 && env > 0 {
		text += ", ..."
	}
	return text + ")"
}

func callName(q *enforce.Question) string {
	if c := q.Event.ABI.Call(q.Event.Nr); c != nil {
		return c.Name
	}
	return "syscall"
}

func (d *askDesk) policy() *policy.Policy {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.g.book.policy
}

func (d *askDesk) decider(p *policy.Policy, q *enforce.Question) *policy.Decider {
	return &policy.Decider{Policy: p, Env: &policy.Env{Comm: q.Comm, Exe: q.Exe}}
}

// newRules are the rules of an answer to a question.
func newRules(q *prompt.Question, rules []string) []prompt.NewRule {
	before := ""
	if q.Rule != nil {
		before = q.Rule.String()
	}
	out := make([]prompt.NewRule, len(rules))
	for i, text := range rules {
		out[i] = prompt.NewRule{Profile: q.Profile, Text: text, Before: before}
	}
	return out
}

// check says what a call would get if there were more rules.
func (d *askDesk) check(q *prompt.Question, rules []string) (policy.Action, bool) {
	eq, ok := q.Context.(*enforce.Question)
	if !ok {
		return policy.Action{}, false
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	_, p, err := d.g.book.with(newRules(q, rules))
	if err != nil {
		return policy.Action{}, false
	}
	v := d.decider(p, eq).DecidePairs(q.Profile, eq.Event, eq.Pairs)
	return v.Action, v.Action.Kind != policy.Ask
}

// apply puts the rules of an answer in force, and where it is for always or
// for a session, into files.
func (d *askDesk) apply(q *prompt.Question, a prompt.Answer) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if a.Scope == prompt.Always && d.session == nil {
		return errors.New("there is no policy file: strait run --policy FILE has one, which may be new")
	}
	if err := d.g.book.add(newRules(q, a.Rules)); err != nil {
		return err
	}
	if err := d.g.e.SetPolicy(d.g.book.policy); err != nil {
		return err
	}
	if d.session == nil {
		return nil
	}
	return d.session.Add(q, a)
}

// detach has the program go on as it likes. Its filter stays, and with it what the
// kernel denies by itself, and us, who answer it.
func (d *askDesk) detach(q *prompt.Question) error {
	if d.letGo != nil {
		return d.letGo()
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	all := &policy.Rule{Targets: []policy.Target{{Kind: policy.TargetAny, Name: "*"}}, Pos: policy.Pos{File: "detach"}}
	f := *d.g.book.file
	f.Default = &policy.Action{}
	f.Profiles = slices.Clone(f.Profiles)
	if f.Profile(q.Profile) == nil {
		f.Profiles = append(f.Profiles, &policy.Profile{Name: q.Profile})
	}
	for i, p := range f.Profiles {
		free := *p
		free.Rules = append([]*policy.Rule{all}, p.Rules...)
		f.Profiles[i] = &free
	}
	p, err := policy.New(&f, d.g.book.options)
	if err != nil {
		return err
	}
	return d.g.e.SetPolicy(p)
}

// close ends the asking and gives the terminal back.
func (d *askDesk) close() error {
	if d == nil {
		return nil
	}
	d.asker.Close()
	if d.relay == nil {
		return nil
	}
	if err := d.relay.Close(); err != nil {
		return fmt.Errorf("terminal: %w", err)
	}
	return nil
}

// review ends the session.
func (d *askDesk) review() error {
	if d == nil || d.session == nil {
		return nil
	}
	return d.session.Review(d.term)
}
