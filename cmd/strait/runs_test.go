package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// A tracedRun is one case of testdata/runs: a line of shell in which strait
// traces something, and all that it and its program write.
//
//	# what it is about
//	[root] [own: strace has no trees]
//	$ strait -e trace=chdir sh -c 'cd /'
//	2|chdir("/")                              = 0
//	2|+++ exited with 0 +++
//	=> 0
//
// Conditions come first: root, user (not root), own (strace differs, and why), pty
// (it runs at a terminal, with what is typed), or a command that has to be there. 1| and 2| are standard output and error,
// in which what differs from run to run has been given names.
type tracedRun struct {
	about  []string
	conds  []string
	script string
	output string
}

func (r tracedRun) String() string {
	var b strings.Builder
	for _, s := range r.about {
		b.WriteString(s + "\n")
	}
	if len(r.conds) > 0 {
		b.WriteString("[" + strings.Join(r.conds, "] [") + "]\n")
	}
	return b.String() + "$ " + r.script + "\n" + r.output
}

// own says whether strace is not expected to do the same.
func (r tracedRun) own() bool {
	for _, c := range r.conds {
		if strings.HasPrefix(c, "own: ") {
			return true
		}
	}
	return false
}

func (r tracedRun) missing() string {
	for _, c := range r.conds {
		switch {
		case c == "root" && os.Geteuid() != 0, c == "user" && os.Geteuid() == 0:
			return "only for " + c
		case c == "root", c == "user", strings.HasPrefix(c, "own: "), strings.HasPrefix(c, "pty:"):
		default:
			if _, err := exec.LookPath(c); err != nil {
				return err.Error()
			}
		}
	}
	return ""
}

func readRuns(t *testing.T, file string) []tracedRun {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var runs []tracedRun
	var next tracedRun
	for _, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		switch {
		case line == "" || line[0] == '#':
			next.about = append(next.about, line)
		case line[0] == '[':
			next.conds = strings.Split(line[1:len(line)-1], "] [")
		case strings.HasPrefix(line, "$ "):
			next.script = line[2:]
			runs, next = append(runs, next), tracedRun{}
		default:
			runs[len(runs)-1].output += line + "\n"
		}
	}
	return runs
}

// A runner has a tool in place: the directory that has it, by the name strait.
type runner struct{ bin string }

