package main

// The second half of the option table: what strace has only a long name for,
// the qualifiers, and what is ours.

func lateOptions() []option {
	return []option{
		{
			"y", nil, noArgument, "", nil, groupOutput, false,
			"print the paths of file descriptors; -yy: all that is known of them", ignore,
		},
		{
			"",
			[]string{"pidns-translation"},
			noArgument, "", nil, groupOutput, false,
			"print process IDs as the tracer's PID namespace has them, too", func(p *parser, _ argument) error {
				p.o.DecodePIDs = pidNamespace
				return nil
			},
		},
		{
			"Y", nil, noArgument, "", nil, groupOutput, false,
			"print the command names of process IDs", func(p *parser, _ argument) error {
				p.o.DecodePIDs = pidComm
				return nil
			},
		},
		{
			"z",
			[]string{"successful-only"},
			noArgument, "", nil, groupFiltering, false,
			"show only calls that succeed", only(outcomeSuccessful),
		},
		{
			"Z",
			[]string{"failed-only", "failing-only"},
			noArgument, "", nil, groupFiltering, false,
			"show only calls that fail", only(outcomeFailed),
		},
		{
			"",
			[]string{"seccomp-bpf"},
			noArgument, "", nil, groupMisc, false,
			"let the kernel stop a process only at the calls that are traced; needs -f", mark(func(o *Options) *bool { return &o.Seccomp }),
		},
		{
			"",
			[]string{"tips"},
			optionalArgument, "[ID][,FORMAT]",
			[]string{"random", "none", "compact", "full"},
			groupMisc, false,
			"print a tip at the end", (*parser).tips,
		},
		{
			"",
			[]string{"argv0"},
			requiredArgument, "NAME", nil, groupStartup, false,
			"run PROG with NAME as its argv[0]", func(p *parser, arg argument) error {
				p.o.Argv0 = &arg.value
				return nil
			},
		},
		{
			"",
			[]string{"always-show-pid"},
			noArgument, "", nil, groupOutput, false,
			"begin every line with the process ID", mark(func(o *Options) *bool { return &o.AlwaysPID }),
		},
		{
			"",
			[]string{"color"},
			requiredArgument, "WHEN",
			[]string{"auto", "always", "never"},
			groupOutput, false,
			"use colours; auto, the default, does on a terminal, unless NO_COLOR is set; STRACE_COLORS chooses them", (*parser).color,
		},
	}
}

