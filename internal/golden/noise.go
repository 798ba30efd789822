package golden

import (
	"slices"
	"strings"
	"sync"

	"strait/internal/tracefile"
	"strait/policy"

	"github.com/bmatcuk/doublestar/v4"
)

// A known is a set of files that programs look at because of the machine they
// are on, not because of what they do.
type known struct {
	reason string
	paths  []string // doublestar patterns, of names as namer.name gives them
}

// knownFiles are left out of golden traces, when they are read or looked at.
func knownFiles() []known {
	return []known{
		{"the dynamic linker looks for libraries", []string{
			"/etc/ld.so.{cache,preload,nohwcap}", "/etc/ld-musl-*.path", "/usr/**/{glibc-hwcaps,tls,haswell,x86_64}",
			"/usr/**/{glibc-hwcaps,tls,haswell,x86_64}/**",
		}},
		{"the C library looks for the language", []string{
			"/usr/{lib,share}/locale", "/usr/{lib,share}/locale/**", "/etc/locale.alias", "/usr/lib/gconv/**", "/usr/share/i18n/**",
		}},
		{"the C library looks for the time zone", []string{"/etc/localtime", "/usr/share/zoneinfo/**"}},
		{"the C library asks how many CPUs and how much memory there is", []string{
			"/sys/devices/system/cpu/**", "/proc/sys/vm/overcommit_memory", "/proc/meminfo", "/proc/stat",
		}},
		{"libselinux looks whether SELinux is there", []string{"/proc/filesystems", "/sys/fs/selinux", "/selinux", "/etc/selinux/config"}},
		{"ncurses looks for the terminal", []string{"/{usr/share,usr/lib,etc}/terminfo", "/{usr/share,usr/lib,etc}/terminfo/**"}},
		{"Go's runtime asks about memory and CPUs", []string{
			"/sys/kernel/mm/transparent_hugepage/**", "/proc/{self,PID}/{cgroup,mountinfo}", "/sys/fs/cgroup/**",
		}},
		{"the C library asks a name cache that is hardly ever there", []string{"/var/run/nscd/socket", "/run/nscd/socket"}},
		{"the C library of a static program asks where it is", []string{"/proc/self/exe"}},
		{"node looks into itself if it has the time", []string{"/**/bin/node"}},
		{"Python loads its own modules", []string{
			"/**/lib/python*", "/**/lib/python*/**", "~/.local/lib/python*/**", "/**/python*.zip", "/**/{pyvenv.cfg,python*._pth,pybuilddir.txt,Setup.local}",
			"/**/__pycache__/**", "/usr/lib", "/usr/local/lib",
		}},
	}
}

// isKnown says whether a file, by the name it has here, is one of those that are
// left out.
func (n *namer) isKnown(name string) bool {
	known, ok := n.known[name]
	if !ok {
		known = isLibrary(name) || matchesKnown(name)
		n.known[name] = known
	}
	return known
}

func matchesKnown(name string) bool {
	for _, k := range knownFiles() {
		for _, p := range k.paths {
			if ok, err := doublestar.Match(p, name); err == nil && ok {
				return true
			}
		}
	}
	return false
}

// isLibrary says whether a file is a shared library of the system.
func isLibrary(name string) bool {
	return isSystem(name) && (strings.HasSuffix(name, ".so") || strings.Contains(name, ".so."))
}

// neverKept are calls that a program makes whether or not anything happens: its
// own memory, time, waiting, and questions about itself.
var neverKept = sync.OnceValue(func() map[string]bool {
	out := map[string]bool{}
	for _, g := range []string{"@runtime", "@memory", "@signal", "@time", "@sync"} {
		for _, c := range policy.GroupCalls(g) {
			out[c] = true
		}
	}
	for _, c := range []string{"memfd_create", "memfd_secret", "userfaultfd", "modify_ldt"} {
		delete(out, c)
	}
	for _, c := range []string{
		"close", "close_range", "dup", "dup2", "dup3", "lseek", "_llseek", "fstat", "fstat64", "fstatfs", "fstatfs64", "oldfstat",
		"fadvise64", "fadvise64_64", "readahead", "getsockname", "getpeername", "getsockopt",
	} {
		out[c] = true
	}
	return out
})

