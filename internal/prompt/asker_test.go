package prompt

import (
	"bytes"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"strait/policy"

	"github.com/creack/pty"
)

// A user sits at the other end of a terminal.
type user struct {
	t      *testing.T
	master *os.File

	mu   sync.Mutex
	more *sync.Cond
	seen []byte // since the last expect
	gone bool
}

func newUser(t *testing.T) (*user, *Terminal) {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	_ = pty.Setsize(master, &pty.Winsize{Rows: 40, Cols: 200})
	tty, err := os.OpenFile(slave.Name(), os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	_ = slave.Close()
	if master, err = unblocked(master); err != nil {
		t.Fatal(err)
	}
	u := &user{t: t, master: master}
	u.more = sync.NewCond(&u.mu)
	go u.read()
	term, err := New(tty)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = term.Close(); _ = master.Close() })
	return u, term
}

func (u *user) read() {
	buf := make([]byte, 4096)
	for {
		n, err := u.master.Read(buf)
		u.mu.Lock()
		u.seen = append(u.seen, buf[:n]...)
		u.gone = err != nil
		u.more.Broadcast()
		u.mu.Unlock()
		if err != nil {
			return
		}
	}
}

// expect waits until the screen has the text, and returns what came up to it.
func (u *user) expect(text string) string {
	u.t.Helper()
	timer := time.AfterFunc(20*time.Second, func() {
		u.mu.Lock()
		u.gone = true
		u.more.Broadcast()
		u.mu.Unlock()
	})
	defer timer.Stop()
	u.mu.Lock()
	defer u.mu.Unlock()
	for {
		if i := bytes.Index(u.seen, []byte(text)); i >= 0 {
			got := string(u.seen[:i+len(text)])
			u.seen = u.seen[i+len(text):]
			return got
		}
		if u.gone {
			u.t.Fatalf("%q does not come; there is %q", text, u.seen)
		}
		u.more.Wait()
	}
}

func (u *user) send(keys string) {
	u.t.Helper()
	if _, err := u.master.WriteString(keys); err != nil {
		u.t.Fatal(err)
	}
}

// A desk has an Asker, and notes what comes of it.
type desk struct {
	*Asker
	mu      sync.Mutex
	applied []Answer
	answers chan policy.Action
}

func newDesk(t *testing.T, term *Terminal, change func(*Options)) *desk {
	d := &desk{answers: make(chan policy.Action, 100)}
	o := Options{
		Terminal: term, Vars: testVars,
		Check: func(q *Question, rules []string) (policy.Action, bool) {
			for _, text := range rules {
				r, err := policy.ParseRule(text)
				if err != nil {
					t.Error(err)
				}
				// As a policy would, for the few rules that the tests type.
				for _, p := range q.Pairs {
					if strings.Contains(text, p.Object()) || strings.HasSuffix(text, "**") || strings.HasSuffix(text, "*.txt") || strings.Contains(text, q.Name) || strings.Contains(text, "exe") {
						return r.Action, true
					}
				}
			}
			return policy.Action{}, false
		},
		Apply: func(_ *Question, a Answer) error {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.applied = append(d.applied, a)
			return nil
		},
	}
	if change != nil {
		change(&o)
	}
	d.Asker = NewAsker(o)
	t.Cleanup(d.Close)
	return d
}

func (d *desk) ask(q *Question) {
	q.Answer = func(a policy.Action) { d.answers <- a }
	d.Ask(q)
}

func (d *desk) answer(t *testing.T) string {
	t.Helper()
	select {
	case a := <-d.answers:
		return a.String()
	case <-time.After(20 * time.Second):
		t.Fatal("no answer")
		return ""
	}
}

