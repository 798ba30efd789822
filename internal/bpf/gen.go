package bpf

import "slices"

func (c And) gen(a *assembler, t, f label) {
	for _, x := range c {
		next := a.newLabel()
		x.gen(a, next, f)
		a.place(next)
	}
	a.jump(t)
}

func (c Or) gen(a *assembler, t, f label) {
	for _, x := range c {
		next := a.newLabel()
		x.gen(a, t, next)
		a.place(next)
	}
	a.jump(f)
}

func (c Not) gen(a *assembler, t, f label) { c.C.gen(a, f, t) }

// Offsets in struct seccomp_data.
const (
	offNr   = 0
	offArch = 4
	offArgs = 16
)

// gen compares the high word first, by a search tree over its values; each
// interval of high words has its own set of low words.
func (c Test) gen(a *assembler, t, f label) {
	lowOff, highOff := uint32(offArgs+8*c.Arg), uint32(offArgs+8*c.Arg+4)
	if c.Pair {
		highOff = uint32(offArgs + 8*(c.Arg+1))
	}
	mask := c.full()
	if c.Mask != 0 {
		mask &= c.Mask
	}
	low := func(set []Range) {
		a.load(word{lowOff, uint32(mask), uint32(c.bias())})
		a.tree(lowCuts(set, t, f))
	}
	if c.full()>>32 == 0 {
		low(c.ranges())
		return
	}
	cuts, bodies := highCuts(a, c.ranges(), t, f)
	a.load(word{highOff, uint32(mask >> 32), uint32(c.bias() >> 32)})
	a.tree(cuts)
	for _, b := range bodies {
		a.place(b.at)
		low(b.set)
	}
}

// lowCuts turns a set of 32-bit ranges into intervals that cover all words.
func lowCuts(set []Range, t, f label) []cut {
	cuts := []cut{{lo: 0, to: f, weight: 1}}
	add := func(lo uint64, to label) {
		if lo > 1<<32-1 {
			return
		}
		if last := &cuts[len(cuts)-1]; last.lo == uint32(lo) {
			last.to = to
			return
		}
		cuts = append(cuts, cut{lo: uint32(lo), to: to, weight: 1})
	}
	for _, r := range set {
		add(r.Lo, t)
		add(r.Hi+1, f)
	}
	return cuts
}

// A body is a low-word comparison that a high word leads to.
type body struct {
	at  label
	set []Range
}

// highCuts splits sorted 64-bit ranges by their high words.
func highCuts(a *assembler, set []Range, t, f label) ([]cut, []body) {
	var bodies []body
	cuts := []cut{{lo: 0, to: f, weight: 1}}
	for _, high := range highStarts(set) {
		to := f
		switch lows := lowSet(set, high); {
		case len(lows) == 1 && lows[0] == (Range{0, 1<<32 - 1}):
			to = t
		case len(lows) > 0:
			to = a.newLabel()
			bodies = append(bodies, body{to, lows})
		}
		if high == 0 {
			cuts[0].to = to
			continue
		}
		cuts = append(cuts, cut{lo: uint32(high), to: to, weight: 1})
	}
	return cuts, bodies
}

// highStarts returns the high words at which the set of low words may change.
func highStarts(set []Range) []uint64 {
	var starts []uint64
	for _, r := range set {
		starts = append(starts, r.Lo>>32, r.Lo>>32+1, r.Hi>>32, r.Hi>>32+1)
	}
	slices.Sort(starts)
	starts = slices.Compact(starts)
	return slices.DeleteFunc(starts, func(h uint64) bool { return h > 1<<32-1 })
}

// lowSet returns the low words that are in the set together with a high word.
func lowSet(set []Range, high uint64) []Range {
	var out []Range
	first, last := high<<32, high<<32|(1<<32-1)
	for _, r := range set {
		lo, hi := max(r.Lo, first), min(r.Hi, last)
		if lo <= hi {
			out = append(out, Range{lo & (1<<32 - 1), hi & (1<<32 - 1)})
		}
	}
	return out
}
