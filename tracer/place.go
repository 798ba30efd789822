package tracer

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// Placement says where tracer and tracees run. To wake a thread on another CPU,
// which sleeps, costs several times what a stop costs otherwise, and takes place
// twice for each stop. On one CPU the two only take turns.
//
// A tracee does not see that it is placed: its own mask is put back before it
// asks for it, changes it or hands it on to one that is not traced, and before it
// is let go. Other processes, and whoever reads /proc/PID/status, do see it. A
// mask that another process sets meanwhile stays as that one wants it, and that
// task and its children are not placed any more.
type Placement uint8

// The placements. Where there is but one CPU, or masks cannot be set, they are
// all the same.
const (
	PlaceFree     Placement = iota // where the kernel has them
	PlaceAuto                      // on one CPU as long as stops come densely and nobody waits for that CPU
	PlaceTogether                  // on one CPU
)

// window is the time over which PlaceAuto judges, and the longest that a task
// without stops stays placed.
const window = 2 * time.Millisecond

// A placement is what a tracer does about it.
type placement struct {
	how  Placement
	own  unix.CPUSet // of the tracer's thread
	wide bool        // own is all that its cpuset has
	all  unix.CPUSet
	cpus int

	cpu    int
	pin    unix.CPUSet // cpu alone
	used   unix.CPUSet // every cpu that there was
	here   bool        // the tracer's thread is placed
	placed []*Task
	aside  int // tasks in calls during which nobody is placed
	tick   ticker
	judge  judge
}

// A spot is what a placement knows of a task.
type spot struct {
	placed bool
	at     int         // index in placed
	mask   unix.CPUSet // its own: while it is placed, and for its children after
	known  bool        // mask is set
	alien  bool        // somebody else sets its mask
	aside  bool        // in a call during which it is not placed
	all    bool        // ... nor is anyone else
	pace   pace
}

// begin finds out what can be done.
func (p *placement) begin(how Placement) {
	if how == PlaceFree || getMask(0, &p.own) != 0 {
		return
	}
	if p.cpus = p.own.Count(); p.cpus < 2 {
		return
	}
	p.how = how
	p.all = everyCPU()
	// A mask of all that the cpuset has is put back by one of all CPUs: then it
	// grows when the cpuset does, as that of a thread whose mask nobody ever set.
	var got unix.CPUSet
	if setMask(0, &p.all) != 0 || getMask(0, &got) != 0 {
		p.how = PlaceFree
		return
	}
	if p.wide = got == p.own; !p.wide {
		_ = setMask(0, &p.own)
	}
	p.judge.begin(p.cpus)
}

// end puts the tracer's own mask back.
func (p *placement) end() {
	p.leave()
	p.tick.close()
}

// first places the tracer's thread before it starts a program, which then is
// where the tracer is from its first instruction on. A start in a cgroup is
// better done free: the cgroup may have CPUs of its own.
func (p *placement) first(cgroup bool) bool {
	if p.how == PlaceFree {
		return false
	}
	p.tick.stop()
	if cgroup {
		p.releaseAll()
		return false
	}
	return p.come(&p.own)
}

// started notes the program that was started. Programs begin with many calls.
func (p *placement) started(k *Task, placed bool) {
	k.proc.place, k.proc.started = true, true
	k.spot.pace.quick = dense
	if placed {
		k.spot.mask, k.spot.known = p.own, true
		p.hold(k)
	}
}

// come places the tracer's thread on the CPU that it is on, if mask has it, or
// another one of mask's. It is for when no task is placed.
func (p *placement) come(mask *unix.CPUSet) bool {
	if p.here && mask.IsSet(p.cpu) {
		return true
	}
	cpu := firstCPU(mask, &p.own, currentCPU())
	if cpu < 0 {
		return false
	}
	p.cpu, p.pin = cpu, unix.CPUSet{}
	p.pin.Set(cpu)
	p.used.Set(cpu)
	p.here = setMask(0, &p.pin) == 0
	return p.here
}

// leave lets the tracer's thread run where it likes.
func (p *placement) leave() {
	if p.here {
		p.here = false
		p.putBack(0, &p.own)
	}
	p.tick.stop()
}

// putBack sets a task's own mask.
func (p *placement) putBack(tid int, mask *unix.CPUSet) {
	if p.wide && *mask == p.own {
		mask = &p.all
	}
	_ = setMask(tid, mask) // ESRCH: it is gone; what else there is, the next look at its mask tells
}

// settle places a task that is about to go on, or not.
func (t *Tracer) settle(k *Task) {
	p := &t.place
	if p.how == PlaceFree || k.spot.placed || k.spot.alien || k.spot.aside || p.aside > 0 ||
		!k.proc.place || t.ending != open {
		return
	}
	if p.how == PlaceTogether || k.spot.pace.dense() && !k.proc.load.apart {
		p.place(k)
	}
}