func TestAnswers(t *testing.T) {
	const file = "/srv/data/a.txt"
	for _, tt := range []struct {
		keys    string
		want    string
		scope   Scope
		applied []string
	}{
		{"a\r", "allow", Once, nil},
		{"allow\r", "allow", Once, nil},
		{"d\r", "deny(EPERM)", Once, nil},
		{"deny(EACCES) once\r", "deny(EACCES)", Once, nil},
		{"kill\r", "kill", Once, nil},
		{"return(5)\r", "return(5)", Once, nil},
		{"at\r", "allow", ThisRun, []string{"allow fs.read /srv/data/a.txt"}},
		{"a w i\r", "allow", Always, []string{"allow fs.read /srv/data/**"}},
		{"awg\r", "allow", Always, []string{"allow fs.read /srv/data/*.txt"}},
		{"deny(ENOENT) always call\r", "deny(ENOENT)", Always, []string{"deny(ENOENT) openat"}},
		{"kill this run, program\r", "kill", ThisRun, []string{`kill * where exe == "/usr/bin/cc1"`}},
		{"allow fs.read /srv/**\r", "allow", ThisRun, []string{"allow fs.read /srv/**"}},
		{"always return(0) openat\r", "return(0)", Always, []string{"return(0) openat"}},
		// Not an answer, and then one.
		{"\r\rxyzzy\rallow fs.nothing /x\rask openat\rallow fs.read /other\ra\r", "allow", Once, nil},
		{"?\ry\rs\rh\ra\r", "allow", Once, nil},
		// ^D and ^C are no answers.
		{"\x04", "deny(EPERM)", Once, nil},
		{"\x03", "deny(EPERM)", Once, nil},
	} {
		u, term := newUser(t)
		d := newDesk(t, term, nil)
		d.ask(question(pairOf("fs.read", file)))
		u.expect("> ")
		u.send(tt.keys)
		if got := d.answer(t); got != tt.want {
			t.Errorf("%q: %s, want %s", tt.keys, got, tt.want)
		}
		d.Close()
		if tt.scope == Once {
			if len(d.applied) != 0 {
				t.Errorf("%q: applied %v", tt.keys, d.applied)
			}
			continue
		}
		if len(d.applied) != 1 || d.applied[0].Scope != tt.scope || !slices.Equal(d.applied[0].Rules, tt.applied) {
			t.Errorf("%q: applied %v, want %v", tt.keys, d.applied, tt.applied)
		}
	}
}

// TestEdit: a rule is put to be changed.
func TestEdit(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	q := question(pairOf("fs.read", "/srv/data/a.txt"))
	d.ask(q)
	u.expect("> ")
	u.send("edit\r")
	u.expect("> allow fs.read /srv/data/a.txt")
	u.send("\x7f\x7f\x7f\x7f\r")
	u.expect("does not decide this call")
	u.send("edit deny always glob\r")
	u.expect("> always deny(EPERM) fs.read /srv/data/*.txt")
	u.send("\r")
	if got := d.answer(t); got != "deny(EPERM)" {
		t.Error(got)
	}
	d.Close()
	if len(d.applied) != 1 || d.applied[0].Scope != Always || d.applied[0].Rules[0] != "deny(EPERM) fs.read /srv/data/*.txt" {
		t.Errorf("applied %v", d.applied)
	}
}

// TestShown: what is asked, with nothing in it that a terminal would obey.
func TestShown(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	q := question(pairOf("fs.write", "/tmp/\x1b[2J\x1b]0;x\a\u202e\u200b\nallow"))
	q.Comm = "\x1b[31mevil"
	q.Exe = "/tmp/a\rb"
	q.Call = "write(1, \x9b31m)"
	q.Stack = []string{"main\x1b[H"}
	q.Why = func() []string { return []string{"p.yaml:3: ask \x07"} }
	rule, err := policy.ParseRule("ask fs.write")
	if err != nil {
		t.Fatal(err)
	}
	rule.Pos = policy.Pos{File: "p\x1b.yaml", Line: 3}
	q.Rule = rule
	d.ask(q)
	screen := u.expect("> ")
	u.send("s\ry\r?\r")
	screen += u.expect("No answer in time")
	for i, r := range screen {
		if r < ' ' && r != '\r' && r != '\n' || r == '\u202e' || r == '\u200b' || r == '\u009b' {
			t.Fatalf("%q at %d of %q", r, i, screen)
		}
	}
	for _, want := range []string{
		`a\rb (pid 7, calls itself \x1b[31mevil) wants to write to /tmp/\x1b[2J\x1b]0;x\a\u202e\u200b\nallow`,
		`p\x1b.yaml:3: ask fs.write`, `main\x1b[H`, `ask \a`,
	} {
		if !strings.Contains(screen, want) {
			t.Errorf("no %q in %q", want, screen)
		}
	}
	u.send("a\r")
	d.answer(t)
}

// TestCoalesce: the same question is one, and what a rule settles is not asked.
func TestCoalesce(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	for range 3 {
		d.ask(question(pairOf("fs.read", "/srv/a")))
	}
	d.ask(question(pairOf("fs.read", "/srv/b")))
	u.expect("read /srv/a")
	u.expect("> ")
	u.send("allow run directory\r")
	for range 4 {
		if got := d.answer(t); got != "allow" {
			t.Errorf("got %s", got)
		}
	}
	d.Close()
	if len(d.applied) != 1 {
		t.Errorf("applied %v", d.applied)
	}
}

