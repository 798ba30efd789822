package cases

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"
)

// JSON reports an object a line.
type JSON struct{ W io.Writer }

// jsonEvent is a line: action is start, pass, fail, flake, skip or end.
type jsonEvent struct {
	Action   string        `json:"action"`
	Case     string        `json:"case,omitempty"`
	File     string        `json:"file,omitempty"`
	Line     int           `json:"line,omitempty"`
	Elapsed  float64       `json:"elapsed"`
	Runs     int           `json:"runs,omitempty"`
	Failed   int           `json:"failed,omitempty"`
	Reason   string        `json:"reason,omitempty"`
	Failures []jsonFailure `json:"failures,omitempty"`
	Updated  []string      `json:"updated,omitempty"`
	Notes    []string      `json:"notes,omitempty"`
	Summary  *jsonSummary  `json:"summary,omitempty"`
}

type jsonFailure struct {
	File string `json:"file,omitempty"`
	Line int    `json:"line,omitempty"`
	Text string `json:"text"`
}

type jsonSummary struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Flaky   int `json:"flaky"`
	Skipped int `json:"skipped"`
}

func (j *JSON) write(e *jsonEvent) error {
	b, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.W.Write(append(b, '\n'))
	return err
}

// Begin implements Reporter.
func (j *JSON) Begin(int) {}

// Started implements Reporter.
func (j *JSON) Started(c *Case) {
	_ = j.write(&jsonEvent{Action: "start", Case: c.Name, File: c.Pos.File, Line: c.Pos.Line})
}

// Done implements Reporter.
func (j *JSON) Done(o *Outcome) {
	e := &jsonEvent{
		Action: o.word(), Case: o.Case.Name, File: o.Case.Pos.File, Line: o.Case.Pos.Line,
		Elapsed: o.Duration.Seconds(), Runs: len(o.Runs), Failed: o.Failed(), Reason: o.Skipped(),
	}
	for _, f := range o.failures() {
		e.Failures = append(e.Failures, jsonFailure{f.Pos.File, f.Pos.Line, f.Text})
	}
	for _, r := range o.Runs {
		e.Updated = append(e.Updated, r.Updated...)
		e.Notes = append(e.Notes, r.Notes...)
	}
	_ = j.write(e)
}

func (o *Outcome) word() string {
	switch {
	case o.Skipped() != "":
		return "skip"
	case o.Flaky():
		return "flake"
	case o.Failed() > 0:
		return "fail"
	}
	return "pass"
}

// End implements Reporter.
func (j *JSON) End(s *Summary) error {
	return j.write(&jsonEvent{Action: "end", Elapsed: s.Duration.Seconds(), Summary: &jsonSummary{s.Passed, s.Failed, s.Flaky, s.Skipped}})
}

// TAP reports in the Test Anything Protocol, version 13: TAP::Parser refuses later ones.
type TAP struct {
	W io.Writer
	n int
}

// Begin implements Reporter.
func (t *TAP) Begin(total int) { fmt.Fprintf(t.W, "TAP version 13\n1..%d\n", total) }

// Started implements Reporter.
func (t *TAP) Started(*Case) {}

// Done implements Reporter.
func (t *TAP) Done(o *Outcome) {
	t.n++
	word, more := "ok", ""
	switch {
	case o.Skipped() != "":
		more = " # SKIP " + tapText(o.Skipped())
	case o.Failed() > 0:
		word = "not ok"
	}
	fmt.Fprintf(t.W, "%s %d - %s%s\n", word, t.n, tapText(o.Case.Name), more)
	if o.Failed() == 0 {
		return
	}
	fmt.Fprintf(t.W, "  ---\n  runs: %d\n  failed: %d\n  message: |\n", len(o.Runs), o.Failed())
	for _, f := range o.failures() {
		fmt.Fprintf(t.W, "    %s\n", strings.ReplaceAll(f.Error(), "\n", "\n    "))
	}
	fmt.Fprint(t.W, "  ...\n")
}

// tapText escapes what means something in a line of TAP.
func tapText(s string) string { return strings.NewReplacer(`\`, `\\`, "#", `\#`, "\n", " ").Replace(s) }

// End implements Reporter.
func (t *TAP) End(s *Summary) error {
	_, err := fmt.Fprintf(t.W, "# %s\n", s)
	return err
}

// JUnit writes a file in JUnit's format when all is over.
type JUnit struct{ W io.Writer }

type junitSuites struct {
	XMLName xml.Name     `xml:"testsuites"`
	Suites  []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Time     string      `xml:"time,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr"`
	Time    string        `xml:"time,attr"`
	Failure *junitMessage `xml:"failure,omitempty"`
	Skipped *junitMessage `xml:"skipped,omitempty"`
}

type junitMessage struct {
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// Begin implements Reporter.
func (*JUnit) Begin(int) {}

// Started implements Reporter.
func (*JUnit) Started(*Case) {}

// Done implements Reporter.
func (*JUnit) Done(*Outcome) {}

// End implements Reporter.
func (j *JUnit) End(s *Summary) error {
	seconds := func(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
	suite := junitSuite{Name: "strait test", Tests: len(s.Outcomes), Failures: s.Failed + s.Flaky, Skipped: s.Skipped, Time: seconds(s.Duration)}
	for _, o := range s.Outcomes {
		c := junitCase{Name: o.Case.Name, Class: filepath.Dir(o.Case.Pos.File), File: o.Case.Pos.File, Time: seconds(o.Duration)}
		var texts []string
		for _, f := range o.failures() {
			texts = append(texts, f.Error())
		}
		switch {
		case o.Skipped() != "":
			c.Skipped = &junitMessage{Message: o.Skipped()}
		case len(texts) > 0:
			first, _, _ := strings.Cut(texts[0], "\n")
			c.Failure = &junitMessage{Message: first, Text: strings.Join(texts, "\n")}
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(j.W, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(j.W)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suites: []junitSuite{suite}}); err != nil {
		return err
	}
	_, err := io.WriteString(j.W, "\n")
	return err
}
