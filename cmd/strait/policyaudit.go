package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// lastAudit is where strait run leaves the audit log of the last run, for strait
// policy why --last: in the user's state directory, as the XDG base directory
// specification has it. It is empty where there is none; a home directory that
// does not exist, as services have one, is not made.
func lastAudit() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		if info, err := os.Stat(home); err != nil || !info.IsDir() {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "strait", "last.jsonl")
}

// An auditLine is a line of an audit log, as far as it is explained here.
type auditLine struct {
	Time    time.Time `json:"time"`
	TID     int       `json:"tid"`
	Comm    string    `json:"comm"`
	Exe     string    `json:"exe"`
	Profile string    `json:"profile"`
	Call    string    `json:"call"`
	Rule    string    `json:"rule"`
	At      string    `json:"at"`
	Why     string    `json:"why"`
	Effect  string    `json:"effect"`
	Object  string    `json:"object"`
	Decided string    `json:"decision"`
	By      string    `json:"by"`
	Asked   bool      `json:"asked"`
	Unread  bool      `json:"unread"`
	Passed  bool      `json:"permissive"`
}

// A decision is what lines of an audit log that say the same come to.
type decision struct {
	auditLine // the first
	count     int
}

// same is what makes two lines alike: all but when and who.
func (l *auditLine) same() auditLine {
	s := *l
	s.Time, s.TID, s.Comm = time.Time{}, 0, ""
	return s
}

// whyAudit explains what an audit log has: each decision once, the first first.
func (v *policyCommand) whyAudit(name string, words []string) (int, error) {
	list, err := v.readAudit(name)
	if err != nil {
		return 0, err
	}
	status, shown := statusYes, 0
	for i := range list {
		d := &list[i]
		if !d.about(words) {
			continue
		}
		shown++
		if d.Decided != "allow" && d.Decided != "log" && !d.Passed {
			status = statusNo
		}
		fmt.Fprint(v.stdout, d.String())
	}
	switch {
	case len(list) == 0:
		fmt.Fprintf(v.stderr, "%s: nothing to explain: the run was denied nothing but, perhaps, by the kernel's filter alone\n", v.name)
	case shown == 0:
		fmt.Fprintf(v.stderr, "%s: none of the %s has all of these words\n", v.name, count(len(list), "decision"))
	}
	return status, nil
}

// about reports whether a decision has all of some words in it.
func (d *decision) about(words []string) bool {
	text := strings.Join([]string{d.Decided, d.Call, d.Effect, d.Object, d.Exe, d.Rule, d.At}, " ")
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

func (v *policyCommand) readAudit(name string) ([]decision, error) {
	src, called, err := v.read(name)
	if err != nil {
		return nil, err
	}
	var list []decision
	at := map[auditLine]int{}
	lines := bufio.NewScanner(bytes.NewReader(src))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var l auditLine
		if err := json.Unmarshal(lines.Bytes(), &l); err != nil {
			return nil, fmt.Errorf("%s:%d: not a line of an audit log: %w", called, n, err)
		}
		if i, ok := at[l.same()]; ok {
			list[i].count++
			continue
		}
		at[l.same()] = len(list)
		list = append(list, decision{l, 1})
	}
	return list, lines.Err()
}

// String puts a decision in words: what, how often, by which rule, who first.
func (d *decision) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s", d.Decided, d.Call)
	if what := strings.TrimSpace(d.Effect + " " + d.Object); what != "" {
		fmt.Fprintf(&b, ": %s", what)
	}
	if d.count > 1 {
		fmt.Fprintf(&b, " (%d×)", d.count)
	}
	b.WriteByte('\n')
	switch {
	case d.Rule != "":
		fmt.Fprintf(&b, "  %s: %s\n", d.At, d.Rule)
	case d.Why != "":
		fmt.Fprintf(&b, "  no rule: %s\n", d.Why)
	}
	var how []string
	if d.Asked {
		how = append(how, "an answer")
	}
	if d.Unread {
		how = append(how, "its object could not be read")
	}
	if d.Passed {
		how = append(how, "permissive: it was made all the same")
	}
	how = append(how, d.byWhom(), "under profile "+d.Profile)
	fmt.Fprintf(&b, "  %s; first at %s by %s (thread %d)\n", strings.Join(how, ", "), d.Time.Format("15:04:05.000"), d.who(), d.TID)
	return b.String()
}

// byWhom puts the level of a decision in words.
func (d *decision) byWhom() string {
	switch d.By {
	case "kernel":
		return "decided by the kernel"
	case "performed":
		return "the supervisor did it, on the object that it judged"
	case "tracer":
		return "decided at the stop, by registers"
	case "checked":
		return "decided at the stop, by words in memory"
	}
	return "decided by " + d.By
}

func (d *decision) who() string {
	if d.Exe != "" {
		return d.Exe
	}
	return d.Comm
}

// noLast is the error for --last when there was no run.
func noLast(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("no run has left an audit log: strait run --policy leaves it in %s", lastAudit())
	}
	return err
}
