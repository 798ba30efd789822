package main

import "strait/policy"

// policyMinimise is strait policy minimise.
func policyMinimise(v *policyCommand) func() (int, error) {
	v.machine()
	write := v.output()
	return func() (int, error) {
		p, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		obs, err := v.observations(v.args[1:])
		if err != nil {
			return 0, err
		}
		f, err := policy.Minimise(p, obs)
		if err != nil {
			return 0, err
		}
		return statusYes, write(f.Format())
	}
}
