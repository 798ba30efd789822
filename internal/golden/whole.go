package golden

import (
	"slices"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
	"strait/internal/tracefile"
)

// splitList splits a list at its commas.
func splitList(s string) ([]string, error) {
	e, err := tracefile.ParseCall("f(" + s + ")")
	return e.Args, err
}

var siPID = lazyregexp.New(`si_pid=(\d+)`)

func siginfoPID(args []string) (int, error) {
	m := siPID.FindStringSubmatch(strings.Join(args, " "))
	if m == nil {
		return 0, strconv.ErrSyntax
	}
	return strconv.Atoi(m[1])
}

// wholeLine is a call with all its arguments, in strace's notation.
func (b *builder) wholeLine(t *task, e *Step) *line {
	if isScheduled(&e.Entry) || b.isMachines(t, e) || e.Name == "exit" || e.Name == "exit_group" {
		return nil
	}
	switch {
	case isTransient(e.Errno) && e.Errno != "EINPROGRESS", e.Name == "rt_sigreturn":
		return nil
	case isWait(e.Name) && polls(&e.Entry), movesAside(&e.Entry), t.talksToItself(e):
		return nil
	case e.Name == "rt_sigsuspend":
		t.proc.suspends = true
		return nil
	}
	isNamed := b.isRenamed(e)
	l := &line{anyWait: isWait(e.Name) && isAnyWait(&e.Entry), pieces: b.readsStream(t, e) || b.relays(t, e)}
	var s strings.Builder
	s.WriteString(e.Name + "(")
	for i := range e.Args {
		if i > 0 {
			s.WriteString(", ")
		}
		if isNamed && i == len(e.Args)-1 && isNumber(e.Args[i]) {
			s.WriteString("N") // how long the name is
			continue
		}
		s.WriteString(b.argument(t, e, i))
	}
	s.WriteString(")")
	l.Text = s.String()
	result := b.result(t, e)
	if isNamed && e.Errno == "" {
		result = "N"
	}
	switch {
	case isFork(e.Name) && e.Errno == "", strings.HasPrefix(e.Name, "wait") && e.Errno == "" && e.Ret != "0":
		l.Text += " ="
		l.child = b.waitedWhole(t, e)
	default:
		l.Text += " = " + result
	}
	return l
}

// isRenamed says whether a call reads or writes a text in which names are others in
// every run, and as long as they are.
func (b *builder) isRenamed(e *Step) bool {
	switch plainName(e) {
	case "read", "write", "sendto", "recvfrom", "readlink":
		return slices.ContainsFunc(e.Args, func(a string) bool {
			return strings.HasPrefix(a, `"`) && (len(b.replaced(a)) != len(a) || b.isNumberOfOurs(a) || durations.MatchString(a))
		})
	}
	return false
}

func (b *builder) waitedWhole(t *task, e *Step) *task {
	if isFork(e.Name) {
		return nil // made completes it
	}
	return b.waited(t, e)
}

// argument is one argument, with what differs from run to run taken out.
func (b *builder) argument(t *task, e *Step, i int) string {
	a := e.Args[i]
	c := b.row(e)
	name := ""
	if c != nil && i < len(c.Args) {
		name = c.Args[i].Name
	}
	switch {
	case e.Name == "getrandom" && i == 0:
		return `"..."`
	case i > 0 && strings.HasPrefix(a, `"`) && (b.readsStream(t, e) || b.readsMachine(t, e) || b.relays(t, e)):
		return `"..."`
	case i > 0 && b.readsStream(t, e) && plainName(e) == "recvmsg":
		return "{...}"
	case i == 2 && b.relays(t, e):
		return "N"
	case i > 0 && b.readsStream(t, e) && isNumber(a): // what is left of a buffer
		return "N"
	case e.Name == "poll" && i == 2, strings.HasPrefix(e.Name, "epoll_") && strings.Contains(e.Name, "wait") && i == 3:
		return "N" // what is left of a time
	case strings.HasPrefix(e.Name, "pipe") && i == 0, e.Name == "socketpair" && i == 3:
		return "[pair]"
	case strings.HasPrefix(a, `"`) && isPathName(c, i):
		return strconv.Quote(b.pathWord(e, i))
	case i+1 < len(e.Args) && strings.HasPrefix(e.Args[i+1], `"`) && isPathName(c, i+1) && strings.HasPrefix(a, "AT_FDCWD"):
		return "AT_FDCWD"
	case (e.Name == "dup2" || e.Name == "dup3") && i == 1: // what was there before is chance
		if fd, _, ok := descriptor(a); ok && fd > 2 {
			return "fd"
		} else if ok {
			return strconv.Itoa(fd)
		}
		return a
	case strings.HasSuffix(e.Name, "lseek") && i == 1 && e.Errno == "ESPIPE":
		return "N"
	case isPIDName(name) && isNumber(a):
		return b.pid(t, a)
	case isFDName(name) && isNumber(a):
		fd, _, _ := descriptor(a)
		return b.fd(t, fd, "")
	}
	return b.tokens(t, e, a)
}

