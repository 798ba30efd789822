package prompt

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"strait/policy"

	"github.com/google/renameio/v2"
	"go.yaml.in/yaml/v3"
	"golang.org/x/sys/unix"
)

// A NewRule is a rule on its way into a policy file.
type NewRule struct {
	Profile string // whose rule it becomes
	Text    string
	Before  string // the rule it has to stand before, if that is in the file; else it goes last
	Comment string // behind it
}

// NewFile is what a policy begins with that rules are first written to.
func NewFile() []byte { return []byte(newFile) }

const newFile = `version: 1
include: [std/runtime]
default: deny(EPERM)
profiles:
  main: []
`

// Insert puts a rule into a policy's source. It adds a line where the rules
// stand on lines of their own, and leaves all others as they are; else it
// writes the file in canonical form, in which comments stay.
func Insert(name string, src []byte, r NewRule) ([]byte, error) {
	f, err := policy.Parse(name, src)
	if err != nil {
		return nil, err
	}
	rule, err := policy.ParseRule(r.Text)
	if err != nil {
		return nil, err
	}
	if r.Comment != "" {
		rule.Comment.Line = "# " + r.Comment
	}
	p := f.Profile(r.Profile)
	if p == nil {
		p = &policy.Profile{Name: r.Profile}
		f.Profiles = append(f.Profiles, p)
	}
	if slices.ContainsFunc(p.Rules, func(have *policy.Rule) bool { return have.String() == rule.String() }) {
		return src, nil
	}
	at := slices.IndexFunc(p.Rules, func(have *policy.Rule) bool { return r.Before != "" && have.String() == r.Before })
	if at < 0 {
		at = len(p.Rules)
	}
	lined := insertLine(src, p, at, rule)
	p.Rules = slices.Insert(p.Rules, at, rule)
	return unlessChanged(name, lined, f), nil
}

// unlessChanged is src if it says what f does, else f in canonical form.
func unlessChanged(name string, src []byte, f *policy.File) []byte {
	want := f.Format()
	if src != nil {
		if got, err := policy.Parse(name, src); err == nil && bytes.Equal(got.Format(), want) {
			return src
		}
	}
	return want
}

// insertLine puts a line for a rule before that of rule at of a profile, and
// before the comments above that; nil: they have no lines of their own.
func insertLine(src []byte, p *policy.Profile, at int, rule *policy.Rule) []byte {
	if len(p.Rules) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(src), "\n")
	next := min(at, len(p.Rules)-1)
	i := p.Rules[next].Pos.Line - 1
	if i < 0 || i >= len(lines) {
		return nil
	}
	indent, _, ok := strings.Cut(lines[i], "- ")
	if !ok || strings.TrimSpace(indent) != "" {
		return nil
	}
	if at > next {
		if !strings.HasSuffix(lines[i], "\n") {
			lines[i] += "\n"
		}
		i++
	} else {
		for i > 0 && strings.HasPrefix(strings.TrimSpace(lines[i-1]), "#") {
			i--
		}
	}
	text, err := yaml.Marshal(rule.String())
	if err != nil || bytes.Count(text, []byte("\n")) != 1 {
		return nil
	}
	line := indent + "- " + strings.TrimSuffix(string(text), "\n")
	if rule.Comment.Line != "" {
		line += " " + rule.Comment.Line
	}
	return []byte(strings.Join(slices.Insert(lines, i, line+"\n"), ""))
}

// Remove takes a rule out of a policy's source, and leaves all else as it is
// where the rule has a line of its own.
func Remove(name string, src []byte, profile, text string) ([]byte, error) {
	f, err := policy.Parse(name, src)
	if err != nil {
		return nil, err
	}
	p := f.Profile(profile)
	if p == nil {
		return src, nil
	}
	at := slices.IndexFunc(p.Rules, func(r *policy.Rule) bool { return r.String() == text })
	if at < 0 {
		return src, nil
	}
	var lined []byte
	lines := strings.SplitAfter(string(src), "\n")
	if i := p.Rules[at].Pos.Line - 1; i >= 0 && i < len(lines) && len(p.Rules) > 1 {
		lined = []byte(strings.Join(slices.Delete(slices.Clone(lines), i, i+1), ""))
	}
	p.Rules = slices.Delete(p.Rules, at, at+1)
	return unlessChanged(name, lined, f), nil
}

// Save changes a policy file by a function of what is in it. Whoever looks sees
// the old file or the new one; its mode stays, and its owner where that is
// possible. Two who save at the same time do so one after the other.
func Save(name string, change func(src []byte) ([]byte, error)) error {
	if real, err := filepath.EvalSymlinks(name); err == nil {
		name = real
	}
	dir, err := os.Open(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer dir.Close()
	if err := flock(dir); err != nil {
		return fmt.Errorf("lock %s: %w", dir.Name(), err)
	}
	old, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		old, err = []byte(newFile), nil
	}
	if err != nil {
		return err
	}
	src, err := change(old)
	if err != nil {
		return err
	}
	return replace(name, src)
}

func flock(f *os.File) error {
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		if !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// replace writes a file that takes the place of the old one.
func replace(name string, src []byte) error {
	f, err := renameio.NewPendingFile(name, renameio.WithTempDir(filepath.Dir(name)), renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = f.Cleanup() }()
	if st, err := os.Stat(name); err == nil {
		if sys, ok := st.Sys().(*syscall.Stat_t); ok {
			_ = f.Chown(int(sys.Uid), int(sys.Gid)) // as far as we may
		}
	}
	if _, err := f.Write(src); err != nil {
		return err
	}
	return f.CloseAtomicallyReplace()
}
