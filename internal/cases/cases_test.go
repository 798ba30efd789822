package cases_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strait/internal/cases"
)

func run(t *testing.T, paths ...string) (*cases.Summary, string) {
	t.Helper()
	list, err := cases.Find(paths)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	s := &cases.Suite{Cases: list, Report: &cases.Lines{W: &out, Verbose: true}}
	sum, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return sum, out.String()
}

// The samples behave as their cases say.
func TestSamples(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell")
	}
	sum, out := run(t, "../../testdata/cases/...")
	if !sum.OK() || sum.Passed == 0 {
		t.Error(out)
	}
}

// What is wrong with a case is told with its place, and the others run.
func TestBadCases(t *testing.T) {
	sum, out := run(t, "testdata/bad")
	if sum.Passed != 1 || sum.Failed != 12 {
		t.Errorf("%d passed, %d failed; want 1, 12", sum.Passed, sum.Failed)
	}
	for _, want := range []string{
		"yaml.case.yaml:3: ", `keys.case.yaml:2: unknown key "rum"`, "missing.case.yaml:2: run: no program ./not-there",
		"garbage.trace:1: no golden trace", "hangs.case.yaml:3: it took longer than 300ms", "leaves.case.yaml:3: it left processes behind",
		"policy.case.yaml:4: policy: ", "build.case.yaml:2: build: echo it cannot be built; exit 3: it exited with 3\n      it cannot be built", "--- PASS: good",
		"exec.case.yaml:3: run: exec ./text: exec format error (it is no program for this machine, and a script begins with #!/bin/sh)",
		"exec.case.yaml:8: run: exec ./text: permission denied (it is not executable: chmod +x FILE, or mode: 0755 where files: has it)",
		"exec.case.yaml:13: run: exec ./text: no such file or directory (what it is run by, /not/there, is not there)",
		"exec.case.yaml:18: run: exec /etc: permission denied (it is a folder)",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told:\n%s", want, out)
		}
	}
}

// A path at which there is no case fails, and the others run.
func TestFindRest(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "case.yaml"), "version: 1\nname: good\nrun: sh -c ':'\n")
	locked := filepath.Join(dir, "locked")
	if err := os.Mkdir(locked, 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(locked, 0o700) }) //nolint:gosec // to be removed
	nothing := filepath.Join(dir, "nothing")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(dir, link); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{link, link + "/...", dir, dir + "/"} {
		if list, err := cases.Find([]string{path}); err != nil || list[0].Pos.File != filepath.Join(strings.TrimSuffix(path, "/..."), "case.yaml") {
			t.Errorf("%s: %v, %v", path, list, err)
		}
	}
	sum, out := run(t, nothing, dir+"/...")
	want := []string{"--- PASS: good", nothing + ": no such file or directory"}
	if os.Geteuid() != 0 { // who reads all folders
		want = append(want, locked+": permission denied")
	}
	for _, want := range want {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told:\n%s", want, out)
		}
	}
	if sum.Passed != 1 || sum.Failed != len(want)-1 {
		t.Errorf("%d passed, %d failed", sum.Passed, sum.Failed)
	}
	if _, err := cases.Find([]string{nothing, nothing}); err == nil {
		t.Error("there is a case at no path")
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// What a build leaves behind is gone with it, also in a session of its own, and so is
// what it does when it is ended.
func TestBuildLeavesNothing(t *testing.T) {
	if _, err := exec.LookPath("setsid"); err != nil {
		t.Skip("no setsid")
	}
	for _, end := range []string{"true", "exit 3", "kill -9 $$", "echo > $ENDLESS; sleep 1000"} {
		dir := t.TempDir()
		pid, endless := filepath.Join(dir, "pid"), filepath.Join(dir, "endless")
		t.Setenv("PIDFILE", pid)
		t.Setenv("ENDLESS", endless)
		name := filepath.Join(dir, "case.yaml")
		write(t, name, `version: 1
build: mkfifo $BUILD/there && (setsid sh -c 'echo $$ > $PIDFILE; echo > $BUILD/there; exec sleep 1000' &) && read x < $BUILD/there; `+end+`
run: sh -c ':'
`)
		list, err := cases.Find([]string{name})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		go func() {
			for ctx.Err() == nil {
				if _, err := os.Stat(endless); err == nil {
					cancel()
				}
				time.Sleep(time.Millisecond)
			}
		}()
		r := list[0].Test(ctx, cases.RunOptions{})
		cancel()
		if r.Passed() != (end == "true") {
			t.Errorf("%s: %v", end, r.Failures)
		}
		text, err := os.ReadFile(pid)
		if err != nil {
			t.Errorf("%s: it did not start: %v, %v", end, err, r.Failures)
			continue
		}
		if n := strings.TrimSpace(string(text)); isAlive(n) {
			t.Errorf("%s: process %s is left", end, n)
		}
	}
}

// isAlive says whether a process runs: one that ended may wait for its parent to hear of it.
func isAlive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return false
	}
	_, rest, _ := bytes.Cut(stat, []byte(") "))
	return !bytes.HasPrefix(rest, []byte("Z")) && !bytes.HasPrefix(rest, []byte("X"))
}

