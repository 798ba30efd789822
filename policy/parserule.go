package policy

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"strait/internal/match"
)

// ParseRule parses one rule, as it stands in a file or is typed as an answer.
// Errors are of type *Error, with columns from the start of s.
func ParseRule(s string) (*Rule, error) { return parseRule(s, Pos{Line: 1, Col: 1}) }

func parseRule(s string, pos Pos) (*Rule, error) {
	p := &ruleParser{src: s, pos: pos}
	r := &Rule{Pos: pos}
	if err := p.parse(r); err != nil {
		return nil, err
	}
	r.groups = p.groups
	return r, nil
}

type ruleParser struct {
	src    string
	off    int // of what is left
	pos    Pos // of src
	groups map[string]Pos
}

type word struct {
	text   string
	off    int
	quoted bool
}

func (p *ruleParser) errorf(off int, hint, format string, args ...any) *Error {
	return p.at(off).errorf(hint, format, args...)
}

// at is the place of a byte of the rule. Columns count characters.
func (p *ruleParser) at(off int) Pos {
	at := p.pos
	at.Col += utf8.RuneCountInString(p.src[:off])
	return at
}

// next returns the next word; ok is false at the end.
func (p *ruleParser) next() (w word, ok bool, err error) {
	for p.off < len(p.src) && (p.src[p.off] == ' ' || p.src[p.off] == '\t') {
		p.off++
	}
	if p.off == len(p.src) {
		return word{off: p.off}, false, nil
	}
	start := p.off
	if p.src[start] == '"' {
		q, err := strconv.QuotedPrefix(p.src[start:])
		if err != nil {
			if _, err := strconv.QuotedPrefix(strings.ReplaceAll(p.src[start:], "\t", " ")); err == nil {
				return word{}, false, p.errorf(start, `write the tab as \t`, "a tab in a string")
			}
			return word{}, false, p.errorf(start, `close it with "; a quote in it is \"`, "a string without its end")
		}
		p.off += len(q)
		text, _ := strconv.Unquote(q)
		return word{text, start, true}, true, nil
	}
	for p.off < len(p.src) && p.src[p.off] != ' ' && p.src[p.off] != '\t' {
		p.off++
	}
	return word{p.src[start:p.off], start, false}, true, nil
}

func (p *ruleParser) parse(r *Rule) error {
	w, ok, err := p.next()
	if err != nil {
		return err
	}
	if !ok {
		return p.errorf(0, "allow fs.read /usr/**", "an empty rule")
	}
	if r.Action, err = ParseAction(w.text); err != nil {
		var e *Error
		errors.As(err, &e)
		return p.errorf(w.off, e.Hint, "%s", e.Msg)
	}
	o := &objectParser{p: p}
	for {
		w, ok, err := p.next()
		if err != nil {
			return err
		}
		if !ok {
			break
		}
		if done, err := p.word(r, w, o); done || err != nil {
			if err != nil {
				return err
			}
			break
		}
	}
	if err := o.finish(r); err != nil {
		return err
	}
	return p.finish(r)
}

// word takes one word behind the action; done says that the rule is at its end.
func (p *ruleParser) word(r *Rule, w word, o *objectParser) (done bool, err error) {
	switch {
	case w.quoted:
		return false, o.word(r, w)
	case w.text == "where":
		return true, p.where(r)
	case w.text == "->":
		return true, p.then(r)
	}
	if !o.began {
		t, isTarget, err := p.target(w)
		if err != nil {
			return false, notEven(err, r, w)
		}
		if isTarget {
			r.Targets = append(r.Targets, t)
			return false, nil
		}
	}
	return false, o.word(r, w)
}

// notEven is the error for a word behind an effect that is neither a target nor,
// as that effect has them, an object.
func notEven(err error, r *Rule, w word) error {
	var e *Error
	if !errors.As(err, &e) {
		return err
	}
	if r.object() == netObject && !strings.ContainsAny(w.text, "._") {
		e.Msg = strconv.Quote(w.text) + " is neither a call nor a protocol"
		e.Hint = "the protocols are " + strings.Join(protocols[:], " ")
		if near := match.Nearest(w.text, slices.Values(protocols[:])); near != "" {
			e.Hint = "did you mean " + near + "?"
		}
		return e
	}
	if r.object() != pathObject || strings.HasPrefix(e.Hint, "did you mean") {
		return err
	}
	e.Msg = strconv.Quote(w.text) + " is neither a call nor an effect, and a path begins at the root"
	e.Hint = "/" + w.text + " or ${CWD}/" + w.text
	return e
}

