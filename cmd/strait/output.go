package main

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"

	"strait/internal/print"
	"strait/syscalls"

	"golang.org/x/term"
)

// An output is where the trace goes: standard error, a file, a command's
// standard input, or a file for each process.
type output struct {
	o    *Options
	loud *messages
	w    *print.Writer
	file *os.File
	cmd  *exec.Cmd
	read chan struct{}        // closed when cmd has ended
	each map[int]*print.Lines // -ff: by thread id
	// shared says that the file may be another's too (a terminal, a pipe): lines are to
	// stand between what others write where they belong
	shared bool
	// after appends what follows the line of a call or a signal; nil for nothing
	after func(dst []byte, ev *syscalls.Event) []byte
	// last is the stack of the call from which the task that ends does not return (-k)
	last []byte
	// comm is the name of a task; nil if names are not wanted
	comm func(ev *syscalls.Event) []byte
	err  error
	// failed is why a file of -ff could not be made, which ends the tracing
	failed error
}

// idleFlush is how long a line may wait to be written to a file.
const idleFlush = 100 * time.Millisecond

func openOutput(o *Options, loud *messages) (*output, error) {
	out := &output{o: o, loud: loud}
	switch {
	case !o.OutputSet:
		out.w = print.NewWriter(loud.w)
	case o.pipes():
		return out, out.pipe(o.Output[1:])
	case o.Separate:
		out.each = map[int]*print.Lines{}
		out.w = print.NewWriter(io.Discard)
	default:
		f, err := out.create(o.Output)
		if err != nil {
			return nil, err
		}
		st, err := f.Stat()
		out.shared = err == nil && st.Mode()&(os.ModeNamedPipe|os.ModeSocket) != 0 || term.IsTerminal(int(f.Fd()))
		out.file, out.w = f, print.NewWriter(f)
		out.w.FlushEvery(idleFlush)
	}
	return out, nil
}

func (out *output) create(name string) (*os.File, error) {
	mode := os.O_WRONLY | os.O_CREATE
	if out.o.Append {
		mode |= os.O_APPEND
	} else {
		mode |= os.O_TRUNC
	}
	f, err := os.OpenFile(name, mode, 0o666)
	if err != nil {
		return nil, refuse("Can't fopen '%s': %s", name, reason(err))
	}
	return f, nil
}

// pipe starts the command that reads the trace.
func (out *output) pipe(command string) error {
	r, w, err := os.Pipe()
	if err != nil {
		return fmt.Errorf("pipe: %w", err)
	}
	out.cmd = exec.Command("/bin/sh", "-c", command)
	out.cmd.Args[0] = "sh" // as popen(3) calls it
	out.cmd.Stdin, out.cmd.Stdout, out.cmd.Stderr = r, os.Stdout, os.Stderr
	err = out.startReader()
	r.Close()
	if err != nil {
		w.Close()
		return refuse("Cannot exec '/bin/sh': %s", reason(err))
	}
	out.file, out.w = w, print.NewWriter(w)
	out.w.FlushEvery(idleFlush)
	return nil
}

// startReader starts the command on a thread of its own: the tracer waits for
// all children of its thread, and would take the status of this one.
func (out *output) startReader() error {
	started := make(chan error)
	out.read = make(chan struct{})
	go func() {
		runtime.LockOSThread()
		defer close(out.read)
		err := out.cmd.Start()
		started <- err
		if err == nil {
			_ = out.cmd.Wait() // its status is its own affair
		}
	}()
	return <-started
}

// flush writes what is buffered.
func (out *output) flush() {
	out.report(out.w.Flush())
	for _, l := range out.each {
		out.report(l.Flush())
	}
}

// report tells of a write that failed, once: a full disk does not end the
// tracing, nor change how the program ends.
func (out *output) report(err error) {
	if err == nil || out.err != nil {
		return
	}
	out.err = err
	if out.o.OutputSet {
		out.loud.say("%s: %s", out.o.Output, reason(err))
	}
}

// close ends the output. A command that reads it is waited for.
func (out *output) close() {
	out.flush()
	if out.file != nil {
		_ = out.w.Close()
	}
	if out.cmd != nil {
		<-out.read
	}
}

