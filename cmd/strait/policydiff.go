package main

import (
	"fmt"

	"strait/policy"
)

// policyDiff is strait policy diff.
func policyDiff(v *policyCommand) func() (int, error) {
	v.machine()
	allowed := v.flags.Bool("allowed", false, "only what becomes allowed")
	denied := v.flags.Bool("denied", false, "only what becomes denied")
	return func() (int, error) {
		old, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		changed, err := v.load(v.args[1])
		if err != nil {
			return 0, err
		}
		status := statusYes
		for _, c := range policy.Diff(old, changed) {
			if *allowed && !c.Allows() || *denied && !c.Denies() {
				continue
			}
			status = statusNo
			fmt.Fprintln(v.stdout, c.String())
		}
		return status, nil
	}
}