// target tells targets from objects by their looks, and unknown names from both.
func (p *ruleParser) target(w word) (Target, bool, error) {
	s := w.text
	switch {
	case s == "*":
		return Target{TargetAny, "*"}, true, nil
	case s[0] == '@':
		if p.groups == nil {
			p.groups = map[string]Pos{}
		}
		p.groups[s] = p.at(w.off)
		return Target{TargetGroup, s}, true, nil // whether there is such a group is known when all files are
	case isCall(s):
		if effectByName(s) == nil {
			return Target{TargetCall, s}, true, nil
		}
		return Target{TargetEffect, s}, true, nil // signal is an effect: the call is called so on i386 only
	case effectByName(s) != nil || s == "fs.*" || s == "net.*" || s == "process.*":
		return Target{TargetEffect, s}, true, nil
	case looksLikeObject(s):
		return Target{}, false, nil
	}
	hint := "a call, an effect as fs.read, or a group as @memory"
	if n := match.Nearest(s, targetNames); n != "" {
		hint = "did you mean " + n + "?"
	}
	return Target{}, false, p.errorf(w.off, hint, "no call or effect %q", s)
}

func targetNames(yield func(string) bool) {
	for name := range effectNames {
		if !yield(name) {
			return
		}
	}
	for name := range callNames() {
		if !yield(name) {
			return
		}
	}
}

// where takes the rest of the rule as a condition, but for "-> profile" behind it.
func (p *ruleParser) where(r *Rule) error {
	for p.off < len(p.src) && p.src[p.off] == ' ' {
		p.off++
	}
	cond, then, has := strings.Cut(p.src[p.off:], " -> ")
	e, err := match.Parse(cond)
	if err != nil {
		return matchError(err, p.at(p.off), cond)
	}
	r.Where = &Where{e, p.at(p.off), cond}
	if has {
		p.off += len(cond) + len(" -> ")
		r.Then = strings.TrimSpace(then)
		return p.checkThen(r)
	}
	return nil
}

func (p *ruleParser) then(r *Rule) error {
	w, ok, err := p.next()
	if err != nil {
		return err
	}
	if !ok {
		return p.errorf(p.off, "allow exec /usr/bin/git -> git", "no profile behind ->")
	}
	if rest, more, _ := p.next(); more {
		return p.errorf(rest.off, "the profile is the last word of a rule", "unexpected %q", rest.text)
	}
	r.Then, p.off = w.text, w.off
	return p.checkThen(r)
}

func (p *ruleParser) checkThen(r *Rule) error {
	r.then = p.at(p.off)
	if r.Then == "" || strings.ContainsAny(r.Then, " \t") {
		return p.errorf(p.off, "", "%q is not the name of a profile", r.Then)
	}
	if !r.Action.Kind.runs() && r.Action.Kind != Ask || len(r.Targets) != 1 || r.Targets[0].Name != "exec" {
		return p.errorf(p.off, "allow exec /usr/bin/git -> git", "only allow exec leads to another profile")
	}
	return nil
}

// finish checks what no single word shows.
func (p *ruleParser) finish(r *Rule) error {
	if len(r.Targets) == 0 {
		return p.errorf(len(p.src), "a call, an effect as fs.read, or a group as @memory", "the rule is about nothing")
	}
	if len(r.Objects) == 0 {
		return nil
	}
	for _, t := range r.Targets {
		if t.Kind == TargetEffect && objectOf(t.Name) != noObject && objectOf(t.Name) != r.object() {
			return p.errorf(0, "write two rules", "%s and %s have different kinds of objects, and would match none of the other's", r.objectTarget(), t.Name)
		}
	}
	return nil
}

// matchError turns an error of a condition, which stands at pos, into one of a
// rule.
func matchError(err error, pos Pos, cond string) *Error {
	var m *match.Error
	if !errors.As(err, &m) {
		return pos.errorf("", "%v", err)
	}
	pos.Col += utf8.RuneCountInString(cond[:min(m.Off, len(cond))])
	return pos.errorf(m.Hint, "%s", m.Msg)
}
