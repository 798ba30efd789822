package main

import (
	"strait/forkexec"

	"github.com/spf13/pflag"
)

// runOptions is what the flags of strait run say, each by itself; what they
// mean together is for command.
type runOptions struct {
	// Isolation.
	unshare             uintptr
	noNet, mapRoot      bool
	mapUsers, mapGroups []forkexec.IDMap
	root                string
	readOnly            bool
	mounts              []forkexec.Mount
	hostname, domain    string
	asPID1              bool

	// The program.
	dir        string
	env        []string // see changeEnv
	uid, gid   idValue
	newSession bool
	closeFDs   bool
	umask      modeValue
	nice       intValue
	oomScore   intValue
	noASLR     bool

	// Privileges.
	caps       capsValue
	noNewPrivs bool
	seccomp    string

	// Limits.
	limits  forkexec.Limits
	rlimits []forkexec.Rlimit
	cgroup  cgroupValue
	stats   bool

	// Tracing.
	trace    string
	traceSet bool

	rules policyOptions
}

// runFlags are the flags of strait run, which write to o.
func runFlags(o *runOptions) []flagGroup {
	groups := []flagGroup{
		{"Isolation", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Program", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Privileges", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Limits", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Policy", pflag.NewFlagSet("", pflag.ContinueOnError)},
		{"Tracing", pflag.NewFlagSet("", pflag.ContinueOnError)},
	}
	for i, add := range []func(*pflag.FlagSet, *runOptions){isolationFlags, programFlags, privilegeFlags, limitFlags, policyFlags, traceFlags} {
		groups[i].flags.SortFlags = false
		add(groups[i].flags, o)
	}
	return groups
}

func isolationFlags(f *pflag.FlagSet, o *runOptions) {
	f.Var(&namespacesValue{&o.unshare}, "unshare", "`NS,...` new namespaces: user, pid, net, mount, ipc, uts, cgroup, time or all, with commas; others are made where a flag needs them, and user where you have no privileges")
	among(f, "unshare", namespaceWords()...)
	f.BoolVar(&o.noNet, "no-net", false, "no network but a loopback interface of its own")
	f.BoolVar(&o.mapRoot, "map-root", false, "be root in a user namespace, and nobody else")
	f.Var(&idMapValue{&o.mapUsers}, "map-users", "`INSIDE:OUTSIDE:COUNT` map COUNT users of a user namespace, from INSIDE of it, to those from OUTSIDE; may be given several times")
	f.Var(&idMapValue{&o.mapGroups}, "map-groups", "`INSIDE:OUTSIDE:COUNT` the same for groups")
	f.StringVar(&o.root, "root", "", "`DIR` make DIR the root; the old one is gone")
	f.BoolVar(&o.readOnly, "read-only", false, "make the new root read-only")
	mount := func(name, kind, usage string) { f.Var(&mountValue{&o.mounts, kind}, name, usage) }
	mount("bind", "bind", "`SRC:DST[:OPTION,...]` show at DST what is at SRC; OPTION is ro, nosuid, nodev, noexec. Mounts are made in the order of their flags; a first one on / is a new root. A colon in a path is written \\:")
	mount("ro-bind", "ro-bind", "`SRC:DST` the same, read-only")
	mount("tmpfs", "tmpfs", "`DST[:OPTION,...]` an empty file system in memory, with options such as size=10M, mode=755")
	mount("proc", "proc", "`DST` a proc file system")
	mount("dev", "dev", "`DST` a small /dev: null, zero, full, random, urandom, tty, pts, shm")
	mount("mount", "", "`TYPE:DST[:OPTION,...]` any other file system, as overlay:/:lowerdir=/a,upperdir=/b,workdir=/c. A comma in an option is written \\,")
	mount("dir", "dir", "`DST` make the directory DST")
	mount("symlink", "symlink", "`TARGET:DST` make a symbolic link to TARGET at DST")
	f.StringVar(&o.hostname, "hostname", "", "`NAME` the name of the host")
	f.StringVar(&o.domain, "domainname", "", "`NAME` the name of the NIS domain")
	f.BoolVar(&o.asPID1, "as-pid-1", false, "have the program itself as process 1 of a new pid namespace, which signals and orphans then are up to")
}

