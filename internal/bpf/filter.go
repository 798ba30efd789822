package bpf

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/net/bpf"
)

// A Filter says what the kernel is to do about system calls. Its zero value
// kills every process.
type Filter struct {
	Arches []Arch
	// Other is the action on calls of any other architecture.
	Other Action
	// NoCall is Trace or Allow, which anything else means: the action on number -1, which
	// a program can call by, and which a tracer sets that has skipped a call at its entry and has
	// set its result. Whatever else a filter returned would replace that.
	NoCall Action
}

// An Arch is the calls of one ABI.
type Arch struct {
	Audit uint32 // AUDIT_ARCH_*, include/uapi/linux/audit.h
	// X32 is set for the ABI that shares AUDIT_ARCH_X86_64 and whose numbers
	// have bit 30 set. Numbers in Calls are without it.
	X32   bool
	Calls []Call
	Rest  Action // on the numbers that are not in Calls
}

// A Call is one number, or a row of numbers with the same rules.
type Call struct {
	Nr, Last uint32 // Last: of a row of numbers; 0: Nr alone
	Weight   int    // how often it happens, against others; at least 1 is assumed
	Rules    []Rule // the first whose condition holds
	Else     Action // when none does
}

// A Rule is an action under a condition.
type Rule struct {
	If   Cond // nil: always
	Then Action
}

// x32Bit is __X32_SYSCALL_BIT.
const x32Bit = 0x40000000

// noCall is number -1.
const noCall = 1<<32 - 1

// Assemble returns the program, which is at most MaxInstructions long. The error
// wraps ErrTooLong if it would be longer.
func (f *Filter) Assemble() ([]bpf.RawInstruction, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	a := newAssembler()
	g := &generator{a: a, leaves: map[string]label{}, noCall: Allow}
	if f.NoCall == Trace {
		g.noCall = Trace
	}
	a.load(plain(offArch))
	done := map[uint32]bool{}
	for i := range f.Arches {
		audit := f.Arches[i].Audit
		if done[audit] {
			continue
		}
		done[audit] = true
		here, next := a.newLabel(), a.newLabel()
		a.jumpIf(bpf.JumpEqual, audit, here, next)
		a.place(here)
		a.load(plain(offNr))
		a.tree(g.numbers(f.Arches, audit, f.Other))
		a.place(next)
	}
	a.jump(a.ret(f.Other))
	g.bodies()
	return a.assemble()
}

func (f *Filter) check() error {
	seen := map[[2]uint32]bool{}
	for i := range f.Arches {
		x := &f.Arches[i]
		key := [2]uint32{x.Audit, 0}
		if x.X32 {
			key[1] = x32Bit
		}
		if seen[key] {
			return fmt.Errorf("assemble: architecture %#x stands twice", x.Audit)
		}
		seen[key] = true
		for j := range x.Calls {
			if c := &x.Calls[j]; c.Nr >= x32Bit || c.last() >= x32Bit {
				return fmt.Errorf("assemble: call number %d of architecture %#x: not a number", c.Nr, x.Audit)
			}
		}
	}
	return nil
}

func (c *Call) last() uint32 { return max(c.Nr, c.Last) }

// A generator makes the leaves of the search trees: each set of rules once.
type generator struct {
	a      *assembler
	leaves map[string]label
	noCall Action // on number -1
	queue  []*Call
	at     []label // of queue
}

// leaf returns where the rules of c are decided.
func (g *generator) leaf(c *Call) label {
	if len(c.Rules) == 0 {
		return g.a.ret(c.Else)
	}
	key := c.key()
	l, ok := g.leaves[key]
	if !ok {
		l = g.a.newLabel()
		g.leaves[key] = l
		g.queue, g.at = append(g.queue, c), append(g.at, l)
	}
	return l
}

func (c *Call) key() string {
	var b strings.Builder
	for _, r := range c.Rules {
		if r.If != nil {
			b.WriteString(r.If.String())
		}
		fmt.Fprintf(&b, "→%#x;", uint32(r.Then))
	}
	fmt.Fprintf(&b, "%#x", uint32(c.Else))
	return b.String()
}

// bodies writes the leaves that leaf was asked for.
func (g *generator) bodies() {
	for i, c := range g.queue {
		g.a.place(g.at[i])
		g.rules(c)
	}
}

func (g *generator) rules(c *Call) {
	for _, r := range c.Rules {
		if r.If == nil {
			g.a.jump(g.a.ret(r.Then))
			return
		}
		next := g.a.newLabel()
		r.If.gen(g.a, g.a.ret(r.Then), next)
		g.a.place(next)
	}
	g.a.jump(g.a.ret(c.Else))
}

// numbers returns the intervals of the numbers under one AUDIT_ARCH.
func (g *generator) numbers(arches []Arch, audit uint32, other Action) []cut {
	low, high := other, other // on numbers without and with bit 30 that nobody mentions
	var cuts []cut
	for i := range arches {
		x := &arches[i]
		if x.Audit != audit {
			continue
		}
		if x.X32 {
			high = x.Rest
			cuts = append(cuts, g.calls(x, x32Bit)...)
			continue
		}
		low = x.Rest
		cuts = append(cuts, g.calls(x, 0)...)
	}
	if audit != auditX86 { // bit 30 means nothing there
		high = low
	}
	slices.SortFunc(cuts, func(p, q cut) int { return cmp.Compare(p.lo, q.lo) })
	return g.fill(cuts, g.a.ret(low), g.a.ret(high))
}

// auditX86 is AUDIT_ARCH_X86_64, where numbers with bit 30 are x32's, also when
// the filter does not mention that ABI.
const auditX86 = 0xc000003e

// calls returns the numbers of x alone, each as an interval with its end in hi.
func (g *generator) calls(x *Arch, bit uint32) []cut {
	cuts := make([]cut, 0, len(x.Calls))
	for i := range x.Calls {
		c := &x.Calls[i]
		cuts = append(cuts, cut{lo: c.Nr | bit, hi: c.last() | bit, to: g.leaf(c), weight: max(1, c.Weight)})
	}
	return cuts
}

// fill closes the gaps between sorted intervals, and joins neighbours that lead
// to the same place.
func (g *generator) fill(calls []cut, low, high label) []cut {
	var out []cut
	add := func(lo uint32, to label, weight int) {
		if n := len(out); n > 0 && out[n-1].to == to {
			out[n-1].weight += weight
			return
		}
		out = append(out, cut{lo: lo, to: to, weight: weight})
	}
	gap := func(from, to uint64) { // [from, to)
		if from < to && from < x32Bit {
			add(uint32(from), low, 0)
		}
		if from < to && to > x32Bit {
			add(uint32(max(from, x32Bit)), high, 0)
		}
	}
	next := uint64(0)
	for _, c := range calls {
		gap(next, uint64(c.lo))
		if uint64(c.lo) < next { // the first of two that overlap counts
			c.lo = uint32(next)
		}
		if c.lo <= c.hi {
			add(c.lo, c.to, c.weight)
			next = uint64(c.hi) + 1
		}
	}
	gap(next, noCall)
	add(noCall, g.a.ret(g.noCall), 0)
	return out
}
