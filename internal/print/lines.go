package print

import (
	"strconv"

	"strait/syscalls"
)

// Lines writes events of several tasks as lines of text on one output, and
// keeps track of whose line is open: another task's event ends it with
// <unfinished ...>, and its own exit resumes it.
type Lines struct {
	Text   Text
	Prefix Prefix
	Times  int  // -T: digits of the fraction, with HasTimes
	Timed  bool // -T
	Whole  bool // --no-interleave: a call is one line, written at its exit
	Out    *Writer
	// PIDs, if not nil, says how many tasks there are: the process id stands
	// before a line of standard error only when there is more than one.
	PIDs func() int
	// After, if not nil, appends what follows the line of a call or a signal:
	// dumps, stacks.
	After func(dst []byte, ev *syscalls.Event) []byte

	style PIDStyle
	open  int // thread id of the task whose line is not ended, 0 if none
	col   int // columns of it that are written already
	buf   []byte
	set   bool
}

// unfinished ends a line whose call goes on while another task's event is shown.
const unfinished = " <unfinished ...>"

// begin starts a line for ev, ending the one that is open.
func (l *Lines) begin(dst []byte, ev *syscalls.Event, mono, wall int64) []byte {
	if l.open != 0 {
		dst = l.Text.endLine(append(dst, unfinished...))
		l.open = 0
	}
	if !l.set {
		l.style, l.set = l.Prefix.PID, true
	}
	l.Prefix.PID = l.style
	if l.PIDs != nil && l.style == PIDBracket && l.PIDs() < 2 {
		l.Prefix.PID = PIDNone
	}
	l.Text.around = shadeArgVal
	return l.Prefix.append(dst, ev, mono, wall, &l.Text)
}

// Enter begins the line of a call.
func (l *Lines) Enter(ev *syscalls.Event) {
	if l.Whole {
		return
	}
	dst := l.begin(l.buf[:0], ev, ev.Mono, ev.Wall)
	start := lastLine(dst)
	dst = l.Text.AppendEnter(dst, ev)
	l.col = l.Text.columns(dst[start:])
	l.open = ev.TID
	if ev.Lost { // it says no more before its end
		dst = l.Text.endLine(append(dst, unfinished...))
		l.open = 0
	}
	l.write(dst)
}

// lastLine is where the last line of dst begins.
func lastLine(dst []byte) int {
	for i := len(dst) - 1; i >= 0; i-- {
		if dst[i] == '\n' {
			return i + 1
		}
	}
	return 0
}

// Exit ends the line of a call.
func (l *Lines) Exit(ev *syscalls.Event) {
	dst, start := l.buf[:0], 0
	switch {
	case l.Whole:
		dst = l.begin(dst, ev, ev.Mono, ev.Wall)
		dst = l.Text.AppendEnter(dst, ev)
		l.col = 0
	case l.open == ev.TID:
	default:
		dst = l.begin(dst, ev, ev.MonoExit, ev.WallExit)
		start = lastLine(dst)
		dst = append(AppendName(append(dst, "<... "...), ev), " resumed>"...)
		l.col = 0
	}
	if !ev.Returned && !ev.Lost && (len(ev.Nodes) > ev.EnterEnd || ev.Split) {
		// What the kernel would have filled in will never be known.
		dst = append(dst, unfinished...)
	} else {
		dst = l.Text.AppendArgs(dst, ev)
	}
	dst = l.Text.endCall(dst)
	l.open = 0
	width := l.col + l.Text.columns(dst[start:])
	dst = append(dst, ' ')
	for width++; width < l.Text.Columns; width++ {
		dst = append(dst, ' ')
	}
	dst = l.Text.plain(l.Text.plain(append(l.Text.ink(dst, shadePunct), '=')))
	dst = l.Text.AppendResult(append(dst, ' '), ev)
	dst = l.Text.AppendInjected(dst, ev.Injected)
	dst = l.duration(dst, ev)
	dst = l.Text.endLine(l.Text.plain(dst))
	if l.After != nil {
		dst = l.After(dst, ev)
	}
	l.write(dst)
}

// duration appends how long the call took: <0.000010>.
func (l *Lines) duration(dst []byte, ev *syscalls.Event) []byte {
	if !l.Timed || ev.MonoExit == 0 || !ev.Returned {
		return dst
	}
	d := ev.MonoExit - ev.Mono
	t := &l.Text
	t.around = shadeArgVal
	dst = t.punct(t.gap(dst, shadeRetVal), "<")
	dst = appendFraction(strconv.AppendInt(dst, d/1e9, 10), d, l.Times)
	return t.punct(dst, ">")
}

