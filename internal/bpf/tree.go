package bpf

import (
	"slices"

	"golang.org/x/net/bpf"
)

// A cut is an interval of words, from lo to where the next cut begins.
type cut struct {
	lo, hi uint32 // hi: used only before gaps are filled
	to     label
	weight int
}

// tree writes a search for the word in the accumulator among cuts, which are in
// order and cover all words. Each comparison halves the weight that is left, so
// what happens often is found in few steps.
func (a *assembler) tree(cuts []cut) { a.search(cuts, 1<<32) }

// search is tree for words below end.
func (a *assembler) search(cuts []cut, end uint64) {
	if len(cuts) == 1 {
		a.jump(cuts[0].to)
		return
	}
	if values, other, ok := singles(cuts, end); ok {
		for _, c := range values {
			next := a.newLabel()
			a.jumpIf(bpf.JumpEqual, c.lo, c.to, next)
			a.place(next)
		}
		a.jump(other)
		return
	}
	m := middle(cuts)
	left, right := cuts[:m], cuts[m:]
	lt, rt := a.target(left), a.target(right)
	a.jumpIf(bpf.JumpGreaterOrEqual, right[0].lo, rt, lt)
	if len(left) > 1 {
		a.place(lt)
		a.search(left, uint64(right[0].lo))
	}
	if len(right) > 1 {
		a.place(rt)
		a.search(right, end)
	}
}

// maxSingles is how many comparisons in a row are no longer than a search.
const maxSingles = 3

// singles reports whether cuts are few single values in the midst of words that
// all lead to the same place, and returns the values, the most frequent first.
func singles(cuts []cut, end uint64) (values []cut, other label, ok bool) {
	other = -1
	for i, c := range cuts {
		next := end
		if i+1 < len(cuts) {
			next = uint64(cuts[i+1].lo)
		}
		switch {
		case c.to == other:
		case uint64(c.lo)+1 == next && len(values) < maxSingles:
			values = append(values, c)
		case other == -1:
			other = c.to
		default:
			return nil, 0, false
		}
	}
	if other == -1 { // nothing but values: the last need not be compared
		other = values[len(values)-1].to
	}
	values = slices.DeleteFunc(values, func(c cut) bool { return c.to == other })
	slices.SortStableFunc(values, func(p, q cut) int { return q.weight - p.weight })
	return values, other, true
}

// target is where a side of the tree begins.
func (a *assembler) target(side []cut) label {
	if len(side) == 1 {
		return side[0].to
	}
	return a.newLabel()
}

// middle returns where to split: the weights of both sides are as equal as can
// be. An interval without weight counts a little, so that a crowd of rare ones
// does not become a list.
func middle(cuts []cut) int {
	cost := func(c cut) int { return 4*c.weight + 1 }
	total := 0
	for _, c := range cuts {
		total += cost(c)
	}
	best, at, sum := total+1, 1, 0
	for i := 1; i < len(cuts); i++ {
		sum += cost(cuts[i-1])
		d := total - 2*sum
		if d < 0 {
			d = -d
		}
		if d < best {
			best, at = d, i
		}
	}
	return at
}
