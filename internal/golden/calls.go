package golden

import (
	"slices"
	"strconv"
	"strings"

	"strait/syscalls"
)

// plainNames are calls that C libraries use in each other's place, and what they
// all are.
var plainNames = map[string]string{
	"openat": "open", "openat2": "open", "creat": "open",
	"newfstatat": "stat", "fstatat64": "stat", "stat64": "stat", "lstat": "stat", "lstat64": "stat", "statx": "stat", "oldstat": "stat", "oldlstat": "stat",
	"faccessat": "access", "faccessat2": "access", "renameat": "rename", "renameat2": "rename", "mkdirat": "mkdir", "mknodat": "mknod",
	"linkat": "link", "symlinkat": "symlink", "readlinkat": "readlink", "fchmodat": "chmod", "fchmodat2": "chmod",
	"fchownat": "chown", "lchown": "chown", "chown32": "chown", "lchown32": "chown", "fchown32": "fchown",
	"utimensat": "utime", "utimensat_time64": "utime", "utimes": "utime", "futimesat": "utime",
	"execve": "exec", "execveat": "exec", "getdents64": "getdents", "truncate64": "truncate", "ftruncate64": "ftruncate", "statfs64": "statfs",
	"pipe2": "pipe", "vfork": "fork", "clone": "fork", "clone3": "fork", "wait4": "wait", "waitid": "wait", "waitpid": "wait",
	"accept4": "accept", "send": "sendto", "recv": "recvfrom", "epoll_create1": "epoll_create", "eventfd2": "eventfd", "signalfd4": "signalfd",
	"inotify_init1": "inotify_init", "pread64": "read", "readv": "read", "preadv": "read", "preadv2": "read",
	"pwrite64": "write", "writev": "write", "pwritev": "write", "pwritev2": "write", "sendfile64": "sendfile", "fcntl64": "fcntl",
	"tkill": "kill", "tgkill": "kill",
}

func plainName(e *Step) string {
	switch {
	case isFork(e.Name) && makesThread(&e.Entry):
		return "thread"
	case e.Name == "unlinkat" && strings.Contains(strings.Join(e.Args, " "), "AT_REMOVEDIR"):
		return "rmdir"
	case e.Name == "unlinkat":
		return "unlink"
	}
	if n, ok := plainNames[e.Name]; ok {
		return n
	}
	return e.Name
}

// callLine is a call on an object, or nil if it is none.
func (b *builder) callLine(t *task, e *Step) *line {
	if b.skip[e.Name] || b.isAside(t, e) {
		return nil
	}
	l := &line{}
	name := plainName(e)
	words := []string{name}
	switch name {
	case "fork", "thread":
	case "wait":
		l.child, l.anyWait = b.waited(t, e), isAnyWait(&e.Entry)
	case "kill":
		words = append(words, b.killed(t, e))
	case "exec":
		words = append(words, show(b.names.program(b.absolute(e))), b.argv(e))
	default:
		words = b.objects(words, t, e)
	}
	l.Text = strings.Join(words, " ")
	if t.isAtEnd(e, l.Text) {
		return nil
	}
	switch {
	case name == "wait" && e.Errno == "":
		if how := ended(e.Args); how != "" {
			l.behind = ": " + how
		}
	case e.Errno == "EPIPE" && b.writesStream(t, e): // the reader has gone, or not yet
	case e.Errno != "" && !isTransient(e.Errno):
		l.behind = ": " + e.Errno
	}
	if l.child == nil && l.about == "" && !isFork(e.Name) && name != "wait" {
		l.Text, l.behind = l.Text+l.behind, ""
	}
	return l
}

// copies takes the calls that read one file and write another for these two: which
// way a program takes depends on its version and on the file system. One that
// fails is followed by another way.
func (b *builder) copies(t *task, e *Step) bool {
	in, out := 0, 2
	switch e.Name {
	case "copy_file_range", "splice":
	case "sendfile", "sendfile64":
		in, out = 1, 0
	case "ioctl":
		if len(e.Args) < 3 || !strings.Contains(e.Args[1], "FICLONE") {
			return false
		}
		in, out = 2, 0
	default:
		return false
	}
	if e.Errno != "" || e.Ret == "0" && e.Name != "ioctl" || len(e.Args) <= max(in, out) {
		return true
	}
	b.add(t, e, &line{Line: Line{Text: "read " + b.fdWord(t, e.Args[in])}})
	b.add(t, e, &line{Line: Line{Text: "write " + b.fdWord(t, e.Args[out])}})
	return true
}

func (b *builder) fdWord(t *task, arg string) string {
	fd, called, ok := descriptor(arg)
	if !ok {
		return ""
	}
	return "<" + t.proc.fds.describe(fd, called, b.names) + ">"
}

