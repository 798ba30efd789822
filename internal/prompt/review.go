package prompt

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"strait/policy"

	"github.com/rogpeppe/go-internal/diff"
)

// errReviewed ends a review.
var errReviewed = errors.New("reviewed")

// Review shows what the session's answers have made of the policy file, and
// asks what is to become of them. Without an answer all stays as it is, and the
// session can be gone on with.
func (s *Session) Review(t *Terminal) error {
	if len(s.Entries) == 0 {
		return s.end()
	}
	for {
		c, err := t.open()
		if err != nil {
			return err
		}
		err = s.show(c)
		var line string
		if err == nil {
			line, err = c.read("")
			if err != nil {
				c.say("the session stays open\n")
				err = errReviewed
			}
		}
		edit := false
		if err == nil {
			edit, err = s.choose(c, strings.Fields(line))
		}
		c.close()
		if edit {
			err = s.edit(t)
		}
		switch {
		case errors.Is(err, errReviewed):
			return nil
		case err != nil:
			fmt.Fprintf(t.tty, "%s\n", safe(err.Error()))
		}
	}
}

// show prints the difference and the rules with their numbers.
func (s *Session) show(c *console) error {
	src, err := s.current()
	if err != nil {
		return err
	}
	name := filepath.Base(s.Policy)
	c.say("\nThis session's rules, since %s:\n", s.Begun.Format("2006-01-02 15:04"))
	for line := range strings.Lines(string(diff.Diff(name+" before", []byte(s.Base), name, src))) {
		c.say("%s\n", safe(strings.TrimSuffix(line, "\n")))
	}
	for i, e := range s.Entries {
		where := "in the file"
		if !e.Always {
			where = "this run only"
		}
		c.say("%3d  %s  %s\n", i+1, where, safe(e.Rule))
	}
	c.say("[k]eep, [e]dit, [u]ndo N, [a]dd N to the file, [d]iscard all, [l]ater\n")
	return nil
}

// choose does what was answered; edit is left to the caller, who gives the
// terminal to an editor.
func (s *Session) choose(c *console, words []string) (edit bool, err error) {
	if len(words) == 0 {
		return false, nil
	}
	switch words[0] {
	case "k", "keep":
		c.say("kept\n")
		return false, errors.Join(s.end(), errReviewed)
	case "l", "later":
		c.say("the session stays open\n")
		return false, errReviewed
	case "d", "discard":
		if err := s.Discard(); err != nil {
			return false, err
		}
		c.say("discarded\n")
		return false, errReviewed
	case "e", "edit":
		return true, nil
	case "u", "undo", "a", "add":
		i, err := s.index(words[1:])
		if err != nil {
			return false, err
		}
		if words[0][0] == 'a' {
			return false, s.Keep(i)
		}
		if err := s.Undo(i); err != nil || len(s.Entries) > 0 {
			return false, err
		}
		c.say("none is left\n")
		return false, errReviewed
	}
	return false, fmt.Errorf("%s is none of the choices", words[0])
}

// index is the rule that is meant; where there is only one, it needs no number.
func (s *Session) index(words []string) (int, error) {
	if len(words) == 0 && len(s.Entries) == 1 {
		return 0, nil
	}
	if len(words) == 1 {
		if n, err := strconv.Atoi(words[0]); err == nil && n >= 1 && n <= len(s.Entries) {
			return n - 1, nil
		}
	}
	return 0, fmt.Errorf("say which: 1 to %d", len(s.Entries))
}

// edit has the file changed in an editor. What comes back has to be a policy.
func (s *Session) edit(t *Terminal) error {
	src, err := s.current()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "strait-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	copied := filepath.Join(dir, filepath.Base(s.Policy))
	if err := os.WriteFile(copied, src, 0o600); err != nil {
		return err
	}
	if err := runEditor(t, copied); err != nil {
		return err
	}
	edited, err := os.ReadFile(copied)
	if err != nil {
		return err
	}
	if _, err := policy.Parse(filepath.Base(s.Policy), edited); err != nil {
		return fmt.Errorf("not saved: %w", err)
	}
	err = s.change(func(now []byte) ([]byte, error) {
		if string(now) != string(src) && s.Existed {
			return nil, errors.New("not saved: somebody else has changed the file meanwhile")
		}
		return edited, nil
	})
	if err != nil {
		return err
	}
	s.drop()
	return s.save()
}

// drop forgets the rules that an editor has taken out of the file.
func (s *Session) drop() {
	f, err := policy.Parse(s.Policy, []byte(s.Wrote))
	if err != nil {
		return
	}
	has := func(e Entry) bool {
		p := f.Profile(e.Profile)
		if p == nil {
			return false
		}
		for _, r := range p.Rules {
			if r.String() == e.Rule {
				return true
			}
		}
		return false
	}
	kept := s.Entries[:0]
	for _, e := range s.Entries {
		if !e.Always || has(e) {
			kept = append(kept, e)
		}
	}
	s.Entries = kept
}

// runEditor has the user edit a file, as git does: in $VISUAL or $EDITOR, which
// may have arguments.
func runEditor(t *Terminal, name string) error {
	editor := os.Getenv("VISUAL")
	if editor == "" {
		editor = os.Getenv("EDITOR")
	}
	if editor == "" {
		editor = "vi"
	}
	// One of its own: exec would make ours blocking.
	tty, err := os.OpenFile(t.tty.Name(), os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer tty.Close()
	cmd := exec.Command("/bin/sh", "-c", editor+` "$1"`, "sh", name)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("%s: %w", editor, err)
	}
	return nil
}