// A golden trace that is written anew takes the place of the old one when it is whole.
func TestGoldenReplaced(t *testing.T) {
	dir := t.TempDir()
	name, trace, old := filepath.Join(dir, "case.yaml"), filepath.Join(dir, "x.trace"), filepath.Join(dir, "old")
	write(t, name, "version: 1\nrun: sh -c ':'\nexpect: {golden: x.trace}\n")
	write(t, trace, "what was")
	if err := os.Link(trace, old); err != nil {
		t.Fatal(err)
	}
	list, err := cases.Find([]string{name})
	if err != nil {
		t.Fatal(err)
	}
	if r := list[0].Test(context.Background(), cases.RunOptions{Update: true}); !r.Passed() || len(r.Updated) != 1 {
		t.Fatal(r.Failures)
	}
	was, _ := os.ReadFile(old)
	now, _ := os.ReadFile(trace)
	if string(was) != "what was" || !strings.HasPrefix(string(now), "strait golden trace") {
		t.Errorf("the old file has %q, the new one %q", was, now)
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 3 {
		t.Errorf("in the folder: %v, %v", left, err)
	}
}

// A limit that does not hold is told.
func TestProcsOfRoot(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "case.yaml")
	for user, want := range map[string]bool{"": true, "user: '0:0'\n": true, "user: '65534:65534'\n": false} {
		if os.Geteuid() != 0 && user != "" {
			continue // needs root
		}
		write(t, name, "version: 1\nrun: sh -c ':'\nlimits: {procs: 5000}\n"+user)
		_, out := run(t, name)
		told := strings.Contains(out, "case.yaml:3: limits: procs does not hold root")
		if told != (want && os.Geteuid() == 0) {
			t.Errorf("%q: %s", user, out)
		}
	}
}

// Output of a program is shown so that it does nothing at a terminal, and not all of it.
func TestOutputShown(t *testing.T) {
	name := filepath.Join(t.TempDir(), "case.yaml")
	write(t, name, `version: 1
run: ['printf', 'a\033[31m\377é\t%01000d\n', '7']
expect: {stdout: b, never: write}
`)
	_, out := run(t, name)
	if called := `printf: write(1<stdout>, "a\33[31m`; !strings.Contains(out, called) {
		t.Errorf("%q is not in\n%q", called, out)
	}
	want := "+ a\\x1b[31m\\xffé\t" + strings.Repeat("0", 290) + "... and 710 bytes more\n"
	if !strings.Contains(out, want) {
		t.Errorf("%q is not in\n%q", want, out)
	}
}

// A program is in a session of its own: what it sends to its process group is not for
// the other cases, and nobody has a terminal.
func TestOwnSession(t *testing.T) {
	name := filepath.Join(t.TempDir(), "case.yaml")
	write(t, name, `version: 1
run: sh ./s.sh
files:
  s.sh: |
    read pid comm state parent group session rest < /proc/$$/stat
    echo $((pid - group)) $((pid - session))
    (: < /dev/tty) || echo none
    kill -TERM 0
expect: {signal: SIGTERM, stdout: "0 0\nnone\n"}
`)
	if sum, out := run(t, name); sum.Passed != 1 {
		t.Error(out)
	}
}

// A temporary folder may be named from where strait runs, and a program that ends
// otherwise than all should is told with the line that starts it.
func TestRelativeTemporary(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.Mkdir("tmp", 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", "tmp")
	write(t, "case.yaml", `version: 1
run: sh -c 'echo x > y; exit 3'
expect: {writes: ./y}
`)
	_, out := run(t, ".")
	if want := "case.yaml:2: it exited with 3, and was to exit with 0\n"; !strings.Contains(out, want) || strings.Contains(out, "it happened") {
		t.Errorf("%q is not in, or more than that:\n%s", want, out)
	}
	if left, err := os.ReadDir("tmp"); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
}
