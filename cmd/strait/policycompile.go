package main

import (
	"fmt"
	"strings"

	"strait/policy"
	"strait/policy/enforce"
)

// policyCompile is strait policy compile.
func policyCompile(v *policyCommand) func() (int, error) {
	v.machine()
	write := v.output()
	explain := v.flags.Bool("explain", false, "say for each rule who decides, and how strongly: kernel, performed, tracer or checked, and why")
	raw := v.flags.Bool("raw", false, "write the filter as struct sock_filter[], as bwrap --seccomp takes it")
	profile := v.flags.String("profile", "main", "the `PROFILE` that the program starts under")
	return func() (int, error) {
		if *explain && *raw {
			return 0, badUsage("--explain and --raw are two outputs")
		}
		p, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		if !p.HasProfile(*profile) {
			return 0, fmt.Errorf("%s has no profile %s", v.args[0], *profile)
		}
		o := policy.CompileOptions{Profile: *profile}
		if *explain {
			o.Notify, o.Trace = enforce.Performed(), enforce.Followed()
		}
		prog, err := p.Compile(o)
		if err != nil {
			return 0, fmt.Errorf("compile %s: %w", v.args[0], err)
		}
		switch {
		case *explain:
			return statusYes, write([]byte(explanations(prog) + floorOf(p, *profile)))
		case *raw:
			return statusYes, write(prog.RawBPF())
		}
		return statusYes, write([]byte(prog.Disassemble()))
	}
}

// floorOf says what Landlock leaves, which is put below all rules.
func floorOf(p *policy.Policy, profile string) string {
	f, ok := p.Floor(profile)
	if !ok {
		return "floor: none, too much is allowed or asked\n"
	}
	return "floor, by Landlock where the kernel has it; no more than\n" + f.String()
}

func explanations(prog *policy.Program) string {
	var b strings.Builder
	for i := range prog.Explain {
		b.WriteString(prog.Explain[i].String())
	}
	fmt.Fprintf(&b, "%d instructions of at most 4096\n", len(prog.Instructions))
	return b.String()
}
