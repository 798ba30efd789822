package golden

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"strait/internal/tracefile"
)

// A File is a behaviour in a file: a golden trace, which has a depth of its own,
// or a saved trace, of which any can be made.
type File struct {
	Name     string
	Golden   *Trace
	Saved    *tracefile.Trace
	CWD      string   // where the program was started, if the trace tells
	Warnings []string // what of it is missing or was not understood
}

// Open reads a file.
func Open(name string) (*File, error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("read trace: %w", err)
	}
	f := &File{Name: name}
	if bytes.HasPrefix(src, []byte(header)) {
		f.Golden, err = Parse(name, src)
		return f, err
	}
	if len(bytes.TrimSpace(src)) == 0 {
		return nil, fmt.Errorf("%s: no trace: the file is empty", name)
	}
	if f.Saved, err = tracefile.Read(bytes.NewReader(src)); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if f.Saved.Other == len(f.Saved.Entries) {
		return nil, fmt.Errorf("%s: no trace: no line of it is one that strace or strait writes", name)
	}
	if n := f.Saved.Other; n > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s: lines that are not of a trace: %d", name, n))
	}
	if n := f.Saved.Cut; n > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s:%d: it ends in the middle of the line: the rest is missing", name, n))
	}
	f.CWD = startedIn(f.Saved)
	return f, nil
}

// Trace is the behaviour, of a saved trace at depth o.Depth.
func (f *File) Trace(o Options) *Trace {
	if f.Golden != nil {
		return f.Golden
	}
	if o.CWD == "" {
		o.CWD = f.CWD
	}
	t := Build(FromSaved(f.Saved, o), o)
	t.Name = f.Name
	return t
}

// startedIn is the directory that a trace was started in, where -y tells it.
func startedIn(t *tracefile.Trace) string {
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Name == "getcwd" && len(e.Args) > 0 && e.Returned() && e.Errno == "" {
			return unquote(e.Args[0])
		}
		for _, a := range e.Args {
			if strings.HasPrefix(a, "AT_FDCWD<") {
				if _, called, ok := descriptor(a); ok && called != "/" {
					return called
				}
				return ""
			}
		}
	}
	return ""
}
