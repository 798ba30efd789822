package cases

import (
	"context"
	"runtime"
	"sync"
	"time"
)

// A Suite runs many cases.
type Suite struct {
	Cases    []*Case
	Options  RunOptions
	Parallel int // at a time; 0: as many as there are processors
	Count    int // how often each; 0: once
	Report   Reporter
}

// An Outcome is how all runs of a case went.
type Outcome struct {
	Case     *Case
	Runs     []*Result
	Duration time.Duration
}

// Failed is how many runs failed.
func (o *Outcome) Failed() (n int) {
	for _, r := range o.Runs {
		if len(r.Failures) > 0 {
			n++
		}
	}
	return n
}

// Flaky says whether some runs passed and others failed.
func (o *Outcome) Flaky() bool {
	n := o.Failed()
	return n > 0 && n < len(o.Runs)
}

// Skipped is why the case was not run.
func (o *Outcome) Skipped() string {
	if len(o.Runs) == 0 {
		return "not run"
	}
	return o.Runs[0].Skipped
}

// A Reporter hears of the cases of a suite, one call at a time.
type Reporter interface {
	Begin(total int)
	Started(c *Case)
	Done(o *Outcome)
	End(s *Summary) error
}

// A Summary counts the cases of a suite.
type Summary struct {
	Passed, Failed, Flaky, Skipped int
	Duration                       time.Duration
	Outcomes                       []*Outcome // in the order of the suite
}

// Run runs the cases and says how they went.
func (s *Suite) Run(ctx context.Context) (*Summary, error) {
	began := time.Now()
	sum := &Summary{Outcomes: make([]*Outcome, len(s.Cases))}
	s.Report.Begin(len(s.Cases))
	var mu sync.Mutex
	var wg sync.WaitGroup
	next := make(chan int)
	workers := s.Parallel
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	for range min(workers, len(s.Cases)) {
		wg.Go(func() {
			for i := range next {
				c := s.Cases[i]
				mu.Lock()
				s.Report.Started(c)
				mu.Unlock()
				o := s.one(ctx, c)
				mu.Lock()
				sum.add(o)
				sum.Outcomes[i] = o
				s.Report.Done(o)
				mu.Unlock()
			}
		})
	}
	for i := range s.Cases {
		next <- i
	}
	close(next)
	wg.Wait()
	sum.Duration = time.Since(began)
	return sum, s.Report.End(sum)
}

// one runs a case as often as it is to be run.
func (s *Suite) one(ctx context.Context, c *Case) *Outcome {
	o := &Outcome{Case: c}
	began := time.Now()
	for range max(1, s.Count) {
		if ctx.Err() != nil {
			break
		}
		r := c.Test(ctx, s.Options)
		o.Runs = append(o.Runs, r)
		if r.Skipped != "" || c.broken != nil {
			break
		}
	}
	o.Duration = time.Since(began)
	return o
}

func (s *Summary) add(o *Outcome) {
	switch {
	case o.Skipped() != "":
		s.Skipped++
	case o.Flaky():
		s.Flaky++
	case o.Failed() > 0:
		s.Failed++
	default:
		s.Passed++
	}
}

// OK says whether nothing failed.
func (s *Summary) OK() bool { return s.Failed == 0 && s.Flaky == 0 }
