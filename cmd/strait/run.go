package main

import (
	"errors"
	"fmt"
	"io"
	"path"
	"strings"

	"strait/forkexec"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"
)

// The exit statuses of strait run that are not the program's.
const (
	exitLimit    = 124 // a limit ended the program
	exitFailed   = 125 // we failed, before or after the start
	exitNoExec   = 126 // the program is there and cannot be executed
	exitNotFound = 127 // the program is not there
)

// runMain is strait run: a program exactly as the flags say, and nothing of it
// left when it ends.
func runMain(e *environment, args []string, stdout, stderr io.Writer) int {
	name := e.Name + " run"
	line, err := e.parseRun(args)
	if errors.Is(err, errRunHelp) {
		fmt.Fprint(stdout, runHelp(e.Name))
		return 0
	}
	loud := &messages{w: stderr, name: name}
	if err == nil {
		err = line.check(e)
	}
	for _, w := range line.trace.Warnings {
		loud.say("%s", w)
	}
	line.trace.Warnings = nil
	var status exitStatus
	if err == nil {
		status, err = line.run(e, loud)
	}
	if err != nil {
		complain(stderr, name, line.byFlag(err))
		return failureStatus(err)
	}
	return status.end()
}

// check looks at what the flags say together.
func (l *runLine) check(e *environment) error {
	if len(l.trace.Attach) > 0 {
		return l.checkAttach(e)
	}
	if len(l.trace.Program) == 0 {
		return badUsage("PROG is missing")
	}
	return l.checkTrace(e)
}

// checkTrace looks at the options of tracing and of policies.
func (l *runLine) checkTrace(e *environment) error {
	if err := l.trace.check(e); err != nil {
		return err
	}
	if o := l.trace; o.Version || o.Tip.format != tipNone || o.Daemonize != daemonizeNo || o.DetachOnExecve || o.SyscallLimit > 0 {
		return badUsage("-V, --tips, -D, -b and --syscall-limit are none of run's: nothing of the program is left when it ends")
	}
	if l.readOnly && l.root == "" && (len(l.mounts) == 0 || path.Clean(l.mounts[0].Target) != "/") {
		return badUsage("--read-only is for a new root: --root DIR, or a first mount on /")
	}
	if err := l.rules.check(); err != nil {
		return err
	}
	if l.rules.given() && (len(l.trace.Injections) > 0 || l.trace.Seccomp || l.seccomp != "") {
		return badUsage("-e inject, --seccomp-bpf and --seccomp do not go with a policy, which says itself what becomes of calls")
	}
	return l.trace.checkThere()
}

// run does what the command line says.
func (l *runLine) run(e *environment, loud *messages) (exitStatus, error) {
	if len(l.trace.Attach) > 0 {
		return l.runAttached(e, loud)
	}
	cmd, err := l.command()
	if err != nil {
		return exitStatus{}, err
	}
	return l.start(e, cmd, loud)
}

// start runs the program in the way that was asked for.
func (l *runLine) start(e *environment, cmd *forkexec.Cmd, loud *messages) (exitStatus, error) {
	if l.rules.given() {
		return l.runGuarded(e, cmd, loud)
	}
	l.outputs(cmd)
	if err := l.cgroup.place(cmd); err != nil {
		return exitStatus{}, err
	}
	if cmd.Limits.Procs > 0 && cmd.Cgroup == "" && e.Root && (cmd.Credential == nil || cmd.Credential.UID == 0 || cmd.Credential.UID == noID) {
		loud.say("--procs: root may make any number of processes where there is no cgroup v2 to hold them")
	}
	if l.tracing {
		return l.runTraced(e, cmd, loud)
	}
	return l.runPlain(cmd, loud)
}

// failureStatus is the exit status that tells a failed start.
func failureStatus(err error) int {
	var e *forkexec.Error
	if !errors.As(err, &e) || e.Step != forkexec.StepExec && e.Step != forkexec.StepFind {
		return exitFailed
	}
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		return exitNotFound
	}
	return exitNoExec
}

// conclude says what there is to say about the end of a program, and gives the
// exit status.
func (l *runLine) conclude(r *forkexec.Result, loud *messages) exitStatus {
	if r.Limit != forkexec.LimitNone {
		loud.say("limit on %s hit (%s)", r.Limit, l.limitText(r.Limit))
	}
	if l.stats {
		loud.say("%s", usageText(r))
	}
	switch {
	case r.Limit != forkexec.LimitNone && r.Status.Signaled():
		return exitStatus{code: exitLimit}
	case r.Status.Signaled():
		return exitStatus{sig: int(r.Status.Signal())}
	}
	return exitStatus{code: r.Status.ExitStatus()}
}

// limitText is a limit as the flag that set it says it.
func (l *runLine) limitText(which forkexec.Limit) string {
	s := &l.limits
	switch which {
	case forkexec.LimitWall:
		return "--time " + s.Wall.String()
	case forkexec.LimitCPU:
		return "--cpu-time " + s.CPU.String()
	case forkexec.LimitMemory:
		return "--memory " + sizeText(s.Memory)
	case forkexec.LimitOutput:
		return "--output-limit " + sizeText(s.Output)
	case forkexec.LimitFileSize:
		return "--file-size " + sizeText(s.FileSize)
	case forkexec.LimitProcs:
		return fmt.Sprintf("--procs %d", s.Procs)
	}
	return which.String()
}

// sizeText is a number of bytes with the largest unit that leaves it whole.
func sizeText(n uint64) string {
	units := ""
	for _, u := range []string{"K", "M", "G", "T"} {
		if n == 0 || n%1024 != 0 {
			break
		}
		n, units = n/1024, u
	}
	return fmt.Sprint(n) + units
}

// usageText is the line of --stats.
func usageText(r *forkexec.Result) string {
	how := fmt.Sprintf("exited with %d", r.Status.ExitStatus())
	if r.Status.Signaled() {
		how = "killed by " + unix.SignalName(r.Status.Signal())
	}
	return fmt.Sprintf("%s; wall %.3fs, CPU %.3fs, peak memory %.1fM, page faults %d, context switches %d",
		how, r.Wall.Seconds(), r.CPU.Seconds(), float64(r.PeakMemory)/(1<<20), r.Usage.Majflt+r.Usage.Minflt, r.Usage.Nvcsw+r.Usage.Nivcsw)
}

// runHelp is what -h prints.
func runHelp(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: %s run [FLAG]... [--] PROG [ARG]...\n", name)
	fmt.Fprintf(&b, "       %s run -p PID {--policy FILE | -r RULE | --ask} [FLAG]...\n", name)
	b.WriteString("Run a program confined. When it ends, everything that it started is ended too.\nWith -p, hold processes that run already to a policy, as far as a tracer can.\n")
	for _, g := range runFlags(&runOptions{}) {
		fmt.Fprintf(&b, "\n%s:\n", g.title)
		g.flags.VisitAll(func(f *pflag.Flag) { o := flagOption(f); b.WriteString(o.helpEntry()) })
	}
	fmt.Fprintf(&b, "\nExit status: the program's, or its signal; %d: a limit ended it; %d: strait run\nfailed; %d: PROG cannot be executed; %d: PROG is not there.\n",
		exitLimit, exitFailed, exitNoExec, exitNotFound)
	return b.String()
}
