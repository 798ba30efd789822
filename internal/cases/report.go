package cases

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Lines reports as go test does: failures, and with Verbose every case.
type Lines struct {
	W       io.Writer
	Verbose bool
	// Status, if not nil, shows on a terminal what is going on: "" ends it.
	Status  func(string)
	total   int
	done    int
	failed  int
	running []string
}

// Begin implements Reporter.
func (t *Lines) Begin(total int) { t.total = total }

// Started implements Reporter.
func (t *Lines) Started(c *Case) {
	t.running = append(t.running, c.Name)
	t.status()
}

func (t *Lines) status() {
	if t.Status != nil {
		failed := ""
		if t.failed > 0 {
			failed = fmt.Sprintf(", %d failed", t.failed)
		}
		t.Status(fmt.Sprintf("[%d/%d%s] %s", t.done, t.total, failed, strings.Join(t.running, " ")))
	}
}

// Done implements Reporter.
func (t *Lines) Done(o *Outcome) {
	t.done++
	if o.Failed() > 0 {
		t.failed++
	}
	if i := slices.Index(t.running, o.Case.Name); i >= 0 {
		t.running = slices.Delete(t.running, i, i+1)
	}
	if t.Status != nil {
		t.Status("")
	}
	fmt.Fprint(t.W, o.text(t.Verbose))
	if t.done < t.total {
		t.status()
	}
}

// text is what is told of a case.
func (o *Outcome) text(verbose bool) string {
	var b strings.Builder
	secs := fmt.Sprintf("(%.2fs)", o.Duration.Seconds())
	failed := o.Failed()
	switch {
	case o.Skipped() != "":
		if verbose {
			fmt.Fprintf(&b, "--- SKIP: %s: %s\n", o.Case.Name, o.Skipped())
		}
	case o.Flaky():
		fmt.Fprintf(&b, "--- FLAKE: %s: %d of %d runs failed %s\n", o.Case.Name, failed, len(o.Runs), secs)
	case failed > 1:
		fmt.Fprintf(&b, "--- FAIL: %s: all of %d runs failed %s\n", o.Case.Name, failed, secs)
	case failed == 1:
		fmt.Fprintf(&b, "--- FAIL: %s %s\n", o.Case.Name, secs)
	case verbose:
		fmt.Fprintf(&b, "--- PASS: %s %s\n", o.Case.Name, secs)
	}
	failures := o.failures()
	for i, f := range failures {
		if len(o.Runs) > 1 && i == mostFailures && len(failures) > i+1 {
			fmt.Fprintf(&b, "    ... and %d failures more that are not the same\n", len(failures)-i)
			break
		}
		b.WriteString("    " + strings.ReplaceAll(f.Error(), "\n", "\n    ") + "\n")
	}
	for _, r := range o.Runs {
		for _, f := range r.Updated {
			fmt.Fprintf(&b, "--- wrote %s\n", f)
		}
		for _, n := range r.Notes {
			b.WriteString("    " + strings.ReplaceAll(n, "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}

// mostFailures is how many failures of a case are told: with Count, a case that
// fails otherwise in every run has many.
const mostFailures = 10

// failures are those of all runs, each once.
func (o *Outcome) failures() []*Failure {
	var out []*Failure
	for _, r := range o.Runs {
		for _, f := range r.Failures {
			if !slices.ContainsFunc(out, func(g *Failure) bool { return g.Error() == f.Error() }) {
				out = append(out, f)
			}
		}
	}
	return out
}

// End implements Reporter.
func (t *Lines) End(s *Summary) error {
	word := "ok  "
	if !s.OK() {
		word = "FAIL"
	}
	_, err := fmt.Fprintf(t.W, "%s %s\n", word, s)
	return err
}

// String says how many cases there were, and how they went.
func (s *Summary) String() string {
	parts := []string{fmt.Sprintf("%d passed", s.Passed)}
	for _, p := range []struct {
		n    int
		word string
	}{{s.Failed, "failed"}, {s.Flaky, "flaky"}, {s.Skipped, "skipped"}} {
		if p.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", p.n, p.word))
		}
	}
	return fmt.Sprintf("%s (%.2fs)", strings.Join(parts, ", "), s.Duration.Seconds())
}

// Reporters is several as one.
type Reporters []Reporter

// Begin implements Reporter.
func (r Reporters) Begin(total int) {
	for _, x := range r {
		x.Begin(total)
	}
}

// Started implements Reporter.
func (r Reporters) Started(c *Case) {
	for _, x := range r {
		x.Started(c)
	}
}

// Done implements Reporter.
func (r Reporters) Done(o *Outcome) {
	for _, x := range r {
		x.Done(o)
	}
}

// End implements Reporter.
func (r Reporters) End(s *Summary) error {
	var errs []error
	for _, x := range r {
		errs = append(errs, x.End(s))
	}
	return errors.Join(errs...)
}
