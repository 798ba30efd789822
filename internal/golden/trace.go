package golden

import (
	"fmt"
	"strings"

	"strait/internal/tracefile"
	"strait/policy"
)

// Depth says how much of a behaviour is kept.
type Depth uint8

// The depths.
const (
	Effects Depth = iota
	Calls
	Everything
)

var depthNames = [...]string{"effects", "calls", "everything"}

func (d Depth) String() string { return depthNames[d] }

// ParseDepth is the opposite of String.
func ParseDepth(s string) (Depth, error) {
	for i, n := range depthNames {
		if n == s {
			return Depth(i), nil
		}
	}
	return 0, fmt.Errorf("no depth %q: there are %s", s, strings.Join(depthNames[:], ", "))
}

// A Trace is a behaviour.
type Trace struct {
	Name      string // of the file, for messages
	Depth     Depth
	Processes []*Process
}

// A Process is what one process or thread did; at the depth of effects, what one
// program did, however many processes it took.
type Process struct {
	// ID is its place in the tree: 1 is the first, 1.2 the second process that
	// it made, 1#1 the first thread. Of effects, the programs that led to it:
	// sh > git.
	ID      string
	Program string
	// AnyOrder says that the order of its lines, and how often each is there,
	// mean nothing.
	AnyOrder bool
	// Killed says that SIGPIPE ended it, which may as well have happened later. A
	// golden trace does not tell.
	Killed bool
	Lines  []Line
	At     int // line in the file
}

// A Line is one call or effect.
type Line struct {
	Text  string
	At    int // line in the file
	Pairs []policy.Pair
	Call  string
	Stack []string
}

// A Step is one entry of a trace, with what it does.
type Step struct {
	tracefile.Entry
	Pairs []policy.Pair
	// Before is, of a call, how many steps had begun when it returned; 0: it is
	// not known, and no matter unless threads share descriptors.
	Before int
}

// A Replacement says what a directory or file is called in a golden trace, as
// the scratch folder, which has another name in every run.
type Replacement struct{ Path, Name string }

// A Noise is something that differs from run to run and does not matter.
type Noise struct {
	Line    string // * stands for anything
	Program string // only of this program; "": of all
	Reason  string
}

// Options say how a behaviour is made of a trace. The zero value is for a saved
// trace, at the depth of effects.
type Options struct {
	Depth    Depth
	Paths    []Replacement
	Noise    []Noise
	AnyOrder []string // programs whose order means nothing, though they are no Go programs
	CWD      string   // where the program was started
	ABI      string   // of saved traces: as GOARCH is if ""
}
