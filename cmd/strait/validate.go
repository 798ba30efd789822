package main

import (
	"fmt"
	"strings"
)

// check looks at what the options say together, in strace's order: it settles
// those that are counted and those that depend on others, adds Warnings, and
// refuses what cannot be. Between it and checkQuiet the output is opened: a
// file that cannot be is reported before what checkQuiet finds.
func (o *Options) check(e *environment) error {
	for _, step := range []func(*environment) error{
		o.checkProgram, o.checkForms, o.checkSeccomp, o.checkFollow,
		o.checkStatistics, o.checkEffectless, o.checkPaths, o.checkUser, o.checkTracing,
	} {
		if err := step(e); err != nil {
			return err
		}
	}
	return nil
}

func (o *Options) warn(format string, args ...any) {
	o.Warnings = append(o.Warnings, fmt.Sprintf(format, args...))
}

// both refuses two forms of one option, which cannot be combined.
func (o *Options) both(short, long string) error {
	if o.used(short) && o.used(long) {
		return refuse("%s and %s cannot be provided simultaneously", short, long)
	}
	return nil
}

func (o *Options) checkProgram(*environment) error {
	if len(o.Program) == 0 {
		if len(o.Attach) == 0 && o.Tip.format == tipNone {
			return badUsage("must have PROG [ARGS] or -p PID")
		}
		if o.Argv0 != nil && len(o.Attach) > 0 {
			return badUsage("PROG [ARGS] must be specified with --argv0")
		}
	}
	if err := o.both("-D", "--daemonize"); err != nil {
		return err
	}
	count := o.given["-D"]
	if count > 0 {
		o.Daemonize = daemonize(min(count, int(daemonizeSession)))
	}
	if o.Daemonize != daemonizeNo && len(o.Program) == 0 {
		return badUsage("PROG [ARGS] must be specified with -D/--daemonize")
	}
	if count > int(daemonizeSession) {
		return badUsage("Too many -D's (%d), maximum supported -D count is %d", count, daemonizeSession)
	}
	return nil
}

// checkForms settles the options whose short form is counted.
func (o *Options) checkForms(*environment) error {
	for _, pair := range [][2]string{
		{"-t", "--absolute-timestamps"}, {"-x", "--strings-in-hex"}, {"-y", "--decode-fds"}, {"-f", "--follow-forks"},
	} {
		if err := o.both(pair[0], pair[1]); err != nil {
			return err
		}
	}
	if o.given["-f"] > 1 && o.used("--output-separately") {
		return refuse("-ff and --output-separately cannot be provided simultaneously")
	}
	o.Follow = o.used("-f", "--follow-forks")
	o.Separate = o.given["-f"] > 1 || o.used("--output-separately") && !o.used("-f")
	if n := o.given["-t"]; n > 0 {
		o.Absolute = [3]absoluteTime{
			{timeOfDay, precisionS}, {timeOfDay, precisionUS}, {timeUnix, precisionUS},
		}[min(n, 3)-1]
	}
	if n := o.given["-x"]; n > 0 {
		o.Hex = [2]hexStyle{hexNonASCII, hexAll}[min(n, 2)-1]
	}
	if n := o.given["-y"]; n > 0 {
		o.DecodeFDs = [2]decodeFDs{fdPath, fdAll}[min(n, 2)-1]
	}
	return nil
}

func (o *Options) checkSeccomp(*environment) error {
	const why = "--seccomp-bpf is not enabled because it is not compatible with %s"
	asked := o.Seccomp
	o.Seccomp = false
	switch {
	case !asked:
	case !o.Follow:
		o.warn("--seccomp-bpf cannot be used without -f/--follow-forks, disabling")
	case o.DetachOnExecve:
		o.warn(why, "-b")
	case o.SyscallLimit > 0:
		o.warn(why, "--syscall-limit")
	default:
		if len(o.Attach) > 0 {
			o.warn("--seccomp-bpf is not enabled for processes attached with -p")
		}
		o.Seccomp = len(o.Program) > 0
	}
	return nil
}

func (o *Options) checkFollow(*environment) error {
	switch {
	case !o.used("-F"):
	case o.Follow:
		o.warn("deprecated option -F ignored")
	default:
		o.warn("option -F is deprecated, please use -f/--follow-forks instead")
		o.Follow = true
	}
	return nil
}

func (o *Options) checkStatistics(*environment) error {
	const table = "(-c/--summary-only or -C/--summary)"
	if o.Summary != summaryNone {
		if o.Separate {
			return badUsage("%s and -ff/--output-separately are mutually exclusive", table)
		}
		return nil
	}
	if o.Wall {
		return badUsage("-w/--summary-wall-clock must be given with %s", table)
	}
	if o.used("-U", "--summary-columns") {
		return badUsage("-U/--summary-columns must be given with %s", table)
	}
	if o.PerProcess {
		return badUsage("--summary-per-process must be given with %s", table)
	}
	if o.used("-S", "--summary-sort-by") {
		o.warn("-S/--summary-sort-by has no effect without %s", table)
	}
	return nil
}

