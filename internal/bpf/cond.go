package bpf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Cond is a condition over the argument registers: And, Or, Not or Test.
type Cond interface {
	// Holds reports whether the condition holds for these registers.
	Holds(args *[6]uint64) bool
	// String writes the condition so that equal strings are equal conditions.
	String() string
	gen(a *assembler, t, f label)
}

// And holds when every part does; an empty And always.
type And []Cond

// Or holds when a part does; an empty Or never.
type Or []Cond

// Not holds when C does not.
type Not struct{ C Cond }

// A Test holds when an argument, cut to Width bytes and masked, is in one of the
// ranges. What the register has above the width is ignored, as the kernel
// ignores it.
type Test struct {
	Arg    int    // which register, 0 to 5
	Width  int    // bytes: 1, 2, 4 or 8
	Pair   bool   // 64 bits, the high word of which is in register Arg+1
	Signed bool   // the ranges are of signed numbers, as two's complement
	Mask   uint64 // 0: all bits
	In     []Range
}

// A Range is the numbers from Lo to Hi, both included.
type Range struct{ Lo, Hi uint64 }

// Equal is the Range of one value.
func Equal(v uint64) Range { return Range{v, v} }

// Holds reports whether all parts hold.
func (c And) Holds(args *[6]uint64) bool {
	for _, x := range c {
		if !x.Holds(args) {
			return false
		}
	}
	return true
}

// Holds reports whether any part holds.
func (c Or) Holds(args *[6]uint64) bool {
	for _, x := range c {
		if x.Holds(args) {
			return true
		}
	}
	return false
}

// Holds reports whether the negated condition does not hold.
func (c Not) Holds(args *[6]uint64) bool { return !c.C.Holds(args) }

// Holds reports whether the argument is in one of the ranges.
func (c Test) Holds(args *[6]uint64) bool {
	v := args[c.Arg]
	if c.Pair {
		v = v&0xffffffff | args[c.Arg+1]<<32
	}
	v &= c.full()
	if c.Mask != 0 {
		v &= c.Mask
	}
	v ^= c.bias()
	for _, r := range c.ranges() {
		if r.Lo <= v && v <= r.Hi {
			return true
		}
	}
	return false
}

// full is the mask of the bits that the width has.
func (c Test) full() uint64 {
	if c.Pair || c.Width >= 8 {
		return 1<<64 - 1
	}
	return 1<<(8*c.Width) - 1
}

// bias is what turns signed order into unsigned order when xored to a value.
func (c Test) bias() uint64 {
	if !c.Signed {
		return 0
	}
	return c.full() &^ (c.full() >> 1)
}

// Biased returns the test for those who have the value at hand: it holds when
// (v & cut & Mask) ^ bias is in one of the ranges, which are in order.
func (c Test) Biased() (set []Range, cut, bias uint64) { return c.ranges(), c.full(), c.bias() }

// ranges returns the ranges biased, cut to the width, sorted and merged.
func (c Test) ranges() []Range {
	out := make([]Range, 0, len(c.In))
	for _, r := range c.In {
		lo, hi := r.Lo&c.full()^c.bias(), r.Hi&c.full()^c.bias()
		if lo <= hi {
			out = append(out, Range{lo, hi})
		}
	}
	slices.SortFunc(out, func(a, b Range) int { return cmp.Compare(a.Lo, b.Lo) })
	merged := out[:0]
	for _, r := range out {
		if n := len(merged); n > 0 && (merged[n-1].Hi == 1<<64-1 || r.Lo <= merged[n-1].Hi+1) {
			merged[n-1].Hi = max(merged[n-1].Hi, r.Hi)
			continue
		}
		merged = append(merged, r)
	}
	return merged
}

func (c And) String() string { return join(c, " && ", "true") }

func (c Or) String() string { return join(c, " || ", "false") }

func (c Not) String() string { return "!" + c.C.String() }

func join(c []Cond, op, empty string) string {
	if len(c) == 0 {
		return empty
	}
	parts := make([]string, len(c))
	for i, x := range c {
		parts[i] = x.String()
	}
	return "(" + strings.Join(parts, op) + ")"
}

func (c Test) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "arg%d:%d", c.Arg, c.Width)
	if c.Pair {
		b.WriteString("pair")
	}
	if c.Signed {
		b.WriteString("s")
	}
	if c.Mask != 0 {
		fmt.Fprintf(&b, "&%#x", c.Mask)
	}
	b.WriteString(" in {")
	for i, r := range c.ranges() {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%#x", r.Lo^c.bias())
		if r.Hi != r.Lo {
			fmt.Fprintf(&b, "..%#x", r.Hi^c.bias())
		}
	}
	b.WriteString("}")
	return b.String()
}
