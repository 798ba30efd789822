package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A depth is how well a call is described on an ABI.
type depth uint8

const (
	depthAbsent    depth = iota // the ABI has no such call
	depthPlain                  // a name and raw arguments
	depthDescribed              // a row
	depthDecoder                // a row with Go decoders
)

// coverage says how well each call is described on each ABI.
func (p *program) coverage() map[string][numABI]depth {
	all := map[string][numABI]depth{}
	for abi := range p.abis {
		for _, id := range p.abis[abi].calls {
			c := &p.calls.list[id]
			d := all[c.name]
			d[abi] = p.depth(c)
			all[c.name] = d
		}
	}
	return all
}

func (p *program) depth(c *callDef) depth {
	if c.flags == "Plain" {
		return depthPlain
	}
	for _, a := range c.args {
		if p.usesGo(a.typ) {
			return depthDecoder
		}
	}
	if p.usesGo(c.ret) {
		return depthDecoder
	}
	return depthDescribed
}

// usesGo reports whether a type is a Go decoder or leads to one without a
// structure between.
func (p *program) usesGo(id uint32) bool {
	t := p.types.list[id]
	switch t.kind {
	case "tyFunc":
		return true
	case "tyPtr", "tyArray":
		return p.usesGo(t.a)
	case "tyThen", "tyNote", "tyComment":
		return p.usesGo(t.a) || p.usesGo(t.b)
	case "tyIf":
		return p.usesGo(t.a) || p.usesGo(t.c)
	}
	return false
}

// undescribed lists the calls that have no row: NAME, or NAME@ABI,ABI if some
// ABI has one.
func undescribed(all map[string][numABI]depth) (list []string) {
	for _, name := range slices.Sorted(maps.Keys(all)) {
		var plain, rows abiSet
		for abi, d := range all[name] {
			switch d {
			case depthPlain:
				plain |= 1 << abi
			case depthDescribed, depthDecoder:
				rows |= 1 << abi
			}
		}
		switch {
		case plain == 0:
		case rows == 0:
			list = append(list, name)
		default:
			list = append(list, name+"@"+plain.String())
		}
	}
	return list
}

const coverageHead = `# Coverage

How well each system call is described on each ABI; generated from ` + "`syscalls/desc`" + ` by
` + "`go generate ./syscalls`" + `.

- **full**: a row: every argument has a type. It is an address only where strace 7.2 shows one, too (memory that is
  mapped, a futex, an image of a module): testdata/prog/tables makes every call of an ABI with pointers, and compares.
- **Go**: a row, parts of which a Go decoder shows; as deep as full.
- raw: a name and six raw arguments. These stand in syscalls/desc/todo.txt, which may only get shorter.
- A blank: the ABI has no such call.

`

// emitCoverage writes docs/coverage.md.
func emitCoverage(all map[string][numABI]depth) []byte {
	var b bytes.Buffer
	b.WriteString(coverageHead)
	b.WriteString("|       |" + strings.Join(mapNames(func(n string) string { return " " + n + " |" }), "") + "\n")
	b.WriteString("| ----- |" + strings.Repeat(" ---: |", numABI) + "\n")
	var count [numABI][depthDecoder + 1]int
	for _, row := range all {
		for abi, d := range row {
			count[abi][d]++
		}
	}
	line := func(what string, n func(c [depthDecoder + 1]int) int) {
		fmt.Fprintf(&b, "| %s |", what)
		for abi := range abiNames {
			fmt.Fprintf(&b, " %d |", n(count[abi]))
		}
		b.WriteByte('\n')
	}
	line("calls", func(c [depthDecoder + 1]int) int { return len(all) - c[depthAbsent] })
	line("described", func(c [depthDecoder + 1]int) int { return c[depthDescribed] + c[depthDecoder] })
	line("of these with Go", func(c [depthDecoder + 1]int) int { return c[depthDecoder] })
	line("raw", func(c [depthDecoder + 1]int) int { return c[depthPlain] })
	b.WriteString("\n| call |" + strings.Join(mapNames(func(n string) string { return " " + n + " |" }), "") + "\n")
	b.WriteString("| ---- |" + strings.Repeat(" --- |", numABI) + "\n")
	words := [...]string{depthAbsent: " |", depthPlain: " raw |", depthDescribed: " full |", depthDecoder: " Go |"}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		fmt.Fprintf(&b, "| %s |", name)
		for _, d := range all[name] {
			b.WriteString(words[d])
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func mapNames(f func(string) string) (list []string) {
	for _, n := range abiNames {
		list = append(list, f(n))
	}
	return list
}

// A todoList is desc/todo.txt: the calls that nobody described yet.
type todoList struct {
	most  int // entries that there may be: only ever less
	calls []string
}

const todoHead = `# Calls without a row: NAME, or NAME@ABI,ABI where other ABIs have one.
#
# go generate takes away what has been described and never adds anything. A call
# that is new in numbers.txt needs a row; so that this list only shrinks, it may not
# have more entries than the next line says.
`

func parseTodo(text string) (l todoList, err error) {
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(strings.TrimSpace(line), "#")
		most, isMost := strings.CutPrefix(line, "most ")
		switch {
		case line == "":
		case isMost:
			if l.most, err = strconv.Atoi(strings.TrimSpace(most)); err != nil {
				return l, fmt.Errorf("todo.txt: %w", err)
			}
		default:
			l.calls = append(l.calls, strings.TrimSpace(line))
		}
	}
	return l, nil
}

// shrink returns the list of the calls that are still not described. It fails if
// one of them was not on the list, or the list is longer than it may be.
func (l todoList) shrink(missing []string) (todoList, error) {
	if len(l.calls) > l.most {
		return l, fmt.Errorf("todo.txt has %d entries, at most %d are allowed: describe calls instead", len(l.calls), l.most)
	}
	for _, m := range missing {
		if !l.covers(m) {
			return l, fmt.Errorf("%s has no row: describe it", m)
		}
	}
	return todoList{most: len(missing), calls: missing}, nil
}

// covers reports whether a call was on the list, on these ABIs or on all.
func (l todoList) covers(call string) bool {
	name, abis, _ := strings.Cut(call, "@")
	for _, c := range l.calls {
		n, a, some := strings.Cut(c, "@")
		if n != name || some && abis == "" {
			continue
		}
		have := strings.Split(a, ",")
		if !some || !slices.ContainsFunc(strings.Split(abis, ","), func(abi string) bool { return !slices.Contains(have, abi) }) {
			return true
		}
	}
	return false
}

func (l todoList) text() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%smost %d\n\n", todoHead, l.most)
	for _, c := range l.calls {
		b.WriteString(c + "\n")
	}
	return b.Bytes()
}

// reports makes docs/coverage.md and desc/todo.txt, whose old version is in dir.
func reports(p *program, dir string) ([]output, error) {
	all := p.coverage()
	missing := undescribed(all)
	text, err := os.ReadFile(filepath.Join(dir, "desc", "todo.txt"))
	if err != nil {
		return nil, err
	}
	old, err := parseTodo(string(text))
	if err != nil {
		return nil, err
	}
	todo, err := old.shrink(missing)
	if err != nil {
		return nil, err
	}
	return []output{
		{filepath.Join("..", "docs", "coverage.md"), emitCoverage(all)},
		{filepath.Join("desc", "todo.txt"), todo.text()},
	}, nil
}
