package main

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// dumpedField is a field as clang's record layout dump shows it.
type dumpedField struct {
	name  string
	place Place
}

// dumpFields lists the fields of a type, also those of the structures in it,
// as dotted paths. Structures without a name add nothing to the path.
func (c *compiler) dumpFields(a abi, prelude, ctype string) ([]dumpedField, error) {
	src := prelude + "struct probed_type { " + ctype + " it; };\n"
	out, diag, ok, err := c.run(a, src, "-fsyntax-only", "-Xclang", "-fdump-record-layouts-complete")
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, errors.New(firstError(diag))
	}
	_, block, found := strings.Cut(out, " 0 | struct probed_type\n")
	if !found {
		return nil, fmt.Errorf("clang shows no layout of %s", ctype)
	}
	block, _, _ = strings.Cut(block, "[sizeof=")
	return parseFields(block)
}

// parseFields reads lines like
//
//	16 |     union x::(anonymous at ...)     (a space, and no name, at the end)
//	40:7-8 |     __u64 precise_ip
//
// below the line of the probe's only field.
func parseFields(block string) ([]dumpedField, error) {
	line := regexp.MustCompile(`^ *(\d+)(?::(\d+)-(\d+))? \|( +)(.*)$`)
	var fields []dumpedField
	var path []string // the names of the fields around the line, by depth
	for text := range strings.Lines(block) {
		m := line.FindStringSubmatch(strings.TrimSuffix(text, "\n"))
		if m == nil {
			continue
		}
		// The probe's field has three spaces before it, its fields five.
		depth := (len(m[4]) - 5) / 2
		if len(m[4]) < 5 {
			continue
		}
		name := m[5][strings.LastIndexByte(m[5], ' ')+1:] // "" without one
		path = append(path[:depth], name)
		if name == "" {
			continue
		}
		place, err := parsePlace(m[1], m[2], m[3])
		if err != nil {
			return nil, err
		}
		fields = append(fields, dumpedField{joinNames(path), place})
	}
	return fields, nil
}

func parsePlace(offset, first, last string) (Place, error) {
	at, err := strconv.Atoi(offset)
	if err != nil || first == "" {
		return Place{Known: true, Offset: at}, err
	}
	from, err := strconv.Atoi(first)
	if err != nil {
		return Place{}, err
	}
	to, err := strconv.Atoi(last)
	if err != nil {
		return Place{}, err
	}
	return Place{Known: true, Offset: at, Bit: from, Bits: to - from + 1}, nil
}

func joinNames(path []string) string {
	var b strings.Builder
	for _, name := range path {
		if name != "" && b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
	}
	return b.String()
}
