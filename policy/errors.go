package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// An Error is one thing that is wrong with a policy.
type Error struct {
	File      string
	Line, Col int // from 1; 0 when there is no place, as in a policy built in code
	Msg       string
	Hint      string // what to do about it, or ""
}

func (e *Error) Error() string {
	s := e.Msg
	if e.Hint != "" {
		s += " (" + e.Hint + ")"
	}
	switch {
	case e.File != "" && e.Line > 0:
		return fmt.Sprintf("%s:%d:%d: %s", e.File, e.Line, e.Col, s)
	case e.File != "":
		return e.File + ": " + s
	case e.Line > 0:
		return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, s)
	}
	return s
}

// Errors are all that is wrong with a policy, in the order of the file.
type Errors []*Error

func (e Errors) Error() string {
	lines := make([]string, len(e))
	for i := range e {
		lines[i] = e[i].Error()
	}
	return strings.Join(lines, "\n")
}

// sort puts them in the order of the file that is called first, then of those that
// it includes.
func (e Errors) sort(first string) {
	slices.SortStableFunc(e, func(a, b *Error) int {
		if a.File != b.File {
			return cmp.Compare(btoi(a.File != first), btoi(b.File != first))
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
}

// Pos is a place in a file. The zero Pos is none.
type Pos struct {
	File      string
	Line, Col int
}

func (p Pos) String() string {
	if p.Line == 0 {
		return p.File
	}
	return fmt.Sprintf("%s:%d", p.File, p.Line)
}

func (p Pos) errorf(hint, format string, args ...any) *Error {
	return &Error{p.File, p.Line, p.Col, fmt.Sprintf(format, args...), hint}
}
