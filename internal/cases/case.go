package cases

import (
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"
	"time"

	"strait/forkexec"
	"strait/internal/golden"
	"strait/internal/lazyregexp"
	"strait/policy"

	"golang.org/x/sys/unix"
)

// A Case is one program, started in one way, and what is expected of it. The
// zero value of all but Run is useful.
type Case struct {
	Name string
	Pos  policy.Pos // where it is written
	Dir  string     // the folder of its files; $CASE

	Skip  string   // why it is not run
	Needs []string // programs without which it is not run
	Build []string // commands of the shell, with $CASE and $BUILD, in $CASE
	Run   []string // program and arguments, with $CASE and $BUILD
	// Command is, of cases made in code, what is started in place of Run.
	Command *Command
	Stdin   Text
	Env     map[string]string
	Files   []File // in the scratch folder, where the program starts

	User       string // a name, or UID:GID
	Namespaces []string
	Limits     Limits
	Settings   func(*forkexec.Cmd) // for cases made in code: what else there is

	Timeout time.Duration // 0: as the run says
	Linger  time.Duration // how long others may outlive the program; 0: DefaultLinger

	Expect Expect
	Noise  []golden.Noise
	// Fails are what failures must say: the case passes if it fails, and each
	// of these is found.
	Fails []Pattern

	NoCase bool                  // it stands for a path at which there is none, and fails
	broken []*Failure            // the case cannot be run
	at     map[string]policy.Pos // where its keys stand, of a case in a file
	builds []policy.Pos          // and each of Build
}

// place is where the first of these keys stands that the case has, or else where
// the case does.
func (c *Case) place(keys ...string) policy.Pos {
	for _, k := range keys {
		if at, ok := c.at[k]; ok {
			return at
		}
	}
	return c.Pos
}

// DefaultTimeout is how long a case may take that says nothing about it, and
// DefaultLinger how long what it started may outlive it.
const (
	DefaultTimeout = time.Minute
	DefaultLinger  = 2 * time.Second
)

// A Text is given in the case or in a file.
type Text struct {
	Text string
	File string // relative to Case.Dir
	Pos  policy.Pos
}

// A File is one that the program finds.
type File struct {
	Name string // relative to the scratch folder
	Text string
	From string // a file or folder, relative to Case.Dir
	Link string // a symbolic link to this
	Dir  bool
	Mode os.FileMode // 0: 0644, or as From has it
	Pos  policy.Pos
}

// Limits are those of forkexec.Limits that mean something here.
type Limits struct {
	CPU                      time.Duration
	Memory, Output, FileSize uint64
	Procs, OpenFiles         uint64
}

// Expect is what a case expects.
type Expect struct {
	Exit    int
	Signal  string     // SIGTERM; "": it exits
	EndPos  policy.Pos // where that is said; none: nowhere
	Stdout  *Output
	Stderr  *Output
	Policy  string // a file, relative to Case.Dir, or std/...
	Rules   string // the text of a policy that is in no file, called Policy
	Enforce bool   // what the policy does not allow is not done
	PolPos  policy.Pos
	Never   []Rule
	Must    []Rule
	Only    []Only
	Counts  []Count
	Golden  *Golden
}

// An Output is what a program is expected to write.
type Output struct {
	Text
	Match []Pattern // each must be found; a Text that is empty is then not asked
}

// A Pattern is a regular expression with its place; ^ and $ are of a line.
type Pattern struct {
	*regexp.Regexp
	Pos policy.Pos
}

const ofLines = "(?m)"

// NewPattern compiles a regular expression.
func NewPattern(s string, pos policy.Pos) (Pattern, error) {
	if _, err := regexp.Compile(s); err != nil {
		return Pattern{Pos: pos}, err // without what stands before it
	}
	re, err := regexp.Compile(ofLines + s)
	return Pattern{re, pos}, err
}

// String is the expression as it was written.
func (p Pattern) String() string { return strings.TrimPrefix(p.Regexp.String(), ofLines) }

// A Rule is calls or effects, with objects and a condition, as in a policy behind
// the action.
type Rule struct {
	Text string
	Pos  policy.Pos
}

// An Only lists all objects of an effect that there may be.
type Only struct {
	Effects []string
	Word    string // writes, reads, execs, connects
	Objects []string
	Pos     policy.Pos
}

// A Count compares how often something was done with a number.
type Count struct {
	Text string // as written
	What string // a call, @group, effect, or one of countWords
	Op   string // <= < == > >= !=
	N    int64
	Pos  policy.Pos
}

// A Golden is a golden trace.
type Golden struct {
	File     string // relative to Case.Dir
	Depth    golden.Depth
	AnyOrder []string
	Pos      policy.Pos
}

// A Failure is one expectation that did not hold.
type Failure struct {
	Pos  policy.Pos
	Text string // may have several lines
}

func (f *Failure) Error() string {
	if f.Pos.Line == 0 {
		return f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.Pos.File, f.Pos.Line, f.Text)
}

// A Result is how a case went.
type Result struct {
	Case     *Case
	Failures []*Failure
	Skipped  string
	Updated  []string  // golden files that were written
	Notes    []string  // what is to be said, though nothing failed
	Output   [2][]byte // what was written to standard output and error
	Duration time.Duration
}

// Passed says whether a case held.
func (r *Result) Passed() bool { return len(r.Failures) == 0 && r.Skipped == "" }

func (r *Result) fail(pos policy.Pos, format string, args ...any) {
	r.Failures = append(r.Failures, &Failure{pos, fmt.Sprintf(format, args...)})
}

var namespaceFlags = map[string]uintptr{
	"user": unix.CLONE_NEWUSER, "mount": unix.CLONE_NEWNS, "pid": unix.CLONE_NEWPID, "net": unix.CLONE_NEWNET,
	"uts": unix.CLONE_NEWUTS, "ipc": unix.CLONE_NEWIPC, "cgroup": unix.CLONE_NEWCGROUP, "time": unix.CLONE_NEWTIME,
}

// countWords are what can be counted besides calls and effects.
var countWords = []string{"calls", "processes", "threads", "signals", "peak memory"}

var countText = lazyregexp.New(`^(.+?)\s*(<=|>=|==|!=|<|>)\s*(\d+)\s*([KMG]?)B?$`)

// ParseCount reads "openat <= 40" or "peak memory <= 64M".
func ParseCount(s string, pos policy.Pos) (Count, error) {
	m := countText.FindStringSubmatch(strings.TrimSpace(s))
	if m == nil {
		return Count{}, fmt.Errorf("%q is no count: openat <= 40, processes <= 3, peak memory <= 64M", s)
	}
	n, err := strconv.ParseInt(m[3], 10, 64)
	shift := strings.Index("KMG", m[4])*10 + 10
	if m[4] == "" {
		shift = 0
	}
	if err != nil || n > 1<<62>>shift {
		return Count{}, fmt.Errorf("%q: the number is too big", s)
	}
	return Count{Text: s, What: m[1], Op: m[2], N: n << shift, Pos: pos}, nil
}

// Holds says whether n is as the count wants it.
func (c *Count) Holds(n int64) bool {
	switch c.Op {
	case "<=":
		return n <= c.N
	case "<":
		return n < c.N
	case ">=":
		return n >= c.N
	case ">":
		return n > c.N
	case "!=":
		return n != c.N
	}
	return n == c.N
}
