package policy

import (
	_ "embed" // groups.txt
	"slices"
	"strings"
	"sync"

	"strait/syscalls"
)

//go:embed groups.txt
var groupText string

// A group is a named set of calls.
type group struct {
	name, doc string
	calls     []string // sorted
}

// builtin parses groups.txt once; a test holds that it is well-formed.
var builtin = sync.OnceValue(func() []group {
	var out []group
	for line := range strings.Lines(groupText) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "" || line[0] == '#':
		case line[0] == '@':
			name, doc, _ := strings.Cut(line, "\t")
			out = append(out, group{name: name, doc: doc})
		default:
			g := &out[len(out)-1]
			g.calls = append(g.calls, strings.Fields(line)...)
		}
	}
	for i := range out {
		slices.Sort(out[i].calls)
		out[i].calls = slices.Compact(out[i].calls)
	}
	return out
})

// Groups yields the names of the built-in groups and what they are for.
func Groups(yield func(name, doc string) bool) {
	for _, g := range builtin() {
		if !yield(g.name, g.doc) {
			return
		}
	}
}

// GroupCalls returns the calls of a built-in group, sorted, or nil.
func GroupCalls(name string) []string {
	for _, g := range builtin() {
		if g.name == name {
			return slices.Clone(g.calls)
		}
	}
	return nil
}

// groupsOf returns the built-in groups that call is in.
func groupsOf(call string) []string {
	var out []string
	for _, g := range builtin() {
		if _, ok := slices.BinarySearch(g.calls, call); ok {
			out = append(out, g.name)
		}
	}
	return out
}

// isCall reports whether any ABI has a call of this name.
func isCall(name string) bool {
	_, ok := callNames()[name]
	return ok
}

var callNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	for id := range syscalls.NumABI {
		for _, c := range syscalls.ByID(id).All {
			names[c.Name] = true
		}
	}
	return names
})
