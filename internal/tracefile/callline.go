package tracefile

import (
	"errors"
	"strings"
)

var errNoCall = errors.New("no call")

// ParseCall reads a call as strace writes it: name(arg, ...) = result. A call
// whose end is missing has no result.
func ParseCall(s string) (Entry, error) {
	name, rest, ok := strings.Cut(s, "(")
	if !ok || !isName(name) {
		return Entry{}, errNoCall
	}
	e := Entry{Kind: Call, Name: name}
	var end int
	e.Args, end = splitArgs(rest)
	if end < 0 {
		return e, nil
	}
	e.result(strings.TrimLeft(rest[end:], " "))
	return e, nil
}

func isName(s string) bool {
	if s == "" || s[0] >= '0' && s[0] <= '9' {
		return false
	}
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '_', c == '#':
		default:
			return false
		}
	}
	return true
}

// result reads what stands behind the arguments: "= -1 ENOENT (No such file)".
func (e *Entry) result(s string) {
	s, ok := strings.CutPrefix(s, "=")
	if !ok {
		return
	}
	s = withoutDuration(strings.TrimSpace(s))
	end := strings.IndexAny(s, " <")
	if end < 0 {
		e.Ret = s
		return
	}
	e.Ret, s = s[:end], strings.TrimSpace(s[end:])
	if word, more, _ := strings.Cut(s, " "); isErrno(word) {
		e.Errno, s = word, withoutMessage(more)
	}
	e.Note = s
}

// withoutMessage drops the words for an error and keeps what stands behind:
// "(No such file or directory) (INJECTED)".
func withoutMessage(s string) string {
	if !strings.HasPrefix(s, "(") {
		return s
	}
	_, rest, _ := strings.Cut(s, ")")
	return strings.TrimSpace(rest)
}

// withoutDuration drops -T's "<0.000012>".
func withoutDuration(s string) string {
	i := strings.LastIndexByte(s, '<')
	if i < 0 || !strings.HasSuffix(s, ">") || strings.Trim(s[i+1:len(s)-1], "0123456789.") != "" {
		return s
	}
	return strings.TrimSpace(s[:i])
}

func isErrno(s string) bool {
	return len(s) > 1 && s[0] == 'E' && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == ""
}

// splitArgs splits what stands behind "name(" at its commas. end is where it
// goes on behind the closing parenthesis, -1 if there is none.
func splitArgs(s string) (args []string, end int) {
	depth, start := 0, 0
	take := func(to int) {
		if a := strings.TrimSpace(s[start:to]); a != "" || len(args) > 0 {
			args = append(args, a)
		}
		start = to + 1
	}
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			i += StringEnd(s[i:]) - 1
		case '\'':
			i += charEnd(s[i:]) - 1
		case '<':
			if n := AngleEnd(s, i); n > 0 {
				i += n - 1
			}
		case '/':
			if n := commentEnd(s[i:]); n > 0 {
				i += n - 1
			}
		case '(', '[', '{':
			depth++
		case ']', '}':
			depth--
		case ')':
			if depth--; depth < 0 {
				take(i)
				return args, i + 1
			}
		case ',':
			if depth == 0 {
				take(i)
			}
		}
	}
	take(len(s))
	return args, -1
}

// StringEnd is the length of the string in quotes at the start of s; all of s if
// it does not end.
func StringEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(s)
}

// charEnd is the length of a character in quotes: 'a', '\n', '\”.
func charEnd(s string) int {
	for i := 1; i < min(len(s), 6); i++ {
		switch s[i] {
		case '\\':
			i++
		case '\'':
			return i + 1
		}
	}
	return 1
}

func commentEnd(s string) int {
	if !strings.HasPrefix(s, "/*") {
		return 0
	}
	if i := strings.Index(s[2:], "*/"); i >= 0 {
		return i + 4
	}
	return 0
}

// AngleEnd is the length of what a descriptor or process is called, which stands
// at s[i:] behind its number: <path>, <TCP:[127.0.0.1:80->127.0.0.1:81]>,
// </dev/null<char 1:3>>; 0 if it is no such thing (1<<3, <0.1>, <...).
func AngleEnd(s string, i int) int {
	if i == 0 || i+1 >= len(s) || s[i] != '<' || !follows(s[i-1]) || strings.IndexByte("<=. ", s[i+1]) >= 0 {
		return 0
	}
	depth := 0
	for k := i; k < len(s); k++ {
		switch s[k] {
		case '<':
			depth++
		case '>':
			if s[k-1] == '-' {
				continue
			}
			if depth--; depth == 0 {
				return k + 1 - i
			}
		}
	}
	return 0
}

// follows says whether a name in angle brackets can stand behind a character:
// the end of a number, of AT_FDCWD or of a socket's path.
func follows(c byte) bool {
	return '0' <= c && c <= '9' || c == 'D'
}
