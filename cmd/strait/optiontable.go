package main

// group is a section of the help text and the manual.
type group int

const (
	groupGeneral group = iota
	groupStartup
	groupTracing
	groupFiltering
	groupOutput
	groupStatistics
	groupTampering
	groupMisc
	groupCount
)

func (g group) String() string {
	return [groupCount]string{
		"General", "Startup", "Tracing", "Filtering", "Output format", "Statistics", "Tampering", "Miscellaneous",
	}[g]
}

// argument is what an option was given.
type argument struct {
	as    string // the option as spelled: "-s" or "--string-limit"
	value string
	given bool // false where the argument is optional and absent
	short bool
}

// option is one row of the table that the parser, the help text, the manual
// and the completions are made from.
type option struct {
	short string   // one letter, or empty
	long  []string // the name and its hidden aliases, or none
	arg   argKind  // of the long form; the short one takes it if it is required
	meta  string   // what the argument is called
	words []string // what the argument may be, if that is a list
	group group
	own   bool // not one of strace's
	help  string
	set   func(*parser, argument) error
}

// key names the option, in the form used, in Options.given.
func (o *option) key(short bool) string {
	if short {
		return "-" + o.short
	}
	return "--" + o.long[0]
}

// optionTable is every option there is. The long names are in strace's order,
// which shows in the message about an ambiguous prefix.
func optionTable() []option {
	table := append(generalOptions(), outputOptions()...)
	table = append(table, lateOptions()...)
	table = append(table, qualifierOptions()...)
	return append(table, ownOptions()...)
}

func generalOptions() []option {
	return []option{
		{
			"a",
			[]string{"columns"},
			requiredArgument, "COLUMN", nil, groupOutput, false,
			"start results at COLUMN (default 40)", (*parser).columns,
		},
		{
			"A",
			[]string{"output-append-mode"},
			noArgument, "", nil, groupOutput, false,
			"append to the file of -o instead of replacing it", mark(func(o *Options) *bool { return &o.Append }),
		},
		{
			"b",
			[]string{"detach-on"},
			requiredArgument, "SYSCALL",
			[]string{"execve"},
			groupTracing, false,
			"detach from a process that calls SYSCALL; execve (which stands for execveat too) is the only one", (*parser).detachOn,
		},
		{
			"c",
			[]string{"summary-only"},
			noArgument, "", nil, groupStatistics, false,
			"print, at the end, a table of calls, errors and time, and nothing else", summary(summaryOnly, "-C", "--summary"),
		},
		{
			"C",
			[]string{"summary"},
			noArgument, "", nil, groupStatistics, false,
			"print the table of -c after the usual output", summary(summaryToo, "-c", "--summary-only"),
		},
		{
			"d",
			[]string{"debug"},
			noArgument, "", nil, groupMisc, false,
			"say on standard error what the tracer itself does", mark(func(o *Options) *bool { return &o.Debug }),
		},
		{
			"D",
			[]string{"daemonize", "daemonised", "daemonized"},
			optionalArgument, "HOW",
			[]string{"grandchild", "pgroup", "pgrp", "session"},
			groupTracing, false,
			"run the tracer as a grandchild, so that PROG is the child of whoever started us; -DD or =pgroup: in a process group of its own; -DDD or =session: in a session of its own", (*parser).daemonize,
		},
		{
			"e", nil, requiredArgument, "EXPR", nil, groupGeneral, false,
			"QUALIFIER=[!]VALUE[,VALUE]...: choose events, or how they are shown. QUALIFIER is trace (t), trace-fds (fd), abbrev (a), verbose (v), raw (x), signal (s), status, read (r), write (w), quiet (q), decode-fds, decode-pids, kvm, namespace, inject or fault; without one, trace is meant. All the long options of the same names do the same",
			func(p *parser, arg argument) error { return p.expression(arg.value) },
		},
		{
			"E",
			[]string{"env"},
			requiredArgument, "VAR[=VALUE]", nil, groupStartup, false,
			"set VAR in the environment of PROG, or remove it", func(p *parser, arg argument) error {
				p.o.Env = append(p.o.Env, arg.value)
				return nil
			},
		},
		{
			"f",
			[]string{"follow-forks"},
			noArgument, "", nil, groupTracing, false,
			"follow forks: trace the children of a traced process too; with -p, all threads; -ff: and write each process to a file of its own", ignore,
		},
		{
			"",
			[]string{"output-separately"},
			noArgument, "", nil, groupOutput, false,
			"write each process to a file of its own, FILE.PID", ignore,
		},
		{
			"F", nil, noArgument, "", nil, groupTracing, false,
			"an old form of -f", ignore,
		},
		{
			"h",
			[]string{"help"},
			noArgument, "", nil, groupMisc, false,
			"print this text", func(*parser, argument) error { return errHelp },
		},
		{
			"i",
			[]string{"instruction-pointer"},
			noArgument, "", nil, groupOutput, false,
			"print the address of the instruction that made the call", mark(func(o *Options) *bool { return &o.InstrPointer }),
		},
		{
			"I",
			[]string{"interruptible"},
			requiredArgument, "WHEN",
			[]string{"anywhere", "waiting", "never", "never_tstp"},
			groupTracing, false,
			"when signals that would end the tracer are heeded: 1 or anywhere; 2 or waiting: not within a call's decoding (default); 3 or never (default with -o FILE PROG); 4 or never_tstp: nor does Ctrl-Z stop it (default with -D)", (*parser).interruptible,
		},
		{
			"",
			[]string{"kill-on-exit"},
			noArgument, "", nil, groupTracing, false,
			"kill the traced processes if the tracer ends first", mark(func(o *Options) *bool { return &o.KillOnExit }),
		},
		{
			"k",
			[]string{"stack-trace", "stack-traces"},
			optionalArgument, "DETAIL",
			[]string{"symbol", "source"},
			groupOutput, false,
			"print the call stack after each call; -kk or =source: with source lines", (*parser).stackTrace,
		},
		{
			"",
			[]string{"stack-trace-frame-limit"},
			requiredArgument, "N", nil, groupOutput, false,
			"print at most N frames of a stack (default 256)", (*parser).stackFrames,
		},
		{
			"",
			[]string{"syscall-limit"},
			requiredArgument, "N", nil, groupTracing, false,
			"detach from everything after N calls were shown", (*parser).syscallLimit,
		},
		{
			"n",
			[]string{"syscall-number"},
			noArgument, "", nil, groupOutput, false,
			"print the number of the call", mark(func(o *Options) *bool { return &o.CallNumber }),
		},
		{
			"N",
			[]string{"arg-names"},
			noArgument, "", nil, groupOutput, false,
			"print the names of arguments", mark(func(o *Options) *bool { return &o.ArgNames }),
		},
		{
			"o",
			[]string{"output"},
			requiredArgument, "FILE", nil, groupOutput, false,
			"write to FILE instead of standard error; to a command if it begins with | or !", (*parser).output,
		},
		{
			"O",
			[]string{"summary-syscall-overhead"},
			requiredArgument, "TIME", nil, groupStatistics, false,
			"count TIME (s, ms, us or ns; default us) as the tracer's own part in each call", (*parser).overhead,
		},
	}
}