// TestNobody: no terminal, no time, no end: denied once, and nothing is kept.
func TestNobody(t *testing.T) {
	d := newDesk(t, nil, nil)
	d.ask(question(pairOf("fs.read", "/srv/a")))
	if got := d.answer(t); got != "deny(EPERM)" || len(d.applied) != 0 {
		t.Errorf("without a terminal: %s, applied %v", got, d.applied)
	}

	u, term := newUser(t)
	d = newDesk(t, term, func(o *Options) { o.Timeout = time.Millisecond })
	d.ask(question(pairOf("fs.read", "/srv/a")))
	u.expect("no answer: denied this once")
	if got := d.answer(t); got != "deny(EPERM)" || len(d.applied) != 0 {
		t.Errorf("in time: %s, applied %v", got, d.applied)
	}

	u, term = newUser(t)
	d = newDesk(t, term, nil)
	d.ask(question(pairOf("fs.read", "/srv/a")))
	d.ask(question(pairOf("fs.read", "/srv/b")))
	u.expect("> ")
	go d.Close()
	for range 2 {
		if got := d.answer(t); got != "deny(EPERM)" {
			t.Errorf("at the end: %s", got)
		}
	}
	d.ask(question(pairOf("fs.read", "/srv/c")))
	if got := d.answer(t); got != "deny(EPERM)" {
		t.Errorf("after the end: %s", got)
	}

	// The terminal is gone.
	u, term = newUser(t)
	d = newDesk(t, term, nil)
	d.ask(question(pairOf("fs.read", "/srv/a")))
	u.expect("> ")
	_ = u.master.Close()
	if got := d.answer(t); got != "deny(EPERM)" {
		t.Errorf("hung up: %s", got)
	}
}

// TestFlood: a program cannot ask without bounds.
func TestFlood(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	for i := range maxWaiting + 10 {
		d.ask(question(pairOf("fs.read", "/srv/"+strings.Repeat("x", i+1))))
	}
	for range 10 { // those that found no room
		if got := d.answer(t); got != "deny(EPERM)" {
			t.Errorf("got %s", got)
		}
	}
	u.expect("> ")
	u.send("deny\r")
	d.answer(t)
	d.ask(question(pairOf("fs.read", "/srv/x"))) // again, at once
	if got := d.answer(t); got != "deny(EPERM)" {
		t.Errorf("got %s", got)
	}
	u.expect("> ")
	u.send("allow run directory\r")
	for range maxWaiting - 1 {
		if got := d.answer(t); got != "allow" {
			t.Errorf("got %s", got)
		}
	}
}

// TestTypedAhead: what was typed before the question is no answer to it.
func TestTypedAhead(t *testing.T) {
	u, term := newUser(t)
	u.send("allow\r")
	u.expect("allow") // the echo: it is in the terminal's queue
	d := newDesk(t, term, nil)
	d.ask(question(pairOf("fs.read", "/srv/a")))
	u.expect("> ")
	u.send("d\r")
	if got := d.answer(t); got != "deny(EPERM)" {
		t.Errorf("got %s", got)
	}
}

// TestDetach lets the program go.
func TestDetach(t *testing.T) {
	u, term := newUser(t)
	left := false
	d := newDesk(t, term, func(o *Options) {
		o.Detach = func(*Question) error { left = true; return nil }
	})
	d.ask(question(pairOf("fs.read", "/srv/a")))
	u.expect("> ")
	d.ask(question(pairOf("fs.read", "/srv/waits")))
	u.send("detach\r")
	for range 2 {
		if got := d.answer(t); got != "allow" || !left {
			t.Errorf("got %s, left %v", got, left)
		}
	}
	d.ask(question(pairOf("fs.read", "/srv/later")))
	if got := d.answer(t); got != "allow" {
		t.Errorf("asked after it was let go: %s", got)
	}
}

// TestMessages: what is written meanwhile waits for the answer.
func TestMessages(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	d.ask(question(pairOf("fs.read", "/srv/a")))
	u.expect("> ")
	w := term.Writer(term.tty)
	for _, s := range []string{"one\n", "two\n"} {
		if _, err := w.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	u.send("a\r")
	if s := u.expect("one"); !strings.Contains(s, "allow, once") {
		t.Errorf("the message did not wait: %q", s)
	}
	u.expect("two")
	d.answer(t)
}

// TestGone: who waits for an answer may die before there is one.
func TestGone(t *testing.T) {
	u, term := newUser(t)
	d := newDesk(t, term, nil)
	first, second := make(chan struct{}), make(chan struct{})
	for name, gone := range map[string]chan struct{}{"/srv/a": first, "/srv/b": second} {
		q := question(pairOf("fs.read", name))
		q.Gone = gone
		d.ask(q)
	}
	u.expect("> ")
	close(first)
	close(second)
	u.expect("nobody waits for the answer any more")
	for range 2 {
		d.answer(t)
	}
	if len(d.applied) != 0 {
		t.Errorf("applied %v", d.applied)
	}
}
