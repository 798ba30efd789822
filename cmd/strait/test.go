package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"time"

	"strait/internal/cases"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

const testHelp = `Usage: %s test [FLAG]... PATH...

Runs programs and holds what they do against what their cases expect. A PATH is a
case file, a folder of them (case.yaml, NAME.case.yaml), or FOLDER/... for all
below it. docs/testing.md says how a case is written.

The exit status is 0 if all passed, 1 if one failed, 2 if none could be found.

`

// testFlags are the flags of strait test, which look like go test's.
type testFlags struct {
	run      string
	verbose  bool
	update   bool
	asJSON   bool
	tap      bool
	junit    string
	timeout  time.Duration
	count    int
	parallel int
	list     bool
}

func (f *testFlags) set() *flag.FlagSet {
	fs := flag.NewFlagSet("test", flag.ContinueOnError)
	fs.SetOutput(io.Discard)
	fs.StringVar(&f.run, "run", "", "only cases whose names match `REGEXP`")
	fs.BoolVar(&f.verbose, "v", false, "tell of every case")
	fs.BoolVar(&f.update, "update", false, "write golden traces instead of comparing with them")
	fs.BoolVar(&f.asJSON, "json", false, "write an object a line")
	fs.BoolVar(&f.tap, "tap", false, "write in the Test Anything Protocol")
	fs.StringVar(&f.junit, "junit", "", "write `FILE` in JUnit's format too")
	fs.DurationVar(&f.timeout, "timeout", 0, "of each case that does not say it, `DURATION` (1m)")
	fs.IntVar(&f.count, "count", 1, "run each case `N` times, and tell which are flaky")
	fs.IntVar(&f.parallel, "parallel", 0, "run `N` cases at a time (as many as there are processors)")
	fs.BoolVar(&f.list, "list", false, "list the cases and run none")
	return fs
}

// testMain is strait test.
func testMain(e *environment, args []string, stdout, stderr io.Writer) int {
	var f testFlags
	name := e.Name + " test"
	paths, err := f.parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fs := f.set()
		fmt.Fprintf(stdout, testHelp, e.Name)
		fs.SetOutput(stdout)
		fs.PrintDefaults()
		return 0
	}
	var list []*cases.Case
	if err == nil {
		list, err = f.find(paths)
	}
	if err != nil {
		complain(stderr, name, err)
		return 2
	}
	if f.list {
		var out strings.Builder
		for _, c := range list {
			fmt.Fprintf(&out, "%s\t%s:%d\n", c.Name, c.Pos.File, c.Pos.Line)
		}
		if _, err := io.WriteString(stdout, out.String()); err != nil {
			complain(stderr, name, err)
			return 1
		}
		return 0
	}
	ok, err := f.test(list, stdout, stderr)
	if err != nil {
		complain(stderr, name, err)
		return 1
	}
	if !ok {
		return 1
	}
	return 0
}

// parse reads the flags, which may stand before and behind paths.
func (f *testFlags) parse(args []string) (paths []string, err error) {
	fs := f.set()
	for {
		if err := fs.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, badUsage("%s", err)
		}
		if fs.NArg() == 0 {
			break
		}
		paths, args = append(paths, fs.Arg(0)), fs.Args()[1:]
	}
	switch {
	case len(paths) == 0:
		return nil, badUsage("which cases? a file, a folder, or ./...")
	case f.asJSON && f.tap:
		return nil, badUsage("-json and -tap: one of them")
	case f.count < 1:
		return nil, badUsage("-count must be 1 or more")
	case f.parallel < 0:
		return nil, badUsage("-parallel must be 1 or more, or 0 for as many as there are processors")
	case f.timeout < 0:
		return nil, badUsage("-timeout must be a time from now on: 30s")
	}
	return paths, nil
}

func (f *testFlags) find(paths []string) ([]*cases.Case, error) {
	list, err := cases.Find(paths)
	if err != nil || f.run == "" {
		return list, err
	}
	re, err := regexp.Compile(f.run)
	if err != nil {
		return nil, badUsage("-run: %s", err)
	}
	list = slices.DeleteFunc(list, func(c *cases.Case) bool { return !c.NoCase && !re.MatchString(c.Name) })
	if !slices.ContainsFunc(list, func(c *cases.Case) bool { return !c.NoCase }) {
		return nil, fmt.Errorf("no case has a name that matches %q", f.run)
	}
	return list, nil
}

// test runs the cases and reports.
func (f *testFlags) test(list []*cases.Case, stdout, stderr io.Writer) (ok bool, err error) {
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGINT, unix.SIGTERM, unix.SIGHUP)
	defer stop()
	var report cases.Reporters
	switch {
	case f.asJSON:
		report = append(report, &cases.JSON{W: stdout})
	case f.tap:
		report = append(report, &cases.TAP{W: stdout})
	default:
		report = append(report, &cases.Lines{W: stdout, Verbose: f.verbose, Status: statusLine(stderr)})
	}
	if f.junit != "" {
		file, err := os.Create(f.junit)
		if err != nil {
			return false, err
		}
		defer func() { err = errors.Join(err, file.Close()) }()
		report = append(report, &cases.JUnit{W: file})
	}
	s := &cases.Suite{
		Cases: list, Parallel: f.parallel, Count: f.count, Report: report,
		Options: cases.RunOptions{Update: f.update, Timeout: f.timeout},
	}
	sum, err := s.Run(ctx)
	if err == nil && ctx.Err() != nil {
		err = errors.New("interrupted")
	}
	return sum.OK(), err
}

// statusLine shows progress on a terminal that can erase a line, and is nil if there
// is none.
func statusLine(w io.Writer) func(string) {
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(s string) {
		width, _, err := term.GetSize(int(f.Fd()))
		if err != nil || width == 0 { // nobody has told the terminal
			width = 80
		}
		if len(s) >= width {
			s = strings.ToValidUTF8(s[:width-1], "")
		}
		fmt.Fprint(w, "\r\x1b[K"+strings.ReplaceAll(s, "\n", " "))
	}
}
