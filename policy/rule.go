package policy

import (
	"strings"

	"strait/internal/match"
)

// A Rule is one line: an action, what it is about, and on which condition.
type Rule struct {
	Action  Action
	Targets []Target
	Objects []Object // none: any object
	Where   *Where   // nil: always
	Then    string   // allow exec only: the profile that the program runs under

	Pos     Pos
	Comment Comment

	groups map[string]Pos // of the targets that are groups
	then   Pos            // of Then
}

// A Target is an effect, a group of calls, one call, or everything.
type Target struct {
	Kind TargetKind
	Name string // fs.read, fs.*, @memory, openat, *
}

// TargetKind is what a Target names.
type TargetKind uint8

// The kinds of targets.
const (
	TargetAny TargetKind = iota
	TargetEffect
	TargetGroup
	TargetCall
)

// Where is a condition on arguments; see docs/policy.md.
type Where struct {
	expr *match.Expr
	pos  Pos
	src  string // as it was written, which the errors count in
}

// ParseWhere parses a condition.
func ParseWhere(s string) (*Where, error) {
	e, err := match.Parse(s)
	if err != nil {
		return nil, matchError(err, Pos{}, s)
	}
	return &Where{expr: e, src: s}, nil
}

func (w *Where) String() string { return w.expr.String() }

// Comment is what stands in a file around a rule or a key, each line with its #.
type Comment struct{ Head, Line, Foot string }

// String writes the rule in canonical form.
func (r *Rule) String() string {
	var b strings.Builder
	b.WriteString(r.Action.String())
	for _, t := range r.Targets {
		b.WriteString(" " + t.Name)
	}
	last := ""
	for i := range r.Objects {
		o := &r.Objects[i]
		if p := o.proto(); p != "" && p != last {
			b.WriteString(" " + p)
			last = p
		}
		if text := o.text(); text != "" {
			b.WriteString(" " + text)
		}
	}
	if r.Where != nil {
		b.WriteString(" where " + r.Where.String())
	}
	if r.Then != "" {
		b.WriteString(" -> " + r.Then)
	}
	return b.String()
}

// object returns the kind of object that the targets have, if any.
func (r *Rule) object() objectKind {
	return objectOf(r.objectTarget())
}

// objectTarget is the first target that has objects, or "".
func (r *Rule) objectTarget() string {
	for _, t := range r.Targets {
		if t.Kind == TargetEffect && objectOf(t.Name) != noObject {
			return t.Name
		}
	}
	return ""
}
