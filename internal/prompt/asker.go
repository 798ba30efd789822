package prompt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"strait/policy"
)

// Options say how an Asker works.
type Options struct {
	// Terminal is where questions are asked; nil: nowhere, all are refused.
	Terminal *Terminal
	// Timeout is how long a question stands; 0: until it is answered.
	Timeout time.Duration
	// Vars are the values of ${HOME} and ${CWD}, which rules may use.
	Vars map[string]string
	// Check says what a question would get if rules stood before those that
	// lead to it: decided is false where that is still a question.
	Check func(q *Question, rules []string) (a policy.Action, decided bool)
	// Apply puts the rules of an answer in force for this run and, with
	// Always, into the policy file.
	Apply func(q *Question, a Answer) error
	// Detach lets the program go on without being asked about: what is asked from
	// then on is allowed. nil: it cannot.
	Detach func(q *Question) error
}

// The bounds that keep a program from wearing out who answers: how many
// different questions may wait, and how long the refusal of one holds for
// others like it.
const (
	maxWaiting = 64
	holdsFor   = time.Second
)

// An Asker asks one question after the other.
type Asker struct {
	opt Options

	mu      sync.Mutex
	waiting []*pending         // the first one stands
	refused map[string]refusal // by key, what was denied or returned once lately
	wake    chan struct{}
	closed  bool
	left    bool // the program was let go
	done    chan struct{}
}

// pending is a question with all that are the same.
type pending struct {
	key  string
	same []*Question // the first one is shown
}

type refusal struct {
	action policy.Action
	at     time.Time
}

// NewAsker starts an Asker. Close ends it.
func NewAsker(o Options) *Asker {
	a := &Asker{opt: o, refused: map[string]refusal{}, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go a.run()
	return a
}

// Ask takes a question and returns at once. Its Answer is called from another
// goroutine, whatever happens.
func (a *Asker) Ask(q *Question) {
	key := q.key()
	action, now := a.add(q, key)
	if now {
		go q.Answer(action)
	}
}

// add queues a question, or has its answer now.
func (a *Asker) add(q *Question, key string) (policy.Action, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || a.opt.Terminal == nil {
		return Refused(), true
	}
	if a.left {
		return policy.Action{}, true
	}
	for _, o := range a.waiting {
		if o.key == key {
			o.same = append(o.same, q)
			return policy.Action{}, false
		}
	}
	if r, ok := a.refused[key]; ok && time.Since(r.at) < holdsFor {
		a.refused[key] = refusal{r.action, time.Now()}
		return r.action, true
	}
	if len(a.waiting) >= maxWaiting {
		return Refused(), true
	}
	a.waiting = append(a.waiting, &pending{key, []*Question{q}})
	select {
	case a.wake <- struct{}{}:
	default:
	}
	return policy.Action{}, false
}

// Close refuses what is still waiting, and waits for a question that stands.
func (a *Asker) Close() {
	a.mu.Lock()
	if a.closed {
		a.mu.Unlock()
		return
	}
	a.closed = true
	rest := a.waiting
	close(a.wake)
	if a.opt.Terminal != nil {
		_ = a.opt.Terminal.tty.SetReadDeadline(time.Unix(1, 0))
	}
	a.mu.Unlock()
	<-a.done
	for _, o := range rest {
		a.answer(o, Refused())
	}
}

func (a *Asker) run() {
	defer close(a.done)
	for range a.wake {
		for o := a.next(); o != nil; o = a.next() {
			a.settle(o)
		}
	}
}

// next is the first question that waits, with all that came like it so far.
func (a *Asker) next() *pending {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || len(a.waiting) == 0 {
		return nil
	}
	o := a.waiting[0]
	o.same[0].asked = len(o.same)
	return o
}

// gone says whether nobody waits for the answer any more.
func (a *Asker) gone(o *pending) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return o.gone()
}

func (o *pending) gone() bool {
	for _, q := range o.same {
		select {
		case <-q.Gone:
		default:
			return false
		}
	}
	return true
}

// dismiss takes a question from the terminal when those who wait for it are
// dead; stop ends the looking out for that.
func (a *Asker) dismiss(o *pending) (stop func()) {
	ended := make(chan struct{})
	go func() {
		for seen := 0; ; seen++ {
			a.mu.Lock()
			if seen == len(o.same) {
				_ = a.opt.Terminal.tty.SetReadDeadline(time.Unix(1, 0))
				a.mu.Unlock()
				return
			}
			gone := o.same[seen].Gone
			a.mu.Unlock()
			select {
			case <-gone:
			case <-ended:
				return
			}
		}
	}()
	return func() { close(ended) }
}

// settle asks until there is an answer, and gives it to all that it is for.
func (a *Asker) settle(o *pending) {
	q := o.same[0]
	if a.gone(o) {
		a.answer(o, Refused())
		return
	}
	stop := a.dismiss(o)
	ans, err := a.ask(o, q)
	stop()
	if errors.Is(err, errLeft) {
		a.leave()
		return
	}
	if err != nil {
		ans = Answer{Action: Refused()}
	}
	if ans.Scope != Once {
		if err := a.apply(o, ans); err != nil {
			ans.Scope = Once
		}
	}
	a.answer(o, ans.Action)
	if err == nil && ans.Scope != Once {
		a.settleOthers(ans.Rules)
	}
}

