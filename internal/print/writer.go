package print

import "io"

// batch is how much is collected before it is written.
const batch = 64 << 10

// A Writer collects output and writes it in batches. It keeps the first error
// and what came after it is dropped: a trace with a hole would lie.
type Writer struct {
	w   io.Writer
	buf []byte
	err error
}

// NewWriter returns a Writer on w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write collects p, and writes when a batch is full. The error is that of any
// write so far.
func (w *Writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	w.buf = append(w.buf, p...)
	if len(w.buf) >= batch {
		if err := w.Flush(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

// Flush writes what was collected.
func (w *Writer) Flush() error {
	if w.err == nil && len(w.buf) > 0 {
		_, w.err = w.w.Write(w.buf)
		w.buf = w.buf[:0]
		if cap(w.buf) > 4*batch {
			w.buf = nil
		}
	}
	return w.err
}
