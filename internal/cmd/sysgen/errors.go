package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A position is a place in a description file; lines and columns count from 1,
// columns in bytes.
type position struct {
	file      string
	line, col int
}

func (p position) String() string { return fmt.Sprintf("%s:%d:%d", p.file, p.line, p.col) }

// A diagnostic is one mistake in a description.
type diagnostic struct {
	at   position
	msg  string
	hint string // what to do about it, or ""
}

func (d diagnostic) Error() string {
	if d.hint == "" {
		return fmt.Sprintf("%s: %s", d.at, d.msg)
	}
	return fmt.Sprintf("%s: %s (%s)", d.at, d.msg, d.hint)
}

// failf gives up on the statement at hand. It is caught by diagnostics.catch.
func failf(at position, hint, format string, args ...any) {
	panic(diagnostic{at: at, msg: fmt.Sprintf(format, args...), hint: hint})
}

// diagnostics are the mistakes found so far: one at a place, however many ABIs
// have it.
type diagnostics struct {
	list []diagnostic
	seen map[position]bool
}

func (ds *diagnostics) add(d diagnostic) {
	if ds.seen[d.at] {
		return
	}
	if ds.seen == nil {
		ds.seen = map[position]bool{}
	}
	ds.seen[d.at] = true
	ds.list = append(ds.list, d)
}

// catch runs f and keeps the diagnostic that it failed with.
func (ds *diagnostics) catch(f func()) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case diagnostic:
			ds.add(e)
		default:
			panic(e)
		}
	}()
	f()
}

// maxShown is how many mistakes are worth reading at once.
const maxShown = 25

// err returns all mistakes as one error, in the order of the files, or nil.
func (ds *diagnostics) err() error {
	if len(ds.list) == 0 {
		return nil
	}
	slices.SortStableFunc(ds.list, func(a, b diagnostic) int {
		return cmp.Or(cmp.Compare(a.at.file, b.at.file),
			cmp.Compare(a.at.line, b.at.line), cmp.Compare(a.at.col, b.at.col))
	})
	var b strings.Builder
	for i, d := range ds.list {
		if i == maxShown {
			fmt.Fprintf(&b, "... and %d more\n", len(ds.list)-maxShown)
			break
		}
		b.WriteString(d.Error())
		b.WriteByte('\n')
	}
	return fmt.Errorf("%s", strings.TrimSuffix(b.String(), "\n"))
}

// didYouMean returns a hint naming the known word nearest to word, or other when
// none is near.
func didYouMean(word string, known []string, other string) string {
	best, least := "", len(word)/3+2
	for _, k := range known {
		if d := distance(word, k); d < least || d == least && best != "" && k < best {
			best, least = k, d
		}
	}
	if best == "" {
		return other
	}
	return fmt.Sprintf("did you mean %q?", best)
}

// distance is the number of edits from a to b: a byte more, less or changed, or
// two neighbours swapped.
func distance(a, b string) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		before, last, row = last, row, before
		row[0] = i + 1
		for j := range len(b) {
			d := last[j]
			if a[i] != b[j] {
				d++
			}
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				d = min(d, before[j-1]+1)
			}
			row[j+1] = min(d, row[j]+1, last[j+1]+1)
		}
	}
	return row[len(b)]
}
