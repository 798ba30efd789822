package main

import (
	"iter"
	"slices"
	"strconv"
	"strings"

	"strait/syscalls"
)

// The ABIs a call set tells apart, in the order of the syscalls package.
const (
	abiAMD64 = iota
	abiI386
	abiX32
	abiARM64
	abiARM
	abiRISCV64
	abiCount
)

// x32Bit marks the number of a call made by the x32 ABI
// (__X32_SYSCALL_BIT of asm/unistd.h); numbers in sets are without it.
const x32Bit = 0x40000000

// callIndex is what the names in a set of calls are looked up in.
type callIndex interface {
	// Lookup returns the numbers of the call of that name in an ABI; there
	// may be none.
	Lookup(abi int, name string) []int
	// Class returns the numbers of the calls of a class ("%file") in an ABI,
	// and whether there is such a class at all.
	Class(abi int, class string) ([]int, bool)
	// All runs over the numbers of an ABI and their names.
	All(abi int) iter.Seq2[int, string]
}

// personality is an ABI of the machine we run on and how @ names it.
type personality struct {
	suffix string // "64", "32" or "x32"
	abi    int
}

// qualifier is one kind of -e expression.
type qualifier struct {
	name    string // of the long option of the same meaning
	aliases []string
	set     func(p *parser, value string) error
}

// qualifiers are all kinds of -e expressions.
func qualifiers() []qualifier {
	return []qualifier{
		{"trace", []string{"t"}, func(p *parser, v string) error { return p.calls(&p.o.Trace, v) }},
		{"trace-fds", []string{"trace-fd", "fd", "fds"}, (*parser).traceFDs},
		{"abbrev", []string{"a"}, func(p *parser, v string) error { return p.calls(&p.o.Abbrev, v) }},
		{"verbose", []string{"v"}, func(p *parser, v string) error { return p.calls(&p.o.Verbose, v) }},
		{"raw", []string{"x"}, func(p *parser, v string) error { return p.calls(&p.o.Raw, v) }},
		{"signals", []string{"signal", "s"}, func(p *parser, v string) error { return assign(&p.o.Signals, v, parseSignals) }},
		{"status", nil, func(p *parser, v string) error { return assign(&p.o.Status, v, parseStatus) }},
		{"read", []string{"reads", "r"}, func(p *parser, v string) error { return assign(&p.o.ReadFDs, v, parseFDs) }},
		{"write", []string{"writes", "w"}, func(p *parser, v string) error { return assign(&p.o.WriteFDs, v, parseFDs) }},
		{"fault", nil, func(p *parser, v string) error { return p.inject(v, true) }},
		{"inject", nil, func(p *parser, v string) error { return p.inject(v, false) }},
		{"quiet", []string{"silent", "silence", "q"}, keywordsInto("quiet", quietWords, func(p *parser) *quiet { return &p.o.Quiet })},
		{"decode-fds", []string{"decode-fd"}, keywordsInto("decode-fds", decodeFDWords, func(p *parser) *decodeFDs { return &p.o.DecodeFDs })},
		{"decode-pids", []string{"decode-pid"}, keywordsInto("decode-pids", decodePIDWords, func(p *parser) *decodePIDs { return &p.o.DecodePIDs })},
		{"kvm", nil, (*parser).kvm},
		{"namespace", nil, (*parser).namespace},
		{"secontext", nil, (*parser).seContext},
	}
}

// expression carries out -e EXPR. What does not begin with a qualifier is a
// set of calls to trace.
func (p *parser) expression(expr string) error {
	name, value, found := strings.Cut(expr, "=")
	if !found {
		return p.calls(&p.o.Trace, expr)
	}
	for _, q := range qualifiers() {
		if q.name == name || slices.Contains(q.aliases, name) {
			p.o.given["--"+q.name]++
			return q.set(p, value)
		}
	}
	return p.calls(&p.o.Trace, expr)
}

// qualify carries out a long option that is a qualifier.
func qualify(name string) func(*parser, argument) error {
	return func(p *parser, arg argument) error {
		for _, q := range qualifiers() {
			if q.name == name {
				return q.set(p, arg.value)
			}
		}
		return refuse("no qualifier '%s'", name)
	}
}

// assign sets *dst to what value says, or leaves it and returns the error.
func assign[T any](dst *T, value string, parse func(string) (T, error)) error {
	set, err := parse(value)
	if err == nil {
		*dst = set
	}
	return err
}

func keywordsInto[T ~uint](kind string, words func() []keyword, dst func(*parser) *T) func(*parser, string) error {
	return func(p *parser, value string) error {
		bits, err := parseKeywords(value, kind, words())
		if err == nil {
			*dst(p) = T(bits)
		}
		return err
	}
}

