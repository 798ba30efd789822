package main

import (
	"math"
	"strconv"
	"strings"
)

// The functions that carry out one option each.

// mark sets a field that has two states.
func mark(field func(*Options) *bool) func(*parser, argument) error {
	return func(p *parser, _ argument) error {
		*field(p.o) = true
		return nil
	}
}

// ignore leaves an option to what Options.given counts.
func ignore(*parser, argument) error { return nil }

// invalid refuses an argument in the form of most options.
func (arg argument) invalid() error {
	return badUsage("invalid %s argument: '%s'", arg.as, arg.value)
}

// only is -z or -Z.
func only(how outcomes) func(*parser, argument) error {
	return func(p *parser, _ argument) error {
		p.o.Status = statusSet{outcomes: how}
		return nil
	}
}

func withDefault(name, value string) func(*parser, argument) error {
	set := qualify(name)
	return func(p *parser, arg argument) error {
		if !arg.given {
			arg.value = value
		}
		return set(p, arg)
	}
}

// quietly is -q, which is counted, or --quiet.
func quietly(p *parser, arg argument) error {
	if arg.short {
		return nil
	}
	return withDefault("quiet", "attach,personality")(p, arg)
}

func summary(mode summaryMode, others ...string) func(*parser, argument) error {
	return func(p *parser, _ argument) error {
		if p.o.used(others...) {
			return badUsage("-c/--summary-only and -C/--summary are mutually exclusive")
		}
		p.o.Summary = mode
		return nil
	}
}

// number reads a whole number within limits.
func (arg argument) number(least, most uint64) (uint64, error) {
	n, ok := parseUint(arg.value, most)
	if !ok || n < least {
		return 0, arg.invalid()
	}
	return n, nil
}

func (p *parser) columns(arg argument) error {
	n, err := arg.number(0, math.MaxInt32)
	p.o.Columns = int(n)
	return err
}

func (p *parser) stringLimit(arg argument) error {
	const most = 1<<30 - 1 // four characters for a byte fit an int
	n, err := arg.number(0, most)
	p.o.StringLimit = int(n)
	return err
}

func (p *parser) stackFrames(arg argument) error {
	n, err := arg.number(1, math.MaxInt32)
	p.o.StackFrames = int(n)
	return err
}

func (p *parser) syscallLimit(arg argument) error {
	n, err := arg.number(1, math.MaxInt64)
	p.o.SyscallLimit = int64(n)
	return err
}

func (p *parser) detachOn(arg argument) error {
	if arg.value != "execve" {
		return refuse("Syscall '%s' for -b isn't supported", arg.value)
	}
	p.o.DetachOnExecve = true
	return nil
}

// word finds an argument, in any case, among words; the result is its index.
func (arg argument) word(words ...string) (int, error) {
	for i, w := range words {
		if strings.EqualFold(w, arg.value) {
			return i, nil
		}
	}
	return 0, arg.invalid()
}

func (p *parser) daemonize(arg argument) error {
	if arg.short {
		return nil
	}
	if !arg.given {
		p.o.Daemonize = daemonizeGrandchild
		return nil
	}
	i, err := arg.word("grandchild", "pgroup", "pgrp", "session")
	how := [4]daemonize{daemonizeGrandchild, daemonizeProcessGroup, daemonizeProcessGroup, daemonizeSession}
	p.o.Daemonize = how[i]
	return err
}

func (p *parser) interruptible(arg argument) error {
	n, ok := parseUint(arg.value, uint64(interruptNeverTSTP))
	if ok && n > 0 {
		p.o.Interruptible = interruptible(n)
		return nil
	}
	i, err := arg.word("anywhere", "waiting", "never", "never_tstp")
	p.o.Interruptible = interruptAnywhere + interruptible(i)
	return err
}

func (p *parser) stackTrace(arg argument) error {
	switch {
	case arg.short:
		p.o.Stack = min(p.o.Stack+1, stackSource)
	case !arg.given || arg.value == "symbol":
		p.o.Stack = stackSymbol
	case arg.value == "source":
		p.o.Stack = stackSource
	default:
		return arg.invalid()
	}
	return nil
}

func (p *parser) output(arg argument) error {
	p.o.Output, p.o.OutputSet = arg.value, true
	return nil
}

func (p *parser) overhead(arg argument) error {
	d, ok := parseTime(arg.value)
	if !ok {
		return arg.invalid()
	}
	p.o.Overhead = &d
	return nil
}

func (p *parser) slowerThan(arg argument) error {
	d, ok := parseTime(arg.value)
	if !ok {
		return arg.invalid()
	}
	p.o.Slower = d
	return nil
}

func (p *parser) attach(arg argument) error {
	for _, w := range strings.FieldsFunc(arg.value, func(r rune) bool { return strings.ContainsRune(", \t\n", r) }) {
		pid, ok := parseUint(w, math.MaxInt32)
		if !ok || pid == 0 {
			return refuse("Invalid process id: '%s'", w)
		}
		if int(pid) == p.Pid {
			return refuse("I'm sorry, I can't let you do that, Dave.")
		}
		p.o.Attach = append(p.o.Attach, int(pid))
	}
	return nil
}

func (arg argument) precision() (precision, error) {
	if !arg.given {
		return precisionUS, nil
	}
	i, err := arg.word(precisionNames()...)
	return precision(3 * i), err
}

func (p *parser) relativeTimes(arg argument) (err error) {
	p.o.Relative = true
	p.o.RelativePrec, err = arg.precision()
	return err
}

