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
		changes := policy.Diff(old, changed)
		if gone, added := policy.Unlike(old, changed); len(changes) == 0 && len(gone)+len(added) > 0 {
			loud := &messages{w: v.stderr, name: v.name}
			loud.say("no call was found that they decide differently, though their rules differ:")
			lines := make([]string, 0, len(gone)+len(added))
			for _, r := range gone {
				lines = append(lines, "- "+r.String())
			}
			for _, r := range added {
				lines = append(lines, "+ "+r.String())
			}
			const most = 20
			for _, line := range lines[:min(most, len(lines))] {
				loud.say("%s", line)
			}
			if more := len(lines) - most; more > 0 {
				loud.say("and %d more", more)
			}
		}
		for _, c := range changes {
			if *allowed && !c.Allows() || *denied && !c.Denies() {
				continue
			}
			status = statusNo
			fmt.Fprintln(v.stdout, c.String())
		}
		return status, nil
	}
}
