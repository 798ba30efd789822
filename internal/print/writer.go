package print

import (
	"io"
	"sync"
	"time"
)

// batch is how much is collected before it is written.
const batch = 64 << 10

// A Writer collects output and writes it in batches. It keeps the first error
// and what came after it is dropped: a trace with a hole would lie.
type Writer struct {
	w    io.Writer
	mu   sync.Mutex // held against the goroutine of FlushEvery
	buf  []byte
	err  error
	done chan struct{}
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// FlushEvery has what was collected written after at most about d, so that a
// trace that stands still can be read as far as it goes. It ends with Close.
func (w *Writer) FlushEvery(d time.Duration) {
	done := make(chan struct{})
	w.done = done
	go func() {
		tick := time.NewTicker(d)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				_ = w.Flush() // the error is kept
			case <-done:
				return
			}
		}
	}()
}

// Write collects p, and writes when a batch is full. The error is that of any
// write so far.
func (w *Writer) Write(p []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.err != nil {
		return 0, w.err
	}
	w.buf = append(w.buf, p...)
	if len(w.buf) >= batch {
		if err := w.flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Flush writes what was collected.
func (w *Writer) Flush() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flush()
}

func (w *Writer) flush() error {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.w.Write(w.buf)
		w.buf = w.buf[:0]
		if cap(w.buf) > 4*batch {
			w.buf = nil
		}
	}
	return w.err
}

// Close writes what was collected and closes the file below, if it can be.
func (w *Writer) Close() error {
	if w.done != nil {
		close(w.done)
		w.done = nil
	}
	err := w.Flush()
	if c, ok := w.w.(io.Closer); ok {
		if e := c.Close(); err == nil {
			err = e
		}
	}
	return err
}
