package tracefile

// An Entry is one thing that a saved trace tells.
type Entry struct {
	Kind   Kind
	TID    int    // thread; 0 where the trace has one task and does not name it
	PID    int    // process; 0 where the trace does not tell
	Parent int    // Start: the task that made it
	Name   string // Call: the call; Signal, Stopped, Killed: SIGCHLD, ...; Exec: the program
	Args   []string
	Ret    string // of a call: 3, 0x7f..., -1, ?; "" if it never returned
	Note   string // what stands behind it: </etc/passwd>, (Timeout), (flags FD_CLOEXEC)
	Errno  string // ENOENT
	Status int    // Exited
	Line   int    // in the file, from 1
	Stack  []string
}

// Kind says what an Entry tells.
type Kind uint8

// The kinds of entries.
const (
	Call       Kind = iota
	Signal          // delivered
	Stopped         // the process is stopped by a signal
	Exited          // the thread, with Status
	Killed          // by a signal
	Superseded      // vanished in an execve of another thread
	Start           // a new task; text does not tell it
	Exec            // an execve succeeded; text does not tell it
	Other           // what is no line of a trace
)

// Returned says whether a call came back.
func (e *Entry) Returned() bool { return e.Ret != "" && e.Ret != "?" }

// Text is a call as strace writes it.
func (e *Entry) Text() string {
	s := e.Name + "("
	for i, a := range e.Args {
		if i > 0 {
			s += ", "
		}
		s += a
	}
	s += ") = " + e.Ret
	if e.Errno != "" {
		s += " " + e.Errno
	}
	if e.Note != "" {
		if e.Note[0] != '<' {
			s += " "
		}
		s += e.Note
	}
	return s
}
