package policytest

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"time"

	"strait/forkexec"
	"strait/internal/cases"
	"strait/internal/golden"
	"strait/internal/print"
	"strait/policy"
)

// An Option is one expectation, or says how the command is run.
type Option interface{ apply(r *run) error }

type option func(r *run) error

func (o option) apply(r *run) error { return o(r) }

// expect is an option that cannot be wrong.
func expect(f func(x *cases.Expect)) Option {
	return option(func(r *run) error {
		f(&r.c.Expect)
		return nil
	})
}

// A Depth says how much of a behaviour a golden trace has. It is an [Option].
type Depth uint8

// The depths: effects and objects only; calls with the objects that they are
// about (which is meant if nothing is said); every call with all its arguments.
const (
	Effects    = Depth(golden.Effects)
	Calls      = Depth(golden.Calls)
	Everything = Depth(golden.Everything)
)

func (d Depth) apply(r *run) error {
	if r.depthSaid && r.depth != golden.Depth(d) {
		return fmt.Errorf("two depths: %s and %s", r.depth, golden.Depth(d))
	}
	r.depth, r.depthSaid, r.ofGolden = golden.Depth(d), true, true
	return nil
}

// Golden compares what the program does with a golden trace.
func Golden(file string) Option {
	return option(func(r *run) error {
		if r.c.Expect.Golden != nil {
			return fmt.Errorf("policytest.Golden(%q): there is another, %s", file, r.c.Expect.Golden.File)
		}
		r.c.Expect.Golden = &cases.Golden{File: file}
		return nil
	})
}

// AnyOrder names programs the order of whose calls means nothing, as of a thread
// pool. Programs written in Go are known to be such.
func AnyOrder(programs ...string) Option {
	return option(func(r *run) error {
		r.anyOrder, r.ofGolden = append(r.anyOrder, programs...), true
		return nil
	})
}

// Noise leaves out lines of the golden trace that differ for a reason that has
// nothing to do with the program. In line * stands for anything.
func Noise(line, reason string) Option {
	return option(func(r *run) error {
		if line == "" || strings.TrimSpace(reason) == "" {
			return fmt.Errorf("policytest.Noise(%q, %q): a noise needs a line, and the reason why it does not matter", line, reason)
		}
		r.c.Noise, r.ofGolden = append(r.c.Noise, golden.Noise{Line: line, Reason: reason}), true
		return nil
	})
}

// Stacks puts the stack of the call under what is new against the golden trace.
// With [Scratch] this is so without it, by a second run.
func Stacks() Option {
	return option(func(r *run) error {
		r.c.Command.Stacks = true
		return nil
	})
}

// Never says what must not happen: calls or effects, with objects and a condition
// as in the rule of a policy: "net.*", "fs.write /etc/**", "ioctl where op ==
// TIOCSTI".
func Never(rules ...string) Option {
	return option(func(r *run) (err error) {
		r.c.Expect.Never, err = addRules(r.c.Expect.Never, "Never", rules)
		return err
	})
}

// Must says what has to happen, each at least once.
func Must(rules ...string) Option {
	return option(func(r *run) (err error) {
		r.c.Expect.Must, err = addRules(r.c.Expect.Must, "Must", rules)
		return err
	})
}

func addRules(list []cases.Rule, what string, rules []string) ([]cases.Rule, error) {
	for _, s := range rules {
		rule := cases.Rule{Text: s}
		if err := rule.Check(); err != nil {
			return nil, fmt.Errorf("policytest.%s(%q): %w", what, s, err)
		}
		list = append(list, rule)
	}
	return list, nil
}

// Writes lists all files that may be written, made, removed or changed in what is
// known of them; without any, none may.
func Writes(files ...string) Option { return only("writes", "Writes", files) }

// Reads lists all files that may be read, besides what a machine has for every
// program: libraries, locales, time zones.
func Reads(files ...string) Option { return only("reads", "Reads", files) }

// Execs lists all programs that may be started besides the command itself, by
// their names or as paths.
func Execs(programs ...string) Option { return only("execs", "Execs", programs) }

// Connects lists all addresses that may be connected or sent to: "tcp
// 127.0.0.1:*".
func Connects(addresses ...string) Option { return only("connects", "Connects", addresses) }

func only(word, what string, objects []string) Option {
	return option(func(r *run) error {
		o := cases.NewOnly(word, objects)
		if err := o.Check(); err != nil {
			return fmt.Errorf("policytest.%s(%q): %w", what, objects, err)
		}
		r.c.Expect.Only = append(r.c.Expect.Only, o)
		return nil
	})
}

// AtMost says how often something may be done: a call, a @group or an effect; or
// how many "calls", "processes", "threads" and "signals" there may be, or how
// many bytes of "peak memory".
func AtMost(what string, n int64) Option { return count(what, "<=", n) }

// AtLeast is the opposite of [AtMost].
func AtLeast(what string, n int64) Option { return count(what, ">=", n) }

// Exactly says how often something has to be done.
func Exactly(what string, n int64) Option { return count(what, "==", n) }

func count(what, op string, n int64) Option {
	return option(func(r *run) error {
		c, err := cases.ParseCount(fmt.Sprintf("%s %s %d", what, op, n), policy.Pos{})
		if err == nil {
			err = c.Check()
		}
		if err != nil {
			return fmt.Errorf("policytest: %w", err)
		}
		r.c.Expect.Counts = append(r.c.Expect.Counts, c)
		return nil
	})
}

// Policy names a policy that must hold: a file, or one that is built in
// (std/...). What it does not allow, and what it would ask about, fails the test.
func Policy(file string) Option {
	return expect(func(x *cases.Expect) { x.Policy, x.Rules = file, "" })
}

