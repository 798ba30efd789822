package tracefile

import (
	"errors"
	"strings"

	"strait/internal/lazyregexp"
	"strait/internal/notation"
)

// verboseNames are the names behind a number, as -X verbose writes them.
var verboseNames = lazyregexp.New(`^-?(?:0x)?[0-9a-f]+ /\* ([A-Z][A-Z0-9_]*(?:\|[A-Z][A-Z0-9_]*)*) \*/$`)

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
	e.Args, end = notation.SplitArgs(rest)
	if name != "clone" { // whose arguments have names without -N, too
		unname(e.Args)
	}
	for i, a := range e.Args {
		if names := verboseNames.FindStringSubmatch(a); names != nil {
			e.Args[i] = names[1]
		}
	}
	if end < 0 {
		return e, nil
	}
	e.result(strings.TrimLeft(rest[end:], " "))
	return e, nil
}

// argName is the name before an argument, as -N writes it.
var argName = lazyregexp.New(`^[a-z_][a-z0-9_]*=`)

// unname takes the names off arguments if all have one.
func unname(args []string) {
	for _, a := range args {
		if !argName.MatchString(a) {
			return
		}
	}
	for i, a := range args {
		_, args[i], _ = strings.Cut(a, "=")
	}
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
