package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"strait/policy"
)

// policyImport is strait policy import: a policy of an OCI configuration, or one
// learnt from traces.
func policyImport(v *policyCommand) func() (int, error) {
	v.machine()
	write := v.output()
	format := v.flags.StringP("format", "f", "auto", "`FORMAT`: oci (docker is the same), trace (of strace or strait, text or JSON), or auto")
	among(v.flags, "format", "auto", "oci", "docker", "trace")
	limits := v.learnLimits()
	return func() (int, error) {
		if err := checkWord(v.flags, "format"); err != nil {
			return 0, err
		}
		src, called, err := v.read(v.args[0])
		if err != nil {
			return 0, err
		}
		if *format == "trace" || *format == "auto" && !isOCI(src) {
			return v.importTraces(src, write, limits)
		}
		if len(v.args) > 1 {
			return 0, badUsage("'%s': one OCI configuration makes a policy; strait policy merge joins several", v.args[1])
		}
		f, lost, err := policy.ImportOCI(src, policy.ImportOptions{ABI: v.arch})
		if err != nil {
			return 0, fmt.Errorf("%s: %w", called, err)
		}
		v.lost(lost)
		return statusYes, write(f.Format())
	}
}

// isOCI tells a seccomp profile, which is one JSON object, from a trace.
func isOCI(src []byte) bool {
	var top map[string]json.RawMessage
	if json.Unmarshal(src, &top) != nil {
		return false
	}
	return top["defaultAction"] != nil || top["linux"] != nil
}

// importTraces learns from the first file, which has been read, and the others.
func (v *policyCommand) importTraces(first []byte, write func([]byte) error, o *policy.LearnOptions) (int, error) {
	if v.args[0] == "-" {
		v.stdin = bytes.NewReader(first)
	}
	obs, err := v.observations(v.args)
	if err != nil {
		return 0, err
	}
	o.Options = v.options()
	learned, err := policy.Learn(obs, *o)
	if err != nil {
		return 0, err
	}
	if n := len(learned.Failed); n > 0 {
		fmt.Fprintf(v.stderr, "%s: %d recorded calls do not pass the policy, the first is %s\n", v.name, n, learned.Failed[0].Call)
	}
	return statusYes, write(learned.File.Format())
}
