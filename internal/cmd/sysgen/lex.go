package main

import (
	"strings"
)

type tokenKind uint8

const (
	tokEOF     tokenKind = iota
	tokNewline           // the end of a line
	tokIdent
	tokNumber
	tokString  // with its quotes
	tokPunct   // an operator or bracket
	tokClass   // %word or %%word: white space before it, a letter behind the %
	tokEffect  // +word.word: the same
	tokComment // # to the end of the line
	tokReg     // #N right behind a word: the register of an argument
)

type token struct {
	kind  tokenKind
	text  string
	at    position
	space bool // white space stands before it on its line
}

// is reports whether the token is that punctuation mark.
func (t token) is(punct string) bool { return t.kind == tokPunct && t.text == punct }

func (t token) String() string {
	switch t.kind {
	case tokEOF:
		return "end of file"
	case tokNewline:
		return "end of line"
	}
	return "\"" + t.text + "\""
}

// punctuation marks, longest first.
var puncts = [...]string{
	"=>", "==", "!=", "<=", ">=", "<<", ">>", "&&", "||",
	"(", ")", "{", "}", ",", ";", ":", "=", "@", "?",
	"+", "-", "*", "/", "%", "&", "|", "^", "~", "!", "<", ">",
}

type lexer struct {
	file      string
	src       string
	off       int
	line, bol int // line number, offset of its beginning
	toks      []token
}

// lex cuts a description into tokens, comments and line ends included; it fails
// with a diagnostic.
func lex(file, src string) []token {
	l := &lexer{file: file, src: src, line: 1}
	for l.next() {
	}
	return append(l.toks, token{kind: tokEOF, at: l.at(l.off)})
}

func (l *lexer) at(off int) position {
	return position{file: l.file, line: l.line, col: off - l.bol + 1}
}

// next adds one token and reports whether there may be more.
func (l *lexer) next() bool {
	start := l.off
	l.off += len(l.src[start:]) - len(strings.TrimLeft(l.src[start:], " \t\r"))
	space := l.off > start || l.off == l.bol
	if l.off == len(l.src) {
		return false
	}
	begin := l.off
	kind := l.scan(space)
	l.toks = append(l.toks, token{kind: kind, text: l.src[begin:l.off], at: l.at(begin), space: space})
	if kind == tokNewline {
		l.line++
		l.bol = l.off
	}
	return true
}

// scan moves past one token that begins at l.off.
func (l *lexer) scan(space bool) tokenKind {
	rest := l.src[l.off:]
	switch c := rest[0]; {
	case c == '\n':
		l.off++
		return tokNewline
	case c == '#' && l.behindWord() && len(rest) > 1 && isDigit(rest[1]):
		l.off += 1 + span(rest[1:], isDigit)
		return tokReg
	case c == '#':
		n := strings.IndexByte(rest, '\n')
		if n < 0 {
			n = len(rest)
		}
		l.off += len(strings.TrimRight(rest[:n], " \t\r"))
		return tokComment
	case isLetter(c):
		l.off += span(rest, isWord)
		return tokIdent
	case isDigit(c):
		l.off += span(rest, isWord)
		return tokNumber
	case c == '"':
		l.off += l.quoted(rest)
		return tokString
	case space && c == '%' && len(rest) > 1 && (isLetter(rest[1]) || rest[1] == '%'):
		n := span(rest, func(c byte) bool { return c == '%' })
		l.off += n + span(rest[n:], isWord)
		return tokClass
	case space && c == '+' && len(rest) > 1 && isLetter(rest[1]):
		l.off += 1 + span(rest[1:], func(c byte) bool { return isWord(c) || c == '.' })
		return tokEffect
	}
	for _, p := range puncts {
		if strings.HasPrefix(rest, p) {
			l.off += len(p)
			return tokPunct
		}
	}
	failf(l.at(l.off), "", "character %q has no meaning here", rest[0])
	return tokEOF
}

// behindWord reports whether the token before l.off is a word and touches it.
func (l *lexer) behindWord() bool {
	if len(l.toks) == 0 || l.off == l.bol || !isWord(l.src[l.off-1]) {
		return false
	}
	return l.toks[len(l.toks)-1].kind == tokIdent
}

// quoted returns the length of the string that s begins with. Strings have no
// escapes.
func (l *lexer) quoted(s string) int {
	n := strings.IndexAny(s[1:], "\"\n")
	if n < 0 || s[1+n] == '\n' {
		failf(l.at(l.off), "put the closing quote on the same line", "string without end")
	}
	return n + 2
}

func span(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' || c == '_' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
