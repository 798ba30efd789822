package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// The errors of a regular expression, in the words of glibc's regcomp(3).
var (
	errPattern   = errors.New("Invalid regular expression")
	errCollate   = errors.New("Invalid collation character")
	errClass     = errors.New("Invalid character class name")
	errBackslash = errors.New("Trailing backslash")
	errBackRef   = errors.New("Invalid back reference")
	errBracket   = errors.New("Unmatched [, [^, [:, [., or [=")
	errParen     = errors.New("Unmatched ( or \\(")
	errBrace     = errors.New("Unmatched \\{")
	errInterval  = errors.New("Invalid content of \\{\\}")
	errRange     = errors.New("Invalid range end")
	errTooBig    = errors.New("Regular expression too big")
	errRepeat    = errors.New("Invalid preceding regular expression")
)

// compileERE compiles a POSIX extended regular expression with the GNU
// escapes \w \W \s \S \b \B \< \> \` \', as regcomp(3) with REG_EXTENDED has
// it. regexp.CompilePOSIX is not enough: it knows neither those escapes nor
// [[.x.]] and [[=x=]], takes a stray { for itself and refuses a stray ).
// Back-references cannot be had from package regexp: they are refused. \< and
// \> are both \b, which differs for no word boundary at the side they face.
func compileERE(s string) (*regexp.Regexp, error) {
	p := ere{s: s}
	text, err := p.alternatives()
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(text)
	if err != nil { // nested repetitions over the limit of package regexp
		return nil, errTooBig
	}
	return re, nil
}

// ere translates an ERE to the syntax of package regexp.
type ere struct {
	s      string
	i      int
	depth  int
	opened int    // groups so far
	closed uint64 // bit n: group n is complete
}

func (p *ere) more() bool { return p.i < len(p.s) }

func (p *ere) at(chars string) bool {
	return p.more() && strings.IndexByte(chars, p.s[p.i]) >= 0
}

func (p *ere) alternatives() (string, error) {
	var out strings.Builder
	for {
		for p.more() && !p.at("|") && (p.depth == 0 || !p.at(")")) {
			piece, err := p.piece()
			if err != nil {
				return "", err
			}
			out.WriteString(piece)
		}
		if !p.at("|") {
			return out.String(), nil
		}
		p.i++
		out.WriteByte('|')
	}
}

// piece is an atom and the repetitions behind it. An anchor cannot have any:
// what follows it is where an expression begins.
func (p *ere) piece() (string, error) {
	atom, anchor, err := p.atom()
	if err != nil || anchor {
		return atom, err
	}
	for p.at("*+?{") {
		op := p.s[p.i : p.i+1]
		p.i++
		if op == "{" {
			if op, err = p.interval(); err != nil {
				return "", err
			}
		}
		atom = "(?:" + atom + ")" + op
	}
	return atom, nil
}

func (p *ere) atom() (text string, anchor bool, err error) {
	c := p.s[p.i]
	p.i++
	switch c {
	case '*', '+', '?', '{':
		return "", false, errRepeat
	case '^':
		return `\A`, true, nil
	case '$':
		return `\z`, true, nil
	case '.':
		return `(?s:.)`, false, nil
	case '(':
		text, err = p.group()
	case '[':
		text, err = p.bracket()
	case '\\':
		return p.escape()
	default:
		text = literal(c)
	}
	return text, false, err
}

func (p *ere) group() (string, error) {
	p.opened++
	number := p.opened
	p.depth++
	text, err := p.alternatives()
	p.depth--
	if err != nil {
		return "", err
	}
	if !p.at(")") {
		return "", errParen
	}
	p.i++
	p.closed |= 1 << min(number, 63)
	return "(?:" + text + ")", nil
}

func (p *ere) escape() (text string, anchor bool, err error) {
	if !p.more() {
		return "", false, errBackslash
	}
	c := p.s[p.i]
	p.i++
	switch c {
	case 'w', 'W', 's', 'S':
		return `\` + string(c), false, nil
	case 'b', 'B':
		return `\` + string(c), true, nil
	case '<', '>':
		return `\b`, true, nil
	case '`':
		return `\A`, true, nil
	case '\'':
		return `\z`, true, nil
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		if p.closed>>(c-'0')&1 == 0 {
			return "", false, errBackRef
		}
		return "", false, errors.New("Back-references are not supported")
	}
	return literal(c), false, nil
}

// interval reads {n}, {n,}, {,m} or {n,m}; the brace is read already.
func (p *ere) interval() (string, error) {
	end := strings.IndexByte(p.s[p.i:], '}')
	if end < 0 {
		return "", errBrace
	}
	content := p.s[p.i : p.i+end]
	p.i += end + 1
	low, high, isRange := strings.Cut(content, ",")
	if low == "" && isRange {
		low = "0"
	}
	n, err := intervalBound(low)
	if err != nil || !isRange {
		return fmt.Sprintf("{%d}", n), err
	}
	if high == "" {
		return fmt.Sprintf("{%d,}", n), nil
	}
	m, err := intervalBound(high)
	if err == nil && m < n {
		err = errInterval
	}
	return fmt.Sprintf("{%d,%d}", n, m), err
}