func newRunner(t *testing.T, tool string) runner {
	t.Helper()
	path, err := exec.LookPath(tool)
	if err != nil {
		t.Fatal(err)
	}
	// Not t.TempDir: an ordinary user that -u names must get there.
	bin, err := os.MkdirTemp("", "runs")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(bin) })
	if err := errors.Join(os.Chmod(bin, 0o755), os.Symlink(path, filepath.Join(bin, "strait"))); err != nil {
		t.Fatal(err)
	}
	for name := range testPrograms {
		if program, err := exec.LookPath(name); err == nil && name != "strait" {
			if err := os.Symlink(program, filepath.Join(bin, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	return runner{bin}
}

// prelude is what scripts can use: words to wait for, and W, a loop for a program's
// subshell that ends when the program sleeps.
const prelude = `
until_in() { until grep -q "$1" "$2" 2>/dev/null; do sleep .01; done; }
traced() { until_in '^TracerPid:.[1-9]' /proc/$1/status; until_in '^State:.S' /proc/$1/status; }
asleep() { until_in '^Name:.sleep' /proc/$1/status; until_in '^State:.S' /proc/$1/status; }
dead() { until ! test -d /proc/$1 || grep -q '^State:.Z' /proc/$1/status 2>/dev/null; do sleep .01; done; }
W='until read -r _ _ s _ </proc/$$/stat && [ "$s" = S ]; do :; done'
mkfifo fifo
`

func (r runner) run(t *testing.T, c tracedRun) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	dir, err := os.MkdirTemp("", "run")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	script := c.script
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", prelude+script)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + r.bin + ":/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C", "TZ=UTC", "TERM=vt100", "HOME=/", "PWD=" + dir}
	cmd.WaitDelay = 10 * time.Second
	var stdout, stderr bytes.Buffer
	if keys, terminal := c.keystrokes(); terminal {
		stdout.WriteString(runAtTerminal(t, cmd, keys))
	} else {
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // never an orphaned group, which SIGTSTP does not stop
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatalf("%s: %v", script, err)
		}
	}
	if strings.Contains(script, "wait $s") { // whether the shell says it is a matter of luck
		said := regexp.MustCompile(`(?m)^(Terminated|Killed|Hangup)\n`).ReplaceAll(stderr.Bytes(), nil)
		stderr = *bytes.NewBuffer(said)
	}
	text := numbered("1|", stdout.String()) + numbered("2|", stderr.String())
	text = strings.ReplaceAll(text, dir, "DIR")
	return normal(text) + fmt.Sprintf("=> %d\n", cmd.ProcessState.ExitCode())
}

// numbered puts a mark before each line, and shows bytes that are not text.
func numbered(mark, text string) string {
	if text == "" {
		return ""
	}
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		b.WriteString(mark)
		for _, c := range []byte(line) {
			if c < ' ' || c > '~' {
				fmt.Fprintf(&b, `\x%02x`, c)
			} else {
				b.WriteByte(c)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// normal gives names to process ids, and makes addresses, times and the size of
// the environment the same in each run.
func normal(text string) string {
	text = sameTable(text)
	for _, sub := range []struct{ from, to string }{
		{`0x[0-9a-f]{6,}\b`, "0xADDR"},
		{`\\x1b\[([0-9;]*)m`, "{$1}"},
		{`(si_[us]time\{0\}=\{35\})\d+(\{36\} /\* [0-9.]+ s\{36\} \*/\{35\})?`, "${1}0"},
		{`\b00007[0-9a-f]{11}\b`, "00007ADDR"},
		{`/\* \d+ vars \*/`, "/* N vars */"},
		{`\b\d\d:\d\d:\d\d\b`, "99:99:99"},
		{`\b1\d{9}\b`, "1999999999"},
		{`pipe:\[\d+\]`, "pipe:[N]"},
		{`\bsi_uid((?:\{0\})?=(?:\{35\})?)` + strconv.Itoa(os.Getuid()) + `\b`, "si_uid${1}0"},
		{`build of strace`, "build of strait"},
		{`/[\w.-]+(/[\w.-]+)*/strace: `, "strait: "},
		{`si_([us])time=\d+( /\* [0-9.]+ s \*/)?`, "si_${1}time=0"},
		{`'[^ ']*/strace -h'`, "'strait -h'"},
	} {
		text = regexp.MustCompile(sub.from).ReplaceAllString(text, sub.to)
	}
	// Seconds with a fraction keep their number of digits, and so their place.
	digits := regexp.MustCompile(`\d`)
	text = regexp.MustCompile(`(<|<\{35\}|\+?  +|99 |99|\|)\d+\.\d{3,9}\b`).ReplaceAllStringFunc(text, func(s string) string {
		return strings.ReplaceAll(digits.ReplaceAllString(s, "9"), "{99}", "{35}")
	})
	text = regexp.MustCompile(`99\.\d+\b`).ReplaceAllStringFunc(text, func(s string) string {
		return digits.ReplaceAllString(s, "9")
	})
	return samePIDs(text)
}

// samePIDs calls the processes P1, P2 and so on, in the order in which they come.
func samePIDs(text string) string {
	found := regexp.MustCompile(`(?:\[|\{35\})pid +(\d+)|[Pp]rocess (\d+)[ <:]|(?m:^[12]\|(\d+)(?:<[^>]*>)? +[^0-9 ])|(?:si_pid(?:\{0\})?=|kill(?:\{0\})?\()(?:\{35\})?(\d+)|(?:fork|clone3?|getp?pid|gettid|wait4|waitid|setsid)(?:\(| resumed).*= (\d+)|in pid (\d+)|by pid (\d+)|changed to (\d+)|SEIZE, (\d+)|PID=(\d+)|\.(\d+)[:']`)
	names := map[string]string{}
	for _, m := range found.FindAllStringSubmatch(text, -1) {
		pid := strings.Join(m[1:], "")
		if _, ok := names[pid]; !ok && len(pid) > 1 {
			names[pid] = fmt.Sprintf("P%d", len(names)+1)
		}
	}
	var b strings.Builder
	number := regexp.MustCompile(`\b\d+\b`)
	for _, line := range strings.SplitAfter(text, "\n") {
		said := number.ReplaceAllStringFunc(line, func(n string) string {
			if name, ok := names[n]; ok {
				return name
			}
			return n
		})
		if said != line || strings.Contains(line, "DIR") { // how wide a name is decides about blanks
			said = regexp.MustCompile(` +`).ReplaceAllString(said, " ")
		}
		b.WriteString(said)
	}
	return b.String()
}

// sameTable makes the columns of -c the same that tell times.
func sameTable(text string) string {
	lines := strings.SplitAfter(text, "\n")
	var spans [][]int
	var heads []string
	for i, line := range lines {
		switch {
		case i > 0 && regexp.MustCompile(`^[12]\|-+( -+)*\n`).MatchString(line):
			if spans != nil { // the rule before the total
				continue
			}
			spans = regexp.MustCompile(`-+`).FindAllStringIndex(line, -1)
			heads = nil
			for _, s := range spans {
				heads = append(heads, strings.TrimSpace(lines[i-1][s[0]:min(s[1], len(lines[i-1]))]))
			}
			continue
		case spans == nil || len(line) < spans[len(spans)-1][0]:
			continue
		}
		b := []byte(line)
		for j, s := range spans {
			switch heads[j] {
			case "calls", "errors", "syscall":
				continue
			}
			if s[1] > len(b) || strings.Trim(line[s[0]:s[1]], " 0123456789.") != "" {
				continue
			}
			if f := b[s[0]:s[1]]; strings.TrimSpace(string(f)) != "" {
				copy(f, strings.Repeat(" ", len(f)-1)+"#")
			}
		}
		lines[i] = string(b)
	}
	return strings.Join(lines, "")
}

func runFiles(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("testdata/runs/*.runs")
	if err != nil || len(files) == 0 {
		t.Fatalf("no runs: %v", err)
	}
	return files
}

// TestRuns has strait do what testdata/runs says. With -update the files are
// written: what strace does where there is one to ask, else what strait does.
func TestRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("hundreds of runs")
	}
	if underRace {
		t.Skip("under the race detector it takes minutes; make race runs it once more without")
	}
	self := newRunner(t, "strait")
	for _, file := range runFiles(t) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".runs"), func(t *testing.T) {
			if *update {
				updateRuns(t, file, self)
				return
			}
			for _, want := range readRuns(t, file) {
				t.Run("", func(t *testing.T) {
					t.Parallel()
					self.compare(t, want)
				})
			}
		})
	}
}

