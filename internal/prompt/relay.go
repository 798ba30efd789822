package prompt

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// A Relay is a terminal of the program's own, and the copying between it and
// the user's. Interrupts and the like are made by the program's terminal from
// the keys; a stop of the program stops us too, for the shell that started us.
type Relay struct {
	t        *Terminal
	master   *os.File
	fd       int // of master
	slave    *os.File
	before   *term.State // of the user's terminal
	changes  chan os.Signal
	program  func() int // the process group to stop and continue; 0: none
	finished chan struct{}
	closing  chan struct{}

	mu     sync.Mutex
	paused int
	idle   *sync.Cond // the keyboard is not being read
	read   bool       // it is
}

// Relay makes the program's terminal, with the size and the modes of the
// user's.
func (t *Terminal) Relay() (*Relay, error) {
	master, slave, err := pty.Open()
	if err != nil {
		return nil, err
	}
	r := &Relay{t: t, slave: slave, finished: make(chan struct{}), closing: make(chan struct{})}
	r.idle = sync.NewCond(&r.mu)
	if r.master, err = unblocked(master); err == nil {
		r.fd, err = descriptor(r.master)
	}
	if err != nil {
		_ = slave.Close()
		return nil, err
	}
	r.resize()
	if modes, err := unix.IoctlGetTermios(t.fd, unix.TCGETS); err == nil {
		_ = unix.IoctlSetTermios(int(slave.Fd()), unix.TCSETS, modes)
	}
	return r, nil
}

// unblocked takes the place of a file whose descriptor somebody has asked for,
// which made it blocking: then a deadline, or Close, ends no Read.
func unblocked(f *os.File) (*os.File, error) {
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	return os.NewFile(uintptr(fd), f.Name()), nil
}

func (r *Relay) resize() {
	if size, err := unix.IoctlGetWinsize(r.t.fd, unix.TIOCGWINSZ); err == nil {
		_ = unix.IoctlSetWinsize(r.fd, unix.TIOCSWINSZ, size)
	}
}

// Slave is the program's end. It is open until Start.
func (r *Relay) Slave() *os.File { return r.slave }

// Start begins to copy. program gives the program's process group.
func (r *Relay) Start(program func() int) error {
	_ = r.slave.Close()
	before, err := term.MakeRaw(r.t.fd)
	if err != nil {
		return err
	}
	r.before, r.program = before, program
	r.t.screen.Lock()
	r.t.relay = r
	r.t.screen.Unlock()
	r.changes = make(chan os.Signal, 1)
	signal.Notify(r.changes, unix.SIGWINCH, unix.SIGCONT)
	go r.output()
	go r.input()
	go r.follow()
	return nil
}

// Close ends the copying, when all that the program has written is shown, and
// gives the terminal back as it was.
func (r *Relay) Close() error {
	if r.before == nil { // never started
		return errors.Join(r.slave.Close(), r.master.Close())
	}
	// Where somebody else still has the program's end, there is no end of file.
	_ = r.master.SetReadDeadline(time.Now().Add(drainTime))
	<-r.finished
	signal.Stop(r.changes)
	close(r.closing)
	r.pause()
	r.t.screen.Lock()
	r.t.relay = nil
	r.t.screen.Unlock()
	_ = r.t.tty.SetReadDeadline(time.Time{})
	return errors.Join(term.Restore(r.t.fd, r.before), r.master.Close())
}

// drainTime bounds the wait for output of which there is no end.
const drainTime = 2 * time.Second

// output copies what the program writes. A question holds the screen.
func (r *Relay) output() {
	defer close(r.finished)
	buf := make([]byte, 32<<10)
	for {
		n, err := r.master.Read(buf)
		if n > 0 {
			r.t.screen.Lock()
			_, werr := r.t.tty.Write(buf[:n])
			r.t.screen.Unlock()
			if werr != nil {
				return
			}
		}
		if err != nil { // EIO: the last descriptor of the slave is closed
			return
		}
	}
}

// input copies what is typed, except while a question stands.
func (r *Relay) input() {
	buf := make([]byte, 4096)
	for r.mayRead() {
		n, err := r.t.tty.Read(buf)
		r.mu.Lock()
		r.read = false
		r.idle.Broadcast()
		r.mu.Unlock()
		if n > 0 {
			r.typed(buf[:n])
		}
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			if errors.Is(err, io.EOF) || !errors.Is(err, unix.EINTR) {
				return
			}
		}
	}
}

// mayRead waits until no question stands; false: the copying is over.
func (r *Relay) mayRead() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for r.paused > 0 {
		select {
		case <-r.closing:
			return false
		default:
		}
		r.idle.Wait()
	}
	r.read = true
	return r.t.tty.SetReadDeadline(time.Time{}) == nil
}

// pause has the keyboard for somebody else.
func (r *Relay) pause() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused++
	_ = r.t.tty.SetReadDeadline(time.Unix(1, 0))
	r.idle.Broadcast()
	for r.read {
		r.idle.Wait()
	}
}

func (r *Relay) resume() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paused--
	r.idle.Broadcast()
}

// typed passes keys on. The key that suspends needs help: the program is in a
// session of its own, where the kernel ignores a stop by the terminal because
// nobody would be there to continue it (kernel/signal.c, orphaned process
// groups).
func (r *Relay) typed(keys []byte) {
	modes, err := unix.IoctlGetTermios(r.fd, unix.TCGETS)
	group, gerr := unix.IoctlGetInt(r.fd, unix.TIOCGPGRP)
	if err == nil && gerr == nil && modes.Lflag&unix.ISIG != 0 && group == r.program() && group > 0 {
		key := modes.Cc[unix.VSUSP]
		if at := bytes.IndexByte(keys, key); at >= 0 && key != 0 {
			_, _ = r.master.Write(keys[:at])
			r.Suspend(group)
			r.typed(keys[at+1:])
			return
		}
	}
	_, _ = r.master.Write(keys)
}

// Suspend stops the program's process group and then ours, with the terminal
// as it was; when we are continued, all goes on.
func (r *Relay) Suspend(group int) {
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	_ = unix.Kill(-group, unix.SIGSTOP)
	r.t.screen.Lock()
	_ = term.Restore(r.t.fd, r.before)
	_ = unix.Kill(0, unix.SIGTSTP) // what the key sends
	select {
	case <-continued:
	case <-time.After(time.Second): // nobody would continue us: it was ignored
	}
	_, _ = term.MakeRaw(r.t.fd)
	r.t.screen.Unlock()
	_ = unix.Kill(-group, unix.SIGCONT)
}

// follow passes on what happens to the user's terminal.
func (r *Relay) follow() {
	for {
		select {
		case <-r.closing:
			return
		case sig := <-r.changes:
			if sig == unix.SIGCONT { // the shell had it meanwhile
				_, _ = term.MakeRaw(r.t.fd)
			}
			r.resize()
		}
	}
}

// SameTerminal says whether two files are one terminal; /dev/tty is the
// session's, whatever the other is called.
func SameTerminal(a, b *os.File) bool {
	sa, oka := session(a)
	sb, okb := session(b)
	return oka && okb && sa == sb
}

// session is the session that a terminal controls.
func session(f *os.File) (int, bool) {
	fd, err := descriptor(f)
	if err != nil {
		return 0, false
	}
	sid, err := unix.IoctlGetInt(fd, unix.TIOCGSID)
	return sid, err == nil
}
