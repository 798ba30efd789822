package tracer

import (
	"iter"

	"strait/syscalls"
)

// A Task is one traced thread. It implements [syscalls.Tracee]: its memory and
// names are to be read while it is stopped. A Task is recycled after the stop
// that says that it is gone.
type Task struct {
	// Data is the caller's.
	Data any

	t      *Tracer
	tid    int
	parent int
	proc   *process
	state  state
	seized bool

	fresh    bool          // its first stop is to come, or to be told
	born     bool          // without SEIZE: the SIGSTOP that a new task starts with is to come
	starting bool          // its first execve has not succeeded yet: it is still ours
	inCall   bool          // between entry and exit
	noExit   bool          // the exit is not wanted
	inExec   bool          // the call is an execve
	detach   bool          // let it go at the exit
	plain    bool          // filter mode is off for this task: it has a filter of its own
	every    reach         // or its calls are all looked at for a time
	origin   *syscalls.ABI // see Origin
	eatStop  bool          // a SIGSTOP of ours is to come
	adopted  bool          // its maker's event is to come, if its maker lives to report it
	later    bool          // status is to be handled after the NewTask stop
	status   uint32        // see later
	queued   int           // where its last status is in the queue
	sig      int           // to deliver on resume from a signal stop

	closing  bool  // the call changes a descriptor
	changing int32 // which
	moving   bool  // the call changes names of files

	forced    bool // result is to be set at exit
	forcedRet int64
	mask      uint8 // arguments to put back at exit
	args      [6]uint64

	again bool     // its call is to be told anew, see Inject
	entry userRegs // at the entry of the call, while others are injected

	forks int  // tasks that it made
	spot  spot // placement

	stop Stop
	call syscalls.Event
	side *syscalls.Event
}

// state is what the kernel has the task doing, as far as we know.
type state uint8

const (
	running state = iota
	stopped
	listening // in a group-stop, by PTRACE_LISTEN
	gone      // killed; its last status is on the way
)

// A process is what threads share.
type process struct {
	pid     int
	tasks   int
	execs   int  // threads in execve
	mem     int  // descriptor of /proc/PID/mem, -1: none
	noFile  bool // it could not be opened
	place   bool // its tasks may be placed
	started bool // by us, or by one that was: nobody else knows its descriptors
	fds     fdNames
	load    load
}

// Origin returns the ABI by which the task that made this one called then, if it stopped at every
// call (see StopAtAll); else nil.
func (k *Task) Origin() *syscalls.ABI { return k.origin }

// TID returns the id of the thread.
func (k *Task) TID() int { return k.tid }

// PID returns the id of the process (thread group) of the thread.
func (k *Task) PID() int { return k.proc.pid }

// Call returns the call that the task is in, nil if it is in none.
func (k *Task) Call() *syscalls.Event {
	if !k.inCall {
		return nil
	}
	return &k.call
}

// Tasks yields the tasks that are traced, in no order.
func (t *Tracer) Tasks() iter.Seq[*Task] {
	return func(yield func(*Task) bool) {
		for _, k := range t.tasks {
			if !yield(k) {
				return
			}
		}
	}
}

// Task returns the task with the given thread id, nil if it is not traced.
func (t *Tracer) Task(tid int) *Task { return t.tasks[tid] }

// freeTasks bounds how many dead tasks are kept for their memory.
const freeTasks = 64

// add makes a task; pid is its process's id.
func (t *Tracer) add(tid, pid, parent int, seized bool) *Task {
	var k *Task
	if n := len(t.free); n > 0 {
		k = t.free[n-1]
		t.free = t.free[:n-1]
		*k = Task{call: k.call, side: k.side}
	} else {
		k = &Task{}
	}
	k.t, k.tid, k.parent, k.seized, k.fresh = t, tid, parent, seized, true
	k.born, k.plain = !seized, t.opt.AllCalls
	k.proc = t.process(pid)
	k.proc.tasks++
	k.stop.Task = k
	t.tasks[tid] = k
	return k
}

func (t *Tracer) process(pid int) *process {
	p := t.procs[pid]
	if p == nil {
		p = &process{pid: pid, mem: -1}
		t.procs[pid] = p
	}
	return p
}

// drop forgets a task: nothing more will come from its id.
func (t *Tracer) drop(k *Task) {
	if t.tasks[k.tid] == k {
		delete(t.tasks, k.tid)
	}
	if k.adopted {
		t.over[k.tid] = true
	}
	k.state = gone
	k.over()
	t.epoch.next(t.mono)
	t.place.strike(k)
	k.proc.tasks--
	if k.proc.tasks == 0 {
		k.proc.closeMemory()
		delete(t.procs, k.proc.pid)
	}
}

// recycle takes the memory of a dropped task after its last stop.
func (t *Tracer) recycle(k *Task) {
	k.Data = nil
	if len(t.free) < freeTasks {
		t.free = append(t.free, k)
	}
}

// event returns the task's event for everything but calls, empty.
func (k *Task) event(kind Kind) *syscalls.Event {
	if k.side == nil {
		k.side = new(syscalls.Event)
	}
	k.side.Reset()
	k.side.Kind = eventKinds[kind]
	return k.side
}

// eventKinds are the kinds of events that stops of each kind have.
var eventKinds = [...]syscalls.EventKind{
	SyscallEnter: syscalls.EventCall, SyscallExit: syscalls.EventCall,
	Signal: syscalls.EventSignal, GroupStop: syscalls.EventStopped, NewTask: syscalls.EventNew,
	Exec: syscalls.EventExec, Exiting: syscalls.EventCall, Exited: syscalls.EventExited, Killed: syscalls.EventKilled,
	Superseded: syscalls.EventSuperseded, Detached: syscalls.EventDetached,
}

// Count returns how many tasks are traced.
func (t *Tracer) Count() int { return len(t.tasks) }

// Forks returns how many tasks this one has made that are traced. The kernel tells
// of each before the call that made it returns, and before the new task runs.
func (k *Task) Forks() int { return k.forks }