// PolicyText is [Policy] of the text of one.
func PolicyText(text string) Option {
	return expect(func(x *cases.Expect) { x.Policy, x.Rules = "policy", text })
}

// Enforce keeps the program from what [Policy] does not allow.
func Enforce() Option { return expect(func(x *cases.Expect) { x.Enforce = true }) }

// Exit is the status that the program has to exit with.
func Exit(status int) Option { return expect(func(x *cases.Expect) { x.Exit = status }) }

// KilledBy is the signal that the program has to be killed by.
func KilledBy(s syscall.Signal) Option {
	return expect(func(x *cases.Expect) { x.Signal = print.SignalName(int(s)) })
}

// Stdout is what the program has to write to its standard output, newlines at the
// end aside. The folder that it runs in is . there.
func Stdout(text string) Option {
	return expect(func(x *cases.Expect) { x.Stdout = written(x.Stdout); x.Stdout.Text.Text = text })
}

// Stderr is [Stdout] of standard error.
func Stderr(text string) Option {
	return expect(func(x *cases.Expect) { x.Stderr = written(x.Stderr); x.Stderr.Text.Text = text })
}

// StdoutMatches is a regular expression that must be found in the standard output; ^
// and $ are of a line.
func StdoutMatches(re string) Option {
	return matches("StdoutMatches", re, func(x *cases.Expect) **cases.Output { return &x.Stdout })
}

// StderrMatches is [StdoutMatches] of standard error.
func StderrMatches(re string) Option {
	return matches("StderrMatches", re, func(x *cases.Expect) **cases.Output { return &x.Stderr })
}

func matches(what, re string, of func(x *cases.Expect) **cases.Output) Option {
	return option(func(r *run) error {
		p, err := cases.NewPattern(re, policy.Pos{})
		if err != nil {
			return fmt.Errorf("policytest.%s(%q): %w", what, re, err)
		}
		out := of(&r.c.Expect)
		*out = written(*out)
		(*out).Match = append((*out).Match, p)
		return nil
	})
}

func written(o *cases.Output) *cases.Output {
	if o == nil {
		return &cases.Output{}
	}
	return o
}

// Timeout is how long the program may take; a minute if nothing is said, or less
// where the test's own deadline comes sooner.
func Timeout(d time.Duration) Option {
	return option(func(r *run) error {
		r.c.Timeout = d
		return nil
	})
}

// Linger is how long what the program started may outlive it; 2 seconds if nothing
// is said. What is there longer fails the test and is killed.
func Linger(d time.Duration) Option {
	return option(func(r *run) error {
		r.c.Linger = d
		return nil
	})
}

// Scratch runs the program in a folder of its own that has these files and is gone
// afterwards, with a home and a place for temporary files there, and with the
// environment of strait test, to which Cmd.Env adds. Names that end in / are
// folders.
func Scratch(files map[string]string) Option {
	return option(func(r *run) error {
		r.scratch = true
		for _, name := range slices.Sorted(maps.Keys(files)) {
			if !filepath.IsLocal(name) {
				return fmt.Errorf("policytest.Scratch: %q is not below the folder", name)
			}
			f := cases.File{Name: name, Text: files[name], Dir: strings.HasSuffix(name, "/")}
			if strings.HasPrefix(f.Text, "#!") {
				f.Mode = 0o755
			}
			r.c.Files = append(r.c.Files, f)
		}
		return nil
	})
}

// Settings changes how the program is started: user, namespaces, limits, and what
// else there is.
func Settings(f func(*forkexec.Cmd)) Option {
	return option(func(r *run) error {
		r.c.Settings = f
		return nil
	})
}

// cut splits a variable of the environment.
func cut(v string) (name, value string, ok bool) {
	if strings.HasPrefix(v, "=") {
		return "", "", false
	}
	return strings.Cut(v, "=")
}

// temporary gives names to folders in places for temporary files that the command
// is in or names: theirs are others in every run.
func (r *run) temporary() {
	c := r.c.Command
	temps := []string{os.TempDir()}
	if dir := os.Getenv("GOTMPDIR"); filepath.IsAbs(dir) {
		temps = append(temps, filepath.Clean(dir))
	}
	seen := map[string]bool{}
	name := func(path, as string) {
		for _, tmp := range temps {
			rest, ok := strings.CutPrefix(path, tmp+"/")
			first, _, _ := strings.Cut(rest, "/")
			dir := tmp + "/" + first
			if !ok || !madeUp.MatchString(first) || seen[dir] {
				continue
			}
			if n := len(seen); as == "$TEMP" && n > 0 {
				as = fmt.Sprintf("$TEMP%d", n+1)
			}
			seen[dir] = true
			c.Paths = append(c.Paths, golden.Replacement{Path: dir, Name: as})
		}
	}
	if path := filepath.Clean(c.Path); slices.ContainsFunc(temps, func(tmp string) bool { return strings.HasPrefix(path, tmp+"/") }) {
		c.Paths = append(c.Paths, golden.Replacement{Path: filepath.Dir(path), Name: "$BUILD"})
	}
	for _, word := range slices.Concat(c.Args, []string{c.Dir}, r.cmd.Env) {
		for _, part := range tempPath.FindAllString(word, -1) {
			name(filepath.Clean(part), "$TEMP")
		}
	}
}

var (
	tempPath = regexp.MustCompile(`/[^\s:;,='"]+`)
	// madeUp are names as os.MkdirTemp makes them: with a number behind them.
	madeUp = regexp.MustCompile(`\d{4,}$`)
)
