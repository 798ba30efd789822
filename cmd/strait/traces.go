package main

import (
	"fmt"
	"os"

	"strait/policy"
)

// observations reads traces, whatever wrote them, and merges them. What they do
// not tell is listed.
func (v *policyCommand) observations(names []string) ([]policy.Observation, error) {
	var rec policy.Recorder
	for _, name := range names {
		obs, err := v.trace(name)
		if err != nil {
			return nil, err
		}
		for _, o := range obs {
			rec.Add(o)
		}
	}
	return rec.Observations(), nil
}

func (v *policyCommand) trace(name string) ([]policy.Observation, error) {
	in, called := v.stdin, stdinName
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in, called = f, name
	}
	obs, lost, err := policy.ReadTraces(in, policy.ImportOptions{ABI: v.arch, CWD: v.cwd})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", called, err)
	}
	for _, s := range lost {
		fmt.Fprintf(v.stderr, "%s: %s: %s\n", v.name, called, s)
	}
	return obs, nil
}
