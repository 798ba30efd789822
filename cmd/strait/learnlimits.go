package main

import "strait/policy"

// learnLimits declares how far learning may go beyond what it saw.
func (v *policyCommand) learnLimits() *policy.LearnOptions {
	o := &policy.LearnOptions{}
	v.flags.IntVar(&o.Siblings, "siblings", 4, "let `N` names in a directory become all names there, N hosts any host; -1: never")
	v.flags.StringSliceVar(&o.Include, "include", []string{"std/runtime"}, "start a new policy from `POLICIES`: what they allow is not learnt")
	protect := v.flags.StringArray("protect", nil, "a `PATTERN` below which nothing is widened, besides ~/.ssh and the like")
	o.Protected = policy.Protected()
	v.before = append(v.before, func() { o.Protected = append(o.Protected, *protect...) })
	return o
}