// checkEffectless warns of options that have no effect beside others.
func (o *Options) checkEffectless(*environment) error {
	if o.Summary == summaryOnly {
		for _, x := range []struct {
			given bool
			names string
		}{
			{o.InstrPointer, "-i/--instruction-pointer"},
			{o.Stack != stackNone, "-k/--stack-trace"},
			{o.CallNumber, "-n/--syscall-number"},
			{o.ArgNames, "-N/--arg-names"},
			{o.Relative, "-r/--relative-timestamps"},
			{o.Absolute.format != timeNone, "-t/--absolute-timestamps"},
			{o.Times, "-T/--syscall-times"},
			{o.DecodeFDs != 0, "-y/--decode-fds"},
		} {
			if x.given {
				o.warn("%s has no effect with -c/--summary-only", x.names)
			}
		}
	}
	if !o.OutputSet && o.Separate && !o.Follow {
		o.warn("--output-separately has no effect without -o/--output")
	}
	if !o.OutputSet && o.Append {
		o.warn("-A/--output-append-mode has no effect without -o/--output")
	}
	if o.given["-z"]+o.given["--successful-only"]+o.given["-Z"]+o.given["--failed-only"] > 1 {
		o.warn("Only the last of -z/--successful-only/-Z/--failed-only options will take effect. " +
			"See status qualifier for more complex filters.")
	}
	return nil
}

// checkPaths resolves the operands of -P. Only --quiet silences what it says:
// -q is not settled yet.
func (o *Options) checkPaths(e *environment) error {
	for i := range o.Paths {
		path := &o.Paths[i]
		resolved, err := e.RealPath(path.Path)
		if err != nil { // a name that exists is that name
			path.Glob = isGlob(path.Path)
			continue
		}
		if resolved == path.Path {
			continue
		}
		path.Resolved = resolved
		if o.Quiet&quietPathResolution == 0 {
			o.warn("Requested path %s resolved into %s", quoteC(path.Path, o.Hex), quoteC(resolved, o.Hex))
		}
	}
	if o.used("--stack-trace-frame-limit") && o.Stack == stackNone {
		o.warn("--stack-trace-frame-limit has no effect without -k/--stack-trace")
	}
	return nil
}

// checkUser finds what -u names: a user, or UID:GID, for which nothing is
// looked up.
func (o *Options) checkUser(e *environment) (err error) {
	if !o.UserSet {
		return nil
	}
	if !e.Root {
		return refuse("You must be root to use the -u/--username option")
	}
	if !strings.Contains(o.User, ":") {
		if o.Creds, err = e.User(o.User); err != nil {
			return refuse("Cannot find user '%s'", o.User)
		}
		return nil
	}
	const none = 1<<32 - 1 // (uid_t) -1 is no ID
	uid, rest, uidOK := scanUint(o.User)
	text, colon := strings.CutPrefix(rest, ":")
	gid, rest, gidOK := scanUint(text)
	if !uidOK || !colon || !gidOK || uid >= none || gid >= none || rest != "" && rest[0] != ':' {
		return refuse("Invalid UID:GID pair '%s'", o.User)
	}
	o.Creds = credentials{UID: uint32(uid), GID: uint32(gid)}
	return nil
}

func (o *Options) checkTracing(*environment) error {
	if o.Seccomp && o.Trace.complete() {
		o.warn("Seccomp filter is requested but there are no syscalls to filter.  See -e trace to filter syscalls.")
		o.Seccomp = false
	}
	if o.KillOnExit && len(o.Attach) > 0 {
		return refuse("--kill-on-exit and -p/--attach are mutually exclusive options")
	}
	if o.Seccomp && len(o.Attach) == 0 {
		o.KillOnExit = true // a program whose filter asks an absent tracer gets ENOSYS
	}
	if o.Separate && o.pipes() {
		return badUsage("piping the output and -ff/--output-separately are mutually exclusive")
	}
	return nil
}

// pipes says whether the output goes to a command.
func (o *Options) pipes() bool {
	return o.OutputSet && (strings.HasPrefix(o.Output, "|") || strings.HasPrefix(o.Output, "!"))
}

// checkQuiet settles -q and what -o of a program's trace implies.
func (o *Options) checkQuiet() error {
	if o.used("-q") && o.used("--quiet") {
		return refuse("-q and -e quiet/--quiet cannot be provided simultaneously")
	}
	redirected := o.OutputSet && len(o.Program) > 0
	count := o.given["-q"]
	if redirected && count == 0 && !o.used("--quiet") {
		count = 1
	}
	if count > 0 {
		some := quietAttach | quietPersonality
		o.Quiet = [3]quiet{some, some | quietExit, quietAll}[min(count, 3)-1]
	}
	if o.Interruptible == 0 {
		switch {
		case o.Daemonize != daemonizeNo:
			o.Interruptible = interruptNeverTSTP
		case redirected:
			o.Interruptible = interruptNever
		default:
			o.Interruptible = interruptWaiting
		}
	}
	return nil
}