func programFlags(f *pflag.FlagSet, o *runOptions) {
	f.StringVar(&o.dir, "chdir", "", "`DIR` start in DIR, of the new root if there is one")
	f.Var(&envValue{&o.env, envSet}, "setenv", "`NAME=VALUE` set an environment variable")
	f.Var(&envValue{&o.env, envUnset}, "unsetenv", "`NAME` remove an environment variable")
	f.VarPF(&envValue{&o.env, envClear}, "clearenv", "", "remove all environment variables but those of later flags").NoOptDefVal = "true"
	f.Var(&o.uid, "uid", "`USER` run as USER, a name or number; in a user namespace, which is made where you may not become USER, as that user of it")
	f.Var(&o.gid, "gid", "`GROUP` run in GROUP, a name or number, and in no other")
	f.BoolVar(&o.newSession, "new-session", false, "a session of its own, without a terminal")
	f.BoolVar(&o.closeFDs, "close-fds", false, "leave no descriptors open but 0, 1 and 2")
	f.Var(&o.umask, "umask", "`MODE` file mode creation mask, octal")
	f.Var(&o.nice, "nice", "`N` nice value, -20 to 19")
	f.Var(&o.oomScore, "oom-score-adj", "`N` -1000 to 1000: whom the kernel kills first, at 1000, when memory is short")
	f.BoolVar(&o.noASLR, "no-aslr", false, "do not randomise addresses")
}

func privilegeFlags(f *pflag.FlagSet, o *runOptions) {
	f.Var(&capValue{&o.caps, false}, "cap-drop", "`CAP,...` drop capabilities, or ALL")
	f.Var(&capValue{&o.caps, true}, "cap-add", "`CAP,...` keep them after all, and have them without being root")
	f.BoolVar(&o.noNewPrivs, "no-new-privs", false, "no privileges by set-user-ID programs and the like")
	f.StringVar(&o.seccomp, "seccomp", "", "`FILE` load a seccomp filter: struct sock_filter[], as strait policy export writes it")
}

func limitFlags(f *pflag.FlagSet, o *runOptions) {
	l := &o.limits
	f.Var(&durationValue{&l.Wall}, "time", "`TIME` end it after TIME: 10s, 1m30s, 500ms, or a number of seconds")
	f.Var(&durationValue{&l.CPU}, "cpu-time", "`TIME` end it after TIME on processors")
	f.Var(&sizeValue{&l.Memory}, "memory", "`SIZE` memory, as 64M or 1G: of all together where there is a cgroup v2 to hold them, else the address space of each process")
	f.Var(&sizeValue{&l.Output}, "output-limit", "`SIZE` end it when it has written more to standard output and error, which it gets as pipes")
	f.Var(&sizeValue{&l.FileSize}, "file-size", "`SIZE` size of any file that it writes")
	f.Uint64Var(&l.Procs, "procs", 0, "`N` processes and threads at a time: of all together where there is a cgroup v2 to hold them, else of the user")
	f.Uint64Var(&l.OpenFiles, "open-files", 0, "`N` open files in each process")
	f.Float64Var(&l.CPUs, "cpus", 0, "`N` processors at a time, as 1.5; needs a cgroup")
	f.Var(&rlimitValue{&o.rlimits}, "rlimit", "`NAME=SOFT[:HARD]` a limit of setrlimit(2), as nofile=64 or core=unlimited")
	f.Var(&o.cgroup, "cgroup", "`DIR` run in a cgroup v2 of its own below DIR; auto: below one that is found; none: in none, whatever limits there are")
	f.BoolVar(&o.stats, "stats", false, "say at the end what the program used")
}

func policyFlags(f *pflag.FlagSet, o *runOptions) {
	p := &o.rules
	f.StringVar(&p.file, "policy", "", "`FILE` hold the program, and all that it starts, to a policy; see strait policy. Its limits count where no flag says otherwise")
	f.VarP(&ruleValue{&p.rules}, "rule", "r", "`RULE` a rule before those of the policy; may be given several times. Without a policy, what no rule is about is denied if one of them allows anything, else allowed")
	f.StringVar(&p.profile, "profile", "", "`NAME` the profile of the policy that the program starts under (main)")
	f.Var(&p.fallback, "default", "`ACTION` what happens where no rule says anything, whatever the policy has for that")
	f.BoolVar(&p.permissive, "permissive", false, "deny nothing, and say what would be denied")
	f.StringVar(&p.audit, "audit", "", "`FILE` append to FILE every decision that is not plainly to allow, a JSON object a line")
	f.BoolVar(&p.auditAll, "audit-all", false, "have those that allow in it too, as far as they are not the kernel's")
	f.VarPF(&p.ask, "ask", "", "`WHEN` ask at the terminal: auto (where the policy says so, and there is one), never, or always (--ask alone), which asks about all that no rule is about. Answers for always go to the policy file").NoOptDefVal = "always"
	among(f, "ask", askWords()...)
	f.Var(&durationValue{&p.askTimeout}, "ask-timeout", "`TIME` deny once what is not answered in TIME")
}

func traceFlags(f *pflag.FlagSet, o *runOptions) {
	f.VarPF(&traceValue{o}, "trace", "", "`FILE` trace it too, with its children, into FILE or to standard error. All options of tracing may stand among the flags, and each of them traces: see strait -h, but write -e trace=SET for --trace=SET").NoOptDefVal = "-"
}
