package match

// A Probe is what one comparison of a predicate looks at, with values that it
// tells apart: those at its bounds, and their neighbours.
type Probe struct {
	Args   []int    // which arguments of the row; nil: what Env has, or the event
	Reg    int      // the register of a number; -1: it is in memory, or none
	Member []string // within the argument
	Env    string   // comm, exe or ""

	Numbers []uint64
	Strings []string // constants, or patterns of paths
}

// Probes calls f for each comparison.
func (p *Pred) Probes(f func(Probe)) { p.root.probes(f) }

func (n *pnode) probes(f func(Probe)) {
	switch n.kind {
	case pNumber:
		reg := -1
		if n.lowers {
			reg = n.test.Arg
		}
		f(Probe{Args: n.args, Reg: reg, Member: n.member, Numbers: n.numbers()})
	case pString:
		out := Probe{Args: n.args, Reg: -1, Member: n.member, Strings: n.patterns}
		switch n.src {
		case srcComm:
			out.Env = "comm"
		case srcExe:
			out.Env = "exe"
		}
		f(out)
	default:
		for i := range n.kids {
			n.kids[i].probes(f)
		}
	}
}

// numbers are those at and beside the bounds of the ranges. Under a mask, none
// and the first of its bits are among them.
func (n *pnode) numbers() []uint64 {
	var out []uint64
	for _, r := range n.set {
		for _, v := range [...]uint64{r.Lo, r.Hi, r.Lo - 1, r.Hi + 1} {
			out = append(out, v^n.bias)
		}
	}
	if n.mask != 0 && n.mask+1 != 0 {
		out = append(out, 0, n.mask&-n.mask, n.mask)
	}
	return out
}
