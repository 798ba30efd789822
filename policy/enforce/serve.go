package enforce

import (
	"sync/atomic"
	"time"
)

// A watcher has notifications served by as few threads as keep up. One thread waits
// for them: the kernel wakes all that wait for each, and Go's runtime takes the
// processors of those that wait. What is expected to take long has another thread
// begin (handOver). What takes long unexpectedly - a file system that is slow, or that
// the program itself serves, a lease to be broken - and what is too much for one
// thread is seen by watch: a notification waits, and no thread does.
type watcher struct {
	waiting atomic.Int32 // threads that wait for a notification
	dozing  atomic.Bool  // watch is to be woken by the next notification
	wake    chan struct{}
	end     chan struct{}
}

const (
	watchEvery = 5 * time.Millisecond
	quietMost  = 20 // looks that found a thread waiting, after which watch dozes
)

func (v *watcher) begin() {
	v.wake, v.end = make(chan struct{}, 1), make(chan struct{})
}

// mayWait counts a thread as one that waits, unless another does: then it is not
// needed any more. One that is not, because another waits, may go even when that one
// leaves at the same time, which comes back or has another begin.
func (v *watcher) mayWait() bool {
	if v.waiting.Add(1) == 1 {
		return true
	}
	v.waiting.Add(-1)
	return false
}

// waited ends what mayWait began.
func (v *watcher) waited() {
	v.waiting.Add(-1)
	if v.dozing.Load() && v.dozing.CompareAndSwap(true, false) {
		v.wake <- struct{}{}
	}
}

// doze sleeps until a notification is taken; not at all while no thread waits for
// one. It reports whether there is more to watch.
func (v *watcher) doze() bool {
	v.dozing.Store(true)
	if v.waiting.Load() == 0 && v.dozing.CompareAndSwap(true, false) {
		return true
	}
	select {
	case <-v.wake:
		return true
	case <-v.end:
		return false
	}
}

// watch adds a thread when it has found twice in a row that a notification waits and
// no thread does.
func (l *listener) watch() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for l.doze() {
		tick.Reset(watchEvery)
		late := false
		for quiet := 0; quiet < quietMost; {
			select {
			case <-tick.C:
			case <-l.end:
				return
			}
			switch {
			case l.waiting.Load() > 0:
				quiet++
				late = false
			case !l.pending():
				quiet, late = 0, false
			case !late:
				quiet, late = 0, true
			default:
				quiet, late = 0, false
				l.hire(false)
			}
		}
		tick.Stop()
	}
}