func (r runner) compare(t *testing.T, want tracedRun) {
	t.Helper()
	if why := want.missing(); why != "" {
		t.Skip(why)
	}
	if diff := cmp.Diff(want.output, r.run(t, want)); diff != "" {
		t.Errorf("$ %s\n-want +got:\n%s", want.script, diff)
	}
}

func updateRuns(t *testing.T, file string, self runner) {
	t.Helper()
	model := self
	if strace := os.Getenv("STRAIT_STRACE"); strace != "" {
		model = newRunner(t, strace)
	}
	var b strings.Builder
	for _, r := range readRuns(t, file) {
		by := model
		if r.own() {
			by = self
		}
		if why := r.missing(); why == "" {
			r.output = by.run(t, r)
		}
		b.WriteString(r.String())
	}
	if err := os.WriteFile(file, []byte(b.String()), 0o666); err != nil {
		t.Fatal(err)
	}
}

// TestRunsAgainstStrace holds testdata/runs against strace itself.
func TestRunsAgainstStrace(t *testing.T) {
	path := os.Getenv("STRAIT_STRACE")
	if path == "" {
		t.Skip("no strace to compare with: STRAIT_STRACE is not set")
	}
	strace := newRunner(t, path)
	for _, file := range runFiles(t) {
		for _, want := range readRuns(t, file) {
			if want.own() {
				continue
			}
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				strace.compare(t, want)
			})
		}
	}
}
