package prompt

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const handWritten = `# The build.
version: 1
include:   [std/runtime]   # what everything needs
default: ask
profiles:
  main:
    # secrets
    - deny(EACCES) fs.read ${HOME}/.ssh/**
    - allow fs.read   /usr/**    # the system
    # the rest of the files
    - ask fs.*
  git:
    extends: main
    rules: ["allow net.connect tcp *:22"]
`

func TestInsert(t *testing.T) {
	added := func(after, line string) string {
		return strings.Replace(handWritten, after, after+line, 1)
	}
	for _, tt := range []struct {
		name string
		rule NewRule
		want string
	}{
		{"last", NewRule{Profile: "main", Text: "allow net.connect tcp *:443", Comment: "answered"}, added("    - ask fs.*\n", "    - allow net.connect tcp *:443 # answered\n")},
		{"before the question and its comment", NewRule{Profile: "main", Text: "allow fs.read /srv/**", Before: "ask fs.*"}, added("# the system\n", "    - allow fs.read /srv/**\n")},
		{"there already", NewRule{Profile: "main", Text: "allow fs.read /usr/**"}, handWritten},
		{"needs quotes", NewRule{Profile: "main", Text: `allow fs.read "/a #b: c"`}, added("    - ask fs.*\n", "    - 'allow fs.read \"/a #b: c\"'\n")},
	} {
		got, err := Insert("p.yaml", []byte(handWritten), tt.rule)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s:\n%s", tt.name, diff)
		}
		if tt.rule.Comment == "" && string(got) != handWritten {
			back, err := Remove("p.yaml", got, tt.rule.Profile, tt.rule.Text)
			if err != nil || string(back) != handWritten {
				t.Errorf("%s: removed again: %v\n%s", tt.name, err, cmp.Diff(handWritten, string(back)))
			}
		}
	}
}

// TestInsertReformats: where rules have no lines, the file is rewritten and
// loses nothing.
func TestInsertReformats(t *testing.T) {
	for _, profile := range []string{"git", "new"} {
		got, err := Insert("p.yaml", []byte(handWritten), NewRule{Profile: profile, Text: "allow exec /usr/bin/ssh", Comment: "x"})
		if err != nil {
			t.Fatal(err)
		}
		for _, part := range []string{"# The build.", "# what everything needs", "# secrets", "# the system", "# the rest of the files", "allow exec /usr/bin/ssh # x", "allow net.connect tcp *:22"} {
			if !strings.Contains(string(got), part) {
				t.Errorf("%s: %q is not in\n%s", profile, part, got)
			}
		}
	}
}

func TestSave(t *testing.T) {
	dir := t.TempDir()
	name, link := filepath.Join(dir, "p.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(name, []byte(handWritten), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("p.yaml", link); err != nil {
		t.Fatal(err)
	}
	// Two at a time, and none is lost.
	var wg sync.WaitGroup
	ports := []string{"1", "2", "3", "4", "5", "6", "7", "8"}
	for _, port := range ports {
		wg.Go(func() {
			err := Save(link, func(src []byte) ([]byte, error) {
				return Insert(link, src, NewRule{Profile: "main", Text: "allow net.connect tcp *:" + port})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	got, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for _, port := range ports {
		if !strings.Contains(string(got), "tcp *:"+port+"\n") {
			t.Errorf("port %s is lost:\n%s", port, got)
		}
	}
	if st, err := os.Stat(name); err != nil || st.Mode() != 0o640 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
	if st, err := os.Lstat(link); err != nil || st.Mode()&os.ModeSymlink == 0 {
		t.Errorf("the link is gone: %v %v", st.Mode(), err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 2 {
		t.Errorf("something is left: %v", entries)
	}

	// One that fails leaves the file as it is.
	if err := Save(name, func([]byte) ([]byte, error) { return nil, os.ErrInvalid }); err == nil {
		t.Error("a failing change is no error")
	}
	if after, _ := os.ReadFile(name); string(after) != string(got) {
		t.Error("a failing change changed the file")
	}
	// A new file begins like one.
	fresh := filepath.Join(dir, "fresh.yaml")
	err = Save(fresh, func(src []byte) ([]byte, error) {
		return Insert(fresh, src, NewRule{Profile: "main", Text: "allow fs.read /a"})
	})
	if got, _ := os.ReadFile(fresh); err != nil || !strings.Contains(string(got), "include: [std/runtime]") || !strings.Contains(string(got), "    - allow fs.read /a\n") {
		t.Errorf("%v\n%s", err, got)
	}
}
