package notation

import (
	"fmt"
	"strconv"
	"strings"
)

// SplitArgs splits what stands behind "name(" at its commas, up to the closing
// parenthesis. end is where it goes on behind that, -1 if there is none.
func SplitArgs(s string) (args []string, end int) {
	depth, start := 0, 0
	take := func(to int) {
		if a := strings.TrimSpace(s[start:to]); a != "" || len(args) > 0 {
			args = append(args, a)
		}
		start = to + 1
	}
	for i := 0; i < len(s); i++ {
		if n := atom(s, i); n > 0 {
			i += n - 1
			continue
		}
		switch s[i] {
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

// atom is the length of what stands at s[i:] and is not looked into: a string, a
// character, a comment, what a descriptor is called; 0 if it is none of these.
func atom(s string, i int) int {
	switch s[i] {
	case '"':
		return StringEnd(s[i:])
	case '\'':
		return charEnd(s[i:])
	case '<':
		return AngleEnd(s, i)
	case '/':
		return commentEnd(s[i:])
	}
	return 0
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
		switch {
		case s[k] == '<':
			depth++
		case s[k] != '>' || isArrow(s, k):
		default:
			if depth--; depth == 0 {
				return k + 1 - i
			}
		}
	}
	return 0
}

// isArrow says whether the > at s[k] is the head of an arrow between addresses,
// and not the end of a name that ends in a dash.
func isArrow(s string, k int) bool {
	return s[k-1] == '-' && k+1 < len(s) && strings.IndexByte(",) >]}", s[k+1]) < 0
}

// follows says whether a name in angle brackets can stand behind a character:
// the end of a number or of AT_FDCWD.
func follows(c byte) bool {
	return '0' <= c && c <= '9' || c == 'D'
}

// Unquote reads the string in quotes that is s.
func Unquote(s string) (string, error) {
	if len(s) < 2 || s[0] != '"' || StringEnd(s) != len(s) || s[len(s)-1] != '"' {
		return "", fmt.Errorf("%s is no string in quotes", s)
	}
	s = s[1 : len(s)-1]
	if !strings.Contains(s, `\`) {
		return s, nil
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		c, n, err := escape(s[i+1:])
		if err != nil {
			return "", err
		}
		b.WriteByte(c)
		i += n
	}
	return b.String(), nil
}

// escape reads what stands behind a backslash: n, 177, x7f.
func escape(s string) (c byte, n int, err error) {
	if s[0] == 'x' && len(s) > 2 {
		v, err := strconv.ParseUint(s[1:3], 16, 8)
		return byte(v), 3, err
	}
	for n < len(s) && n < 3 && '0' <= s[n] && s[n] <= '7' {
		n++
	}
	if n > 0 {
		v, err := strconv.ParseUint(s[:n], 8, 8)
		return byte(v), n, err
	}
	if k := strings.IndexByte("abtnvfr", s[0]); k >= 0 {
		return "\a\b\t\n\v\f\r"[k], 1, nil
	}
	return s[0], 1, nil
}