// isAtEnd says whether a read found the end of what was read before: how often a
// program looks is its version's affair.
func (t *task) isAtEnd(e *Step, text string) bool {
	if e.Ret != "0" || plainName(e) != "read" {
		return false
	}
	return slices.ContainsFunc(t.lines, func(l *line) bool { return l.Text == text })
}

// isAside says whether a call is about nothing that matters: what the linker and
// the C library do on their own, questions that have no answer yet.
func (b *builder) isAside(t *task, e *Step) bool {
	arg := func(i int) string {
		if i < len(e.Args) {
			return e.Args[i]
		}
		return ""
	}
	switch {
	case isFork(e.Name) && isTransient(e.Errno): // no more processes, or a signal came and it is made again
		return e.Errno != "EAGAIN"
	case isTransient(e.Errno) && e.Name != "connect" && e.Errno != "EINPROGRESS":
		return true
	case isWait(e.Name) && (polls(&e.Entry) || e.Errno == "ECHILD"):
		return true
	case strings.HasPrefix(e.Name, "fcntl") && (strings.HasSuffix(arg(1), "FD") || strings.HasSuffix(arg(1), "FL") || strings.HasPrefix(arg(1), "F_DUPFD")):
		return true
	case e.Name == "ioctl" && (strings.HasPrefix(arg(1), "TCGETS") || strings.HasPrefix(arg(1), "FIO") || arg(1) == "TIOCGWINSZ"):
		return true
	case e.Name == "prctl" && strings.HasPrefix(arg(0), "PR_SET_VMA"), strings.HasPrefix(e.Name, "sched_get"):
		return true
	case e.Name == "prlimit64" && arg(2) == "NULL":
		return true
	case e.emptyPath() && plainName(e) == "stat", t.talksToItself(e):
		return true
	}
	return b.isMachines(t, e)
}

// isMachines says whether a call only looks at files that are the machine's affair.
func (b *builder) isMachines(t *task, e *Step) bool {
	if b.isOfFanOut(t, e) {
		return true
	}
	if e.changes() {
		return false
	}
	for i := range e.Pairs {
		switch p := &e.Pairs[i]; p.Effect {
		case "fs.read", "fs.stat", "exec":
			if p.Path != "" && !e.emptyPath() && b.effectText(t, e, p) == "" {
				return true
			}
		}
	}
	switch e.Name {
	case "mmap", "mmap2":
		if len(e.Args) > 4 {
			fd, called, ok := descriptor(e.Args[4])
			return ok && fd >= 0 && b.names.isKnown(t.proc.fds.describe(fd, called, b.names))
		}
		return false
	}
	if len(e.Args) > 0 && (len(e.Pairs) == 0 || e.emptyPath()) {
		if fd, called, ok := descriptor(e.Args[0]); ok && b.isFD(e, 0) {
			return b.names.isKnown(t.proc.fds.describe(fd, called, b.names))
		}
	}
	return false
}

