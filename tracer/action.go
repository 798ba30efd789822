package tracer

// An Action says how a stopped task goes on. The zero Action lets it go on as
// if nobody watched. Fields that mean nothing at a kind of stop are ignored
// there.
type Action struct {
	Verb Verb

	// SyscallEnter.
	Skip   bool      // do not make the call; it returns Result
	Other  uint64    // with Skip: the number of a call that is made in its place, 0: none
	Mask   uint8     // bit i: argument register i becomes Args[i] for this call, and is put back at its exit
	Args   [6]uint64 //
	NoExit bool      // no SyscallExit stop is wanted; in filter mode the kernel then makes none

	// SyscallEnter with Skip, SyscallExit with SetResult: what the call
	// returns. -errno is a failure.
	Result    int64
	SetResult bool

	// Signal: Suppress drops the signal; Sig, if not 0, is delivered in its
	// place. SyscallEnter, SyscallExit: Sig, if not 0, is sent to the task.
	Suppress bool
	Sig      int
}

// Verb is the main part of an Action.
type Verb uint8

// The verbs.
const (
	Continue Verb = iota // go on, traced
	Detach               // go on, no longer traced; the loop yields Detached
	Kill                 // SIGKILL to the whole process
)
