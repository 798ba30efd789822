package forkexec

import (
	"runtime"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// Limit says which of Limits ended a child.
type Limit uint8

// The limits.
const (
	LimitNone Limit = iota
	LimitWall
	LimitCPU
	LimitMemory
	LimitOutput
	LimitFileSize
	LimitProcs
)

// String gives what is limited: "wall time".
func (l Limit) String() string {
	names := [...]string{"none", "wall time", "CPU time", "memory", "output", "file size", "processes"}
	if int(l) < len(names) {
		return names[l]
	}
	return "Limit(" + strconv.Itoa(int(l)) + ")"
}

// Result is how a process ended.
type Result struct {
	// Status has the exit status or the signal.
	Status unix.WaitStatus
	// Limit is the limit that was hit, if one was. A limit on memory without a
	// Cgroup, on processes without one, and on open files only makes calls
	// fail in the child: nobody sees that it was hit.
	Limit Limit
	// Usage is the child's, and that of the children it waited for.
	Usage unix.Rusage
	// Wall is the time from Start to the end, without those in which the clock
	// stood (StopClock).
	Wall time.Duration
	// CPU is the time on all processors of everything in the Cgroup, or else
	// what Usage has.
	CPU time.Duration
	// PeakMemory in bytes is memory.peak of the Cgroup (Linux 5.19), or else
	// what Usage has, which is never less than the caller's own size at the
	// start: the kernel keeps the maximum over execve.
	PeakMemory uint64
}

// Success says whether the program exited with status 0.
func (r *Result) Success() bool { return r.Status.Exited() && r.Status.ExitStatus() == 0 }

// String says how the program ended: "exit status 3", "signal 9 (killed)", "signal 9
// (killed): limit on wall time hit".
func (r *Result) String() string {
	s := "exit status " + strconv.Itoa(r.Status.ExitStatus())
	if r.Status.Signaled() {
		s = "signal " + strconv.Itoa(int(r.Status.Signal())) + " (" + r.Status.Signal().String() + ")"
		if r.Status.CoreDump() {
			s += ", core dumped"
		}
	}
	if r.Limit != LimitNone {
		s += ": limit on " + r.Limit.String() + " hit"
	}
	return s
}

// account completes the result by what the cgroup knows, and by the signals by
// which the kernel enforces limits.
func (p *Process) account(r *Result) {
	r.CPU = time.Duration(r.Usage.Utime.Nano() + r.Usage.Stime.Nano())
	limit := LimitNone
	switch {
	case p.limits.FileSize > 0 && endedBy(r.Status, unix.SIGXFSZ):
		limit = LimitFileSize
	case p.limits.CPU > 0 && endedBy(r.Status, unix.SIGXCPU):
		limit = LimitCPU
	}
	if g := p.group; g != nil {
		if usec := g.number("cpu.stat", "usage_usec"); usec > 0 {
			r.CPU = time.Duration(usec) * time.Microsecond
		}
		if peak := g.number("memory.peak", ""); peak > 0 {
			r.PeakMemory = peak
		}
		switch {
		case limit != LimitNone:
		case p.limits.Memory > 0 && g.number("memory.events", "oom_kill") > 0:
			limit = LimitMemory
		case p.limits.Procs > 0 && g.number("pids.events", "max") > 0:
			limit = LimitProcs
		}
	}
	if p.limits.CPU > 0 && r.CPU >= p.limits.CPU {
		limit = LimitCPU
	}
	if r.Limit == LimitNone {
		r.Limit = limit
	}
}

// endedBy says whether a signal ended the child, or the child says so of one of
// its own in the way that shells do.
func endedBy(st unix.WaitStatus, sig unix.Signal) bool {
	return st.Signaled() && st.Signal() == sig || st.ExitStatus() == 128+int(sig)
}

// watch starts what a running child needs: the copying of its streams, and the
// enforcement of times.
func (p *Process) watch() {
	if p.streams != nil {
		p.streams.run(func() { p.exceeded(LimitOutput) })
	}
	if p.limits.Wall > 0 || p.limits.CPU > 0 {
		go p.watchTime()
	}
}

// exceeded ends the child because of a limit; the first one counts.
func (p *Process) exceeded(l Limit) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done || p.hit != LimitNone {
		return
	}
	p.hit = l
	_ = p.signal(unix.SIGKILL)
	if p.group != nil {
		_ = p.group.kill()
	}
}

// watchTime looks again when a limit could have been reached at the earliest:
// CPU time passes at most as fast as there are processors.
func (p *Process) watchTime() {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-p.ended:
			return
		case <-timer.C:
		}
		next := time.Duration(1<<63 - 1)
		if p.limits.Wall > 0 {
			left := p.limits.Wall - p.elapsed()
			if left <= 0 {
				p.exceeded(LimitWall)
				return
			}
			next = max(left, time.Millisecond) // it may stand still
		}
		if p.limits.CPU > 0 {
			left := p.limits.CPU - p.cpuTime()
			if left <= 0 {
				p.exceeded(LimitCPU)
				return
			}
			next = min(next, max(left/time.Duration(runtime.NumCPU()), time.Millisecond))
		}
		timer.Reset(next)
	}
}

// cpuTime is what the child, or its group, has used.
func (p *Process) cpuTime() time.Duration {
	if p.group != nil {
		return time.Duration(p.group.number("cpu.stat", "usage_usec")) * time.Microsecond
	}
	// CPUCLOCK_SCHED of a process: linux/posix-timers_types.h.
	const sched = 2
	var ts unix.Timespec
	if err := unix.ClockGettime(int32(^p.pid)<<3|sched, &ts); err != nil {
		return 0
	}
	return time.Duration(ts.Nano())
}
