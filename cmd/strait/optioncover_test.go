package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOptionsAreRun: every spelling of every option stands in a command line that a
// test carries out, in testdata/script or testdata/runs.
func TestOptionsAreRun(t *testing.T) {
	var lines []string
	for _, pattern := range []string{"../../testdata/script/*.txtar", "testdata/runs/*.runs"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range strings.Split(string(data), "\n") {
				if strings.Contains(line, "strait ") && !strings.HasPrefix(line, "#") {
					lines = append(lines, line)
				}
			}
		}
	}
	for _, o := range optionTable() {
		if o.long == nil || o.long[0] != "secontext" { // which is not built in
			checkRun(t, o, strings.Join(lines, "\n"))
		}
	}
}

func checkRun(t *testing.T, o option, lines string) {
	t.Helper()
	want := map[string]string{}
	if o.short != "" { // also in a bundle, and with its argument behind it
		want["-"+o.short] = `(^|\s)-[a-zA-Z]*` + o.short
	}
	for _, name := range o.long {
		want["--"+name] = `(^|\s)--` + name + `($|[\s=])`
	}
	for name, pattern := range want {
		if !regexp.MustCompile("(?m)" + pattern).MatchString(lines) {
			t.Errorf("no test runs %s", name)
		}
	}
}
