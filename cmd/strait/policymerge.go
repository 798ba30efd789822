package main

import (
	"strait/policy"
)

// policyMerge is strait policy merge.
func policyMerge(v *policyCommand) func() (int, error) {
	v.machine()
	write := v.output()
	union := v.flags.Bool("union", false, "allow what any of them allows")
	intersection := v.flags.Bool("intersection", false, "allow what all of them allow")
	return func() (int, error) {
		if *union == *intersection {
			return 0, badUsage("say either --union or --intersection")
		}
		mode := policy.Union
		if *intersection {
			mode = policy.Intersection
		}
		p, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		for _, name := range v.args[1:] {
			q, err := v.load(name)
			if err != nil {
				return 0, err
			}
			f, lost := policy.Merge(p, q, mode)
			v.lost(lost)
			if p, err = policy.New(f, v.options()); err != nil {
				return 0, err
			}
		}
		return statusYes, write(p.File.Format())
	}
}