func isPIDName(s string) bool {
	switch s {
	case "pid", "tgid", "tid", "upid", "pgid", "pid1", "pid2", "who":
		return true
	}
	return false
}

// pid says which process a number is.
func (b *builder) pid(t *task, s string) string {
	n, err := strconv.Atoi(s)
	if err != nil || n <= 0 {
		return s
	}
	switch other := b.lookup(n); {
	case other == nil:
		return "PID"
	case other.proc == t.proc:
		return "SELF"
	default:
		return "PID(" + b.later(other) + ")"
	}
}

func (b *builder) fd(t *task, fd int, called string) string {
	if fd == atFDCWD {
		return "AT_FDCWD"
	}
	if fd < 0 {
		return strconv.Itoa(fd)
	}
	return "<" + t.proc.fds.describe(fd, called, b.names) + ">"
}

// varying are fields whose values come from the clock, the kernel's counters or
// the file system: no program decides them.
var varying = lazyregexp.New(`\b(si_pid|si_utime|si_stime|si_uid|ru_\w+|st_[amc]time(?:_nsec)?|stx_\w+time|tms_\w+|freeram|bufferram|sharedram|totalram|totalswap|freeswap|uptime|loads|procs|` +
	`f_\w+|parent_tid|child_tid|child_tidptr|parent_tidptr|tls|stack|stack_size|child_stack|st_ino|stx_ino|stx?_nlink|stx?_blocks|stx?_blksize|st_dev|stx_dev\w*|stx_attributes\w*|d_ino|d_off|cmsg_pid|` +
	`pid|uid|gid|release|version|machine|nodename|entry_number|base_addr)=`)

// clocks are calls whose times are the clock's answer.
func isClock(name string) bool {
	switch name {
	case "clock_gettime", "clock_gettime64", "gettimeofday", "time", "times", "getrusage", "sysinfo", "getitimer", "timer_gettime",
		"timerfd_gettime", "clock_getres", "wait4", "waitid", "select", "pselect6", "ppoll", "adjtimex", "clock_adjtime":
		return true
	}
	return false
}

// tokens goes over the text of an argument: addresses, descriptors, what varies.
func (b *builder) tokens(t *task, e *Step, s string) string {
	var out strings.Builder
	for i := 0; i < len(s); {
		switch c := s[i]; {
		case c == '"':
			n := notation.StringEnd(s[i:])
			out.WriteString(b.said(t, e, s[i:i+n]))
			i += n
		case strings.HasPrefix(s[i:], "/*"):
			n := strings.Index(s[i:], "*/")
			if n < 0 {
				n = len(s) - i - 2
			}
			text := strings.TrimSpace(s[i+2 : i+max(n, 2)])
			if strings.HasSuffix(text, "entries") || strings.HasSuffix(text, "vars") {
				text = "" // of a directory, of the environment: what they hold differs
			}
			i += n + 2
			if text != "" && !strings.ContainsAny(text, ":.") {
				out.WriteString("/* " + text + " */")
			}
		case isWordByte(c):
			n := i
			for n < len(s) && (isWordByte(s[n]) || s[n] == '.' && n > i) {
				n++
			}
			i = b.word(&out, t, e, s, i, n)
		default:
			out.WriteByte(c)
			i++
		}
	}
	return strings.TrimSpace(out.String())
}

func isWordByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