// place puts a task on the tracer's CPU.
func (p *placement) place(k *Task) {
	s := &k.spot
	if getMask(k.tid, &s.mask) != 0 {
		return
	}
	s.known = true
	if len(p.placed) == 0 && !p.come(&s.mask) || !s.mask.IsSet(p.cpu) {
		return
	}
	if s.mask != p.pin {
		if e := setMask(k.tid, &p.pin); e != 0 {
			s.alien = e != unix.ESRCH // EPERM, or EBUSY of a deadline task
			return
		}
	}
	p.hold(k)
}

// hold notes that a task is placed.
func (p *placement) hold(k *Task) {
	k.spot.placed, k.spot.at = true, len(p.placed)
	p.placed = append(p.placed, k)
	if p.how == PlaceAuto {
		_ = p.tick.wind(window) // without it the next stop has to do
	}
}

// release gives a task its own mask back.
func (p *placement) release(k *Task) {
	if !k.spot.placed {
		return
	}
	p.strike(k)
	var now unix.CPUSet
	if getMask(k.tid, &now) != 0 {
		return
	}
	if now != p.pin {
		k.spot.alien = true
		return
	}
	if k.spot.mask != p.pin {
		p.putBack(k.tid, &k.spot.mask)
	}
}

// strike forgets that a task is placed.
func (p *placement) strike(k *Task) {
	if !k.spot.placed {
		return
	}
	k.spot.placed = false
	last := p.placed[len(p.placed)-1]
	last.spot.at = k.spot.at
	p.placed[k.spot.at] = last
	p.placed = p.placed[:len(p.placed)-1]
}

// releaseAll gives all tasks and the tracer their masks back.
func (p *placement) releaseAll() {
	for len(p.placed) > 0 {
		p.release(p.placed[len(p.placed)-1])
	}
	p.leave()
}

// stepAside gives k its own mask for the call that it is about to make; all:
// everyone, for the call may be about any of them.
func (t *Tracer) stepAside(k *Task, all bool) {
	p := &t.place
	if p.how == PlaceFree {
		return
	}
	t.stepBack(k)
	k.spot.aside, k.spot.all = true, all
	if all {
		p.aside++
		t.releaseNew()
		p.releaseAll()
		return
	}
	p.release(k)
}

// releaseNew gives tasks whose first stop is still to come their own mask.
func (t *Tracer) releaseNew() {
	for _, k := range t.tasks {
		if k.fresh {
			t.place.adopt(k)
			t.place.release(k)
		}
	}
}

// stepBack ends that.
func (t *Tracer) stepBack(k *Task) {
	if k.spot.aside && k.spot.all {
		t.place.aside--
		t.lookAgain()
	}
	k.spot.aside, k.spot.all = false, false
}

// lookAgain notes what masks tasks have that were placed before, after a call
// that may have changed them. None is placed now.
func (t *Tracer) lookAgain() {
	for _, k := range t.tasks {
		var now unix.CPUSet
		if k.spot.known && getMask(k.tid, &now) == 0 {
			k.spot.mask = now
		}
	}
}

// inherit notes what a new task has of its parent. Which mask that is, its first
// stop shows.
func (k *Task) inherit(parent *Task) {
	k.plain = k.plain || parent.plain
	k.every = parent.every
	if parent.every != filtered {
		k.origin = parent.call.ABI
	}
	k.proc.started = k.proc.started || parent.proc.started
	k.proc.fds.never = k.proc.fds.never || parent.proc.fds.never
	k.proc.place = k.proc.place || parent.proc.place
	k.proc.load.apart = parent.proc.load.apart
	k.spot.mask, k.spot.known, k.spot.alien = parent.spot.mask, parent.spot.known, parent.spot.alien
	k.spot.pace = parent.spot.pace
}

// adopt finds out what mask a new task has, which it has of its parent: the
// parent's own, or a CPU that it was placed on.
func (p *placement) adopt(k *Task) {
	s := &k.spot
	if p.how == PlaceFree || !s.known {
		return
	}
	var now unix.CPUSet
	if getMask(k.tid, &now) != 0 || now == s.mask {
		return
	}
	switch {
	case p.here && now == p.pin:
		p.hold(k)
	case now.Count() == 1 && firstCPU(&now, &p.used, -1) >= 0:
		p.putBack(k.tid, &s.mask)
	default:
		s.alien = true
	}
}

// slack gives their CPUs back to tasks that have made no stop since before. They
// compute, or wait for something: neither is the faster for being here.
func (p *placement) slack(before int64) {
	for _, k := range slices.Backward(p.placed) {
		if k.spot.pace.resumed < before {
			p.release(k)
		}
	}
	if len(p.placed) == 0 {
		p.leave()
	}
}