func (p *parser) callTimes(arg argument) (err error) {
	p.o.Times = true
	p.o.TimesPrec, err = arg.precision()
	return err
}

// absoluteTimes is -t, which is counted, or --absolute-timestamps, of which
// each one changes what it names: [[format:]FORMAT][,[precision:]PRECISION].
func (p *parser) absoluteTimes(arg argument) error {
	if arg.short {
		return nil
	}
	abs := &p.o.Absolute
	abs.format = timeOfDay
	if !arg.given {
		return nil
	}
	for _, token := range strings.Split(arg.value, ",") {
		if token == "" {
			continue
		}
		part := arg
		format, isFormat := cutPrefixFold(token, "format:")
		prec, isPrec := cutPrefixFold(token, "precision:")
		part.value = format
		if i, err := part.word("none", "time", "unix"); err == nil && !isPrec {
			abs.format = timeFormat(i)
			continue
		}
		part.value = prec
		digits, err := part.precision()
		if err != nil || isFormat {
			return arg.invalid()
		}
		abs.prec = digits
	}
	return nil
}

// cutPrefixFold is strings.CutPrefix for any case.
func cutPrefixFold(s, prefix string) (string, bool) {
	if len(s) < len(prefix) || !strings.EqualFold(s[:len(prefix)], prefix) {
		return s, false
	}
	return s[len(prefix):], true
}

func (p *parser) hex(arg argument) error {
	if arg.short {
		return nil
	}
	if !arg.given {
		p.o.Hex = hexAll
		return nil
	}
	i, err := arg.word("none", "non-ascii-chars", "non-ascii", "all")
	p.o.Hex = hexStyle(i)
	return err
}

func (p *parser) constStyle(arg argument) error {
	switch arg.value {
	case "raw":
		p.o.Const = constRaw
	case "abbrev":
		p.o.Const = constAbbrev
	case "verbose":
		p.o.Const = constVerbose
	default:
		return arg.invalid()
	}
	return nil
}

func (p *parser) color(arg argument) error {
	i, err := arg.word("auto", "always", "never")
	p.o.Color = colorWhen(i)
	return err
}

func (p *parser) placement(arg argument) error {
	i, err := arg.word("auto", "together", "free")
	p.o.Placement = placement(i)
	return err
}

// tips is --tips[=[[id:]ID][,[format:]FORMAT]].
func (p *parser) tips(arg argument) error {
	tip := tipStyle{id: -1, format: tipCompact}
	for _, token := range strings.Split(arg.value, ",") {
		if token == "" {
			continue
		}
		part := arg
		id, isID := cutPrefixFold(token, "id:")
		format, isFormat := cutPrefixFold(token, "format:")
		part.value = format
		if i, err := part.word("none", "compact", "full"); err == nil && !isID {
			tip.format = tipFormat(i)
			continue
		}
		n, ok := parseUint(id, math.MaxInt32)
		switch {
		case isFormat:
			return arg.invalid()
		case strings.EqualFold(id, "random"):
			tip.id = -1
		case ok:
			tip.id = int(n)
		default:
			return arg.invalid()
		}
	}
	p.o.Tip = tip
	return nil
}

// findColumn finds a column of the table by one of its names.
func findColumn(name string) (column, bool) {
	switch name {
	case "time-percent", "time":
		return columnTimePercent, true
	case "total-time", "time-total":
		return columnTimeTotal, true
	case "min-time", "shortest", "time-min":
		return columnTimeMin, true
	case "max-time", "longest", "time-max":
		return columnTimeMax, true
	case "avg-time", "time-avg":
		return columnTimeAvg, true
	case "wall-total", "total-wall":
		return columnWallTotal, true
	case "wall-min", "min-wall":
		return columnWallMin, true
	case "wall-max", "max-wall":
		return columnWallMax, true
	case "wall-avg", "avg-wall":
		return columnWallAvg, true
	case "calls", "count":
		return columnCalls, true
	case "errors", "error":
		return columnErrors, true
	case "name", "syscall", "syscall-name":
		return columnName, true
	}
	if digits, ok := strings.CutPrefix(name, "p"); ok {
		return findPercentile(digits)
	}
	return 0, false
}

// findPercentile reads the number of a column such as p50 or p99.9.
func findPercentile(digits string) (column, bool) {
	f, err := strconv.ParseFloat(digits, 64)
	mille := math.Round(f * 10)
	if err != nil || strings.Trim(digits, "0123456789.") != "" || mille < 1 || mille > 999 {
		return 0, false
	}
	return columnPercentile + column(mille), true
}

func (p *parser) sortBy(arg argument) error {
	if arg.value == "nothing" || arg.value == "none" {
		p.o.SortBy = columnNothing
		return nil
	}
	c, ok := findColumn(arg.value)
	if !ok {
		return badUsage("invalid sortby: '%s'", arg.value)
	}
	p.o.SortBy = c
	return nil
}

// tableColumns is -U: each replaces the one before. The name is always there,
// last if it is not given.
func (p *parser) tableColumns(arg argument) error {
	var table []column
	seen := map[column]bool{}
	names := strings.Split(arg.value, ",")
	for i, name := range names {
		c, ok := findColumn(name)
		if !ok {
			return badUsage("unknown column name: '%s'", name)
		}
		if seen[c] {
			return badUsage("call summary column has been provided more than once: '%s' (-U option residual: '%s')",
				name, strings.Join(names[i:], ","))
		}
		seen[c] = true
		table = append(table, c)
	}
	if !seen[columnName] {
		table = append(table, columnName)
	}
	p.o.Table = table
	return nil
}
