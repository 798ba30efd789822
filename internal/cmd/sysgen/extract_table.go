package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fact is one line of a fact file: a name and its value for each ABI, in the
// order of abis. A nil value means that the ABI does not have it.
type fact struct {
	name   string
	values []*constant
	header string // where it came from; written when the file asks for it
}

// factTable gathers facts by name.
type factTable map[string]*fact

// set records a value, unless an earlier call gave the name another one for
// this ABI; it reports whether the table and the value agree.
func (t factTable) set(name, header string, column int, k constant) bool {
	f := t[name]
	if f == nil {
		f = &fact{name: name, header: header, values: make([]*constant, len(abis()))}
		t[name] = f
	}
	if old := f.values[column]; old != nil {
		return old.String() == k.String()
	}
	f.values[column] = &k
	return true
}

// absorb takes over the values that f lacks, if g says nothing else about the
// ABIs that f has; it reports whether it does not.
func (f *fact) absorb(g *fact) bool {
	for i, k := range g.values {
		if k != nil && f.values[i] != nil && k.String() != f.values[i].String() {
			return false
		}
	}
	for i, k := range g.values {
		if f.values[i] == nil {
			f.values[i] = k
		}
	}
	return true
}

// sorted returns the facts by name, in byte order.
func (t factTable) sorted() []*fact {
	facts := make([]*fact, 0, len(t))
	for _, name := range slices.Sorted(maps.Keys(t)) {
		facts = append(facts, t[name])
	}
	return facts
}

// columns prints one value per ABI, "-" where there is none.
func (f *fact) columns() string {
	fields := make([]string, len(f.values))
	for i, k := range f.values {
		fields[i] = "-"
		if k != nil {
			fields[i] = k.String()
		}
	}
	return strings.Join(fields, " ")
}

// brief is columns, or the one value when every ABI has the same.
func (f *fact) brief() string {
	all := f.columns()
	first, _, _ := strings.Cut(all, " ")
	if first == "-" || all != strings.TrimSpace(strings.Repeat(first+" ", len(f.values))) {
		return all
	}
	return first
}

// fileHeader is the comment every fact file starts with.
func fileHeader(version, what string) string {
	var b strings.Builder
	for line := range strings.Lines(strings.TrimSpace(what) + "\n") {
		b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
	}
	fmt.Fprintf(&b, "#\n# From the UAPI headers of Linux %s; made by\n", version)
	b.WriteString("#   go run ./internal/cmd/sysgen extract -headers DIR\n# Do not edit.\n\n")
	return b.String()
}
