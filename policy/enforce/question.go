package enforce

import (
	"sync"
	"time"

	"strait/policy"
	"strait/syscalls"
	"strait/tracer"
)

// A Question is a call that the policy leaves to somebody. Its thread waits until
// it is answered.
type Question struct {
	PID, TID  int
	Comm, Exe string
	// Event is the call, decoded; Pairs is what it does, resolved. They are valid
	// until the answer.
	Event   *syscalls.Event
	Pairs   []policy.Pair
	Verdict policy.Verdict
	// Task is the stopped thread, for its stack; nil for a call that came by
	// notification, whose thread is not stopped.
	Task *tracer.Task

	e     *Enforcer
	t     *task
	began time.Time
	once  sync.Once
	done  chan struct{}
	// settle carries out an answer, on the tracer's goroutine.
	settle func(policy.Action)
	// dropped, if it is set, is told that there will be none.
	dropped func()
}

// Answer says what is done about the call: the first answer counts. It may be
// called by any goroutine, and also after the thread is gone.
func (q *Question) Answer(a policy.Action) {
	q.once.Do(func() {
		close(q.done)
		if a.Kind == policy.Ask {
			a = refusal
		}
		q.e.waker.Post(func() { q.answered(a) })
	})
}

// Done is closed when the question was answered, or need not be any more because
// its thread is gone.
func (q *Question) Done() <-chan struct{} { return q.done }

func (q *Question) withdraw() {
	q.once.Do(func() {
		close(q.done)
		if q.dropped != nil {
			q.dropped()
		}
	})
}

func (q *Question) answered(a policy.Action) {
	if q.t.question != q {
		if q.dropped != nil {
			q.dropped()
		}
		return
	}
	q.t.question = nil
	q.e.out.decided(q.t, q.Event, &q.Verdict, &a, q.began)
	q.settle(a)
}
