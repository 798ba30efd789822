package golden

import (
	"slices"
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

// relays says whether a call writes as much as was read from a pipe or a socket right
// before: a piece, whose size is chance. Of programs without an order that would be
// chance itself.
func (b *builder) relays(t *task, e *Step) bool {
	return !b.anyOrder(t.proc) && plainName(e) == "write" && t.proc.piece != "" && len(e.Args) > 2 && e.Args[2] == t.proc.piece
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
	return ok && (strings.HasPrefix(what, "/proc/") || strings.HasPrefix(what, "/sys/") || what == "/dev/urandom" || what == "/dev/random")
}
