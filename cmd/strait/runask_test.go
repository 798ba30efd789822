package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"
)

// A screen is what a program at a terminal shows.
type screen struct {
	t    *testing.T
	f    *os.File
	mu   sync.Mutex
	more *sync.Cond
	text []byte
	all  []byte
	end  bool
}

// whole is all that there was until the end.
func (s *screen) whole() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for !s.end {
		s.more.Wait()
	}
	return string(s.all)
}

func newScreen(t *testing.T, f *os.File) *screen {
	s := &screen{t: t, f: f}
	s.more = sync.NewCond(&s.mu)
	go func() {
		buf := make([]byte, 4096)
		for {
			n, err := f.Read(buf)
			s.mu.Lock()
			s.text, s.all = append(s.text, buf[:n]...), append(s.all, buf[:n]...)
			s.end = err != nil
			s.more.Broadcast()
			s.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return s
}

// answer waits for a text and types after it.
func (s *screen) answer(text, keys string) {
	s.t.Helper()
	timer := time.AfterFunc(30*time.Second, func() {
		s.mu.Lock()
		s.end = true
		s.more.Broadcast()
		s.mu.Unlock()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for {
		if i := bytes.Index(s.text, []byte(text)); i >= 0 {
			s.text = s.text[i+len(text):]
			break
		}
		if s.end {
			s.t.Fatalf("%q does not come; there is %q", text, s.text)
		}
		s.more.Wait()
	}
	if _, err := s.f.WriteString(keys); err != nil {
		s.t.Fatal(err)
	}
}

// TestAsk is a session at a terminal: questions, the program's own terminal, and
// the review.
func TestAsk(t *testing.T) {
	for _, tool := range []string{"stty", "cat"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	strait := filepath.Join(dir, "strait")
	if err := os.Symlink(self, strait); err != nil {
		t.Fatal(err)
	}
	policyFile := filepath.Join(dir, "p.yaml")
	if err := os.WriteFile(policyFile, []byte(`version: 1
include: [std/runtime]
profiles:
  main:
    - allow exec fs.stat /**
    - allow fs.read /usr/** /lib/** /etc/**
    - allow process.create
    - ask fs.read # all else
`), 0o640); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"a.txt", "b.txt", "c.txt", "d.txt"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("text of "+name+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command(strait, "run", "--policy", policyFile, "sh", "-c", "stty size; cat a.txt; cat b.txt; cat c.txt; cat d.txt; exit 5")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "XDG_STATE_HOME="+filepath.Join(dir, "state"))
	f, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 33, Cols: 99})
	if err != nil {
		t.Skip("no pseudo terminals: ", err)
	}
	defer f.Close()
	s := newScreen(t, f)
	s.answer("33 99", "")
	s.answer("wants to read "+dir+"/a.txt", "")
	s.answer("p.yaml:8: ask fs.read", "")
	s.answer("> ", "allow always\r")
	s.answer("always: allow fs.read ${CWD}/a.txt", "")
	s.answer("wants to read "+dir+"/b.txt", "")
	s.answer("> ", "stack\r")
	s.answer("   > /", "") // the innermost frame
	s.answer("> ", "deny(EIO)\r")
	s.answer("wants to read "+dir+"/c.txt", "")
	s.answer("> ", "detach\r")
	s.answer("let go", "")
	s.answer("+    - allow fs.read ${CWD}/a.txt # answered ", "")
	s.answer("[l]ater", "")
	s.answer("> ", "keep\r")
	err = cmd.Wait()
	// What the program writes is shown when no question stands, whenever that is.
	for _, text := range []string{"text of a.txt", "Input/output error", "text of c.txt", "text of d.txt"} {
		if !strings.Contains(s.whole(), text) {
			t.Errorf("%q was not shown:\n%s", text, s.whole())
		}
	}
	if code := cmd.ProcessState.ExitCode(); code != 5 {
		t.Errorf("exit status %d, %v", code, err)
	}
	src, err := os.ReadFile(policyFile)
	if err != nil {
		t.Fatal(err)
	}
	rule, ask := strings.Index(string(src), "- allow fs.read ${CWD}/a.txt # answered "), strings.Index(string(src), "- ask fs.read # all else")
	if rule < 0 || ask < rule {
		t.Errorf("the rule is not before the question:\n%s", src)
	}
	if st, err := os.Stat(policyFile); err != nil || st.Mode() != 0o640 {
		t.Errorf("mode %v, %v", st.Mode(), err)
	}
}
