package main

import (
	"fmt"

	"strait/policy"
)

// exportFormats are the words of --format.
func exportFormats() []string {
	return []string{"oci", "docker", "systemd", "minijail", "raw", "disassembly"}
}

// policyExport is strait policy export.
func policyExport(v *policyCommand) func() (int, error) {
	v.machine()
	write := v.output()
	format := v.flags.StringP("format", "f", "oci", "`FORMAT`: oci (docker is the same), systemd, minijail, raw, disassembly")
	among(v.flags, "format", exportFormats()...)
	strict := v.flags.Bool("strict", false, "deny what the format cannot put a condition on, instead of allowing it")
	return func() (int, error) {
		if err := checkWord(v.flags, "format"); err != nil {
			return 0, err
		}
		p, err := v.load(v.args[0])
		if err != nil {
			return 0, err
		}
		out, lost, err := export(p, *format, policy.ExportOptions{Strict: *strict})
		if err != nil {
			return 0, err
		}
		v.lost(lost)
		return statusYes, write(out)
	}
}

func export(p *policy.Policy, format string, o policy.ExportOptions) (out []byte, lost []string, err error) {
	var text string
	switch format {
	case "oci", "docker":
		return p.OCI(o)
	case "systemd":
		text, lost = p.Systemd(o)
	case "minijail":
		text, lost = p.Minijail(o)
	default:
		prog, lost, err := p.Standalone(o)
		if err != nil {
			return nil, nil, fmt.Errorf("compile: %w", err)
		}
		if format == "raw" {
			return prog.RawBPF(), lost, nil
		}
		return []byte(prog.Disassemble()), lost, nil
	}
	return []byte(text), lost, nil
}
