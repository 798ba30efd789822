package golden

import (
	"slices"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/tracefile"
)

// What follows is about processes whose reader goes before they are done, as in
// yes | head: whether they have written all by then, or are told by SIGPIPE, and how
// far they get, is chance. It is none if the pipe was read to its end: then every
// writer was done, or has closed it.

// A descriptor that is an end of a pipe stands in an fdTable as pipe#, the number of
// the pipe, and these.
const (
	pipeMark = "pipe#"
	readEnd  = "r"
	onExec   = "c" // it is closed on exec
)

// endsWithReader stands in the place of how such a process ended.
const endsWithReader = "exited with 0 or, as its reader goes first, killed by SIGPIPE"

// newPipe notes a pipe's two descriptors.
func (b *builder) newPipe(f fdTable, ends []int, flags string) {
	b.pipes = append(b.pipes, false)
	for i, fd := range ends {
		f[fd] = pipeMark + strconv.Itoa(len(b.pipes))
		if i == 0 {
			f[fd] += readEnd
		}
		if strings.Contains(flags, "CLOEXEC") {
			f[fd] += onExec
		}
	}
}

// pipeOf returns the pipe that a descriptor is an end of, or 0.
func (f fdTable) pipeOf(fd int) (n int, isReadEnd bool) {
	rest, ok := strings.CutPrefix(f[fd], pipeMark)
	if !ok {
		return 0, false
	}
	n, _ = strconv.Atoi(strings.TrimRight(rest, readEnd+onExec))
	return n, strings.Contains(rest, readEnd)
}

// holdsBoth says whether a process has both ends of a pipe: it talks to itself or to
// its like, as event loops do to be woken and make does about its jobs.
func (f fdTable) holdsBoth(pipe int) bool {
	ends := 0
	for fd := range f {
		if n, isReadEnd := f.pipeOf(fd); n == pipe {
			if isReadEnd {
				ends |= 1
			} else {
				ends |= 2
			}
		}
	}
	return ends == 3
}

// exec closes what is closed on exec.
func (f fdTable) exec() {
	for fd, what := range f {
		if strings.HasPrefix(what, pipeMark) && strings.HasSuffix(what, onExec) {
			delete(f, fd)
		}
	}
}

// setOnExec says whether a descriptor of a pipe is closed on exec.
func (f fdTable) setOnExec(fd int, is bool) {
	what := f[fd]
	if !strings.HasPrefix(what, pipeMark) {
		return
	}
	f[fd] = strings.TrimSuffix(what, onExec)
	if is {
		f[fd] += onExec
	}
}

// pipeArg is the pipe that an argument is an end of.
func (t *task) pipeArg(e *Step, i int) int {
	if i < 0 || i >= len(e.Args) {
		return 0
	}
	fd, _, ok := descriptor(e.Args[i])
	if !ok {
		return 0
	}
	n, _ := t.proc.fds.pipeOf(fd)
	return n
}

// readToEnd notes that a pipe was read to its end.
func (b *builder) readToEnd(t *task, e *Step) {
	if e.Ret != "0" || e.Errno != "" || len(b.pipes) == 0 {
		return
	}
	in := -1
	switch {
	case plainName(e) == "read", e.Name == "splice", e.Name == "tee":
		in = 0
	case plainName(e) == "sendfile":
		in = 1
	}
	if n := t.pipeArg(e, in); n > 0 {
		b.pipes[n-1] = true
	}
}

// pipeWritten is the pipe that a call writes to, unless the process holds its other
// end.
func (b *builder) pipeWritten(t *task, e *Step) int {
	if e.Kind != tracefile.Call || len(b.pipes) == 0 {
		return 0
	}
	out := -1
	switch {
	case plainName(e) == "write", plainName(e) == "sendfile":
		out = 0
	case e.Name == "splice":
		out = 2
	case e.Name == "vmsplice":
		out = 0
	case e.Name == "tee":
		out = 1
	}
	n := t.pipeArg(e, out)
	if n == 0 || t.proc.fds.holdsBoth(n) {
		return 0
	}
	return n
}

// wrote notes that a process has written to a pipe, and whether nobody was there.
func (b *builder) wrote(t *task, e *Step) {
	n := b.pipeWritten(t, e)
	if n == 0 {
		return
	}
	p := t.proc
	if !slices.Contains(p.wrote, n) {
		p.wrote = append(slices.Clip(p.wrote), n)
	}
	p.refused = p.refused || e.Errno == "EPIPE"
}

// talksToItself says whether a call reads or writes a pipe whose other end the
// process has, too.
func (t *task) talksToItself(e *Step) bool {
	switch plainName(e) {
	case "read", "write":
		n := t.pipeArg(e, 0)
		return n > 0 && t.proc.fds.holdsBoth(n)
	}
	return false
}

// mayGo says whether the reader of one of these pipes may go first.
func (b *builder) mayGo(pipes []int) bool {
	return slices.ContainsFunc(pipes, func(n int) bool { return !b.pipes[n-1] })
}

// isEnd says whether a line is the end of a process whose reader may go first.
func (b *builder) isEnd(l *line) bool {
	return isGoodEnd(l.Text) && b.mayGo(l.after)
}

// isGoodEnd says whether a line is one of the ends that are one if the reader goes first.
func isGoodEnd(text string) bool { return text == "exited with 0" || text == "killed by SIGPIPE" }

// isCut says whether a line is one that a process makes or not, as its reader goes:
// more pieces for it, and what only looks at something. What it does about the end
// of its reader before it is killed is no more than that.
func (b *builder) isCut(p *process, l *line) bool {
	if !b.mayGo(l.after) {
		return false
	}
	return l.looks || l.pipe > 0 && !b.pipes[l.pipe-1] || l.refused && p.broken && l.Text != endsWithReader
}

// how are the ways in which traces write that a process exited with 0 or was killed
// by SIGPIPE.
var how = lazyregexp.New(`\[\{WIF(?:EXITED\(s\) && WEXITSTATUS\(s\) == 0|SIGNALED\(s\) && WTERMSIG\(s\) == SIGPIPE)\}\]|` +
	`si_code=CLD_(?:EXITED|KILLED)|si_status=(?:0|SIGPIPE)\b|exited with 0|killed by SIGPIPE`)

// endOf writes how a process ended that was waited for, if its reader may have gone
// first.
func (b *builder) endOf(child *task, s string) string {
	if child == nil || !b.mayGo(child.proc.endedAfter) {
		return s
	}
	return how.ReplaceAllString(s, "with its reader")
}
