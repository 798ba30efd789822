package golden

import (
	"bytes"
	"fmt"
	"os"
	"strings"

	"strait/internal/tracefile"
)

// Load reads a behaviour from a file: a golden trace, which has a depth of its
// own, or a saved trace, of which one of depth o.Depth is made. other says how
// many lines of a saved trace are no lines of one.
func Load(name string, o Options) (t *Trace, other int, err error) {
	src, err := os.ReadFile(name)
	if err != nil {
		return nil, 0, fmt.Errorf("read trace: %w", err)
	}
	if bytes.HasPrefix(src, []byte(header)) {
		t, err := Parse(name, src)
		return t, 0, err
	}
	saved, err := tracefile.Read(bytes.NewReader(src))
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", name, err)
	}
	if saved.Other == len(saved.Entries) {
		return nil, 0, fmt.Errorf("%s: no trace: no line of it is one that strace or strait writes", name)
	}
	if o.CWD == "" {
		o.CWD = startedIn(saved)
	}
	t = Build(FromSaved(saved, o), o)
	t.Name = name
	return t, saved.Other, nil
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

// IsGolden says whether a file is a golden trace, and of which depth.
func IsGolden(name string) (Depth, bool) {
	f, err := os.Open(name)
	if err != nil {
		return 0, false
	}
	defer f.Close()
	buf := make([]byte, len(header)+16)
	n, _ := f.Read(buf)
	rest, ok := bytes.CutPrefix(buf[:n], []byte(header))
	if !ok {
		return 0, false
	}
	word, _, _ := strings.Cut(string(rest), "\n")
	d, err := ParseDepth(strings.TrimSpace(word))
	return d, err == nil
}