// isOfFanOut says whether a call is about git's folders of objects.
func (b *builder) isOfFanOut(t *task, e *Step) bool {
	for i := range e.Pairs {
		if p := &e.Pairs[i]; p.Path != "" && !strings.HasPrefix(e.Name, "exec") && isFanOut(b.names.name(b.pairPath(p)), e.Errno) {
			return true
		}
	}
	if len(e.Pairs) > 0 || len(e.Args) == 0 || !b.isFD(e, 0) {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	return ok && isFanOut(t.proc.fds.describe(fd, called, b.names), "")
}

// changes says whether a call does more than to look at something.
func (e *Step) changes() bool {
	for i := range e.Pairs {
		if x := e.Pairs[i].Effect; x != "exec" && !looks(x) {
			return true
		}
	}
	switch plainName(e) {
	case "write", "sendto", "sendmsg", "sendmmsg", "ftruncate", "fallocate", "kill":
		return true
	}
	return false
}

// row is the description of a call.
func (b *builder) row(e *Step) *syscalls.Call {
	nr, ok := b.abi.Number(e.Name)
	if !ok {
		return nil
	}
	return b.abi.Call(nr)
}

// isFD says whether argument i is a descriptor.
func (b *builder) isFD(e *Step, i int) bool {
	if strings.IndexByte(e.Args[i], '<') > 0 {
		return true
	}
	c := b.row(e)
	return c != nil && i < len(c.Args) && isFDName(c.Args[i].Name)
}

// objects appends what a call is about: files, descriptors, addresses, and the
// names that say what is done.
func (b *builder) objects(words []string, t *task, e *Step) []string {
	c := b.row(e)
	for i, a := range e.Args {
		switch {
		case strings.HasPrefix(a, `"`):
			if isPathName(c, i) {
				words = append(words, show(b.pathWord(e, i)))
			}
		case strings.HasPrefix(a, "{sa_family="):
			if s := b.address(t, e); s != "" && !strings.HasPrefix(e.Name, "accept") && !strings.HasPrefix(e.Name, "recv") {
				words = append(words, s)
			}
		case i+1 < len(e.Args) && strings.HasPrefix(e.Args[i+1], `"`) && isPathName(c, i+1): // where the path begins
		case constants.MatchString(a) && a != "NULL":
			words = b.constant(words, e, a)
		case c != nil && i < len(c.Args) && c.Args[i].Name == "mode" && strings.HasPrefix(a, "0"):
			words = append(words, a)
		case b.isFD(e, i):
			if w := b.fdWord(t, a); w != "" {
				words = append(words, w)
			}
		}
	}
	return words
}

// constant appends names that say what is done. Of stat and the like they say
// only how the C library asks.
func (b *builder) constant(words []string, e *Step, a string) []string {
	switch plainName(e) {
	case "stat", "unlink", "rmdir", "readlink", "accept", "link", "chown", "chmod":
		return words
	}
	if a = names(a); a != "" {
		words = append(words, a)
	}
	return words
}

// isPathName says whether a string is the name of a file.
func isPathName(c *syscalls.Call, i int) bool {
	if c == nil || i >= len(c.Args) {
		return false
	}
	for k := range c.Effects {
		if int(c.Effects[k].Arg) == i {
			return true
		}
	}
	switch c.Args[i].Name {
	case "pathname", "path", "filename", "target", "oldpath", "newpath", "linkpath", "special", "source":
		return true
	}
	return false
}

// pathWord is the path in argument i; a link's target is as it was written.
func (b *builder) pathWord(e *Step, i int) string {
	if e.Args[i] == `""` {
		return "" // the descriptor's own
	}
	for k := range e.Pairs {
		if p := &e.Pairs[k]; p.Arg == i && p.Known && p.Path != "" {
			return b.names.name(p.Path)
		}
	}
	if strings.HasPrefix(e.Name, "symlink") && i == 0 || strings.HasPrefix(e.Name, "memfd") {
		return b.names.name(unquote(e.Args[i]))
	}
	return b.names.name(b.join(e, i))
}

// address is what a socket call is about.
func (b *builder) address(t *task, e *Step) string {
	for i := range e.Pairs {
		if p := &e.Pairs[i]; p.Addr.Proto != "" && (p.Addr.Host.IsValid() || p.Addr.Path != "") {
			return b.addressName(t, e, p)
		}
	}
	return ""
}

// argv is the list of arguments of an exec: [ls, -l].
func (b *builder) argv(e *Step) string {
	for _, a := range e.Args {
		inner, ok := strings.CutPrefix(a, "[")
		if !ok {
			continue
		}
		list, _ := splitList(strings.TrimSuffix(inner, "]"))
		for i, s := range list {
			list[i] = show(withoutIDs(b.replaced(unquote(s)), b.names.pids))
		}
		return "[" + strings.Join(list, " ") + "]"
	}
	return ""
}

// replaced puts names of ours in a text that holds names of files.
func (b *builder) replaced(s string) string {
	for _, r := range b.names.words {
		s = strings.ReplaceAll(s, r.Path, r.Name)
	}
	s = withoutIDs(s, b.names.shown)
	for port := range b.names.ports {
		s = strings.ReplaceAll(s, ":"+port, ":PORT")
	}
	return s
}

// waited is the child that a wait returned.
func (b *builder) waited(t *task, e *Step) *task {
	pid, err := strconv.Atoi(e.Ret)
	if e.Name == "waitid" {
		pid, err = siginfoPID(e.Args)
	}
	if err != nil || pid <= 0 {
		return nil
	}
	if c := b.lookup(pid); c != nil {
		return c
	}
	return t.onlyChild(b)
}

// onlyChild is the one process that a task made, where there is one: in another
// pid namespace its number is not ours.
func (t *task) onlyChild(b *builder) *task {
	var found *task
	for _, c := range b.all {
		if c.parent == t && !c.thread {
			if found != nil {
				return nil
			}
			found = c
		}
	}
	return found
}

// killed says who a signal is sent to, and which.
func (b *builder) killed(t *task, e *Step) string {
	sig := "0" // whether there is such a process
	for _, a := range e.Args {
		if strings.HasPrefix(a, "SIG") {
			sig = a
		}
	}
	who := "other"
	if len(e.Args) > 0 {
		pid, _, ok := descriptor(e.Args[0])
		target := b.lookup(pid)
		switch {
		case !ok || pid <= 0:
			who = "group"
		case target != nil && target.proc == t.proc:
			who = "self"
		case target != nil:
			who = b.later(target)
		case len(e.Pairs) > 0 && e.Pairs[0].Self:
			who = "self"
		}
	}
	return who + " " + sig
}
