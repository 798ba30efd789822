package forkexec

import (
	"errors"
	"io"
	"os"
	"reflect"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// streams are the pipes between a child and the readers and writers of its Cmd.
type streams struct {
	childEnds []int
	input     *os.File // our end
	outputs   []*os.File
	writers   []io.Writer

	stdin io.Reader
	limit uint64
	hit   func()
	taken atomic.Uint64
	wg    sync.WaitGroup
	mu    sync.Mutex
	err   error
}

// openStreams makes the pipes and puts the child's ends into files, which it
// returns.
func openStreams(c *Cmd, files []int) (*streams, []int, error) {
	if c.Stdin == nil && c.Stdout == nil && c.Stderr == nil {
		return nil, files, nil
	}
	s := &streams{limit: c.Limits.Output}
	files = slices.Clone(files)
	for len(files) < 3 {
		files = append(files, FileKept)
	}
	if c.Stdin != nil {
		if err := s.openInput(c.Stdin, files); err != nil {
			s.close()
			return nil, nil, prepareError("pipe", err)
		}
	}
	for i, w := range []io.Writer{1: c.Stdout, 2: c.Stderr} {
		if w == nil {
			continue
		}
		if i == 2 && c.Stdout != nil && same(c.Stdout, c.Stderr) {
			files[2] = files[1]
			continue
		}
		if err := s.openOutput(w, files, i); err != nil {
			s.close()
			return nil, nil, prepareError("pipe", err)
		}
	}
	return s, files, nil
}

func same(a, b io.Writer) bool {
	return reflect.TypeOf(a) == reflect.TypeOf(b) && reflect.TypeOf(a).Comparable() && a == b
}

func (s *streams) openInput(r io.Reader, files []int) error {
	if f, ok := r.(*os.File); ok {
		files[0] = int(f.Fd())
		return nil
	}
	ours, theirs, err := pipe(1)
	if err != nil {
		return err
	}
	s.input, s.stdin = ours, r
	s.childEnds = append(s.childEnds, theirs)
	files[0] = theirs
	return nil
}

// openOutput hands a file over as it is, unless its bytes are to be counted.
func (s *streams) openOutput(w io.Writer, files []int, i int) error {
	if f, ok := w.(*os.File); ok && s.limit == 0 {
		files[i] = int(f.Fd())
		return nil
	}
	ours, theirs, err := pipe(0)
	if err != nil {
		return err
	}
	s.outputs, s.writers = append(s.outputs, ours), append(s.writers, w)
	s.childEnds = append(s.childEnds, theirs)
	files[i] = theirs
	return nil
}

// pipe gives end n of a pipe as ours, for Go's poller, and the other, blocking.
func pipe(n int) (ours *os.File, theirs int, err error) {
	var fds [2]int
	if err := unix.Pipe2(fds[:], unix.O_CLOEXEC); err != nil {
		return nil, -1, err
	}
	if err := unix.SetNonblock(fds[n], true); err != nil {
		_ = unix.Close(fds[0])
		_ = unix.Close(fds[1])
		return nil, -1, err
	}
	return os.NewFile(uintptr(fds[n]), "pipe"), fds[1-n], nil
}

func (s *streams) closeChildEnds() {
	for _, fd := range s.childEnds {
		_ = unix.Close(fd)
	}
	s.childEnds = nil
}

// close drops everything: the start failed.
func (s *streams) close() {
	if s == nil {
		return
	}
	s.closeChildEnds()
	if s.input != nil {
		_ = s.input.Close()
	}
	for _, f := range s.outputs {
		_ = f.Close()
	}
}

// run copies; hit is called when the output is more than the limit.
func (s *streams) run(hit func()) {
	s.closeChildEnds()
	s.hit = hit
	if s.input != nil {
		go func() {
			_, err := io.Copy(s.input, s.stdin)
			if err != nil && !errors.Is(err, unix.EPIPE) && !errors.Is(err, os.ErrClosed) {
				s.failed(err)
			}
			_ = s.input.Close()
		}()
	}
	for i, f := range s.outputs {
		s.wg.Go(func() { s.copy(s.writers[i], f) })
	}
}

func (s *streams) failed(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.err = errors.Join(s.err, err)
}

// copy reads until the end of file, or until finish says that the child has
// ended; then what is still in the pipe is the last of it, whoever else holds
// its other end.
func (s *streams) copy(w io.Writer, f *os.File) {
	buf := make([]byte, 32<<10)
	for {
		n, err := f.Read(buf)
		if n > 0 && !s.write(w, buf[:n]) {
			w = io.Discard
		}
		if errors.Is(err, os.ErrDeadlineExceeded) {
			s.drain(w, f, buf)
		}
		if err != nil {
			return
		}
	}
}

// drain reads what is in the pipe, and no more than fits into one: somebody
// else may go on writing for ever.
func (s *streams) drain(w io.Writer, f *os.File, buf []byte) {
	raw, err := f.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) {
		left, err := unix.FcntlInt(fd, unix.F_GETPIPE_SZ, 0)
		for err == nil && left > 0 {
			var n int
			n, err = unix.Read(int(fd), buf[:min(left, len(buf))])
			if errors.Is(err, unix.EINTR) {
				err = nil
				continue
			}
			left -= max(n, 0)
			if n <= 0 || err != nil || !s.write(w, buf[:n]) {
				return
			}
		}
	})
}

// write passes on what the limit has room for.
func (s *streams) write(w io.Writer, b []byte) bool {
	if s.limit > 0 {
		taken := s.taken.Add(uint64(len(b)))
		if taken > s.limit {
			s.hit()
			b = b[:max(0, len(b)-int(min(taken-s.limit, uint64(len(b)))))]
		}
	}
	if len(b) == 0 {
		return true
	}
	if _, err := w.Write(b); err != nil {
		s.failed(err)
		return false
	}
	return true
}

// finish ends the copying when the child has ended.
func (s *streams) finish() error {
	if s == nil {
		return nil
	}
	for _, f := range s.outputs {
		_ = f.SetReadDeadline(time.Unix(1, 0))
	}
	if s.input != nil {
		_ = s.input.Close()
	}
	s.wg.Wait()
	for _, f := range s.outputs {
		_ = f.Close()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
