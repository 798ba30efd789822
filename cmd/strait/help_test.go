package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestHelp(t *testing.T) {
	text := helpText("/usr/bin/strait")
	for _, o := range optionTable() {
		if o.short != "" && !strings.Contains(text, "  -"+o.short) {
			t.Errorf("-%s is not in the help text", o.short)
		}
		if len(o.long) > 0 && !strings.Contains(text, "--"+o.long[0]) {
			t.Errorf("--%s is not in the help text", o.long[0])
		}
	}
	for _, line := range strings.Split(text, "\n") {
		if len(line) > 79 && !strings.Contains(line, "COMMAND -h") && !strings.HasPrefix(line, "  --") {
			t.Errorf("too long: %s", line)
		}
	}
	if strings.Contains(helpText("strace"), "policy") {
		t.Error("under strace's name there are no subcommands")
	}
}

func TestVersion(t *testing.T) {
	for name, want := range map[string]string{
		"/bin/strace": "strace -- version 7.2\n",
		"./strait":    "strait -- version " + straitVersion + "\n",
	} {
		if got := versionText(name); !strings.HasPrefix(got, want) {
			t.Errorf("%s -V: %s, want %s", name, got, want)
		}
	}
}

func TestTips(t *testing.T) {
	last := func(n int) int { return n - 1 }
	if got := tipText(tipStyle{-1, tipNone}, last); got != "" {
		t.Errorf("none: %q", got)
	}
	if got := tipText(tipStyle{-1, tipCompact}, last); !strings.HasPrefix(got, "Tip 24: -X raw") {
		t.Errorf("the last one: %q", got)
	}
	if a, b := tipText(tipStyle{1, tipFull}, last), tipText(tipStyle{1 + len(tipTexts()), tipFull}, last); a != b || !strings.Contains(a, "-yy") {
		t.Errorf("by ID: %q, %q", a, b)
	}
}

func TestFindProgram(t *testing.T) {
	dir := t.TempDir()
	for name, mode := range map[string]os.FileMode{"run": 0o755, "data": 0o644} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	real, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct{ name, path, want string }{
		{"run", "/nonexistent:" + dir, dir + "/run"},
		{"run", dir + "/", dir + "/run"},
		{"run", ":/nonexistent", real + "/run"},
		{"run", ".", "./run"},
		{"data", dir, "Cannot find executable 'data'"},
		{"sub", dir, "Cannot find executable 'sub'"},
		{"run", "", "Cannot find executable 'run'"},
		{"", dir, "Cannot find executable ''"},
		{"./run", "", "./run"},
		{"./data", "", "./data"},
		{"sub/", "", "sub/"},
		{"./nope", dir, "Cannot stat './nope': No such file or directory"},
		{"run/x", dir, "Cannot stat 'run/x': Not a directory"},
	} {
		got, err := findProgram(tc.name, tc.path)
		if err != nil {
			got = err.Error()
		}
		if got != tc.want {
			t.Errorf("%q in %q: %s, want %s", tc.name, tc.path, got, tc.want)
		}
	}
}

func TestQuoteC(t *testing.T) {
	for _, tc := range []struct {
		s     string
		style hexStyle
		want  string
	}{
		{"a\"b\n\x01c\\\xc3\xa91", hexNone, `"a\"b\n\1c\\\303\2511"`},
		{"\x012", hexNone, `"\0012"`},
		{"a\x01", hexNonASCIIChars, `"a\x01"`},
		{"a\x01", hexNonASCII, `"\x61\x01"`},
		{"a\n", hexNonASCII, `"a\n"`},
		{"/a", hexAll, `"\x2f\x61"`},
	} {
		if got := quoteC(tc.s, tc.style); got != tc.want {
			t.Errorf("%q: %s, want %s", tc.s, got, tc.want)
		}
	}
}

func TestComplain(t *testing.T) {
	var b strings.Builder
	complain(&b, "./s", badUsage("no"))
	complain(&b, "./s", refuse("never"))
	if got, want := b.String(), "./s: no\nTry './s -h' for more information.\n./s: never\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
