package golden

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
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

// Open reads a file. Where there is none, those of -ff are read, NAME.PID.
func Open(name string) (*File, error) {
	src, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		if parts := partsOf(name); len(parts) > 0 {
			return openParts(name, parts)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("read trace: %w", err)
	}
	f := &File{Name: name}
	if bytes.HasPrefix(src, []byte(header)) {
		f.Golden, err = Parse(name, src)
		return f, err
	}
	if f.Saved, err = readSaved(name, src); err != nil {
		return nil, err
	}
	f.look()
	return f, nil
}

func readSaved(name string, src []byte) (*tracefile.Trace, error) {
	if len(bytes.TrimSpace(src)) == 0 {
		return nil, fmt.Errorf("%s: no trace: the file is empty", name)
	}
	t, err := tracefile.Read(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if t.Other == len(t.Entries) {
		return nil, fmt.Errorf("%s: no trace: no line of it is one that strace or strait writes", name)
	}
	return t, nil
}

// partsOf are the files that -ff -o NAME writes: NAME.PID, by the ids.
func partsOf(name string) map[int]string {
	list, err := os.ReadDir(filepath.Dir(name))
	if err != nil {
		return nil
	}
	out := map[int]string{}
	for _, e := range list {
		digits, ok := strings.CutPrefix(e.Name(), filepath.Base(name)+".")
		if tid, err := strconv.Atoi(digits); ok && err == nil && tid > 0 {
			out[tid] = filepath.Join(filepath.Dir(name), e.Name())
		}
	}
	return out
}

func openParts(name string, files map[int]string) (*File, error) {
	var parts []tracefile.Part
	for tid, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("read trace: %w", err)
		}
		if len(src) == 0 { // who was killed before its first call
			continue
		}
		t, err := readSaved(file, src)
		if err != nil {
			return nil, err
		}
		parts = append(parts, tracefile.Part{TID: tid, Trace: t})
	}
	if len(parts) == 0 {
		return nil, fmt.Errorf("%s: no trace: all of its files are empty", name)
	}
	f := &File{Name: name, Saved: tracefile.Join(parts)}
	f.look()
	return f, nil
}

// look finds what is said of a saved trace besides what it does.
func (f *File) look() {
	name := f.Name
	if n := f.Saved.Other; n > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s: lines that are not of a trace: %d", name, n))
	}
	if n := f.Saved.Cut; n > 0 {
		f.Warnings = append(f.Warnings, fmt.Sprintf("%s:%d: it ends in the middle of the line: the rest is missing", name, n))
	}
	f.CWD = startedIn(f.Saved)
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
