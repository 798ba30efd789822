package main

import (
	"fmt"
	"strings"

	"strait/policy"
)

// policyList is strait policy list: the words that rules have.
func policyList(v *policyCommand) func() (int, error) {
	return func() (int, error) {
		if len(v.args) == 0 {
			v.listAll()
			return statusYes, nil
		}
		for _, name := range v.args {
			if err := v.list(name); err != nil {
				return 0, err
			}
		}
		return statusYes, nil
	}
}

func (v *policyCommand) listAll() {
	fmt.Fprintln(v.stdout, "Effects:")
	for name, doc := range policy.Effects {
		fmt.Fprintf(v.stdout, "  %-15s %s\n", name, doc)
	}
	fmt.Fprintln(v.stdout, "\nGroups:")
	for name, doc := range policy.Groups {
		fmt.Fprintf(v.stdout, "  %-15s %s\n", name, doc)
	}
	fmt.Fprintln(v.stdout, "\nBuilt-in policies:")
	for _, name := range policy.StdNames() {
		fmt.Fprintf(v.stdout, "  %s\n", name)
	}
}

// list prints the calls of a group or of an effect, or a built-in policy.
func (v *policyCommand) list(name string) error {
	if strings.HasPrefix(name, "std/") {
		p, err := policy.Load(name, v.options())
		if err != nil {
			return err
		}
		fmt.Fprintf(v.stdout, "%s", p.File.Format())
		return nil
	}
	calls := policy.GroupCalls(name)
	if calls == nil {
		calls = policy.EffectCalls(name)
	}
	if calls == nil {
		return fmt.Errorf("no group, effect or built-in policy %q: strait policy list has all", name)
	}
	for _, line := range wrap(strings.Join(calls, " "), 79) {
		fmt.Fprintln(v.stdout, line)
	}
	return nil
}
