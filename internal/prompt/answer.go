package prompt

import (
	"errors"
	"fmt"
	"strings"

	"strait/policy"
)

// Scope is how long an answer holds.
type Scope uint8

// The scopes.
const (
	Once    Scope = iota // for the calls that are waiting now
	ThisRun              // until the program ends
	Always               // it goes to the policy file
)

// An Answer is what is to be done about a question.
type Answer struct {
	Action policy.Action
	Scope  Scope
	Rules  []string // of ThisRun and Always; and of Once where a rule was typed
}

// Refused is the answer where nobody gives one.
func Refused() policy.Action { return policy.Action{Kind: policy.Deny, Num: eperm} }

const eperm = 1 // include/uapi/asm-generic/errno-base.h

// A reply is what was typed: an answer, or a command that leads to one.
type reply struct {
	command string // help, why, stack, edit, detach; empty: an answer
	answer  Answer
	breadth Breadth
}

// The words of an answer, with the letters that stand for them.
var (
	actionWords = map[string]policy.Action{
		"a": {}, "allow": {}, "d": Refused(), "deny": Refused(),
		"k": {Kind: policy.Kill}, "kill": {Kind: policy.Kill}, "r": {Kind: policy.Return}, "return": {Kind: policy.Return},
	}
	scopeWords   = map[string]Scope{"o": Once, "once": Once, "t": ThisRun, "run": ThisRun, "w": Always, "always": Always}
	breadthWords = map[string]Breadth{
		"x": Exact, "exact": Exact, "i": Directory, "directory": Directory, "dir": Directory,
		"g": Glob, "glob": Glob, "c": Call, "call": Call, "p": Program, "program": Program,
	}
	commandWords = map[string]string{
		"?": "help", "help": "help", "y": "why", "why": "why", "s": "stack", "stack": "stack",
		"e": "edit", "edit": "edit", "h": "detach", "detach": "detach",
	}
)

var errEmpty = errors.New("an answer is needed; ? lists them")

// parseReply reads a line: words or their letters, in one or apart (allow
// always directory, a w i, awi), a command, or a rule, which counts for this
// run unless once or always stands before it.
func parseReply(line string) (reply, error) {
	words := strings.Fields(line)
	if len(words) == 0 {
		return reply{}, errEmpty
	}
	command := commandWords[words[0]]
	if command != "" {
		words = words[1:]
		if command != "edit" && len(words) > 0 {
			return reply{}, fmt.Errorf("nothing follows %s", command)
		}
	}
	if r, ok := parseWords(words); ok {
		r.command = command
		return r, nil
	}
	if command != "" {
		return reply{}, fmt.Errorf("edit is followed by words such as allow always glob, not by %s", safe(strings.Join(words, " ")))
	}
	return parseTyped(strings.TrimSpace(line))
}

// parseWords reads words of which each is known, in any order.
func parseWords(words []string) (reply, bool) {
	var r reply
	if len(words) == 1 {
		words = letters(words[0])
	}
	acted, scoped, broad := false, false, false
	for _, w := range words {
		w = strings.TrimSuffix(w, ",")
		if a, ok := actionWords[w]; ok && !acted {
			r.answer.Action, acted = a, true
		} else if s, ok := scopeWords[w]; ok && !scoped {
			r.answer.Scope, scoped = s, true
		} else if b, ok := breadthWords[w]; ok && !broad {
			r.breadth, broad = b, true
		} else if a, err := policy.ParseAction(w); err == nil && !acted && a.Kind != policy.Ask && a.Kind != policy.Log {
			r.answer.Action, acted = a, true
		} else if w != "this" {
			return r, false
		}
	}
	return r, acted || len(words) == 0
}

// letters takes a word apart if it is made of letters that stand for words.
func letters(word string) []string {
	_, isAction := actionWords[word]
	if isAction || len(word) > 3 || strings.Trim(word, "adkrotwxigcp") != "" {
		return []string{word}
	}
	return strings.Split(word, "")
}

// parseTyped reads a rule, or several with semicolons between.
func parseTyped(line string) (reply, error) {
	r := reply{answer: Answer{Scope: ThisRun}}
	first, rest, _ := strings.Cut(line, " ")
	if s, ok := scopeWords[first]; ok {
		r.answer.Scope, line = s, strings.TrimSpace(rest)
	}
	texts := []string{line}
	if _, err := policy.ParseRule(line); err != nil {
		texts = strings.Split(line, ";")
	}
	for _, text := range texts {
		rule, err := policy.ParseRule(strings.TrimSpace(text))
		if err != nil {
			return r, ruleError(err)
		}
		if rule.Action.Kind == policy.Ask {
			return r, errors.New("ask is the question, not an answer")
		}
		r.answer.Action, r.answer.Rules = rule.Action, append(r.answer.Rules, rule.String())
	}
	return r, nil
}

// ruleError leaves the place out, which is that of a line alone.
func ruleError(err error) error {
	var e *policy.Error
	var all policy.Errors
	switch {
	case errors.As(err, &e):
	case errors.As(err, &all) && len(all) > 0:
		e = all[0]
	default:
		return err
	}
	if e.Hint == "" {
		return errors.New(e.Msg)
	}
	return fmt.Errorf("%s (%s)", e.Msg, e.Hint)
}

// menu is the line of choices.
const menu = "[a]llow [d]eny [k]ill [r]eturn · [o]nce [t]his run al[w]ays · e[x]act d[i]rectory [g]lob [c]all [p]rogram\n" +
	"or a rule · [e]dit wh[y] [s]tack detac[h] [?]\n"

// help lists the choices in full, with the rules that they stand for.
func (q *Question) help(vars map[string]string) string {
	var b strings.Builder
	b.WriteString(`An answer is up to three words, or their letters: a, aw, a w i, allow always directory.
  what      [a]llow; [d]eny: the call fails with EPERM, or as deny(EACCES) says;
            [k]ill the process; [r]eturn: it is not made and seems to return 0, or return(N)
  how long  [o]nce: this call, and those like it that are waiting; [t]his run;
            al[w]ays: it is written to the policy file
  how wide  e[x]act, or what these rules say:
`)
	for _, w := range []struct {
		name string
		by   Breadth
	}{{"e[x]act", Exact}, {"d[i]rectory", Directory}, {"[g]lob", Glob}, {"[c]all", Call}, {"[p]rogram", Program}} {
		rules := q.Rules(policy.Action{}, w.by, vars)
		if len(rules) == 0 {
			continue
		}
		fmt.Fprintf(&b, "            %-12s %s\n", w.name, safe(strings.Join(rules, "; ")))
	}
	b.WriteString(`A rule is taken as it is, for this run; with always before it, for the policy file.
[e]dit shows a rule to change ([e]dit allow glob: that one), wh[y] the rules that were asked,
[s]tack where the program is, detac[h] lets it go on, and asks no more.
No answer in time, or ^D: denied this once.
`)
	return b.String()
}

// rules completes an answer by the rules that it stands for.
func (r *reply) rules(q *Question, vars map[string]string) error {
	if r.answer.Scope == Once || len(r.answer.Rules) > 0 {
		return nil
	}
	r.answer.Rules = q.Rules(r.answer.Action, r.breadth, vars)
	if len(r.answer.Rules) == 0 {
		return errors.New("that means nothing here; ? lists what does")
	}
	return nil
}
