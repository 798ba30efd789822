package golden

import (
	"slices"
	"strconv"
	"strings"

	"strait/internal/tracefile"
)

// What follows is about what the scheduler decides and no program does: when a
// child is found to have ended, when a signal of another comes, whether a writer
// still writes when its reader is gone.

// isWait says whether a call waits for children.
func isWait(name string) bool { return strings.HasPrefix(name, "wait") }

// waits notes how a process waits for its children.
func (p *process) waits(e *Step) {
	switch {
	case isFork(e.Name) && !makesThread(&e.Entry) && e.Returned() && e.Errno == "":
		// Who starts the next one when any of several has ended, as make -j and
		// xargs -P do, has no order of its own.
		p.serves = p.serves || p.raced && p.children > 0 && !isShell(p.program())
		p.children++
		p.most = max(p.most, p.children)
	case isWait(e.Name):
		p.polls = p.polls || polls(&e.Entry)
		p.waitsAny = p.waitsAny || isAnyWait(&e.Entry) && e.Errno != "ECHILD"
		if !found(e) || p.children == 0 {
			return
		}
		p.children--
		p.raced = p.raced || p.children > 0 && isAnyWait(&e.Entry)
		p.serves = p.serves || p.raced && p.program() == "make" // it looks at what that one has made
	}
}

// found says whether a wait found a child.
func found(e *Step) bool {
	if !e.Returned() || e.Errno != "" {
		return false
	}
	if e.Name == "waitid" {
		pid, err := siginfoPID(e.Args)
		return err == nil && pid > 0
	}
	return e.Ret != "0"
}

// isShell says whether a program goes through a script, whatever its jobs do
// meanwhile.
func isShell(program string) bool {
	switch program {
	case "sh", "dash", "bash", "zsh", "ksh", "mksh", "fish", "busybox":
		return true
	}
	return false
}

// polls says whether a wait returns at once.
func polls(e *tracefile.Entry) bool {
	return slices.ContainsFunc(e.Args, func(a string) bool { return strings.Contains(a, "WNOHANG") })
}

// isAnyWait says whether a wait takes any child: the one that ended first.
func isAnyWait(e *tracefile.Entry) bool {
	if len(e.Args) == 0 {
		return false
	}
	a := e.Args[0]
	return a == "P_ALL" || a == "P_PGID" || a == "0" || strings.HasPrefix(a, "-")
}

// isChance says whether a line is one that may as well be missing: where a process
// has had several children, or looked for them now and then, which one a wait
// finds and whether it is this wait is chance. How each child ended stands with it, and
// that there is such a wait at the end, unless it looks now and then.
func (l *line) isChance(p *process) bool { return l.anyWait && (p.polls || p.most > 1) }

// signal takes down a signal. Where one comes that another process or a timer has
// sent is chance, and so is how often if it comes faster than it is handled: such
// signals stand once, at the end. SIGPIPE comes if the reader has gone already.
func (b *builder) signal(t *task, e *Step) {
	l := &line{Line: Line{Text: "signal " + e.Name}}
	switch e.Name {
	case "SIGPIPE": // a write that had begun before may have returned how far it got
		t.proc.refused = t.proc.refused || len(t.proc.wrote) > 0
		return
	case "SIGCHLD", "SIGURG":
		return
	case "SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGTRAP", "SIGSYS", "SIGABRT":
		b.add(t, e, l)
		return
	}
	switch t.last {
	case "kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal":
		b.add(t, e, l)
		return
	}
	b.atEnd(t, e, l)
}

// atEnd puts a line before the end of a process, once.
func (b *builder) atEnd(t *task, e *Step, l *line) {
	if b.o.Depth == Effects || slices.ContainsFunc(t.proc.late, func(o *line) bool { return o.Text == l.Text }) {
		return
	}
	l.At = e.Line
	t.proc.late = append(t.proc.late, l)
}

