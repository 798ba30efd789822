package match

import "strait/internal/bpf"

// Lower returns the condition as a filter can test it, over the registers. When
// it is exact it holds exactly when Eval says True; else, where the answer lies
// in memory or elsewhere, it holds at least whenever Eval does not say False.
func (p *Pred) Lower() (c bpf.Cond, exact bool) { return p.root.lower(true) }

// lower returns a condition that holds more often than n if it is not exact, or
// less often, as over says.
func (n *pnode) lower(over bool) (bpf.Cond, bool) {
	switch n.kind {
	case pNot:
		c, exact := n.kids[0].lower(!over)
		return bpf.Not{C: c}, exact
	case pAnd, pOr:
		parts, exact := make([]bpf.Cond, len(n.kids)), true
		for i := range n.kids {
			c, ok := n.kids[i].lower(over)
			parts[i], exact = c, exact && ok
		}
		if n.kind == pAnd {
			return bpf.And(parts), exact
		}
		return bpf.Or(parts), exact
	}
	if n.kind == pNumber && n.lowers {
		return n.test, true
	}
	if over {
		return bpf.And{}, false
	}
	return bpf.Or{}, false
}