func (p *parser) traceFDs(value string) error {
	set, err := parseFDs(value)
	if err == nil {
		p.o.TraceFDs = &set
	}
	return err
}

func (p *parser) kvm(value string) error {
	switch value {
	case "vcpu":
		p.o.KVM = kvmReason
	case "vcpu+":
		p.o.KVM = kvmRun
	default:
		return refuse("invalid -e kvm= argument: '%s'", value)
	}
	return nil
}

func (p *parser) namespace(value string) error {
	if value != "new" {
		return refuse("invalid -e namespace= argument: '%s'", value)
	}
	p.o.Namespaces = true
	return nil
}

func (p *parser) seContext(value string) error {
	if !p.SELinux {
		return refuse("SELinux context printing (--secontext option) is not supported by this build of strait")
	}
	bits, err := parseKeywords(value, "secontext", []keyword{{"full", 1}, {"mismatch", 2}})
	if err == nil {
		p.o.SELinux = seLinux{on: true, full: bits&1 != 0, mismatch: bits&2 != 0}
	}
	return err
}

// calls sets *dst to the set of calls that value says.
func (p *parser) calls(dst *callSet, value string) error {
	set, err := p.parseCalls(value)
	if err == nil {
		*dst = set
	}
	return err
}

func (e *environment) parseCalls(value string) (callSet, error) {
	not, words, err := setWords(value, "system call")
	if err != nil {
		return callSet{}, err
	}
	set := callSet{not: not}
	for _, w := range words {
		word, optional := strings.CutPrefix(w, "?")
		found, err := e.addCalls(&set, word)
		if err != nil {
			return callSet{}, err
		}
		if !found && !optional {
			return callSet{}, refuse("invalid system call '%s'", word)
		}
	}
	return set, nil
}

// addCalls adds what one word of a set names: a number, a name, a class, a
// regular expression, with @ and a personality behind it or not.
func (e *environment) addCalls(set *callSet, word string) (found bool, err error) {
	name, where := word, e.Personalities
	if i := strings.LastIndexByte(word, '@'); i >= 0 {
		name, where = word[:i], nil
		for _, p := range e.Personalities {
			if p.suffix == word[i+1:] {
				where = []personality{p}
			}
		}
		if where == nil {
			return false, badUsage("incorrect personality designator '%s' in qualification '%s'", word[i+1:], word)
		}
	}
	numbers, err := e.finder(name)
	if err != nil {
		return false, err
	}
	for _, p := range where {
		list, known := numbers(p.abi)
		found = found || known
		for _, nr := range list {
			set.numbers[p.abi].add(nr)
		}
	}
	return found, nil
}

// finder returns what yields the numbers name stands for in an ABI, and
// whether it stands for anything there.
func (e *environment) finder(name string) (func(abi int) ([]int, bool), error) {
	switch {
	case name != "" && name[0] >= '0' && name[0] <= '9':
		return e.number(name), nil
	case strings.HasPrefix(name, "/"):
		return e.regexp(name[1:])
	case name == "all":
		return func(abi int) ([]int, bool) {
			return e.matching(abi, func(string) bool { return true }), true
		}, nil
	case strings.HasPrefix(name, "%"):
		return e.class(name), nil
	}
	switch name {
	case "file", "process", "network", "signal", "ipc", "desc", "memory":
		return e.class("%" + name), nil
	}
	return func(abi int) ([]int, bool) {
		list := e.Calls.Lookup(abi, name)
		return list, len(list) > 0
	}, nil
}

func (e *environment) class(name string) func(int) ([]int, bool) {
	if name == "%network" {
		name = "%net"
	}
	return func(abi int) ([]int, bool) { return e.Calls.Class(abi, name) }
}

func (e *environment) number(text string) func(int) ([]int, bool) {
	n, err := strconv.ParseInt(text, 10, 32)
	return func(abi int) ([]int, bool) {
		nr := int(n)
		if abi == abiX32 {
			nr &^= x32Bit
		}
		if err != nil || syscalls.IsInner(uint64(n)) { // strace has no numbers for these
			return nil, false
		}
		for known := range e.Calls.All(abi) {
			if known == nr {
				return []int{nr}, true
			}
		}
		return nil, false
	}
}

func (e *environment) regexp(text string) (func(int) ([]int, bool), error) {
	re, err := compileERE(text)
	if err != nil {
		return nil, refuse("regcomp: %s: %s", text, err)
	}
	return func(abi int) ([]int, bool) {
		list := e.matching(abi, re.MatchString)
		return list, len(list) > 0
	}, nil
}

// matching returns the numbers of the calls whose names fit.
func (e *environment) matching(abi int, fits func(string) bool) []int {
	var list []int
	for nr, name := range e.Calls.All(abi) {
		if fits(name) {
			list = append(list, nr)
		}
	}
	return list
}