// word writes the word s[i:n] and what belongs to it, and returns where it goes
// on.
func (b *builder) word(out *strings.Builder, t *task, e *Step, s string, i, n int) int {
	w := s[i:n]
	if k := notation.AngleEnd(s, n); n < len(s) && k > 0 {
		if fd, called, ok := descriptor(s[i : n+k]); ok {
			out.WriteString(b.fd(t, fd, called))
			return n + k
		}
	}
	switch {
	case strings.HasPrefix(w, "0x") && len(w) >= 7:
		out.WriteString("ADDR")
	case n < len(s) && s[n] == '=' && varying.MatchString(w+"="):
		out.WriteString(w + "=N")
		return n + 1 + valueEnd(s[n+1:])
	case n < len(s) && s[n] == '=' && strings.HasPrefix(w, "tv_") && (isClock(e.Name) || isDate(s[:i], s[n+1:n+1+valueEnd(s[n+1:])])):
		out.WriteString(w + "=N")
		return n + 1 + valueEnd(s[n+1:])
	case n < len(s) && s[n] == '=' && (isMachineValue(e, s, i, w) || w == "st_size" && (b.isStandard(t, e) || b.early[e])):
		out.WriteString(w + "=N")
		return n + 1 + valueEnd(s[n+1:])
	case n < len(s) && s[n] == '=' && w == "fd" && isNumber(s[n+1:n+1+valueEnd(s[n+1:])]):
		v := s[n+1 : n+1+valueEnd(s[n+1:])]
		fd, _, _ := descriptor(v)
		out.WriteString("fd=" + b.fd(t, fd, ""))
		return n + 1 + len(v)
	case strings.HasPrefix(s[n:], "*1024") && isNumber(w):
		v, _ := strconv.Atoi(w)
		out.WriteString(strconv.Itoa(1024 * v))
		return n + len("*1024")
	case b.names.ports[w]:
		out.WriteString("PORT")
	default:
		out.WriteString(w)
	}
	return n
}

// isDate says whether a field of a timespec behind before, with a value, is of a
// moment and not a duration: tv_sec is more than 30 years, or was left out for that.
func isDate(before, value string) bool {
	if n, err := strconv.ParseInt(value, 10, 64); err == nil && n >= 1e9 && strings.HasSuffix(before, "{") {
		return true
	}
	return strings.HasSuffix(before, "{tv_sec=N, ") || dateBefore.MatchString(before)
}

var (
	dateBefore = lazyregexp.New(`\{tv_sec=\d{10,}, $`)
	// dates are moments as texts have them: of HTTP, of ISO 8601, of date(1).
	dates = lazyregexp.New(`(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? (?:\d{1,2} [A-Z][a-z]{2} \d{4}|[A-Z][a-z]{2} [ \d]\d) \d\d:\d\d:\d\d(?: [A-Z]{3,4})?(?: \d{4})?|` +
		`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?|` +
		`\b(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) [ \d]\d \d\d:\d\d\b`) // ls -l
	// durations are how long something took and how fast that was, as go test, Python's
	// unittest and dd write it.
	durations = lazyregexp.New(`\(\d+\.\d+ ?s\)|\bin \d+\.\d+ ?s\b|, \d+(?:\.\d+)?(?:e-\d+)? s, \d+(?:\.\d+)? [kMGT]?B/s`)
	// queryID is what a question to a name server begins with: random bytes.
	queryID = lazyregexp.New(`^"(?:\\[0-7]{1,3}|\\.|[^"\\]){2}`)
)

// said is a text that a call reads or writes, in quotes, without what is by chance.
func (b *builder) said(t *task, e *Step, s string) string {
	if b.isNumberOfOurs(s) {
		return `"N"`
	}
	if b.asksNames(t, e) {
		s = queryID.ReplaceAllString(s, `"ID`)
	}
	return written(b.replaced(s))
}

// isNumberOfOurs says whether a text in quotes is a process's id or a port that the kernel
// chose, and nothing else: files that tell others where a server is.
func (b *builder) isNumberOfOurs(s string) bool {
	s = strings.TrimSuffix(strings.Trim(s, `"`), `\n`)
	return b.names.ports[s] || len(s) > 2 && b.names.pids[s]
}

