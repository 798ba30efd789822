package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/pflag"
)

// A runLine is a command line of strait run, taken apart.
type runLine struct {
	runOptions
	given   []string // the flags of strait run that are there
	trace   *Options // what the options of tracing say, and the program
	tracing bool
}

// errRunHelp is returned when -h is met.
var errRunHelp = errors.New("help requested")

// parseRun reads what follows "run": flags of its own, options of tracing
// between them, and the program. Of two of the same name its own counts.
func (e *environment) parseRun(args []string) (*runLine, error) {
	line := &runLine{trace: defaultOptions()}
	own := pflag.NewFlagSet("run", pflag.ContinueOnError)
	for _, g := range runFlags(&line.runOptions) {
		own.AddFlagSet(g.flags)
	}
	table := optionTable()
	words, program, bad := runGetopt(table, own).split(args)
	var mine []string
	var theirs []word
	for _, w := range words {
		if len(w.name) == 1 { // the lookup panics for others
			if f := own.ShorthandLookup(w.name); f != nil {
				w.name = f.Name
			}
		}
		switch {
		case w.name == "h" || w.name == "help":
			return line, errRunHelp
		case own.Lookup(w.name) != nil:
			mine, line.given = append(mine, w.String()), append(line.given, w.name)
		default:
			theirs = append(theirs, w)
			line.tracing = line.tracing || !startsOnly(w)
		}
	}
	if err := own.Parse(mine); err != nil {
		return line, badUsage("%s", flagError(err))
	}
	line.tracing = line.tracing || line.traceSet
	if line.traceSet && line.runOptions.trace != traceToStderr {
		theirs = append(theirs, word{"output", line.runOptions.trace, true})
	}
	var err error
	line.trace, err = e.parseWords(table, theirs, program, bad)
	if !line.trace.used("-f", "--follow-forks") {
		line.trace.given["-f"] = 1
	}
	return line, err
}

// runGetopt splits a command line into words of both kinds.
func runGetopt(table []option, own *pflag.FlagSet) *getopt {
	g := newGetopt(table)
	rows := make([]longName, 0, len(g.long))
	own.VisitAll(func(f *pflag.Flag) {
		kind := requiredArgument
		switch {
		case f.Value.Type() == "bool":
			kind = noArgument
		case f.NoOptDefVal != "":
			kind = optionalArgument
		}
		rows = append(rows, longName{f.Name, kind, len(table) + len(rows), true})
		if f.Shorthand != "" {
			g.short[f.Shorthand[0]] = kind
		}
	})
	g.long = append(rows, g.long...)
	return g
}

// startsOnly says whether an option of tracing is about the start of the
// program, and asks for no trace.
func startsOnly(w word) bool {
	return slices.Contains([]string{"E", "env", "u", "user", "argv0", "p", "attach"}, w.name)
}

// flagError is an error of pflag without the words that lead it, which are the
// same for all: "--time: ...".
func flagError(err error) string {
	var bad *pflag.InvalidValueError
	if errors.As(err, &bad) {
		return fmt.Sprintf("--%s: %s", bad.GetFlag().Name, strings.TrimPrefix(bad.Unwrap().Error(), "strconv."))
	}
	return err.Error()
}
