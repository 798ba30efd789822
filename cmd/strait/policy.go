package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"strait/internal/match"
	"strait/policy"

	"github.com/spf13/pflag"
)

// Exit statuses of strait policy, as diff(1) and grep(1) have them.
const (
	statusYes     = 0 // clean, equal, allowed, done
	statusNo      = 1 // findings, differences, not allowed
	statusTrouble = 2 // a bad command line, a file that cannot be read, a policy with errors
)

// A policyVerb is one of strait policy's. Its setup declares flags and returns
// what is done when they are parsed.
type policyVerb struct {
	name, args string
	least      int // how many arguments there must be
	most       int // and can be; -1: any number
	about      string
	setup      func(v *policyCommand) func() (int, error)
}

// policyVerbs is the table of contents of strait policy.
func policyVerbs() []policyVerb {
	return []policyVerb{
		{"check", "POLICY...", 1, -1, "find what is wrong in policies, and what is hardly meant", policyCheck},
		{"fmt", "[POLICY...]", 0, -1, "write policies in canonical form", policyFmt},
		{"why", "[POLICY] QUESTION", 0, -1, "say which rules decide a call, an effect, or the last run", policyWhy},
		{"diff", "OLD NEW", 2, 2, "list what becomes allowed or denied", policyDiff},
		{"merge", "POLICY POLICY...", 2, -1, "make one policy of several", policyMerge},
		{"minimise", "POLICY TRACE...", 2, -1, "drop what recorded runs did not need", policyMinimise},
		{"compile", "POLICY", 1, 1, "make the seccomp filter, or say who decides what", policyCompile},
		{"export", "POLICY", 1, 1, "write another tool's format", policyExport},
		{"import", "FILE...", 1, -1, "make a policy of another tool's, or of traces", policyImport},
		{"list", "[NAME...]", 0, -1, "list effects, groups of calls, and built-in policies", policyList},
	}
}

// A policyCommand is the command line of a subcommand that works on policies,
// while it is carried out.
type policyCommand struct {
	name           string // strait policy check
	flags          *pflag.FlagSet
	args           []string
	stdin          io.Reader
	stdout, stderr io.Writer

	home, cwd, arch string
	before          []func() // done when the flags are parsed
}

// policyMain is strait policy.
func policyMain(e *environment, args []string, stdout, stderr io.Writer) int {
	name := e.Name + " policy"
	if len(args) == 0 {
		fmt.Fprint(stderr, policyUsage(name))
		return statusTrouble
	}
	if args[0] == "-h" || args[0] == "--help" || args[0] == "help" {
		fmt.Fprint(stdout, policyUsage(name))
		return statusYes
	}
	for _, verb := range policyVerbs() {
		if verb.name == args[0] {
			v := newPolicyCommand(name+" "+verb.name, stdout, stderr)
			return v.carryOut(&verb, args[1:])
		}
	}
	complain(stderr, name, badUsage("no command '%s'%s", args[0], nearVerb(args[0])))
	return statusTrouble
}

func nearVerb(word string) string {
	near := match.Nearest(word, func(yield func(string) bool) {
		for _, v := range policyVerbs() {
			if !yield(v.name) {
				return
			}
		}
	})
	if near == "" {
		return ""
	}
	return fmt.Sprintf(" (did you mean %s?)", near)
}

func policyUsage(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s COMMAND [OPTION]... ARG...\n\n", name)
	for _, v := range policyVerbs() {
		fmt.Fprintf(&b, "  %-9s %-18s %s\n", v.name, v.args, v.about)
	}
	fmt.Fprintf(&b, "\n%s COMMAND -h has the options. - is standard input or output.\n", name)
	b.WriteString("Exit status: 0 yes (clean, the same, allowed); 1 no; 2 trouble.\n")
	return b.String()
}

func newPolicyCommand(name string, stdout, stderr io.Writer) *policyCommand {
	v := &policyCommand{name: name, stdin: os.Stdin, stdout: stdout, stderr: stderr}
	v.flags = pflag.NewFlagSet(name, pflag.ContinueOnError)
	v.flags.SetOutput(io.Discard)
	v.flags.SortFlags = false
	return v
}

// machine declares what policies need to know of the machine that they are for.
func (v *policyCommand) machine() {
	v.flags.StringVar(&v.home, "home", os.Getenv("HOME"), "`DIR`, what ${HOME} is")
	cwd, _ := os.Getwd()
	v.flags.StringVar(&v.cwd, "cwd", cwd, "`DIR`, what ${CWD} is: where the program starts")
	v.flags.StringVar(&v.arch, "arch", "", "the machine's `ABI`: amd64, arm64, ... (this one's)")
}

// carryOut parses a verb's command line and does it.
func (v *policyCommand) carryOut(verb *policyVerb, args []string) int {
	run := verb.setup(v)
	err := v.flags.Parse(args)
	switch {
	case errors.Is(err, pflag.ErrHelp):
		fmt.Fprintf(v.stdout, "Usage: %s [OPTION]... %s\n%s%s.\n\n%s", v.name, verb.args,
			strings.ToUpper(verb.about[:1]), verb.about[1:], v.flags.FlagUsagesWrapped(79))
		return statusYes
	case err != nil:
		return v.fail(badUsage("%s", err))
	}
	v.args = v.flags.Args()
	for _, f := range v.before {
		f()
	}
	switch n := len(v.args); {
	case n < verb.least:
		return v.fail(badUsage("%s is missing", strings.Fields(verb.args)[n]))
	case verb.most >= 0 && n > verb.most:
		return v.fail(badUsage("'%s' is one argument too many", v.args[verb.most]))
	}
	status, err := run()
	if err != nil {
		return v.fail(err)
	}
	return status
}

// fail writes an error. Those of a policy have a place, and need no name before
// them.
func (v *policyCommand) fail(err error) int {
	var all policy.Errors
	if errors.As(err, &all) {
		for _, e := range all {
			fmt.Fprintln(v.stderr, e)
		}
		return statusTrouble
	}
	complain(v.stderr, v.name, err)
	return statusTrouble
}