func outputOptions() []option {
	return []option{
		{
			"p",
			[]string{"attach"},
			requiredArgument, "PID", nil, groupStartup, false,
			"trace the running process PID; several may be given, also in one word, separated by commas or blanks; PROG may be traced beside them", (*parser).attach,
		},
		{
			"P",
			[]string{"trace-path"},
			requiredArgument, "PATH", nil, groupFiltering, false,
			"trace only calls that touch PATH, by name or by descriptor; may be repeated; a glob such as /etc/**/*.conf is ours", func(p *parser, arg argument) error {
				p.o.Paths = append(p.o.Paths, tracePath{Path: arg.value})
				return nil
			},
		},
		{
			"r",
			[]string{"relative-timestamps"},
			optionalArgument, "PRECISION", precisionNames(), groupOutput, false,
			"print the time since the previous event", (*parser).relativeTimes,
		},
		{
			"s",
			[]string{"string-limit"},
			requiredArgument, "N", nil, groupOutput, false,
			"print at most N bytes of a string (default 32); file names are always whole", (*parser).stringLimit,
		},
		{
			"S",
			[]string{"summary-sort-by"},
			requiredArgument, "COLUMN", append(columnNames(), "nothing"), groupStatistics, false,
			"sort the table by COLUMN (default time), or not: nothing", (*parser).sortBy,
		},
		{
			"t",
			[]string{"absolute-timestamps", "timestamps"},
			optionalArgument, "FORMAT[,PRECISION]", append([]string{"none", "time", "unix"}, precisionNames()...), groupOutput, false,
			"print the time of day; -tt: with microseconds; -ttt: as Unix time with microseconds", (*parser).absoluteTimes,
		},
		{
			"T",
			[]string{"syscall-times"},
			optionalArgument, "PRECISION", precisionNames(), groupOutput, false,
			"print the time each call took", (*parser).callTimes,
		},
		{
			"u",
			[]string{"user"},
			requiredArgument, "USER", nil, groupStartup, false,
			"run PROG as USER, a name or UID:GID, honouring setuid and setgid bits; for root only", func(p *parser, arg argument) error {
				p.o.User, p.o.UserSet = arg.value, true
				return nil
			},
		},
		{
			"U",
			[]string{"summary-columns"},
			requiredArgument, "COLUMN,...", columnNames(), groupStatistics, false,
			"the columns of the table, in order (default time-percent,total-time,avg-time,calls,errors,name); p50, p95, p99.9 and so on are ours", (*parser).tableColumns,
		},
		{
			"v",
			[]string{"no-abbrev"},
			noArgument, "", nil, groupOutput, false,
			"print structures and the environment whole", func(p *parser, _ argument) error {
				p.o.Abbrev = callSet{}
				return nil
			},
		},
		{
			"V",
			[]string{"version"},
			noArgument, "", nil, groupMisc, false,
			"print the version", mark(func(o *Options) *bool { return &o.Version }),
		},
		{
			"w",
			[]string{"summary-wall-clock"},
			noArgument, "", nil, groupStatistics, false,
			"count the time from a call's begin to its end instead of its processor time", mark(func(o *Options) *bool { return &o.Wall }),
		},
		{
			"x",
			[]string{"strings-in-hex"},
			optionalArgument, "WHICH",
			[]string{"none", "non-ascii-chars", "non-ascii", "all"},
			groupOutput, false,
			"print strings that are not ASCII in hexadecimal; -xx: all strings", (*parser).hex,
		},
		{
			"X",
			[]string{"const-print-style"},
			requiredArgument, "STYLE",
			[]string{"raw", "abbrev", "verbose"},
			groupOutput, false,
			"print constants as numbers (raw), names (abbrev) or both (verbose)", (*parser).constStyle,
		},
	}
}
