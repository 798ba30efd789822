package main

import (
	"cmp"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"strait/internal/match"
	"strait/syscalls"
)

// injection is one rule of -e inject= or -e fault=: what is done to which
// calls. The zero value of a field does nothing.
type injection struct {
	Calls callSet
	When  when
	If    string // a condition in the language of package match; empty: always
	Also  bool   // earlier rules for the same call hold beside it

	HasError, HasRetval bool
	Errno               int    // 1..4095
	Retval              uint64 // two's complement
	Syscall             string // name of the call made instead; empty: none is
	Signal              int    // 0: none
	DelaysEnter         bool
	DelaysExit          bool
	DelayEnter          time.Duration
	DelayExit           time.Duration
	PokeEnter, PokeExit []poke

	cond                *match.Expr // If
	wantsComm, wantsExe bool
	late                bool // If is about the outcome
}

// poke is bytes written to where an argument points.
type poke struct {
	Arg  int // from 1
	Data []byte
}

// when chooses among the invocations of a call, which are numbered from 1.
// The zero value chooses all.
type when struct {
	First, Last, Step uint // Last 0: no end
}

// holds says whether invocation n is chosen.
func (w when) holds(n uint) bool {
	if w.First == 0 {
		return true
	}
	if n < w.First || w.Last != 0 && n > w.Last {
		return false
	}
	return (n-w.First)%w.Step == 0
}

// injectionsFor returns the rules that hold for a call, in order: the last of
// those that replace what is before them, and those after it.
func (o *Options) injectionsFor(abi, nr int) []*injection {
	var rules []*injection
	for _, r := range slices.Backward(o.Injections) {
		if !r.Calls.has(abi, nr) {
			continue
		}
		rules = append(rules, r)
		if !r.Also && r.If == "" {
			break
		}
	}
	slices.Reverse(rules)
	return rules
}

// invocations counts, for one tracee, how often each call came to each rule.
type invocations map[invocation]uint

type invocation struct {
	rule    *injection
	abi, nr int
}

// due counts one more invocation of a call for a rule whose condition holds,
// and says whether the rule is to be carried out.
func (c invocations) due(rule *injection, abi, nr int) bool {
	key := invocation{rule, abi, nr}
	c[key]++
	return rule.When.holds(c[key])
}

// inject carries out -e inject=VALUE, or -e fault=VALUE. As in strace, the set
// of calls is looked at after what is done to them.
func (p *parser) inject(value string, fault bool) (err error) {
	invalid := refuse("invalid inject argument '%s'", value)
	if fault {
		invalid = refuse("invalid fault argument '%s'", value)
	}
	parts := splitInjection(value)
	if parts[0] == "" {
		_, err := p.parseCalls("")
		return err
	}
	rule := &injection{}
	given := map[string]bool{}
	for _, part := range parts[1:] {
		if part != "" && !p.injectPart(rule, part, fault, given) {
			return invalid
		}
	}
	if fault && !rule.HasError {
		rule.HasError = true
		rule.Errno, _ = errnoNumber("ENOSYS")
	}
	if rule.Calls, err = p.parseCalls(parts[0]); err != nil {
		return err
	}
	if !rule.acts() {
		return invalid
	}
	if err := p.condition(rule); err != nil {
		return err
	}
	p.o.Injections = append(p.o.Injections, rule)
	return nil
}

// condition reads the if= of a rule. One that asks about the outcome is asked
// when the call is over, too late for what happens before.
func (p *parser) condition(r *injection) (err error) {
	if r.If == "" {
		return nil
	}
	if r.cond, err = match.Parse(r.If); err != nil {
		return refuse("invalid inject condition '%s': %s", r.If, err)
	}
	for _, name := range r.cond.Fields() {
		r.wantsComm = r.wantsComm || name == "comm"
		r.wantsExe = r.wantsExe || name == "exe"
		r.late = r.late || name == "errno" || name == "ret"
	}
	if r.late && (r.DelaysEnter || r.PokeEnter != nil || r.Syscall != "") {
		return refuse("inject condition '%s' is about the outcome of the call: it cannot go with delay_enter, poke_enter or syscall", r.If)
	}
	for _, where := range p.Personalities {
		abi := syscalls.ByID(syscalls.ABIID(where.abi))
		e := r.cond.Check(abi, func(yield func(*syscalls.Call) bool) {
			for nr, c := range abi.All {
				if r.Calls.has(where.abi, int(nr)) && !yield(c) {
					return
				}
			}
		})
		if e == nil {
			return nil
		}
		err = cmp.Or(err, e)
	}
	return refuse("invalid inject condition '%s': %s", r.If, err)
}

// acts says whether the rule does anything.
func (r *injection) acts() bool {
	return r.HasError || r.HasRetval || r.Signal != 0 || r.DelaysEnter || r.DelaysExit ||
		r.PokeEnter != nil || r.PokeExit != nil
}

// splitInjection splits at colons, but for those in the quotes or parentheses
// of a condition.
func splitInjection(s string) []string {
	var parts []string
	for {
		end := strings.IndexByte(s, ':')
		if strings.HasPrefix(s, "if=") {
			end = conditionEnd(s)
		}
		if end < 0 {
			return append(parts, s)
		}
		parts, s = append(parts, s[:end]), s[end+1:]
	}
}

