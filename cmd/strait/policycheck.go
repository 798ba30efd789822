package main

import (
	"errors"
	"fmt"

	"strait/policy"
)

// policyCheck is strait policy check: errors, and what is allowed to stand in a
// policy and is hardly meant. Both are its answer, so they go to standard output.
func policyCheck(v *policyCommand) func() (int, error) {
	v.machine()
	quiet := v.flags.BoolP("quiet", "q", false, "print nothing: the exit status tells")
	return func() (int, error) {
		status := statusYes
		for _, name := range v.args {
			lines, err := v.check(name)
			if err != nil {
				return 0, err
			}
			for _, line := range lines {
				status = statusNo
				if !*quiet {
					fmt.Fprintln(v.stdout, line)
				}
			}
		}
		return status, nil
	}
}

// check returns what there is to say about one policy; the error is that it
// cannot be read.
func (v *policyCommand) check(name string) ([]string, error) {
	p, err := v.load(name)
	var lines []string
	var bad policy.Errors
	switch {
	case errors.As(err, &bad):
		for _, e := range bad {
			lines = append(lines, e.Error())
		}
		return lines, nil
	case err != nil:
		return nil, err
	}
	for _, f := range p.Check() {
		lines = append(lines, f.String())
	}
	return lines, nil
}
