// Strait traces what a program asks of the Linux kernel, and decides about it.
package main

import (
	"io"
	"os"
	"runtime"
)

// With -D the main thread becomes the program: main, or a test's, must be there.
func init() {
	runtime.LockOSThread()
}

func main() {
	os.Exit(straitMain(os.Args, os.Stdout, os.Stderr))
}

// A subcommand gets the words after its name and returns the exit status.
type subcommand struct {
	name  string
	main  func(e *environment, args []string, stdout, stderr io.Writer) int
	about string
}

// subcommands is the table of contents: what strait does besides tracing.
func subcommands() []subcommand {
	return []subcommand{
		{"run", runMain, "run a program confined: namespaces, limits, a policy"},
		{"learn", learnMain, "run a program and write the smallest policy under which it works"},
		{"policy", policyMain, "check, explain, compare, merge and convert policies"},
		{"test", testMain, "run programs as tests of what they do"},
		{"diff", diffMain, "say what two saved traces do otherwise"},
		{"help", helpMain, "say how to use strait, or a COMMAND of it"},
	}
}

// straitMain is the program without its end: it returns the exit status, or ends by the
// signal that ended the traced program.
func straitMain(argv []string, stdout, stderr io.Writer) int {
	e := newEnvironment(argv[0])
	if e.Role = takeRole(); e.Role != nil && e.Role.kind == roleStart {
		return startTracer(argv, e.Role)
	}
	if c := findSubcommand(argv); c != nil {
		return c.main(e, argv[2:], stdout, stderr)
	}
	return e.trace(argv, stdout, stderr)
}

// findSubcommand finds the one that a command line names, which is never one
// of strace's.
func findSubcommand(argv []string) *subcommand {
	if isStrace(argv[0]) || len(argv) < 2 {
		return nil
	}
	for _, c := range subcommands() {
		if c.name == argv[1] {
			return &c
		}
	}
	return nil
}