// lines makes the writer of text lines on w.
func (out *output) lines(w *print.Writer) *print.Lines {
	o := out.o
	l := &print.Lines{
		Out: w, After: out.after, Timed: o.Times, Times: int(o.TimesPrec), Whole: !o.Interleave,
		Text: print.Text{
			NoPaths: o.DecodeFDs&fdPath == 0,
			Columns: o.Columns, ArgNames: o.ArgNames, Location: time.Local,
			HideFDs: o.DecodeFDs == 0,
			Hex:     print.HexStyle(o.Hex), Xlat: xlatStyle(o.Const),
		},
		Prefix: print.Prefix{
			Clock: print.ClockStyle(o.Absolute.format), ClockPrec: int(o.Absolute.prec),
			Delta: o.Relative, DeltaPrec: int(o.RelativePrec), Number: o.CallNumber, IP: o.InstrPointer,
			Comm: out.comm,
		},
	}
	switch {
	case o.AlwaysPID, o.OutputSet && !o.Separate && (o.Follow || len(o.Attach)+min(len(o.Program), 1) > 1):
		l.Prefix.PID = print.PIDColumn
	case !o.OutputSet:
		l.Prefix.PID = print.PIDBracket
	}
	return l
}

func xlatStyle(c constStyle) print.XlatStyle {
	switch c {
	case constRaw:
		return print.XlatRaw
	case constVerbose:
		return print.XlatVerbose
	}
	return print.XlatAbbrev
}

// perProcess is the sink of -ff: each thread has a file of its own.
type perProcess struct{ out *output }

func (p perProcess) to(ev *syscalls.Event) *print.Lines {
	l := p.out.each[ev.TID]
	if l == nil {
		f, err := p.out.create(p.out.o.Output + "." + strconv.Itoa(ev.TID))
		var w io.Writer = f
		if err != nil {
			p.out.failed, w = cmp.Or(p.out.failed, err), io.Discard
		}
		l = p.out.lines(print.NewWriter(w))
		p.out.each[ev.TID] = l
	}
	return l
}

func (p perProcess) Enter(ev *syscalls.Event) { p.to(ev).Enter(ev) }
func (p perProcess) Exit(ev *syscalls.Event)  { p.to(ev).Exit(ev) }

func (p perProcess) Event(ev *syscalls.Event) {
	switch ev.Kind {
	case syscalls.EventNew:
		p.to(ev) // a file for each, even if nothing comes
		return
	case syscalls.EventExec:
		p.renamed(ev)
		return
	}
	l := p.to(ev)
	l.Event(ev)
	switch ev.Kind {
	case syscalls.EventExited, syscalls.EventKilled, syscalls.EventDetached:
		if len(p.out.last) > 0 {
			l.Raw(p.out.last)
		}
		p.end(ev.TID, l)
	}
}

// renamed ends the file of a thread whose execve gave it the leader's id. The
// leader's file goes on.
func (p perProcess) renamed(ev *syscalls.Event) {
	if l := p.superseded(ev); l != nil {
		l.PIDChanged(ev.OtherTID, ev.TID)
		p.end(ev.OtherTID, l)
	}
}

// superseded is the output of a thread whose execve gave it the leader's id; nil if
// there is none.
func (p perProcess) superseded(ev *syscalls.Event) *print.Lines {
	if ev.OtherTID == ev.TID {
		return nil
	}
	return p.out.each[ev.OtherTID]
}

// end closes the file of a thread that is gone.
func (p perProcess) end(tid int, l *print.Lines) {
	p.out.report(l.Out.Close())
	delete(p.out.each, tid)
}

func (p perProcess) Personality(ev *syscalls.Event, last *syscalls.ABI, nr uint64) {
	p.to(ev).Personality(ev, last, nr)
}

func (p perProcess) Flush() error {
	p.out.flush()
	return nil
}

// jsonPerProcess writes an object a line to a file for each process.
type jsonPerProcess struct {
	files perProcess
	json  print.JSONLines
}

func (p *jsonPerProcess) Enter(ev *syscalls.Event) { p.files.to(ev) }

func (p *jsonPerProcess) Exit(ev *syscalls.Event) {
	p.json.Out = p.files.to(ev).Out
	p.json.Exit(ev)
}

func (p *jsonPerProcess) Event(ev *syscalls.Event) {
	l := p.files.to(ev)
	p.json.Out = l.Out
	p.json.Event(ev)
	switch ev.Kind {
	case syscalls.EventExec: // its thread has the leader's id from now on
		if old := p.files.superseded(ev); old != nil {
			p.files.end(ev.OtherTID, old)
		}
	case syscalls.EventExited, syscalls.EventKilled, syscalls.EventDetached:
		p.files.end(ev.TID, l)
	}
}

func (p *jsonPerProcess) Flush() error { return p.files.Flush() }

// notices is the sink of -c: of what happens it writes only what is no event.
type notices struct{ *print.Lines }

func (notices) Enter(*syscalls.Event) {}
func (notices) Exit(*syscalls.Event)  {}
func (notices) Event(*syscalls.Event) {}
