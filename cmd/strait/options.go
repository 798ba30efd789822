package main

import (
	"strings"
	"time"
)

// Options is everything a command line of the tracing mode says, each value
// resolved: what the last of several options means, and what follows from
// another option, is already decided. The zero value of a field is strace's
// default unless its comment says otherwise.
type Options struct {
	// Instead of tracing, or beside it.
	Version bool     // print the version and stop
	Tip     tipStyle // print a tip at the end; with no Program it is all there is to do
	Debug   bool

	// What is traced.
	Program []string // PROG and its arguments; empty with -p alone
	Argv0   *string  // nil: Program[0]
	Env     []string // VAR=VAL or VAR (to unset), in order; see environ
	User    string   // as given to -u; UserSet says whether it was
	UserSet bool
	Creds   credentials // of User
	Attach  []int       // -p, in order, possibly with repetitions

	// How.
	Follow         bool // -f
	Separate       bool // -ff: FILE.pid for each process
	Daemonize      daemonize
	Interruptible  interruptible // never 0 after check
	DetachOnExecve bool
	SyscallLimit   int64 // 0: none
	KillOnExit     bool
	Seccomp        bool // asked for and possible; see check
	otherABIs      bool // a filter that was not asked for, under which changes of ABI are told; see filter

	// Which events.
	Trace    callSet // default all
	TraceFDs *fdSet  // nil: not given
	Paths    []tracePath
	Signals  signalSet // default all
	Status   statusSet // default all
	Slower   time.Duration

	// How a call is printed.
	Abbrev, Verbose, Raw callSet // defaults: all, all, none
	ReadFDs, WriteFDs    fdSet
	KVM                  kvmDetail
	Namespaces           bool
	SELinux              seLinux
	DecodeFDs            decodeFDs
	DecodePIDs           decodePIDs
	Columns              int // default 40
	StringLimit          int // default 32
	Hex                  hexStyle
	Const                constStyle
	ArgNames             bool

	// What stands before and after it.
	AlwaysPID    bool
	InstrPointer bool
	CallNumber   bool
	Absolute     absoluteTime
	Relative     bool
	RelativePrec precision // default us
	Times        bool
	TimesPrec    precision // default us
	Stack        stackTrace
	StackFrames  int // default 256
	Quiet        quiet

	// Where it goes.
	Output     string // as given to -o: a file, or a command after '|' or '!'
	OutputSet  bool
	Append     bool
	Color      colorWhen
	JSON       bool
	Interleave bool // default true; false: only complete lines
	Tree       bool
	Placement  placement

	// Statistics.
	Summary    summaryMode
	Wall       bool
	PerProcess bool
	SortBy     column // default columnTimeTotal
	Table      []column
	Overhead   *time.Duration // nil: estimated

	// Tampering, in order; of two rules for one call the later one holds.
	Injections []*injection

	// Warnings are to be printed before anything else, in order, whether or
	// not the command line is refused.
	Warnings []string

	given map[string]int // how often each option was given: "-t", "--quiet"
}

// defaultOptions is what an empty command line says.
func defaultOptions() *Options {
	return &Options{
		Trace: allCalls(), Abbrev: allCalls(), Verbose: allCalls(),
		Signals: allSignals(), Status: statusSet{outcomes: outcomesAll},
		Columns: 40, StringLimit: 32, StackFrames: 256,
		RelativePrec: precisionUS, TimesPrec: precisionUS,
		Absolute: absoluteTime{prec: precisionS},
		SortBy:   columnTimeTotal, Table: defaultColumns(),
		Const: constAbbrev, Interleave: true,
		given: map[string]int{},
	}
}

// used says whether any of the options was given, by their keys in given.
func (o *Options) used(keys ...string) bool {
	for _, key := range keys {
		if o.given[key] > 0 {
			return true
		}
	}
	return false
}

// environ is base with the changes of -E made to it.
func (o *Options) environ(base []string) []string { return changeEnv(base, o.Env) }

// changeEnv makes changes to an environment as putenv(3) and unsetenv(3) make
// them: a variable keeps its place, a new one goes last. clearEnv removes all.
func changeEnv(base, changes []string) []string {
	env := append([]string(nil), base...)
	for _, change := range changes {
		name, _, set := strings.Cut(change, "=")
		if change == clearEnv {
			env = env[:0]
			continue
		}
		at := -1
		kept := env[:0]
		for _, old := range env {
			if !strings.HasPrefix(old, name+"=") {
				kept = append(kept, old)
			} else if set && at < 0 {
				at = len(kept)
				kept = append(kept, change)
			}
		}
		env = kept
		if set && at < 0 {
			env = append(env, change)
		}
	}
	return env
}

// tracePath is an operand of -P: as given, and what it resolves to if that is
// something else.
type tracePath struct {
	Path, Resolved string
	Glob           bool // Path is a pattern
}

// credentials are those a program started with -u gets.
type credentials struct {
	UID, GID uint32
	Groups   []uint32
	Home     string // as the user database has it; empty for UID:GID
}
