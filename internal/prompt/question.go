package prompt

import (
	"fmt"
	"path/filepath"
	"strings"

	"strait/policy"
)

// A Question is a call that the policy leaves open.
type Question struct {
	Exe  string // the program's file
	Comm string // what the task calls itself
	PID  int
	TID  int

	Profile string
	Name    string        // of the call: openat
	Call    string        // the call as traces show it
	Pairs   []policy.Pair // of effects and objects that are open; at least one
	Rule    *policy.Rule  // that says ask; nil: Because
	Because string        // default, ...

	Why   func() []string // the rules that were asked, in order; nil: not to be had
	Stack []string        // a line a frame, innermost first

	// Gone is closed when no answer is needed any more: the task is dead. May be nil.
	Gone <-chan struct{}
	// Context is the caller's own.
	Context any

	// Answer gets the decision, once, on a goroutine of the Asker.
	Answer func(policy.Action)

	asked int // how often, while it waited
}

// key is what questions have in common that are one.
func (q *Question) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\x00%s\x00%s", q.Profile, q.Exe, q.Name)
	for i := range q.Pairs {
		fmt.Fprintf(&b, "\x00%s\x00%s\x00%v", q.Pairs[i].Effect, q.Pairs[i].Object(), q.Pairs[i].Known)
	}
	return b.String()
}

// words says in plain words what the call would do.
func (q *Question) words() string {
	var parts []string
	for i := range q.Pairs {
		part := pairWords(&q.Pairs[i], q.Name)
		if len(parts) == 0 || parts[len(parts)-1] != part {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ", and ")
}

func pairWords(p *policy.Pair, call string) string {
	verbs := map[string][2]string{
		"fs.read":         {"read ", "a file"},
		"fs.stat":         {"look at ", "a file"},
		"fs.write":        {"write to ", "a file"},
		"fs.create":       {"create ", "a file"},
		"fs.delete":       {"remove ", "a file"},
		"fs.meta":         {"change the mode, owner, times or attributes of ", "a file"},
		"fs.mount":        {"mount or unmount at ", "a directory"},
		"fs.root":         {"make its root ", "a directory"},
		"exec":            {"execute ", "a program"},
		"net.socket":      {"make a socket for ", "some protocol"},
		"net.connect":     {"connect to ", "an address"},
		"net.bind":        {"take the address ", "of its choice"},
		"net.listen":      {"accept connections", ""},
		"net.send":        {"send to ", "an address"},
		"signal":          {"send a signal to ", "another process"},
		"process.create":  {"make a process or thread", ""},
		"process.control": {"trace, read or change ", "another process"},
	}
	v, ok := verbs[p.Effect]
	if !ok {
		return "make the system call " + safe(call)
	}
	object := safe(p.Object())
	switch {
	case v[1] == "":
	case !p.Known:
		object = v[1] + " that strait cannot read"
	case object == "":
		object = v[1]
	case object == "self":
		object = "itself"
	}
	return v[0] + object
}

// text is the question as it is shown.
func (q *Question) text() string {
	var b strings.Builder
	name := filepath.Base(q.Exe)
	if q.Exe == "" {
		name = q.Comm
	}
	fmt.Fprintf(&b, "%s (%s) wants to %s\n", safe(name), q.who(), q.words())
	fmt.Fprintf(&b, "  %s\n", safe(q.Call))
	because := safe(q.Because)
	if q.Rule != nil {
		because = safe(q.Rule.String())
		if q.Rule.Pos.Line > 0 {
			because = safe(q.Rule.Pos.String()) + ": " + because
		}
	}
	fmt.Fprintf(&b, "  %s", because)
	if q.asked > 1 {
		fmt.Fprintf(&b, " (asked %d times)", q.asked)
	}
	b.WriteString("\n")
	return b.String()
}

// who is the task, in numbers and by the name it gives itself where that differs.
func (q *Question) who() string {
	s := fmt.Sprintf("pid %d", q.PID)
	if q.TID != q.PID {
		s += fmt.Sprintf(", thread %d", q.TID)
	}
	// A comm is cut to 15 bytes (TASK_COMM_LEN, linux/sched.h).
	if base := filepath.Base(q.Exe); q.Comm != "" && !strings.HasPrefix(base, q.Comm) {
		s += ", calls itself " + safe(q.Comm)
	}
	if q.Profile != "" && q.Profile != "main" {
		s += ", profile " + safe(q.Profile)
	}
	return s
}