// isScheduled says whether a call is one whose number and order the scheduler decides,
// at any depth: who waits for whom and for what, and what the C library's allocator
// and its temporary names do about it. Memory that can be executed is a choice.
func isScheduled(e *tracefile.Entry) bool {
	has := func(i int, words ...string) bool {
		return i < len(e.Args) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Args[i], w) })
	}
	switch e.Name {
	case "futex", "futex_time64", "sched_yield", "restart_syscall", "rseq", "membarrier", "madvise", "munmap", "brk",
		"poll", "ppoll", "ppoll_time64", "select", "_newselect", "pselect6", "pselect6_time64",
		"epoll_wait", "epoll_pwait", "epoll_pwait2":
		return true
	case "mprotect": // of relocated data by the dynamic linker, of arenas by the allocator
		return !has(2, "PROT_EXEC")
	case "mmap", "mmap2":
		return has(3, "MAP_NORESERVE", "MAP_STACK", "MAP_FIXED", "MAP_PRIVATE|MAP_ANONYMOUS") && !has(2, "PROT_EXEC")
	case "getrandom":
		return has(2, "GRND_NONBLOCK") && len(e.Args) > 1 && e.Args[1] == "8"
	}
	return false
}

// isGoRuntime says whether a call is one that Go's scheduler, collector and poller make
// when they see fit, or that its packages make once to see what the kernel can do.
func isGoRuntime(e *tracefile.Entry) bool {
	has := func(i int, words ...string) bool {
		return i < len(e.Args) && slices.ContainsFunc(words, func(w string) bool { return strings.Contains(e.Args[i], w) })
	}
	switch e.Name {
	case "nanosleep", "clock_nanosleep", "brk", "rt_sigreturn", "rt_sigaction", "sigaltstack", "rt_sigprocmask",
		"gettid", "getpid", "epoll_create1", "epoll_ctl", "epoll_pwait", "epoll_wait", "eventfd2", "timer_create", "timer_settime",
		"timer_delete", "setitimer", "sched_getaffinity", "clock_gettime", "getrandom", "uname", "exit":
		return true
	case "mmap":
		return has(3, "MAP_ANON") && !has(2, "PROT_EXEC")
	case "tgkill", "tkill": // a goroutine is to let others run
		return has(len(e.Args)-1, "SIGURG")
	case "pidfd_send_signal": // is there such a call?
		return len(e.Args) > 1 && e.Args[1] == "0"
	case "prlimit64":
		return has(1, "RLIMIT_NOFILE") && e.Args[0] == "0"
	case "prctl":
		return has(0, "PR_SET_VMA")
	case "fcntl":
		return has(1, "F_GETFD", "F_SETFD", "F_GETFL", "F_SETFL", "F_DUPFD")
	}
	return false
}

// goPoller says whether a line of a Go program is its poller being woken.
func goPoller(text string) bool {
	return strings.HasPrefix(text, "read <eventfd>") || strings.HasPrefix(text, "write <eventfd>") ||
		strings.HasPrefix(text, "read(<eventfd>") || strings.HasPrefix(text, "write(<eventfd>")
}

// isTransient says whether a call failed because of when it was made.
func isTransient(errno string) bool {
	switch errno {
	case "EINTR", "EAGAIN", "EINPROGRESS", "ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND", "ERESTART_RESTARTBLOCK":
		return true
	}
	return false
}

// Matches says whether a noise is about a line of a program.
func (x *Noise) Matches(program, line string) bool {
	return (x.Program == "" || x.Program == program) && wild(x.Line, line)
}

// wild matches a pattern in which * stands for anything.
func wild(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if len(parts) == 1 {
		return pattern == s
	}
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	last := parts[len(parts)-1]
	for _, p := range parts[1 : len(parts)-1] {
		i := strings.Index(s, p)
		if i < 0 {
			return false
		}
		s = s[i+len(p):]
	}
	return strings.HasSuffix(s, last)
}

// isNoise says whether somebody has named a line as noise.
func (b *builder) isNoise(program, text string) bool {
	return slices.ContainsFunc(b.o.Noise, func(x Noise) bool { return x.Matches(program, text) })
}

// Needs says whether calls of a name have to be among the steps at a depth: they
// are kept, or tell what descriptors are.
func Needs(d Depth, name string) bool {
	if d == Everything {
		return true
	}
	switch name {
	case "close", "close_range", "dup", "dup2", "dup3", "getsockname", "sched_getaffinity", "epoll_ctl", "getrandom":
		return true
	}
	return !neverKept()[name]
}

// IsMachines says whether to read a file is the machine's affair: libraries,
// locales, time zones.
func IsMachines(path string) bool {
	n := newNamer(&Options{})
	return path != "" && n.isKnown(n.name(path))
}