func qualifierOptions() []option {
	const calls = "SYSCALLS"
	quiets := []string{"attach", "exit", "path-resolution", "personality", "thread-execve", "all", "none"}
	return []option{
		{
			"",
			[]string{"trace"},
			requiredArgument, calls, nil, groupFiltering, false,
			"trace only SYSCALLS: names, numbers, classes (%file, %process, %net, %signal, %ipc, %desc, %memory, %creds, %clock, %pure, %stat, %lstat, %fstat, %%stat, %statfs, %fstatfs, %%statfs), /REGEX, all or none, separated by commas; ! in front: all others; ? before a name: no error if there is none; @64, @32 or @x32 behind it: for that personality only", qualify("trace"),
		},
		{
			"",
			[]string{"trace-fds"},
			requiredArgument, "FDS", nil, groupFiltering, false,
			"trace only calls on the file descriptors FDS, beside those of -P", qualify("trace-fds"),
		},
		{
			"",
			[]string{"abbrev"},
			requiredArgument, calls, nil, groupOutput, false,
			"abbreviate the structures of SYSCALLS (default all)", qualify("abbrev"),
		},
		{
			"",
			[]string{"verbose"},
			requiredArgument, calls, nil, groupOutput, false,
			"print what the arguments of SYSCALLS point to (default all)", qualify("verbose"),
		},
		{
			"",
			[]string{"raw"},
			requiredArgument, calls, nil, groupOutput, false,
			"print the arguments of SYSCALLS as hexadecimal numbers", qualify("raw"),
		},
		{
			"",
			[]string{"signals"},
			requiredArgument, "SIGNALS", nil, groupFiltering, false,
			"show only SIGNALS: names with or without SIG, or numbers", qualify("signals"),
		},
		{
			"",
			[]string{"status"},
			requiredArgument, "HOW",
			[]string{"successful", "failed", "unfinished", "unavailable", "detached"},
			groupFiltering, false,
			"show only calls that end so; an errno such as ENOENT is ours", qualify("status"),
		},
		{
			"",
			[]string{"read"},
			requiredArgument, "FDS", nil, groupOutput, false,
			"dump what is read from FDS", qualify("read"),
		},
		{
			"",
			[]string{"write"},
			requiredArgument, "FDS", nil, groupOutput, false,
			"dump what is written to FDS", qualify("write"),
		},
		{
			"",
			[]string{"fault"},
			requiredArgument, "SYSCALLS[:error=ERRNO][:when=WHEN]", nil, groupTampering, false,
			"let SYSCALLS fail with ERRNO (default ENOSYS)", qualify("fault"),
		},
		{
			"",
			[]string{"inject"},
			requiredArgument, "SYSCALLS:ACTION[:ACTION]...[:when=WHEN]", nil, groupTampering, false,
			"tamper with SYSCALLS: error=ERRNO or retval=VALUE, signal=SIGNAL, syscall=PURE, delay_enter=TIME, delay_exit=TIME, poke_enter=@argN=HEX,..., poke_exit=@argN=HEX,...; WHEN is FIRST[..LAST][+[STEP]], counted for each process. Ours: if=CONDITION, and also, which keeps earlier rules for the same calls", qualify("inject"),
		},
		{
			"",
			[]string{"kvm"},
			requiredArgument, "DETAIL",
			[]string{"vcpu", "vcpu+"},
			groupOutput, false,
			"print why a virtual CPU stopped; vcpu+: and the state before and after", qualify("kvm"),
		},
		{
			"",
			[]string{"namespace"},
			optionalArgument, "WHICH",
			[]string{"new"},
			groupOutput, false,
			"print the namespaces that a process enters", withDefault("namespace", "new"),
		},
		{
			"q",
			[]string{"quiet", "silent", "silence"},
			optionalArgument, "MESSAGES", quiets, groupOutput, false,
			"do without messages about attaching, detaching and personalities; -qq: and exits; -qqq or =all: all", quietly,
		},
		{
			"",
			[]string{"decode-fds"},
			optionalArgument, "DETAILS",
			[]string{"path", "socket", "dev", "eventfd", "pidfd", "signalfd", "all", "none"},
			groupOutput, false,
			"print DETAILS (default path) of file descriptors", withDefault("decode-fds", "path"),
		},
		{
			"",
			[]string{"decode-pids"},
			requiredArgument, "DETAILS",
			[]string{"comm", "pidns", "all", "none"},
			groupOutput, false,
			"print DETAILS of process IDs: comm as -Y does, pidns as --pidns-translation does", qualify("decode-pids"),
		},
		{
			"",
			[]string{"secontext"},
			optionalArgument, "DETAILS",
			[]string{"full", "mismatch"},
			groupOutput, false,
			"print SELinux contexts, where built in", withDefault("secontext", "none"),
		},
	}
}

func ownOptions() []option {
	return []option{
		{
			"",
			[]string{"json"},
			noArgument, "", nil, groupOutput, true,
			"print one JSON object a line for each event", mark(func(o *Options) *bool { return &o.JSON }),
		},
		{
			"",
			[]string{"no-interleave"},
			noArgument, "", nil, groupOutput, true,
			"print only complete lines: a call when it ends, not <unfinished ...>", func(p *parser, _ argument) error {
				p.o.Interleave = false
				return nil
			},
		},
		{
			"",
			[]string{"slower-than"},
			requiredArgument, "TIME", nil, groupFiltering, true,
			"show only calls that took longer than TIME (s, ms, us or ns; default us)", (*parser).slowerThan,
		},
		{
			"",
			[]string{"tree"},
			noArgument, "", nil, groupOutput, true,
			"print, at the end, the processes as a tree, with their exits", mark(func(o *Options) *bool { return &o.Tree }),
		},
		{
			"",
			[]string{"summary-per-process"},
			noArgument, "", nil, groupStatistics, true,
			"follow the table of -c or -C with one for each process", mark(func(o *Options) *bool { return &o.PerProcess }),
		},
		{
			"",
			[]string{"placement"},
			requiredArgument, "HOW",
			[]string{"auto", "together", "free"},
			groupTracing, true,
			"the processor that tracer and tracees run on: one for all of them (together), any (free), or one while that is faster (auto, the default)", (*parser).placement,
		},
	}
}

func precisionNames() []string { return []string{"s", "ms", "us", "ns"} }

func columnNames() []string {
	return []string{
		"time-percent", "total-time", "min-time", "max-time", "avg-time",
		"wall-total", "wall-min", "wall-max", "wall-avg", "calls", "errors", "name",
	}
}