// apply puts an answer in force. Where that fails, it counts once, and says so.
func (a *Asker) apply(o *pending, ans Answer) error {
	a.mu.Lock()
	o.same[0].asked = len(o.same)
	a.mu.Unlock()
	err := a.opt.Apply(o.same[0], ans)
	if err != nil {
		fmt.Fprintf(a.opt.Terminal.Writer(a.opt.Terminal.tty), "not kept: %s\n", safe(err.Error()))
	}
	return err
}

// answer gives one to a question and to all that are the same.
func (a *Asker) answer(o *pending, action policy.Action) {
	a.mu.Lock()
	for i, w := range a.waiting {
		if w == o {
			a.waiting = append(a.waiting[:i:i], a.waiting[i+1:]...)
			break
		}
	}
	if action.Kind == policy.Deny || action.Kind == policy.Return {
		a.forget()
		a.refused[o.key] = refusal{action, time.Now()}
	}
	same := o.same
	a.mu.Unlock()
	for _, q := range same {
		q.Answer(action)
	}
}

// forget drops refusals that no longer hold.
func (a *Asker) forget() {
	for key, r := range a.refused {
		if time.Since(r.at) >= holdsFor {
			delete(a.refused, key)
		}
	}
}

// settleOthers answers those that wait and that new rules decide.
func (a *Asker) settleOthers(rules []string) {
	a.mu.Lock()
	waiting := append([]*pending(nil), a.waiting...)
	a.mu.Unlock()
	for _, o := range waiting {
		if action, decided := a.opt.Check(o.same[0], rules); decided {
			a.answer(o, action)
		}
	}
}

// leave allows all that waits, and what is yet to come.
func (a *Asker) leave() {
	a.mu.Lock()
	a.left = true
	waiting := append([]*pending(nil), a.waiting...)
	a.mu.Unlock()
	for _, o := range waiting {
		a.answer(o, policy.Action{})
	}
}

var errLeft = errors.New("the program is no longer watched")

// ask shows a question until it has an answer.
func (a *Asker) ask(o *pending, q *Question) (Answer, error) {
	c, err := a.opt.Terminal.open()
	if err != nil {
		return Answer{}, err
	}
	defer c.close()
	var until time.Time
	if a.opt.Timeout > 0 {
		until = time.Now().Add(a.opt.Timeout)
	}
	c.say("\n%s%s", q.text(), menu)
	put := ""
	for {
		if err := a.arm(o, until); err != nil {
			return Answer{}, err
		}
		line, err := c.read(put)
		put = ""
		switch {
		case err != nil && a.gone(o):
			c.say("\nnobody waits for the answer any more\n")
			return Answer{}, err
		case errors.Is(err, os.ErrDeadlineExceeded):
			c.say("\nno answer: denied this once\n")
			return Answer{}, err
		case err != nil:
			c.say("denied this once\n")
			return Answer{}, err
		}
		r, err := parseReply(line)
		if err == nil && r.command != "" {
			put, err = a.command(c, q, &r)
		} else if err == nil {
			err = a.complete(q, &r)
			if err == nil {
				a.confirm(c, &r.answer)
				return r.answer, nil
			}
		}
		if errors.Is(err, errLeft) {
			return Answer{}, err
		}
		if err != nil {
			c.say("%s\n", safe(err.Error()))
		}
	}
}

// arm sets the time by which an answer has to be there, unless Close is
// waiting for us.
func (a *Asker) arm(o *pending, until time.Time) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.closed || o.gone() {
		return io.EOF
	}
	return a.opt.Terminal.tty.SetReadDeadline(until)
}

// complete finds the rules of an answer and makes sure that they decide what
// was asked.
func (a *Asker) complete(q *Question, r *reply) error {
	typed := len(r.answer.Rules) > 0
	if err := r.rules(q, a.opt.Vars); err != nil || len(r.answer.Rules) == 0 {
		return err
	}
	action, decided := a.opt.Check(q, r.answer.Rules)
	switch {
	case !decided && typed:
		return errors.New("that rule does not decide this call")
	case !decided:
		return errors.New("an earlier rule keeps that from deciding this call; y shows it")
	}
	r.answer.Action = action
	return nil
}

// confirm says what became of an answer.
func (a *Asker) confirm(c *console, ans *Answer) {
	switch ans.Scope {
	case Once:
		c.say("%s, once\n", ans.Action)
	case ThisRun:
		c.say("for this run: %s\n", safe(strings.Join(ans.Rules, "; ")))
	case Always:
		c.say("always: %s\n", safe(strings.Join(ans.Rules, "; ")))
	}
}

// command does what is no answer yet; put is what the next line begins with.
func (a *Asker) command(c *console, q *Question, r *reply) (put string, err error) {
	switch r.command {
	case "help":
		c.say("%s", q.help(a.opt.Vars))
	case "why":
		if q.Why == nil {
			return "", errors.New("nobody knows")
		}
		sayLines(c, q.Why())
	case "stack":
		if len(q.Stack) == 0 {
			return "", errors.New("there is no stack to show")
		}
		sayLines(c, q.Stack)
	case "edit":
		rules := q.Rules(r.answer.Action, r.breadth, a.opt.Vars)
		if len(rules) == 0 {
			return "", errors.New("there is no such rule; ? lists those there are")
		}
		if r.answer.Scope == Always {
			put = "always "
		}
		return put + strings.Join(rules, "; "), nil
	case "detach":
		if a.opt.Detach == nil {
			return "", errors.New("it cannot be let go")
		}
		if err := a.opt.Detach(q); err != nil {
			return "", err
		}
		c.say("let go\n")
		return "", errLeft
	}
	return "", nil
}

func sayLines(c *console, lines []string) {
	for _, line := range lines {
		c.say("  %s\n", safe(line))
	}
}