// intervalBound reads a count. Package regexp repeats at most 1000 times; no
// call's name is as long as 100, so that a greater count changes nothing.
func intervalBound(s string) (int, error) {
	if s == "" || strings.Trim(s, "0123456789") != "" {
		return 0, errInterval
	}
	n, err := strconv.Atoi(s)
	if err != nil || n > 0x7fff { // RE_DUP_MAX of regex.h
		return 0, errTooBig
	}
	return min(n, 100), nil
}

func literal(c byte) string {
	if c < 0x80 {
		return regexp.QuoteMeta(string(rune(c)))
	}
	return fmt.Sprintf(`\x{%x}`, rune(c))
}

// asciiSet is the characters a bracket expression lists.
type asciiSet [128]bool

// bracket reads a bracket expression; the [ is read already.
func (p *ere) bracket() (string, error) {
	negated := p.at("^")
	if negated {
		p.i++
	}
	if !p.more() {
		return "", errPattern
	}
	var set asciiSet
	for first := true; first || !p.at("]"); first = false {
		if !p.more() {
			return "", errBracket
		}
		if err := p.bracketItem(&set, first); err != nil {
			return "", err
		}
	}
	p.i++
	return set.text(negated), nil
}

// bracketItem reads a class, a character or a range of them.
func (p *ere) bracketItem(set *asciiSet, first bool) error {
	if p.at("-") && !first && !strings.HasPrefix(p.s[p.i:], "-]") {
		return errRange
	}
	low, class, err := p.bracketElement()
	if err != nil {
		return err
	}
	isRange := p.at("-") && p.i+1 < len(p.s) && p.s[p.i+1] != ']'
	if !isRange {
		if class != nil {
			for c := range set {
				set[c] = set[c] || class(byte(c))
			}
		} else if low < 0x80 {
			set[low] = true
		}
		return nil
	}
	p.i++
	high, highClass, err := p.bracketElement()
	if err != nil {
		return err
	}
	if class != nil || highClass != nil || high < low {
		return errRange
	}
	for c := int(low); c <= int(high) && c < 0x80; c++ {
		set[c] = true
	}
	return nil
}

// bracketElement reads a character, [.x.], [=x=] or [:class:].
func (p *ere) bracketElement() (byte, func(byte) bool, error) {
	c := p.s[p.i]
	p.i++
	if c != '[' || !p.at(".=:") {
		return c, nil, nil
	}
	mark := p.s[p.i]
	p.i++
	end := strings.Index(p.s[p.i:], string(mark)+"]")
	if end < 0 {
		return 0, nil, errBracket
	}
	name := p.s[p.i : p.i+end]
	p.i += end + 2
	if mark == ':' {
		class := characterClass(name)
		if class == nil {
			return 0, nil, errClass
		}
		return 0, class, nil
	}
	if len(name) != 1 {
		return 0, nil, errCollate
	}
	return name[0], nil, nil
}

// characterClass returns one of POSIX' character classes, in the C locale.
func characterClass(name string) func(byte) bool {
	between := func(low, high byte) func(byte) bool {
		return func(c byte) bool { return low <= c && c <= high }
	}
	either := func(fs ...func(byte) bool) func(byte) bool {
		return func(c byte) bool {
			for _, f := range fs {
				if f(c) {
					return true
				}
			}
			return false
		}
	}
	lower, upper, digit := between('a', 'z'), between('A', 'Z'), between('0', '9')
	alnum := either(lower, upper, digit)
	switch name {
	case "lower":
		return lower
	case "upper":
		return upper
	case "digit":
		return digit
	case "alpha":
		return either(lower, upper)
	case "alnum":
		return alnum
	case "xdigit":
		return either(digit, between('a', 'f'), between('A', 'F'))
	case "blank":
		return func(c byte) bool { return c == ' ' || c == '\t' }
	case "space":
		return either(between('\t', '\r'), between(' ', ' '))
	case "cntrl":
		return either(between(0, 31), between(127, 127))
	case "print":
		return between(' ', '~')
	case "graph":
		return between('!', '~')
	case "punct":
		return func(c byte) bool { return '!' <= c && c <= '~' && !alnum(c) }
	}
	return nil
}

// text is the set in the syntax of package regexp.
func (s *asciiSet) text(negated bool) string {
	var out strings.Builder
	for c, in := range s {
		if in {
			fmt.Fprintf(&out, `\x%02x`, c)
		}
	}
	switch {
	case out.Len() == 0 && negated:
		return `(?s:.)`
	case out.Len() == 0:
		return `[^\x00-\x{10FFFF}]`
	case negated:
		return "[^" + out.String() + "]"
	}
	return "[" + out.String() + "]"
}
