package policy

import (
	"bufio"
	"fmt"
	"io"
	"strconv"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
	"strait/syscalls"
)

// ImportOptions say what a trace does not. The zero value is for a trace of this
// machine.
type ImportOptions struct {
	ABI     string // of traces that do not name it; "": as GOARCH is
	CWD     string // where the program was started
	Profile string // to record the calls under; "": main
}

// callStart finds the call in a line of a trace: behind a pid, a time, a mark.
var callStart = lazyregexp.New(`(?:^|[\s\]])([a-z_][a-z0-9_]*)\(`)

// eventLine is a line of a trace about something else than a call.
var eventLine = lazyregexp.New(`\+\+\+ |--- |<\.\.\. |^strace: |^strait: |[Pp]rocess \d+ `)

// ImportStrace reads a trace as strace and strait write it, with -f, -t, -y and
// others as they come. Calls of which an argument was cut or is of a kind that
// does not stand in text are returned as lost, with their line numbers.
func ImportStrace(r io.Reader, o ImportOptions) ([]Observation, []string, error) {
	im, err := newImporter(o)
	if err != nil {
		return nil, nil, err
	}
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 16<<20)
	calls, odd := 0, error(nil) // the first line that is of no trace
	for n := 1; lines.Scan(); n++ {
		m := callStart.FindStringSubmatchIndex(lines.Text())
		if m == nil || strings.Contains(lines.Text()[:m[2]], "<...") {
			im.sock.line(lines.Text(), nil)
			if odd == nil && m == nil && strings.TrimSpace(lines.Text()) != "" && !eventLine.MatchString(lines.Text()) {
				odd = fmt.Errorf("import: line %d: %.40q is no line of a trace", n, lines.Text())
			}
			continue // a signal, an exit, the second half of a call
		}
		im.task = taskOf(lines.Text())
		name, rest := lines.Text()[m[2]:m[3]], lines.Text()[m[3]+1:]
		args := splitArgs(rest)
		if _, ok := im.abi.Number(name); ok {
			calls++
		} else if odd == nil {
			odd = fmt.Errorf("import: line %d: %s is no call of %s", n, name, im.abi.Name)
		}
		ev, err := im.call(name, len(args), func(c *syscalls.Call, i int) argument { return textArgument(im, c, i, args) })
		if err != nil {
			im.lose(n, err)
		}
		im.sock.line(lines.Text(), ev)
	}
	if calls == 0 && odd != nil {
		return nil, nil, odd // a file of another kind: nothing would follow from it
	}
	return im.rec.Observations(), im.losses(), lines.Err()
}

// splitArgs splits what stands behind "name(", also where the end never came.
func splitArgs(s string) []string {
	args, end := notation.SplitArgs(s)
	if n := len(args); end < 0 && n > 0 {
		args[n-1] = strings.TrimSpace(strings.TrimSuffix(args[n-1], "<unfinished ...>"))
		if args[n-1] == "" && n == 1 {
			return nil
		}
	}
	return args
}

// textArgument makes an argument of its text.
func textArgument(im *importer, c *syscalls.Call, i int, args []string) argument {
	if i >= len(args) {
		return argument{}
	}
	s := args[i]
	if eq := strings.IndexByte(s, '='); eq > 0 && strings.IndexByte(s, '{') != 0 && isName(s[:eq]) {
		s = s[eq+1:] // clone's child_stack=...
	}
	switch {
	case strings.HasPrefix(s, `"`):
		n := notation.StringEnd(s)
		text, err := notation.Unquote(s[:n])
		if err != nil || strings.HasPrefix(s[n:], "...") {
			return argument{unknown: true}
		}
		return argument{text: text, isText: true}
	case strings.HasPrefix(s, "{sa_family="):
		if b, ok := addressText(s); ok {
			return argument{text: b, isText: true, raw: true}
		}
		return argument{unknown: true}
	case strings.HasPrefix(s, "{flags=") && c.Name == "openat2":
		flags, ok := im.number(c, -1, strings.TrimSuffix(strings.SplitN(s[len("{flags="):], ",", 2)[0], "}"))
		return argument{text: word64(flags) + word64(0) + word64(0), isText: true, raw: true, unknown: !ok}
	case strings.HasPrefix(s, "[") || strings.HasPrefix(s, "{"):
		return argument{unknown: true}
	}
	return fdArgument(im, c, i, s)
}

// fdArgument makes an argument of a number, a constant or a descriptor.
func fdArgument(im *importer, c *syscalls.Call, i int, s string) argument {
	a := argument{}
	if k := strings.IndexByte(s, '<'); k > 0 && strings.HasSuffix(s, ">") && notation.AngleEnd(s, k) > 0 {
		a.fd, s = s[k+1:len(s)-1], s[:k]
		if strings.HasPrefix(a.fd, "/") {
			a.fd, _, _ = strings.Cut(a.fd, "<")
		}
	}
	if before, _, ok := strings.Cut(s, " /*"); ok {
		s = before
	}
	var ok bool
	a.num, ok = im.number(c, i, s)
	a.unknown = !ok
	return a
}

func isName(s string) bool {
	return strings.Trim(s, "abcdefghijklmnopqrstuvwxyz_0123456789") == ""
}

// number reads a number, or names joined by |.
func (im *importer) number(c *syscalls.Call, i int, s string) (uint64, bool) {
	var out uint64
	for part := range strings.SplitSeq(s, "|") {
		v, ok := im.oneNumber(c, i, strings.TrimSpace(part))
		if !ok {
			return 0, false
		}
		out |= v
	}
	return out, true
}

func (im *importer) oneNumber(c *syscalls.Call, i int, s string) (uint64, bool) {
	switch s {
	case "NULL":
		return 0, true
	case "AT_FDCWD":
		fdcwd := int64(atFDCWD)
		return uint64(fdcwd), true
	case "":
		return 0, false
	}
	if n, err := strconv.ParseUint(s, 0, 64); err == nil {
		return n, true
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return uint64(n), true
	}
	if i >= 0 {
		if t := im.abi.ArgTable(c, i); t != nil {
			if v, ok := t.Value(s); ok {
				return v, true
			}
		}
	}
	return im.abi.Constant(s)
}
