package main

import "strait/policy"

// learnLimits declares how far learning may go beyond what it saw.
func (v *policyCommand) learnLimits() *policy.LearnOptions {
	o := &policy.LearnOptions{}
	v.flags.IntVar(&o.Siblings, "siblings", 4, "how many `N` names in a directory become all names there")
	v.flags.StringSliceVar(&o.Include, "include", []string{"std/runtime"}, "policies to start from; what they allow is not learnt")
	return o
}