// withLate are the lines of a process's first thread with those that stand at the
// end.
func (p *process) withLate(list []*line) []*line {
	if p.waitsAny && p.most > 1 && !p.polls {
		p.late = append(p.late, &line{Line: Line{Text: "wait for any child", Call: "wait4"}})
	}
	if len(p.late) == 0 {
		return list
	}
	slices.SortStableFunc(p.late, func(a, b *line) int { return strings.Compare(a.Text, b.Text) })
	n := len(list)
	if n > 0 && (strings.HasPrefix(list[n-1].Text, "exited with ") || strings.HasPrefix(list[n-1].Text, "killed by ")) {
		n--
	}
	return slices.Insert(slices.Clip(list), n, p.late...)
}

// movesAside says whether a call gives a descriptor a number out of the way, which a
// child of a program with threads does if it happens to be in the way: Go's os/exec.
func movesAside(e *tracefile.Entry) bool {
	if e.Name != "dup3" || len(e.Args) < 3 || !strings.Contains(e.Args[2], "O_CLOEXEC") {
		return false
	}
	fd, _, ok := descriptor(e.Args[1])
	return ok && fd > 2
}

// isStream says whether what a descriptor is, in words, is read in pieces whose
// sizes the other side and the scheduler decide.
func isStream(what string) bool {
	return what != "" && !strings.ContainsAny(what[:1], "./~$") && !strings.HasPrefix(what, "std")
}

// readsStream says whether a call reads from a pipe or a socket.
func (b *builder) readsStream(t *task, e *Step) bool {
	return b.usesStream(t, e, "read", "recvfrom", "recvmsg")
}

// writesStream says whether a call writes to one.
func (b *builder) writesStream(t *task, e *Step) bool {
	return b.usesStream(t, e, "write", "sendto", "sendmsg")
}

// relays says whether a call writes what was read from a pipe or a socket: as much as
// right before, or a text that came from there. The size of such a piece is chance. Of
// programs without an order that would be chance itself.
func (b *builder) relays(t *task, e *Step) bool {
	if b.anyOrder(t.proc) || plainName(e) != "write" || len(e.Args) < 3 {
		return false
	}
	if t.proc.piece != "" && e.Args[2] == t.proc.piece {
		return true
	}
	said, whole := strings.CutSuffix(strings.TrimPrefix(e.Args[1], `"`), `"`)
	n, err := strconv.Atoi(e.Args[2])
	return whole && err == nil && n >= leastHeard && strings.Contains(t.proc.heard, lineStart+said)
}

const (
	mostHeard  = 64 << 10 // bounds what is kept of what a process has read
	leastHeard = 3        // less may stand anywhere
	lineStart  = `\n`     // before a text that came from there: it begins a line
)

// hears takes note of what a process has read of a pipe or socket, or of random bytes.
func (b *builder) hears(t *task, e *Step) {
	if !b.readsStream(t, e) && !b.readsRandom(t, e) {
		return
	}
	t.proc.piece = e.Ret
	if len(e.Args) < 2 || len(t.proc.heard) > mostHeard {
		return
	}
	if text, whole := strings.CutSuffix(strings.TrimPrefix(e.Args[1], `"`), `"`); whole {
		if t.proc.heard == "" {
			text = lineStart + text
		}
		t.proc.heard += text
	} else {
		t.proc.heard += lineStart // what comes here is not known
	}
}

// usesStream says whether a step is one of these calls, on a pipe or a socket.
func (b *builder) usesStream(t *task, e *Step, calls ...string) bool {
	if len(e.Args) == 0 || !slices.Contains(calls, plainName(e)) {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	return ok && isStream(t.proc.fds.describe(fd, called, b.names))
}

// readsMachine says whether a call reads what the kernel tells about itself.
func (b *builder) readsMachine(t *task, e *Step) bool {
	if plainName(e) != "read" || len(e.Args) == 0 {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	what := t.proc.fds.describe(fd, called, b.names)
	return ok && (strings.HasPrefix(what, "/proc/") || strings.HasPrefix(what, "/sys/")) || b.readsRandom(t, e)
}

// readsRandom says whether a call reads random bytes from a file.
func (b *builder) readsRandom(t *task, e *Step) bool {
	if plainName(e) != "read" || len(e.Args) == 0 {
		return false
	}
	fd, called, ok := descriptor(e.Args[0])
	what := t.proc.fds.describe(fd, called, b.names)
	return ok && (what == "/dev/urandom" || what == "/dev/random")
}
