package prompt

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Terminal is the user's terminal. Only one goroutine asks at a time.
type Terminal struct {
	tty *os.File
	fd  int // of tty; (*os.File).Fd would make it blocking, for which there are no deadlines

	// screen is held by whoever writes to it. A question holds it as long as
	// it stands, so that what others write waits.
	screen sync.Mutex
	relay  *Relay // the program's terminal, if it has one of its own

	late   sync.Mutex
	asking bool       // a question stands
	kept   []keptText // messages of ours that wait for its end
}

type keptText struct {
	w    io.Writer
	text []byte
}

// maxKept bounds the messages that are kept; then who writes waits.
const maxKept = 10_000

// Open opens the controlling terminal.
func Open() (*Terminal, error) {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	return New(tty)
}

// New makes a Terminal of an open one, which it closes.
func New(tty *os.File) (*Terminal, error) {
	fd, err := descriptor(tty)
	if err != nil {
		return nil, err
	}
	return &Terminal{tty: tty, fd: fd}, nil
}

// descriptor is the number of an open file, which stays as it is.
func descriptor(f *os.File) (fd int, err error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return -1, err
	}
	if cerr := raw.Control(func(n uintptr) { fd = int(n) }); cerr != nil {
		return -1, cerr
	}
	return fd, nil
}

// Close closes the terminal.
func (t *Terminal) Close() error { return t.tty.Close() }

// A console is the terminal while a question stands: lines are read, and can
// be edited; text is written. Nothing else of ours reads or writes meanwhile.
type console struct {
	t      *Terminal
	before *term.State
	line   *term.Terminal
	input  *input
}

// input is the terminal's, after what is to look as if it had been typed.
type input struct {
	typed []byte
	tty   *os.File
}

func (in *input) Read(p []byte) (int, error) {
	if len(in.typed) > 0 {
		n := copy(p, in.typed)
		in.typed = in.typed[n:]
		return n, nil
	}
	return in.tty.Read(p)
}

// open takes the terminal from the program and from everybody else. What was
// typed before the question was there is no answer to it.
func (t *Terminal) open() (*console, error) {
	t.screen.Lock()
	t.setAsking(true)
	if t.relay != nil {
		t.relay.pause()
	}
	before, err := term.MakeRaw(t.fd)
	if err != nil {
		t.release()
		return nil, fmt.Errorf("terminal: %w", err)
	}
	_ = unix.IoctlSetInt(t.fd, unix.TCFLSH, unix.TCIFLUSH)
	c := &console{t: t, before: before, input: &input{tty: t.tty}}
	c.line = term.NewTerminal(struct {
		io.Reader
		io.Writer
	}{c.input, t.tty}, "> ")
	if width, height, err := term.GetSize(t.fd); err == nil && width > 0 && height > 0 {
		_ = c.line.SetSize(width, height)
	}
	return c, nil
}

func (t *Terminal) release() {
	if t.relay != nil {
		t.relay.resume()
	}
	for _, k := range t.setAsking(false) {
		_, _ = k.w.Write(t.lineEnds(k.w, k.text))
	}
	t.screen.Unlock()
}

// setAsking returns what was kept.
func (t *Terminal) setAsking(on bool) []keptText {
	t.late.Lock()
	defer t.late.Unlock()
	kept := t.kept
	t.asking, t.kept = on, nil
	return kept
}

// close gives the terminal back.
func (c *console) close() {
	_ = c.t.tty.SetReadDeadline(time.Time{})
	_ = term.Restore(c.t.fd, c.before)
	c.t.release()
}

func (c *console) say(format string, args ...any) {
	fmt.Fprintf(c.line, format, args...)
}

// read reads a line that begins with what is put there.
func (c *console) read(put string) (string, error) {
	c.input.typed = []byte(put)
	return c.line.ReadLine()
}

// Writer is w, a file that may be the terminal, for messages of our own: they
// wait while a question stands, and end their lines as a terminal in raw mode
// needs it.
func (t *Terminal) Writer(w io.Writer) io.Writer { return &screenWriter{t, w} }

type screenWriter struct {
	t *Terminal
	w io.Writer
}

func (s *screenWriter) Write(p []byte) (int, error) {
	if s.t.keep(s.w, p) {
		return len(p), nil
	}
	s.t.screen.Lock()
	defer s.t.screen.Unlock()
	if _, err := s.w.Write(s.t.lineEnds(s.w, p)); err != nil {
		return 0, err
	}
	return len(p), nil
}

// keep puts a message by while a question stands.
func (t *Terminal) keep(w io.Writer, p []byte) bool {
	t.late.Lock()
	defer t.late.Unlock()
	if !t.asking || len(t.kept) >= maxKept {
		return false
	}
	t.kept = append(t.kept, keptText{w, bytes.Clone(p)})
	return true
}

// lineEnds are those that the user's terminal needs while it is in raw mode.
func (t *Terminal) lineEnds(w io.Writer, p []byte) []byte {
	f, ok := w.(*os.File)
	if t.relay == nil || !ok || !SameTerminal(f, t.tty) {
		return p
	}
	return bytes.ReplaceAll(p, []byte("\n"), []byte("\r\n"))
}