// Event writes what happens between calls: signals, ends.
func (l *Lines) Event(ev *syscalls.Event) {
	switch ev.Kind {
	case syscalls.EventNew, syscalls.EventExec:
		return
	case syscalls.EventDetached:
		l.detached(ev)
		return
	}
	dst := l.begin(l.buf[:0], ev, ev.Mono, ev.Wall)
	switch ev.Kind {
	case syscalls.EventSignal:
		dst = l.signal(dst, ev)
		if l.After != nil {
			dst = l.After(dst, ev)
		}
		l.write(dst)
		return
	case syscalls.EventStopped:
		dst = append(appendSIG(append(dst, "--- stopped by "...), int64(ev.Sig)), " ---"...)
	case syscalls.EventExited:
		dst = strconv.AppendInt(append(dst, "+++ exited with "...), int64(ev.Status), 10)
		dst = append(dst, " +++"...)
	case syscalls.EventKilled:
		dst = appendSIG(append(dst, "+++ killed by "...), int64(ev.Sig))
		if ev.Core {
			dst = append(dst, " (core dumped)"...)
		}
		dst = append(dst, " +++"...)
	case syscalls.EventSuperseded:
		dst = strconv.AppendInt(append(dst, "+++ superseded by execve in pid "...), int64(ev.OtherTID), 10)
		dst = append(dst, " +++"...)
	}
	l.write(l.Text.endLine(dst))
}

func (l *Lines) signal(dst []byte, ev *syscalls.Event) []byte {
	dst = appendSIG(append(dst, "--- "...), int64(ev.Sig))
	dst = append(dst, ' ')
	if len(ev.Nodes) > 0 {
		l.Text.around = shadeArgVal
		dst = l.Text.nodes(dst, ev, ev.Nodes, 0, uint32(len(ev.Nodes)), ", ")
		dst = append(dst, ' ')
	}
	dst = l.Text.endLine(append(dst, "---"...))
	if ev.Instruction == "" {
		return dst
	}
	dst = append(append(append(dst, " > "...), ev.Instruction...), " ["...)
	return append(appendHex(dst, ev.IP), "]\n"...)
}

// detached ends the open line of a task that is let go.
func (l *Lines) detached(ev *syscalls.Event) {
	if l.open == ev.TID {
		l.open = 0
		l.write(append(l.buf[:0], " <detached ...>\n"...))
	}
}

// PIDChanged ends the open line of a thread whose execve gave it another id.
func (l *Lines) PIDChanged(old, now int) {
	dst := l.buf[:0]
	if l.open == old {
		dst = append(dst, " <pid changed to "...)
		dst = append(strconv.AppendInt(dst, int64(now), 10), " ...>\n"...)
		l.open = 0
	}
	l.write(dst)
}

// Open returns the id of the thread whose line is not ended, 0 if none.
func (l *Lines) Open() int { return l.open }

// Break ends an open line, before something else is written on its output.
func (l *Lines) Break() {
	if l.open != 0 {
		l.write(l.Text.endLine(append(l.buf[:0], unfinished...)))
		l.open = 0
	}
}

func (l *Lines) write(dst []byte) {
	l.Out.Write(dst)
	if cap(dst) <= 1<<20 {
		l.buf = dst[:0]
	}
}

// Raw writes whole lines that were made elsewhere.
func (l *Lines) Raw(p []byte) {
	l.Break()
	_, _ = l.Out.Write(p)
}

// Flush writes what is buffered.
func (l *Lines) Flush() error { return l.Out.Flush() }

// Personality writes that the task of ev has begun to make calls of another ABI.
// last and nr are those of the call before it.
func (l *Lines) Personality(ev *syscalls.Event, last *syscalls.ABI, nr uint64) {
	before := syscalls.Event{TID: ev.TID, PID: ev.PID, ABI: last, Nr: nr, IP: ev.IP}
	l.Text.begun = ev.ABI
	dst := l.begin(l.buf[:0], &before, ev.Mono, ev.Wall)
	l.Text.begun = nil
	dst = strconv.AppendInt(append(dst, "[ Process PID="...), int64(ev.TID), 10)
	dst = append(append(dst, " runs in "...), ev.ABI.Bits...)
	l.write(l.Text.endLine(append(dst, " mode. ]"...)))
}
