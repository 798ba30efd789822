package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

const goldenLines = "testdata/commandlines.golden"

// A commandLine of the golden file: words, and what is said about them.
//
//	$ -s x /bin/true
//	invalid -s argument: 'x'
//	=> usage
//
// The last line is how it ends: ok (the program is traced), refused (exit 1)
// or usage (exit 1, with a pointer to -h).
type commandLine struct {
	words []string
	says  []string
	end   string
}

func (c commandLine) String() string {
	var b strings.Builder
	b.WriteByte('$')
	for _, w := range c.words {
		if w == "" || strings.ContainsAny(w, " \"\\\t\n\v") || strings.ContainsFunc(w, func(r rune) bool { return r > '~' }) {
			w = strconv.QuoteToASCII(w)
		}
		b.WriteString(" " + w)
	}
	b.WriteByte('\n')
	for _, s := range c.says {
		for i := range len(s) { // the file is to be text
			if s[i] < 0x80 {
				b.WriteByte(s[i])
			} else {
				fmt.Fprintf(&b, "\\x%x", s[i])
			}
		}
		b.WriteByte('\n')
	}
	b.WriteString("=> " + c.end + "\n")
	return b.String()
}

func readCommandLines(t *testing.T) []commandLine {
	t.Helper()
	data, err := os.ReadFile(goldenLines)
	if err != nil {
		t.Fatal(err)
	}
	var lines []commandLine
	for _, text := range strings.Split(strings.TrimSpace(string(data)), "\n") {
		if rest, ok := strings.CutPrefix(text, "$"); ok {
			lines = append(lines, commandLine{words: splitWords(t, rest)})
			continue
		}
		c := &lines[len(lines)-1]
		if end, ok := strings.CutPrefix(text, "=> "); ok {
			c.end = end
			continue
		}
		c.says = append(c.says, text)
	}
	return lines
}

// splitWords undoes what commandLine.String does.
func splitWords(t *testing.T, s string) []string {
	t.Helper()
	var words []string
	for s != "" {
		s = s[1:] // the blank
		if strings.HasPrefix(s, `"`) {
			quoted, err := strconv.QuotedPrefix(s)
			if err != nil {
				t.Fatalf("%s: %v", s, err)
			}
			word, _ := strconv.Unquote(quoted)
			words, s = append(words, word), s[len(quoted):]
			continue
		}
		end := strings.IndexByte(s, ' ')
		if end < 0 {
			end = len(s)
		}
		words, s = append(words, s[:end]), s[end:]
	}
	return words
}

func testEnvironment() *environment {
	return &environment{
		Name:          "strait",
		Pid:           1 << 30,
		Root:          true,
		Calls:         tableIndex{},
		Personalities: personalities(),
		User: func(name string) (credentials, error) {
			if name != "root" {
				return credentials{}, errors.New("no such user")
			}
			return credentials{Groups: []uint32{0}, Home: "/root"}, nil
		},
		RealPath: func(path string) (string, error) {
			return realPath(path)
		},
	}
}

// frontEnd does all that is done with a command line before a tracee is
// started, but for opening the output.
func frontEnd(e *environment, words []string) (*Options, error) {
	o, err := e.parse(words)
	if err == nil && !o.Version {
		err = o.check(e)
	}
	if err == nil && !o.Version {
		err = o.checkQuiet()
	}
	return o, err
}

func run(words []string) commandLine {
	o, err := frontEnd(testEnvironment(), words)
	c := commandLine{words: words, says: o.Warnings, end: "ok"}
	var r *refusal
	switch {
	case errors.As(err, &r) && r.usage:
		c.end = "usage"
	case err != nil && !errors.Is(err, errHelp):
		c.end = "refused"
	}
	if c.end != "ok" {
		c.says = append(c.says, err.Error())
	}
	return c
}

func TestCommandLines(t *testing.T) {
	var all bytes.Buffer
	for _, want := range readCommandLines(t) {
		got := run(want.words)
		fmt.Fprint(&all, got)
		if diff := cmp.Diff(want.String(), got.String()); diff != "" && !*update {
			t.Errorf("-want +got:\n%s", diff)
		}
	}
	if *update {
		if err := os.WriteFile(goldenLines, all.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCommandLinesAgainstStrace holds the golden file against strace itself.
func TestCommandLinesAgainstStrace(t *testing.T) {
	strace := os.Getenv("STRAIT_STRACE")
	if strace == "" {
		t.Skip("no strace to compare with: STRAIT_STRACE is not set")
	}
	for _, want := range readCommandLines(t) {
		if usesOwn(want.words) {
			continue
		}
		got := runStrace(t, strace, want)
		if diff := cmp.Diff(got.String(), want.String()); diff != "" {
			t.Errorf("-strace +golden:\n%s", diff)
		}
	}
}

// usesOwn says whether a command line has something that strace lacks.
func usesOwn(words []string) bool {
	own := regexp.MustCompile(`^--(json|no-interleave|slower-than|tree|placement)\b|:if=|:also|[sS]tatus=.*E[A-Z]{3}|^p\d|,p\d`)
	for _, w := range words {
		if own.MatchString(w) {
			return true
		}
	}
	return false
}

func runStrace(t *testing.T, strace string, c commandLine) commandLine {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, strace, c.words...)
	cmd.Dir = t.TempDir()
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	runErr := cmd.Run()
	got := commandLine{words: c.words, end: "ok"}
	text := regexp.MustCompile(`(?m)^\S*strace: `).ReplaceAllString(stderr.String(), "strait: ")
	said := regexp.MustCompile(`^(attach: ptrace|Process \d+ |process \d+ |System call limit|ptrace_setoptions|PTRACE_GET|new tcb|\[wait|next_event)`)
	started := false
	for _, line := range strings.Split(text, "\n") {
		switch s, ours := strings.CutPrefix(line, "strait: "); {
		case strings.HasPrefix(line, "Try '"):
			got.end = "usage"
		case ours && said.MatchString(s):
			started = true
		case ours:
			got.says = append(got.says, strings.ReplaceAll(s, "build of strace", "build of strait"))
		}
	}
	var exit *exec.ExitError
	if errors.As(runErr, &exit) && got.end == "ok" && len(got.says) > 0 && !started {
		got.end = "refused"
	}
	return got
}