// conditionEnd finds the first colon outside quotes and parentheses, or -1.
func conditionEnd(s string) int {
	var quote byte
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '(':
			depth++
		case c == ')':
			depth--
		case c == ':' && depth <= 0:
			return i
		}
	}
	return -1
}

// injectPart reads one KEY=VALUE of a rule. Only when= may be repeated; fault=
// has error=, syscall= and the conditions.
func (p *parser) injectPart(r *injection, part string, fault bool, given map[string]bool) (ok bool) {
	key, value, hasValue := strings.Cut(part, "=")
	if given[key] && key != "when" || !hasValue && key != "also" {
		return false
	}
	given[key] = true
	switch key {
	case "when":
		r.When, ok = parseWhen(value)
	case "if":
		r.If, ok = value, strings.TrimSpace(value) != ""
	case "also":
		r.Also, ok = true, !hasValue
	case "syscall":
		r.Syscall, ok = value, p.pure(value)
	case "error":
		r.Errno, ok = parseErrno(value)
		r.HasError, ok = true, ok && !r.HasRetval
	default:
		return !fault && p.injectAction(r, key, value)
	}
	return ok
}

// injectAction reads what only inject= has.
func (p *parser) injectAction(r *injection, key, value string) (ok bool) {
	switch key {
	case "retval":
		if r.HasError {
			return false
		}
		r.Retval, ok = parseWord64(value)
		r.HasRetval = true
		if ok {
			p.warnRetval(r.Retval)
		}
	case "signal":
		r.Signal, ok = parseSignal(value, 1, 64)
	case "delay_enter":
		r.DelayEnter, ok = parseTime(value)
		r.DelaysEnter = true
	case "delay_exit":
		r.DelayExit, ok = parseTime(value)
		r.DelaysExit = true
	case "poke_enter":
		r.PokeEnter, ok = parsePokes(value)
	case "poke_exit":
		r.PokeExit, ok = parsePokes(value)
	}
	return ok
}

// warnRetval warns of a value that the tracee would take for an error, or of
// which a 32-bit process would see a part only.
func (p *parser) warnRetval(v uint64) {
	const maxErrno = 4095
	warn := func(format string, args ...any) {
		p.o.Warnings = append(p.o.Warnings, fmt.Sprintf(format, args...))
	}
	short := uint32(v)
	switch {
	case -v-1 < maxErrno:
		warn("Inadvertent injection of error %d is possible for retval=%d", -v, v)
	case !p.has32bit():
	case -short-1 < maxErrno:
		warn("Inadvertent injection of error %d is possible in compat personality for retval=%d", -short, v)
	case uint64(short) != v:
		warn("Injected return value %d will be clipped to %d in compat personality", v, short)
	}
}

func (e *environment) has32bit() bool {
	for _, p := range e.Personalities {
		if p.suffix == "32" {
			return true
		}
	}
	return false
}

// pure says whether a call may be made in place of another: it must be free of
// effects in the machine's first personality.
func (e *environment) pure(name string) bool {
	if len(e.Personalities) == 0 || name == "" {
		return false
	}
	native := e.Personalities[0].abi
	calls, _ := e.Calls.Class(native, "%pure")
	for _, nr := range e.Calls.Lookup(native, name) {
		if slices.Contains(calls, nr) {
			return true
		}
	}
	return false
}

func parseErrno(s string) (int, bool) {
	if n, ok := parseUint(s, 4095); ok {
		return int(n), n > 0
	}
	return errnoNumber(s)
}

// parseWhen reads FIRST[..LAST][+[STEP]].
func parseWhen(s string) (when, bool) {
	const most = 65535
	first, rest, ok := scanUint(s)
	if !ok || first < 1 || first > most {
		return when{}, false
	}
	w := when{First: uint(first), Last: uint(first), Step: 1}
	if tail, found := strings.CutPrefix(rest, ".."); found {
		last, after, ok := scanUint(tail)
		if !ok || last < first || last >= most {
			return when{}, false
		}
		w.Last, rest = uint(last), after
	} else if rest != "" {
		w.Last = 0
	}
	switch {
	case rest == "" || rest == "+":
		return w, true
	case rest[0] == '+':
		step, ok := parseUint(rest[1:], most)
		w.Step = uint(step)
		return w, ok && step > 0
	}
	return when{}, false
}

// parsePokes reads @argN=HEX[,@argN=HEX]...
func parsePokes(s string) ([]poke, bool) {
	const mostBytes = 1024
	var pokes []poke
	for _, item := range strings.Split(s, ",") {
		if item == "" {
			continue
		}
		name, digits, _ := strings.Cut(item, "=")
		number, ok := strings.CutPrefix(name, "@arg")
		if !ok || len(number) != 1 || number[0] < '1' || number[0] > '7' {
			return nil, false
		}
		data, err := hex.DecodeString(digits)
		if err != nil || len(data) == 0 || len(data) > mostBytes {
			return nil, false
		}
		arg := int(number[0] - '0')
		for _, p := range pokes {
			if p.Arg == arg {
				return nil, false
			}
		}
		pokes = append(pokes, poke{arg, data})
	}
	return pokes, len(pokes) > 0
}
