package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"strait/forkexec"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// runMain is strait run: a program exactly as the flags say, and nothing of it
// left when it ends.
func runMain(e *environment, args []string, stdout, stderr io.Writer) int {
	fs := pflag.NewFlagSet("run", pflag.ContinueOnError)
	fs.SetInterspersed(false)
	fs.SetOutput(io.Discard)
	dir := fs.String("chdir", "", "start in `DIR`")
	name := e.Name + " run"
	if err := fs.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Fprintf(stdout, "Usage: %s [FLAG]... [--] PROG [ARG]...\n\n%s", name, fs.FlagUsagesWrapped(79))
			return 0
		}
		complain(stderr, name, badUsage("%s", err))
		return 1
	}
	if fs.NArg() == 0 {
		complain(stderr, name, badUsage("PROG is missing"))
		return 1
	}
	path, err := findProgram(fs.Arg(0), os.Getenv("PATH"))
	if err != nil {
		complain(stderr, name, err)
		return 1
	}
	p, err := forkexec.Start(&forkexec.Cmd{Path: path, Args: fs.Args(), Dir: *dir, Contain: true})
	if err != nil {
		complain(stderr, name, err)
		return 1
	}
	r, err := p.Wait()
	if err != nil {
		complain(stderr, name, err)
		return 1
	}
	return exitStatus{code: r.Status.ExitStatus(), sig: signalOf(r.Status)}.end()
}

// signalOf is the signal that ended a process, 0 if none did.
func signalOf(st unix.WaitStatus) int {
	if st.Signaled() {
		return int(st.Signal())
	}
	return 0
}
