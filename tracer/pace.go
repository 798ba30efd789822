package tracer

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// A pace is how fast a task's stops follow each other.
type pace struct {
	resumed int64 // when the stop before was seen: the monotonic clock, ns
	user    bool  // it went on with its own code, not with a call
	quick   uint8 // stops in a row that came soon
}

const (
	soon  = 500_000 // ns
	brief = 300_000 // a call that took longer has waited for something
	dense = 4       // stops that came soon
)

func (c *pace) dense() bool { return c.quick >= dense }

// A load is what a process did in the window.
type load struct {
	listed   bool
	apart    bool  // it is faster with its own CPUs
	measured bool  // cpu is of the beginning of the window
	cpu      int64 // its CPU time
	stops    int64
	gaps     int64 // the times from one stop to the next, while it ran its own code
	gapped   int64 // how many
}

// A judge decides which processes are faster apart. While n tasks want to run,
// of which each computes for c from one stop to the next, the stops come, on one
// CPU, every c plus the time that the tracer takes; and otherwise every c plus the
// time that the tracer and the waking of two sleepers take, divided by n (or the
// number of CPUs). All of these are measured: the c by the process's CPU time, the
// rest as what the gaps between stops are longer than that.
type judge struct {
	cpus   int64
	start  int64 // of the window
	stops  int64
	ran    int64 // sum of the times from one stop of a task to its next
	active []*process
	serve  int64 // ns a stop costs on one CPU
	wake   int64 // and on several
}

const activeMost = 16 // processes that are judged in one window

// begin starts with guesses; the one about waking is low, so that it is found out
// what it takes, not assumed.
func (j *judge) begin(cpus int) { j.cpus, j.serve, j.wake = int64(cpus), 6_000, 20_000 }

// arrived notes a stop of a task.
func (t *Tracer) arrived(k *Task) {
	c := &k.spot.pace
	d := t.mono - c.resumed
	waited := d > brief && (!c.user || t.filters(k))
	switch {
	case d < soon:
		c.quick = min(c.quick+1, dense)
	case !waited:
		c.quick = 0
	}
	c.resumed = t.mono
	j, l := &t.place.judge, &k.proc.load
	j.stops++
	l.stops++
	if !waited {
		j.ran += min(d, int64(window))
	}
	if c.user && d < soon {
		l.gaps += d
		l.gapped++
	}
	if !l.listed && len(j.active) < activeMost {
		l.listed = true
		j.active = append(j.active, k.proc)
	}
	if t.mono-j.start > int64(window) {
		t.judge()
	}
}

// judge ends a window.
func (t *Tracer) judge() {
	p := &t.place
	j := &p.judge
	n := j.ran * 16 / max(t.mono-j.start, 1) // tasks that want to run, in sixteenths
	for i, q := range j.active {
		j.active[i] = nil
		j.look(&q.load, q.pid, n)
	}
	j.active = j.active[:0]
	p.slack(j.start)
	j.start, j.stops, j.ran = t.mono, 0, 0
}

// look judges a process.
func (j *judge) look(l *load, pid int, n int64) {
	now, ok := processTime(pid)
	if ok && l.measured && l.stops >= 8 {
		c := (now - l.cpu) / l.stops
		if l.gapped >= 8 {
			j.learn(max(l.gaps/l.gapped-c, 0), l.apart, n)
		}
		l.apart = j.apart(c, n, l.apart)
	}
	*l = load{apart: l.apart, measured: ok, cpu: now}
}

// learn takes in what a stop cost.
func (j *judge) learn(cost int64, apart bool, n int64) {
	switch {
	case apart:
		j.wake += (cost - j.wake) / 4
	case n < 20:
		j.serve += (cost - j.serve) / 4
	}
}

// apart says whether a process that computes for c is faster with CPUs of its
// own. The side that it is on has a small advantage.
func (j *judge) apart(c, n int64, now bool) bool {
	if n < 20 {
		return false
	}
	n = min(n, 16*j.cpus)
	one := c + j.serve
	many := max((c+j.wake)*16/n, j.serve)
	if now {
		return many < one+one/8
	}
	return many < one-one/8
}

// processTime returns the CPU time of a process: clock_getcpuclockid(3).
func processTime(pid int) (int64, bool) {
	var ts unix.Timespec
	const sched = 2 // CPUCLOCK_SCHED, include/linux/posix-timers_types.h
	clock := ^pid<<3 | sched
	_, _, e := syscall.RawSyscall(unix.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&ts)), 0)
	return ts.Nano(), e == 0
}
