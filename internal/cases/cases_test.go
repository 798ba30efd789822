package cases_test

import (
	"bytes"
	"context"
	"os/exec"
	"strings"
	"testing"

	"strait/internal/cases"
)

func run(t *testing.T, path string) (*cases.Summary, string) {
	t.Helper()
	list, err := cases.Find([]string{path})
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
	if sum.Passed != 1 || sum.Failed != 9 {
		t.Errorf("%d passed, %d failed; want 1, 9", sum.Passed, sum.Failed)
	}
	for _, want := range []string{
		"yaml.case.yaml:3: ", `keys.case.yaml:2: unknown key "rum"`, "missing.case.yaml:1: run: no program ./not-there",
		"garbage.trace:1: no golden trace", "hangs.case.yaml:1: it took longer than 300ms", "leaves.case.yaml:1: it left processes behind",
		"policy.case.yaml:4: policy: ", "build.case.yaml:1: build: ", "exec.case.yaml:1: run: exec ", "--- PASS: good",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not told:\n%s", want, out)
		}
	}
}
