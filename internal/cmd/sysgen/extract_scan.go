package main

import (
	"strconv"
	"strings"
)

// definition is a name that a header gives, perhaps, an integer value.
type definition struct {
	name  string
	file  string // as in #include <...>
	alias string // the name that it is defined as, if it is another name of that
}

// scanDefinitions reads the output of clang -E -dD and returns the object-like
// macros and the enumeration constants, each with the file that defines it.
func scanDefinitions(text string, rel func(path string) string) []definition {
	s := scanner{}
	for line := range strings.Lines(text) {
		if path, isMarker := lineMarker(line); isMarker {
			s.file = rel(path)
			continue
		}
		if rest, isDefine := strings.CutPrefix(line, "#define "); isDefine {
			s.define(strings.TrimSuffix(rest, "\n"))
			continue
		}
		if !strings.HasPrefix(line, "#") {
			s.code(line)
		}
	}
	return s.found
}

// lineMarker parses `# 12 "path" 1 3`.
func lineMarker(line string) (path string, ok bool) {
	rest, ok := strings.CutPrefix(line, "# ")
	if !ok {
		return "", false
	}
	_, rest, ok = strings.Cut(rest, " ")
	if !ok {
		return "", false
	}
	quoted, err := strconv.QuotedPrefix(rest)
	if err != nil {
		return "", false
	}
	path, err = strconv.Unquote(quoted)
	return path, err == nil
}

// scanner finds enumeration constants in a stream of C tokens.
type scanner struct {
	file  string
	found []definition
	state scanState
	depth int // of parentheses and brackets inside an enumeration
}

type scanState int

const (
	outsideEnum scanState = iota
	enumHead              // after the keyword, before its brace
	enumName              // inside, at the place of a name
	enumValue             // inside, after a name
)

// define notes a macro that has a body which could be a number. One with one or
// two parameters, a length perhaps, is noted as called with zeros if it looks
// like a command of ioctl: "EVIOCGBIT(0,0)".
func (s *scanner) define(text string) {
	end := strings.IndexFunc(text, func(r rune) bool { return !isIdent(byte(r)) })
	if end < 0 || s.file == "" {
		return // empty, or clang's own
	}
	name, body := text[:end], text[end:]
	if body[0] == '(' {
		params, rest, _ := strings.Cut(body, ")")
		commas := strings.Count(params, ",")
		if commas > 1 || !strings.Contains(rest, "IO") {
			return
		}
		name, body = name+"(0"+strings.Repeat(",0", commas)+")", rest
	}
	body = strings.TrimSpace(body)
	if body == "" || strings.ContainsAny(withoutChars(body), "{};\"#") || isGuard(name, body) {
		return
	}
	alias := strings.Trim(body, "()")
	if strings.IndexFunc(alias, func(r rune) bool { return !isIdent(byte(r)) }) >= 0 || alias[0] <= '9' {
		alias = ""
	}
	if alias != name { // an enumeration constant may have a macro of its name
		s.found = append(s.found, definition{name, s.file, alias})
	}
}

// withoutChars takes character constants out of C, as in _IO('#', 0x11).
func withoutChars(body string) string {
	for _, quoted := range []string{"'#'", "';'", "'{'", "'}'", "'\"'"} {
		body = strings.ReplaceAll(body, quoted, "")
	}
	return body
}

func isGuard(name, body string) bool {
	trimmed := strings.TrimRight(name, "_")
	return body == "1" && (strings.HasSuffix(trimmed, "_H") || strings.HasSuffix(trimmed, "_INCLUDED"))
}

func (s *scanner) code(line string) {
	for i := 0; i < len(line); {
		if !isIdent(line[i]) {
			s.punctuation(line[i])
			i++
			continue
		}
		start := i
		for i < len(line) && isIdent(line[i]) {
			i++
		}
		s.word(line[start:i])
	}
}

func (s *scanner) word(w string) {
	switch {
	case s.state == outsideEnum && w == "enum":
		s.state, s.depth = enumHead, 0
	case s.state == enumName && s.depth == 0:
		if s.file != "" {
			s.found = append(s.found, definition{w, s.file, ""})
		}
		s.state = enumValue
	}
}

func (s *scanner) punctuation(c byte) {
	switch c {
	case '(', '[':
		s.depth++
	case ')', ']':
		s.depth--
	}
	switch {
	case s.state == outsideEnum || s.depth > 0:
	case s.state == enumHead && c == '{':
		s.state, s.depth = enumName, 0
	case s.state == enumHead && c != ' ' && c != '\n' && c != '\t' && c != ')':
		s.state = outsideEnum // a use of the type, not its definition
	case s.state == enumValue && c == ',':
		s.state = enumName
	case c == '}':
		s.state = outsideEnum
	}
}

func isIdent(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}
