package bpf

import "golang.org/x/net/bpf"

// Numbers are the calls of one ABI that a tracer wants to see.
type Numbers struct {
	Audit uint32   // AUDIT_ARCH_*
	X32   bool     // see Arch
	Bits  []uint64 // bit nr%64 of word nr/64: stop at call nr
	Rest  bool     // stop at the numbers beyond Bits too
	// If has conditions under which to stop at numbers that are in Bits.
	If map[uint32]Cond
}

// TraceFilter returns a tracer's own filter: it stops the thread (RET_TRACE) at
// the calls wanted, and at all calls of architectures that are not among abis,
// and lets everything else run.
func TraceFilter(abis []Numbers) ([]bpf.RawInstruction, error) {
	f := Filter{Other: Trace, NoCall: Trace}
	for _, n := range abis {
		x := Arch{Audit: n.Audit, X32: n.X32, Rest: Allow}
		if n.Rest {
			x.Rest = Trace
		}
		for i, w := range n.Bits {
			for b := range 64 {
				nr, act := uint32(64*i+b), Allow
				if w>>b&1 != 0 {
					act = Trace
				}
				if c, ok := n.If[nr]; ok && act == Trace {
					x.Calls = append(x.Calls, Call{Nr: nr, Rules: []Rule{{c, Trace}}, Else: Allow})
					continue
				}
				x.add(nr, nr, act)
			}
		}
		f.Arches = append(f.Arches, x)
	}
	return f.Assemble()
}

// add appends numbers with one action, to the last row of them if they follow it.
func (x *Arch) add(first, last uint32, act Action) {
	if n := len(x.Calls); n > 0 && x.Calls[n-1].last()+1 == first && x.Calls[n-1].Else == act && x.Calls[n-1].Rules == nil {
		x.Calls[n-1].Last = last
		return
	}
	x.Calls = append(x.Calls, Call{Nr: first, Last: last, Else: act})
}
