package enforce

import (
	"os"
	"strconv"
	"strings"
	"sync"

	"strait/policy"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// A task is what is known of a thread of the program. What is in it changes only
// while its thread is stopped by the tracer, so that who answers a notification
// of that thread reads it without racing; mu is for the memory's sake.
type task struct {
	mu       sync.Mutex
	tid, pid int
	profile  string
	env      policy.Env
	who      *identity // nil: to be read
	exec     *pending  // the execve that it is in
	landing  *landing  // where its call was judged to lead
	question *Question // held for an answer
	before   int       // tasks that it had made at the entry of clone3
	inClone  bool
	seen     bool // it has entered a call since it was attached to, or was never without us

	// Of the tracer's goroutine, where calls are checked; see window.
	window   *window
	noWindow string // why there is none
	forks    int    // tasks that it had made when it was executed
	slot     int    // that its call has, plus 1
}

// tasks are all threads of the program, by id.
type tasks struct {
	mu sync.RWMutex
	m  map[int]*task
}

func (ts *tasks) get(tid int) *task {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	return ts.m[tid]
}

func (ts *tasks) put(t *task) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	ts.m[t.tid] = t
}

// move gives a task the id of its process's leader.
func (ts *tasks) move(t *task, tid int) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.m[t.tid] == t {
		delete(ts.m, t.tid)
	}
	t.tid = tid
	ts.m[tid] = t
}

func (ts *tasks) drop(t *task) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.m[t.tid] == t {
		delete(ts.m, t.tid)
	}
}

// forgetIdentities has who everybody is read anew.
func (ts *tasks) forgetIdentities() {
	ts.mu.RLock()
	defer ts.mu.RUnlock()
	for _, t := range ts.m {
		t.forgetIdentity()
	}
}

// state returns what is known of a tracee, which may have been met in another
// order than its parent.
func (e *Enforcer) state(k *tracer.Task) *task {
	if t, ok := k.Data.(*task); ok {
		return t
	}
	t := &task{tid: k.TID(), pid: k.PID(), profile: e.profile}
	t.readComm()
	k.Data = t
	e.tasks.put(t)
	return t
}

// newTask takes in a thread or a process: it is under the profile of who made it.
func (e *Enforcer) newTask(s *tracer.Stop) {
	t := e.state(s.Task)
	parent := e.tasks.get(s.Event.OtherTID)
	if parent == nil {
		t.readExe()
		return
	}
	t.mu.Lock()
	t.profile, t.env.Exe = parent.profile, parent.env.Exe
	t.mu.Unlock()
	t.seen = true
	t.takeWindow(parent.window)
	t.noWindow = "its memory may be another's, too"
}

// gone forgets a task.
func (e *Enforcer) gone(s *tracer.Stop) {
	t := e.state(s.Task)
	if q := t.question; q != nil {
		q.withdraw()
	}
	t.takeWindow(nil)
	e.tasks.drop(t)
	if t.tid != e.mainTID || e.main == nil {
		return
	}
	switch s.Kind {
	case tracer.Exited:
		e.result.Status = waitStatus(s.Event.Status<<8, false)
	case tracer.Killed:
		e.result.Status = waitStatus(s.Event.Sig, s.Event.Core)
	case tracer.Superseded, tracer.Detached:
		return
	}
	e.reap()
}

func (t *task) readComm() {
	b, err := os.ReadFile(t.proc("comm"))
	if err != nil {
		return
	}
	t.mu.Lock()
	t.env.Comm = strings.TrimSuffix(string(b), "\n")
	t.mu.Unlock()
}

func (t *task) readExe() {
	exe, err := os.Readlink(t.proc("exe"))
	if err != nil {
		return
	}
	t.mu.Lock()
	t.env.Exe = exe
	t.mu.Unlock()
}

// proc returns the name of a file about the thread.
func (t *task) proc(name string) string { return "/proc/" + strconv.Itoa(t.tid) + "/" + name }

// under returns the profile and what conditions may ask about.
func (t *task) under() (profile string, env policy.Env) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.profile, t.env
}

// reap completes the result with what forkexec knows of the program.
func (e *Enforcer) reap() {
	if !e.started {
		e.result.ExecError = e.main.ExecError()
	}
	if res, err := e.main.Reaped(e.result.Status, nil); err == nil {
		e.result.Process = res
	}
}

// waitStatus makes the status that wait4(2) would have.
func waitStatus(status int, core bool) unix.WaitStatus {
	if core {
		status |= 0x80
	}
	return unix.WaitStatus(status)
}