// asksNames says whether a call sends questions to a name server.
func (b *builder) asksNames(t *task, e *Step) bool {
	if !strings.HasPrefix(e.Name, "send") || len(e.Args) == 0 {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	what := t.proc.fds.describe(fd, called, b.names)
	return ok && strings.HasPrefix(what, "udp") && strings.HasSuffix(what, ":53")
}

// written is a text that a program reads or writes, without moments.
func written(s string) string {
	return durations.ReplaceAllString(dates.ReplaceAllString(s, "TIME"), "TIME")
}

// isMachineValue says whether the field w at s[i:] has a value that the machine
// decides: the limits that a program finds, the size that a file system gives to
// directories.
func isMachineValue(e *Step, s string, i int, w string) bool {
	switch w {
	case "rlim_cur", "rlim_max":
		return strings.Contains(e.Name, "getrlimit") || e.Name == "prlimit64" && len(e.Args) > 3 && s == e.Args[3]
	case "st_size", "stx_size":
		return strings.Contains(s[:i], "S_IFDIR")
	}
	return false
}

// isStandard says whether a call is about standard input, output or error, which other
// processes may write to at the same time.
func (b *builder) isStandard(t *task, e *Step) bool {
	if len(e.Args) == 0 {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	return ok && (fd == 1 || fd == 2 || strings.HasPrefix(t.proc.fds.describe(fd, called, b.names), "std"))
}

// valueEnd is the length of the value at the start of s.
func valueEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i += notation.StringEnd(s[i:]) - 1
		case '{', '[', '(':
			depth++
		case '}', ']', ')':
			if depth--; depth < 0 {
				return i
			}
		case ',', ' ':
			if depth == 0 {
				return i
			}
		}
	}
	return len(s)
}

// result is what a call returned: a descriptor by its meaning, no addresses, no
// ids.
func (b *builder) result(t *task, e *Step) string {
	c := b.row(e)
	switch {
	case isTransient(e.Errno):
		return "?"
	case b.relays(t, e) && e.Errno == "":
		return "N"
	case b.readsStream(t, e) && (e.Errno == "" || e.Errno == "ECONNRESET"), b.writesStream(t, e) && (e.Errno == "" || e.Errno == "EPIPE"), b.readsMachine(t, e) && e.Errno == "":
		return "N"
	case e.Errno != "":
		return "-1 " + e.Errno
	case !e.Returned():
		return "?"
	case strings.HasPrefix(e.Ret, "0x") && len(e.Ret) >= 7:
		return "ADDR"
	case c == nil:
		return e.Ret
	case isOwnID(e.Name):
		return b.pid(t, e.Ret)
	case e.Name == "getuid" || e.Name == "geteuid" || e.Name == "getgid" || e.Name == "getegid":
		return "ID"
	case isClock(e.Name) && e.Ret != "0", e.Name == "getdents64" && e.Ret != "0", e.Name == "sched_getaffinity", e.Name == "getcwd", isPoll(e.Name) && e.Ret != "0":
		return "N"
	}
	fd, called, ok := descriptor(e.Ret + angle(e.Note))
	if !ok || called == "" && !makesFD(e.Name) && !(strings.HasPrefix(e.Name, "fcntl") && strings.HasPrefix(e.Args[1], "F_DUPFD")) {
		return e.Ret
	}
	before := t.proc.fds.clone()
	before.follow(t, e, b)
	return "<" + before.describe(fd, called, b.names) + ">"
}

// isPoll says whether a call asks which of several descriptors are ready: how many
// are is chance.
func isPoll(name string) bool {
	return name == "poll" || strings.HasPrefix(name, "epoll_") && strings.Contains(name, "wait")
}

func isOwnID(name string) bool {
	switch name {
	case "getpid", "gettid", "getppid", "getpgrp", "getpgid", "getsid", "setsid", "set_tid_address":
		return true
	}
	return false
}

func makesFD(name string) bool {
	switch plainNames[name] {
	case "open", "accept", "epoll_create", "eventfd", "signalfd", "inotify_init":
		return true
	}
	switch name {
	case "open", "socket", "accept", "dup", "dup2", "dup3", "memfd_create", "timerfd_create", "pidfd_open":
		return true
	}
	return false
}
