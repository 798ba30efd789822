package policy

import (
	"net/netip"
	"slices"

	"strait/internal/bpf"
)

// elsewhere is an address for documentation (RFC 5737): a host like any other.
var elsewhere = netip.AddrFrom4([4]byte{192, 0, 2, 1})

// conditions adds the arguments that the conditions of a call's rules name.
func (w *witnesses) conditions(pl *plan) {
	for _, list := range pl.rules {
		for i := range list {
			if list[i].pred == nil {
				continue
			}
			cond, _ := list[i].pred.Lower()
			w.tests(cond)
		}
	}
}

// tests adds a call with each value that a condition compares with.
func (w *witnesses) tests(c bpf.Cond) {
	switch c := c.(type) {
	case bpf.And:
		for _, x := range c {
			w.tests(x)
		}
	case bpf.Or:
		for _, x := range c {
			w.tests(x)
		}
	case bpf.Not:
		w.tests(c.C)
	case bpf.Test:
		for _, r := range c.In {
			var args [6]uint64
			args[c.Arg] = r.Lo
			if !slices.Contains(w.args, args) {
				w.args = append(w.args, args)
			}
		}
	}
}
