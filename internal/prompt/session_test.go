package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// begin opens a session on the hand-written policy with two rules in the file
// and one for the run.
func begin(t *testing.T) (s *Session, name, state string) {
	t.Helper()
	dir := t.TempDir()
	name, state = filepath.Join(dir, "p.yaml"), filepath.Join(dir, "state")
	if err := os.WriteFile(name, []byte(handWritten), 0o600); err != nil {
		t.Fatal(err)
	}
	s, resumed, err := OpenSession(name, state)
	if err != nil || resumed {
		t.Fatal(resumed, err)
	}
	q := question(pairOf("fs.read", "/srv/a"))
	q.asked = 3
	for _, a := range []Answer{
		{Scope: Always, Rules: []string{"allow fs.read /srv/a"}},
		{Scope: ThisRun, Rules: []string{"allow fs.read /srv/b"}},
		{Scope: Always, Rules: []string{"allow fs.read /srv/c"}},
	} {
		if err := s.Add(q, a); err != nil {
			t.Fatal(err)
		}
	}
	return s, name, state
}

func content(t *testing.T, name string) string {
	t.Helper()
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestReview(t *testing.T) {
	for _, tt := range []struct {
		name  string
		lines []string // each typed when the choices are shown
		in    []string // rules in the file at the end
		open  bool     // the session can be resumed
	}{
		{"keep", []string{"keep"}, []string{"/srv/a", "/srv/c"}, false},
		{"undo", []string{"undo 1", "k"}, []string{"/srv/c"}, false},
		{"undo all", []string{"u 1", "u 1", "u"}, nil, false},
		{"add", []string{"add 2", "k"}, []string{"/srv/a", "/srv/b", "/srv/c"}, false},
		{"discard", []string{"discard"}, nil, false},
		{"later", []string{"later"}, []string{"/srv/a", "/srv/c"}, true},
		{"no answer", []string{"\x04"}, []string{"/srv/a", "/srv/c"}, true},
		{"nonsense", []string{"", "undo 9", "undo", "jump", "d"}, nil, false},
		{"edit", []string{"edit", "k"}, []string{"/srv/a"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("VISUAL", "sed -i /srv.c/d")
			s, name, state := begin(t)
			u, term := newUser(t)
			done := make(chan error, 1)
			go func() { done <- s.Review(term) }()
			for i, line := range tt.lines {
				screen := u.expect("[l]ater\r\n> ")
				if i == 0 && (!strings.Contains(screen, "+    - allow fs.read /srv/a # answered ") || !strings.Contains(screen, "  2  this run only  allow fs.read /srv/b")) {
					t.Errorf("the difference is not there: %q", screen)
				}
				u.send(line)
				if line != "\x04" {
					u.send("\r")
				}
			}
			if err := <-done; err != nil {
				t.Fatal(err)
			}
			got := content(t, name)
			for _, rule := range []string{"/srv/a", "/srv/b", "/srv/c"} {
				want := strings.Contains(strings.Join(tt.in, " "), rule)
				if has := strings.Contains(got, "fs.read "+rule+" # answered"); has != want {
					t.Errorf("%s in the file: %v, want %v\n%s", rule, has, want, got)
				}
			}
			if tt.in == nil && got != handWritten {
				t.Error(cmp.Diff(handWritten, got))
			}
			again, resumed, err := OpenSession(name, state)
			if err != nil || resumed != tt.open {
				t.Errorf("resumed: %v, want %v (%v)", resumed, tt.open, err)
			}
			if tt.open && !cmp.Equal(again.Rules("main"), []string{"allow fs.read /srv/b"}) {
				t.Errorf("the rules of the run are %q", again.Rules("main"))
			}
		})
	}
}

// TestDiscardNew: a policy that the session made goes with it; one that others
// changed meanwhile keeps their changes.
func TestDiscardNew(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "new.yaml")
	s, _, err := OpenSession(name, filepath.Join(dir, "state"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Add(question(pairOf("fs.read", "/srv/a")), Answer{Scope: Always, Rules: []string{"allow fs.read /srv/a"}}); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(name); !os.IsNotExist(err) {
		t.Error("the file is still there: ", err)
	}

	s, name, _ = begin(t)
	changed := strings.Replace(content(t, name), "# The build.", "# Changed.", 1)
	if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(handWritten, "# The build.", "# Changed.", 1), content(t, name)); diff != "" {
		t.Error(diff)
	}
}

// TestDiscardAfterUndo: what others changed stays when the session wrote over it.
func TestDiscardAfterUndo(t *testing.T) {
	s, name, state := begin(t)
	changed := strings.Replace(content(t, name), "# The build.", "# Changed.", 1)
	if err := os.WriteFile(name, []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := s.Undo(0); err != nil {
		t.Fatal(err)
	}
	s, resumed, err := OpenSession(name, state)
	if err != nil || !resumed {
		t.Fatal(resumed, err)
	}
	if err := s.Discard(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Replace(handWritten, "# The build.", "# Changed.", 1), content(t, name)); diff != "" {
		t.Error(diff)
	}
}

// TestEditRefused: what an editor left is saved only if it is a policy.
func TestEditRefused(t *testing.T) {
	t.Setenv("VISUAL", "sed -i s/version/revision/")
	s, name, _ := begin(t)
	before := content(t, name)
	u, term := newUser(t)
	done := make(chan error, 1)
	go func() { done <- s.Review(term) }()
	u.expect("[l]ater\r\n> ")
	u.send("e\r")
	u.expect("not saved: ")
	u.expect("[l]ater\r\n> ")
	u.send("k\r")
	if err := <-done; err != nil || content(t, name) != before {
		t.Errorf("%v\n%s", err, cmp.Diff(before, content(t, name)))
	}
}
