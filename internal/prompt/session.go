package prompt

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"strait/policy"

	"github.com/google/renameio/v2"
)

// A Session is the answers of one or more runs under one policy file, until a
// review ends it. Its state is on disk after every answer.
type Session struct {
	Policy  string    `json:"policy"` // the file, absolute
	Begun   time.Time `json:"begun"`
	Existed bool      `json:"existed"` // the file did, when the session began
	Base    string    `json:"base"`    // what was in it
	Wrote   string    `json:"wrote"`   // what we last left in it
	Others  bool      `json:"others"`  // somebody else has changed it meanwhile
	Entries []Entry   `json:"entries"`

	state string // the file that this is in
}

// An Entry is a rule of the session.
type Entry struct {
	Profile string    `json:"profile"`
	Rule    string    `json:"rule"`
	Before  string    `json:"before,omitempty"`
	Always  bool      `json:"always"` // it is in the policy file
	Asked   int       `json:"asked"`  // how many calls it was an answer to, when it was given
	At      time.Time `json:"at"`
}

// OpenSession begins a session for a policy file, or goes on with the one that
// has not been ended; its state is kept in a directory of the user's.
func OpenSession(policyFile, stateDir string) (s *Session, resumed bool, err error) {
	name, err := filepath.Abs(policyFile)
	if err != nil {
		return nil, false, err
	}
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	sum := sha256.Sum256([]byte(name))
	s = &Session{state: filepath.Join(stateDir, "session-"+hex.EncodeToString(sum[:8])+".json")}
	data, err := os.ReadFile(s.state)
	switch {
	case err == nil:
		if err := json.Unmarshal(data, s); err != nil {
			return nil, false, fmt.Errorf("%s: %w (remove it to begin anew)", s.state, err)
		}
		if s.Policy == name {
			return s, true, nil
		}
		*s = Session{state: s.state}
	case !errors.Is(err, fs.ErrNotExist):
		return nil, false, err
	}
	s.Policy, s.Begun = name, time.Now()
	src, err := os.ReadFile(name)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, false, err
	}
	s.Existed, s.Base, s.Wrote = err == nil, string(src), string(src)
	return s, false, nil
}

// Rules are those of a profile that hold for the run and are not in the file.
func (s *Session) Rules(profile string) []string {
	var rules []string
	for _, e := range s.Entries {
		if !e.Always && e.Profile == profile {
			rules = append(rules, e.Rule)
		}
	}
	return rules
}

// Add records the rules of an answer; with Always they are in the policy file
// when it returns.
func (s *Session) Add(q *Question, a Answer) error {
	profile := q.Profile
	if profile == "" {
		profile = "main"
	}
	before := ""
	if q.Rule != nil {
		before = q.Rule.String()
	}
	for _, rule := range a.Rules {
		e := Entry{Profile: profile, Rule: rule, Before: before, Asked: max(q.asked, 1), At: time.Now()}
		if a.Scope == Always {
			if err := s.write(&e); err != nil {
				return err
			}
		}
		s.Entries = append(s.Entries, e)
	}
	return s.save()
}

// write puts an entry into the policy file.
func (s *Session) write(e *Entry) error {
	err := s.change(func(src []byte) ([]byte, error) {
		return Insert(s.Policy, src, NewRule{Profile: e.Profile, Text: e.Rule, Before: e.Before, Comment: e.comment()})
	})
	e.Always = err == nil
	return err
}

// change saves the policy file, and notes what others have done to it.
func (s *Session) change(f func(src []byte) ([]byte, error)) error {
	var out []byte
	others := s.Others
	err := Save(s.Policy, func(src []byte) ([]byte, error) {
		others = others || string(src) != s.Wrote && (s.Existed || s.Wrote != "" || string(src) != newFile)
		var err error
		out, err = f(src)
		return out, err
	})
	if err == nil {
		s.Wrote, s.Others = string(out), others
	}
	return err
}

// comment says when a rule was answered, and to how many calls.
func (e *Entry) comment() string {
	times := "once"
	if e.Asked > 1 {
		times = fmt.Sprintf("%d times", e.Asked)
	}
	return "answered " + e.At.Format("2006-01-02 15:04") + ", asked " + times
}

// save writes the state. A session without rules has none.
func (s *Session) save() error {
	if len(s.Entries) == 0 {
		return s.end()
	}
	data, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(s.state), 0o700); err != nil {
		return err
	}
	return renameio.WriteFile(s.state, append(data, '\n'), 0o600)
}

// end forgets the session.
func (s *Session) end() error {
	if err := os.Remove(s.state); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// current is what is in the policy file now.
func (s *Session) current() ([]byte, error) {
	src, err := os.ReadFile(s.Policy)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return src, err
}

// Undo takes a rule back, out of the file too.
func (s *Session) Undo(i int) error {
	e := s.Entries[i]
	if e.Always {
		if err := s.remove(e); err != nil {
			return err
		}
	}
	s.Entries = slices.Delete(s.Entries, i, i+1)
	return s.save()
}

func (s *Session) remove(e Entry) error {
	rule, err := policy.ParseRule(e.Rule)
	if err != nil {
		return err
	}
	return s.change(func(src []byte) ([]byte, error) {
		return Remove(s.Policy, src, e.Profile, rule.String())
	})
}

// Keep puts a rule of this run into the file.
func (s *Session) Keep(i int) error {
	if s.Entries[i].Always {
		return nil
	}
	if err := s.write(&s.Entries[i]); err != nil {
		return err
	}
	return s.save()
}

// Discard takes all rules of the session back. The file becomes what it was,
// unless somebody else has changed it; then only the rules go.
func (s *Session) Discard() error {
	src, err := s.current()
	if err != nil {
		return err
	}
	switch {
	case s.Others || string(src) != s.Wrote:
		for _, e := range s.Entries {
			if !e.Always {
				continue
			}
			if err := s.remove(e); err != nil {
				return err
			}
		}
	case !s.Existed:
		if err := os.Remove(s.Policy); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	case s.Wrote != s.Base:
		if err := Save(s.Policy, func([]byte) ([]byte, error) { return []byte(s.Base), nil }); err != nil {
			return err
		}
	}
	s.Entries = nil
	return s.end()
}
