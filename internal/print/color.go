package print

import (
	"strconv"
	"strings"

	"github.com/fatih/color"
)

// A shade is what a piece of a line is, for colours.
type shade uint8

// The shades, in the order of shadeKeys.
const (
	shadeSyscall shade = iota
	shadeArgName
	shadeArgVal
	shadeCall
	shadeConst
	shadeComment
	shadePunct
	shadeRetVal
	shadeError
	numShades
)

// shadeKeys are the keys of STRACE_COLORS (strace(1), --color).
var shadeKeys = [numShades]string{"syscall", "argname", "argval", "call", "const", "comment", "punct", "retval", "error"}

// Colors are the sequences of coloured output, one for each kind of token.
type Colors struct{ seq [numShades]string }

// NewColors returns strace's colours, changed by the value of STRACE_COLORS:
// key=codes pairs with colons between, where codes are the numbers of SGR with
// semicolons between. As in strace, a pair that is not understood is passed over,
// and of two for one key the last holds.
func NewColors(pairs string) *Colors {
	codes := [numShades][]color.Attribute{
		shadeSyscall: {color.FgYellow},
		shadeArgName: {defaultForeground},
		shadeArgVal:  {color.FgMagenta},
		shadeCall:    {color.FgYellow},
		shadeConst:   {color.FgBlue},
		shadeComment: {color.FgCyan},
		shadePunct:   {color.Reset},
		shadeRetVal:  {color.FgGreen},
		shadeError:   {color.FgRed},
	}
	for pair := range strings.SplitSeq(pairs, ":") {
		key, value, _ := strings.Cut(pair, "=")
		attrs := parseSGR(strings.TrimSpace(value))
		for i, name := range shadeKeys {
			if attrs != nil && strings.EqualFold(strings.TrimSpace(key), name) {
				codes[i] = attrs
			}
		}
	}
	c := &Colors{}
	for i := range codes {
		c.seq[i] = sequence(codes[i])
	}
	return c
}

// defaultForeground is SGR 39, for which the package color has no name.
const defaultForeground color.Attribute = 39

// parseSGR reads numbers with semicolons between; a missing one is 0. It returns
// nil for anything else.
func parseSGR(s string) []color.Attribute {
	if s == "" {
		return nil
	}
	var attrs []color.Attribute
	for field := range strings.SplitSeq(s, ";") {
		n, err := strconv.ParseUint("0"+field, 10, 16)
		if err != nil {
			return nil
		}
		attrs = append(attrs, color.Attribute(n))
	}
	return attrs
}

// sequence returns what begins attrs.
func sequence(attrs []color.Attribute) string {
	c := color.New(attrs...)
	c.EnableColor()
	before, _, _ := strings.Cut(c.Sprint("|"), "|")
	return before
}

// ink appends the sequence for s.
func (t *Text) ink(dst []byte, s shade) []byte {
	if t.Color == nil {
		return dst
	}
	return append(dst, t.Color.seq[s]...)
}

// rest appends the sequence of what surrounds a token.
func (t *Text) rest(dst []byte) []byte { return t.ink(dst, t.around) }

// inked appends a word in shade s.
func (t *Text) inked(dst []byte, s shade, word string) []byte {
	if t.Color == nil {
		return append(dst, word...)
	}
	return t.rest(append(t.ink(dst, s), word...))
}

// nameIs appends the name of what follows and an equals sign.
func (t *Text) nameIs(dst []byte, name string) []byte {
	return t.punct(append(t.ink(dst, shadeArgName), name...), "=")
}

// call appends the name of a macro and a parenthesis; endCall ends it.
func (t *Text) call(dst []byte, name string) []byte {
	return t.punct(append(t.ink(dst, shadeCall), name...), "(")
}

func (t *Text) endCall(dst []byte) []byte { return t.plain(append(t.ink(dst, shadePunct), ')')) }

// gap appends a blank before a part of a result in shade s.
func (t *Text) gap(dst []byte, s shade) []byte {
	return t.ink(append(t.plain(dst), ' '), s)
}

// endLine ends colours and the line.
func (t *Text) endLine(dst []byte) []byte { return append(t.plain(dst), '\n') }

// punct appends a sign between values.
func (t *Text) punct(dst []byte, sign string) []byte { return t.inked(dst, shadePunct, sign) }

// plain ends colours.
func (t *Text) plain(dst []byte) []byte {
	if t.Color == nil {
		return dst
	}
	return append(dst, "\x1b[0m"...)
}

// comment begins a comment; end ends it.
func (t *Text) comment(dst []byte) []byte {
	return append(t.ink(dst, shadeComment), " /* "...)
}

func (t *Text) endComment(dst []byte) []byte {
	return t.rest(append(t.ink(dst, shadeComment), " */"...))
}

// columns is how many columns of the screen line takes: all of it but colours.
func (t *Text) columns(line []byte) int {
	if t.Color == nil {
		return len(line)
	}
	n, escape := 0, false
	for _, c := range line {
		switch {
		case c == '\x1b':
			escape = true
		case escape:
			escape = c != 'm'
		default:
			n++
		}
	}
	return n
}
