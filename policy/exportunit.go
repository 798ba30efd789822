package policy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"strait/internal/bpf"
	"strait/syscalls"
)

// Systemd returns the lines of a unit's [Service] section (systemd.exec(5)), and
// what they do not carry.
func (p *Policy) Systemd(o ExportOptions) (string, []string) {
	x := &exporter{o: o}
	list := x.portables(p)
	var b strings.Builder
	b.WriteString("NoNewPrivileges=yes\nSystemCallArchitectures=native\n")
	if p.Default.Kind == Deny {
		name, _ := syscalls.ErrnoName(p.Default.Num)
		fmt.Fprintf(&b, "SystemCallErrorNumber=%s\n", name)
	}
	mark := ""
	if p.Default.Kind.runs() {
		mark = "~" // a list of what is denied
	}
	for chunk := range slices.Chunk(x.units(list, p.Default), 12) {
		fmt.Fprintf(&b, "SystemCallFilter=%s%s\n", mark, strings.Join(chunk, " "))
	}
	l := p.Limits
	if l.Wall > 0 {
		fmt.Fprintf(&b, "RuntimeMaxSec=%d\n", int(l.Wall.Seconds()+0.999))
	}
	if l.CPU > 0 {
		fmt.Fprintf(&b, "LimitCPU=%d\n", int(l.CPU.Seconds()+0.999))
	}
	if l.Memory > 0 {
		fmt.Fprintf(&b, "MemoryMax=%d\n", l.Memory)
	}
	if l.Procs > 0 {
		fmt.Fprintf(&b, "TasksMax=%d\n", l.Procs)
	}
	if l.Output > 0 {
		x.lose("limit output")
	}
	return b.String(), x.losses()
}

// units returns the words of SystemCallFilter: the calls that are allowed, or
// where the default is to allow, those that are not.
func (x *exporter) units(list []portable, def Action) []string {
	var out []string
	for _, c := range list {
		if c.when != nil {
			c = x.flatten(c)
		}
		switch {
		case c.action.Kind.runs() != def.Kind.runs():
			word := c.name
			if name, _ := syscalls.ErrnoName(c.action.Num); c.action.Kind == Deny {
				word += ":" + name
			} else if c.action.Kind == Kill {
				word += ":kill"
			}
			out = append(out, word)
		case c.action != def:
			x.lose(c.action.String()+": it gets the default", c.name)
		}
	}
	slices.Sort(out)
	return out
}

// Minijail returns a policy file for minijail0 -S (minijail0(5)), and what it
// does not carry.
func (p *Policy) Minijail(o ExportOptions) (string, []string) {
	x := &exporter{o: o}
	list := x.portables(p)
	var b strings.Builder
	def := minijailAction(p.Default)
	fmt.Fprintf(&b, "@default %s\n", def)
	for _, c := range list {
		if c.when == nil {
			if act := minijailAction(c.action); act != def {
				fmt.Fprintf(&b, "%s: %s\n", c.name, act)
			}
			continue
		}
		if expr, ok := minijailExpr(c); ok && c.action.Kind == Allow && !c.other.Kind.runs() {
			fmt.Fprintf(&b, "%s: %s; %s\n", c.name, expr, minijailAction(c.other))
			continue
		}
		fmt.Fprintf(&b, "%s: %s\n", c.name, minijailAction(x.flatten(c).action))
	}
	x.limits(p.Limits)
	return b.String(), x.losses()
}

func minijailAction(a Action) string {
	switch a.Kind {
	case Allow:
		return "allow"
	case Log:
		return "log"
	case Kill:
		return "kill-process"
	}
	name, _ := syscalls.ErrnoName(a.Num)
	if a.Kind == Ask {
		name = "EPERM"
	}
	return "return " + cmp.Or(name, fmt.Sprint(a.Num))
}

// minijailExpr writes a condition under which a call is allowed. minijail
// compares all bits of a register: with an argument of 32 bits that is stricter
// than the kernel, which for a permission does no harm; for "not equal" it would.
func minijailExpr(c portable) (string, bool) {
	var alts []string
	for _, alt := range c.when {
		var parts []string
		for _, l := range alt {
			s, ok := minijailLiteral(l)
			if !ok {
				return "", false
			}
			parts = append(parts, s)
		}
		if len(parts) == 0 {
			return "", false
		}
		alts = append(alts, strings.Join(parts, " && "))
	}
	return strings.Join(alts, " || "), len(alts) > 0
}

func minijailLiteral(l literal) (string, bool) {
	t := l.test
	set, cut, bias := t.Biased()
	equal := func(v bpf.Range) bool { return v.Lo == v.Hi }
	switch {
	case t.Pair || bias != 0 || len(set) != 1 || !equal(set[0]):
		return "", false
	case t.Mask != 0 && set[0].Lo == 0 && l.neg: // any of the bits
		return fmt.Sprintf("arg%d & %#x", t.Arg, t.Mask), true
	case t.Mask != 0 && set[0].Lo == 0: // none of them: all bits are among the others
		return fmt.Sprintf("arg%d in %#x", t.Arg, cut&^t.Mask), true
	case t.Mask == 0 && !l.neg:
		return fmt.Sprintf("arg%d == %#x", t.Arg, set[0].Lo), true
	case t.Mask == 0 && l.neg && t.Width == 8:
		return fmt.Sprintf("arg%d != %#x", t.Arg, set[0].Lo), true
	}
	return "", false
}
