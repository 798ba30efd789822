package match

import (
	"fmt"
	"strconv"
	"strings"
)

// An Error is what is wrong with an expression, and where.
type Error struct {
	Off  int // bytes from the start of the expression
	Msg  string
	Hint string // what to do about it, or ""
}

func (e *Error) Error() string {
	s := fmt.Sprintf("1:%d: %s", e.Off+1, e.Msg)
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	return s
}

type tokenKind uint8

const (
	tokEnd tokenKind = iota
	tokName
	tokNumber
	tokString
	tokOp
)

type token struct {
	kind tokenKind
	text string
	off  int
	num  uint64
}

func (t token) String() string {
	if t.kind == tokEnd {
		return "the end"
	}
	return strconv.Quote(t.text)
}

// operators, the longer ones first.
var operators = [...]string{
	"&&", "||", "==", "!=", "<=", ">=", "<<", "..", "(", ")", "{", "}", "<", ">", "!", "~", "&", "|", ",", ".", "-", "[", "]",
}

func lex(src string) ([]token, error) {
	var toks []token
	for i := 0; ; {
		for i < len(src) && (src[i] == ' ' || src[i] == '\t' || src[i] == '\n') {
			i++
		}
		if i == len(src) {
			return append(toks, token{kind: tokEnd, off: i}), nil
		}
		t, err := lexOne(src, i)
		if err != nil {
			return nil, err
		}
		toks = append(toks, t)
		i += len(t.text)
		if t.kind == tokString {
			toks[len(toks)-1].text, _ = strconv.Unquote(t.text)
		}
	}
}

func lexOne(src string, i int) (token, error) {
	switch c := src[i]; {
	case isLetter(c):
		j := i
		for j < len(src) && (isLetter(src[j]) || isDigit(src[j])) {
			j++
		}
		return token{kind: tokName, text: src[i:j], off: i}, nil
	case isDigit(c):
		j := i
		for j < len(src) && (isLetter(src[j]) || isDigit(src[j])) {
			j++
		}
		n, err := strconv.ParseUint(src[i:j], 0, 64)
		if err != nil {
			return token{}, &Error{i, fmt.Sprintf("%q is not a number", src[i:j]), "numbers are written 10, 0xa or 012"}
		}
		return token{kind: tokNumber, text: src[i:j], off: i, num: n}, nil
	case c == '"':
		q, err := strconv.QuotedPrefix(src[i:])
		if err != nil {
			return token{}, &Error{i, "a string without its end", ""}
		}
		return token{kind: tokString, text: q, off: i}, nil
	}
	for _, op := range operators {
		if strings.HasPrefix(src[i:], op) {
			return token{kind: tokOp, text: op, off: i}, nil
		}
	}
	hint := ""
	switch src[i] {
	case '/', '\'', '$':
		hint = `paths and other strings stand in double quotes: "/tmp/**"`
	case '=':
		hint = "equality is =="
	}
	return token{}, &Error{i, fmt.Sprintf("unexpected %q", src[i]), hint}
}

func isLetter(c byte) bool { return c == '_' || 'a' <= c|0x20 && c|0x20 <= 'z' }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
