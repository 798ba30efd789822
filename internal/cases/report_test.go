package cases

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"strings"
	"testing"
	"time"

	"strait/policy"

	"github.com/google/go-cmp/cmp"
)

// outcomes are one of each kind.
func outcomes() *Summary {
	pos := func(name string) *Case {
		return &Case{Name: name, Pos: policy.Pos{File: "d/" + name + ".case.yaml", Line: 2}}
	}
	fail := []*Failure{{policy.Pos{File: "d/x", Line: 7}, "it <failed>\n  badly"}}
	sum := &Summary{Duration: 1500 * time.Millisecond}
	for _, o := range []*Outcome{
		{Case: pos("good"), Runs: []*Result{{Updated: []string{"good.trace"}}}},
		{Case: pos("bad"), Runs: []*Result{{Failures: fail}, {Failures: fail}}},
		{Case: pos("flaky"), Runs: []*Result{{}, {Failures: fail}, {}}},
		{Case: pos("left"), Runs: []*Result{{Skipped: "no #gcc"}}},
		{Case: pos("late")},
	} {
		o.Duration = 250 * time.Millisecond
		sum.add(o)
		sum.Outcomes = append(sum.Outcomes, o)
	}
	return sum
}

func report(t *testing.T, r Reporter) {
	t.Helper()
	sum := outcomes()
	r.Begin(len(sum.Outcomes))
	for _, o := range sum.Outcomes {
		r.Started(o.Case)
		r.Done(o)
	}
	if err := r.End(sum); err != nil {
		t.Fatal(err)
	}
}

func TestLines(t *testing.T) {
	var out bytes.Buffer
	report(t, &Lines{W: &out, Verbose: true})
	want := `--- PASS: good (0.25s)
--- wrote good.trace
--- FAIL: bad: all of 2 runs failed (0.25s)
    d/x:7: it <failed>
      badly
--- FLAKE: flaky: 1 of 3 runs failed (0.25s)
    d/x:7: it <failed>
      badly
--- SKIP: left: no #gcc
--- SKIP: late: not run
FAIL 1 passed, 1 failed, 1 flaky, 2 skipped (1.50s)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
	out.Reset()
	report(t, &Lines{W: &out})
	if got := out.String(); strings.Contains(got, "PASS") || strings.Contains(got, "SKIP") || !strings.Contains(got, "--- FAIL: bad") {
		t.Errorf("without -v:\n%s", got)
	}
}

// What goes on is shown on a terminal, and is gone before a line is written.
func TestProgress(t *testing.T) {
	var shown []string
	var out bytes.Buffer
	report(t, &Lines{W: &out, Status: func(s string) { shown = append(shown, s) }})
	want := []string{
		"[0/5] good", "", "[1/5] ", "[1/5] bad", "", "[2/5, 1 failed] ", "[2/5, 1 failed] flaky", "", "[3/5, 2 failed] ",
		"[3/5, 2 failed] left", "", "[4/5, 2 failed] ", "[4/5, 2 failed] late", "",
	}
	if diff := cmp.Diff(want, shown); diff != "" {
		t.Error(diff)
	}
}

func TestJSON(t *testing.T) {
	var out bytes.Buffer
	report(t, &JSON{W: &out})
	var got []string
	for line := range strings.Lines(out.String()) {
		var e jsonEvent
		if err := json.Unmarshal([]byte(line), &e); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		switch e.Action {
		case "start":
			continue
		case "end":
			if *e.Summary != (jsonSummary{1, 1, 1, 2}) || e.Elapsed != 1.5 {
				t.Errorf("end: %s", line)
			}
		case "fail":
			if len(e.Failures) != 1 || e.Failures[0] != (jsonFailure{"d/x", 7, "it <failed>\n  badly"}) || e.Runs != 2 || e.Failed != 2 || e.Line != 2 {
				t.Errorf("fail: %s", line)
			}
		case "skip":
			if e.Reason == "" {
				t.Errorf("skip: %s", line)
			}
		}
		got = append(got, e.Action)
	}
	if diff := cmp.Diff([]string{"pass", "fail", "flake", "skip", "skip", "end"}, got); diff != "" {
		t.Error(diff)
	}
}

func TestTAP(t *testing.T) {
	var out bytes.Buffer
	report(t, &TAP{W: &out})
	want := `TAP version 13
1..5
ok 1 - good
not ok 2 - bad
  ---
  runs: 2
  failed: 2
  message: |
    d/x:7: it <failed>
      badly
  ...
not ok 3 - flaky
  ---
  runs: 3
  failed: 1
  message: |
    d/x:7: it <failed>
      badly
  ...
ok 4 - left # SKIP no \#gcc
ok 5 - late # SKIP not run
# 1 passed, 1 failed, 1 flaky, 2 skipped (1.50s)
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Error(diff)
	}
}

func TestJUnit(t *testing.T) {
	var out bytes.Buffer
	report(t, &JUnit{W: &out})
	var got junitSuites
	if err := xml.Unmarshal(out.Bytes(), &got); err != nil {
		t.Fatalf("%v\n%s", err, out.String())
	}
	if len(got.Suites) != 1 {
		t.Fatalf("%d suites", len(got.Suites))
	}
	s := got.Suites[0]
	if s.Tests != 5 || s.Failures != 2 || s.Skipped != 2 || s.Time != "1.500" || len(s.Cases) != 5 {
		t.Errorf("%+v", s)
	}
	bad := s.Cases[1]
	if bad.Class != "d" || bad.Time != "0.250" || bad.Failure == nil || bad.Failure.Message != "d/x:7: it <failed>" || bad.Failure.Text != "d/x:7: it <failed>\n  badly" {
		t.Errorf("%+v, %+v", bad, bad.Failure)
	}
	if s.Cases[0].Failure != nil || s.Cases[3].Skipped == nil || s.Cases[3].Skipped.Message != "no #gcc" {
		t.Errorf("%+v, %+v", s.Cases[0], s.Cases[3])
	}
}
