package forkexec

import "time"

// clock is how long the wall clock of a process has stood still.
type clock struct {
	stops   int // calls of StopClock that are not taken back
	since   time.Time
	stopped time.Duration
}

// StopClock has the time from now until StartClock not count towards
// Limits.Wall and Result.Wall: somebody is asked about the process, say, which
// waits. It may be called several times, and then takes as many StartClocks.
func (p *Process) StopClock() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock.stops == 0 {
		p.clock.since = time.Now()
	}
	p.clock.stops++
}

// StartClock takes a StopClock back.
func (p *Process) StartClock() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.clock.stops == 0 {
		return
	}
	p.clock.stops--
	if p.clock.stops == 0 {
		p.clock.stopped += time.Since(p.clock.since)
	}
}

// elapsed is the time since Start that counts.
func (p *Process) elapsed() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	if p.clock.stops > 0 {
		now = p.clock.since
	}
	return now.Sub(p.began) - p.clock.stopped
}
