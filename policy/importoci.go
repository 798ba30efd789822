package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"strait/syscalls"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ImportOCI makes a policy of the seccomp part of an OCI configuration, or of a
// profile for docker run --security-opt seccomp=. What no rule says is listed;
// where it would be denied, it is left to the default.
func ImportOCI(src []byte, o ImportOptions) (*File, []string, error) {
	im, err := newImporter(o)
	if err != nil {
		return nil, nil, err
	}
	var s struct {
		specs.LinuxSeccomp
		Linux *struct{ Seccomp *specs.LinuxSeccomp }
	}
	if err := json.Unmarshal(src, &s); err != nil {
		return nil, nil, fmt.Errorf("import OCI: %w", err)
	}
	if s.Linux != nil && s.Linux.Seccomp != nil {
		s.LinuxSeccomp = *s.Linux.Seccomp
	}
	def, err := actionOf(s.DefaultAction, s.DefaultErrnoRet)
	if err != nil {
		return nil, nil, fmt.Errorf("import OCI: %w", err)
	}
	prof := &Profile{Name: "main"}
	// Rules with conditions come first: in libseccomp the order says nothing.
	for _, conditional := range []bool{true, false} {
		for i := range s.Syscalls {
			if c := &s.Syscalls[i]; len(c.Args) > 0 == conditional {
				prof.Rules = append(prof.Rules, im.ociRule(c)...)
			}
		}
	}
	return &File{Name: "imported", Default: &def, Profiles: []*Profile{prof}}, im.lost, nil
}

func actionOf(a specs.LinuxSeccompAction, ret *uint) (Action, error) {
	n := eperm
	if ret != nil {
		n = int(*ret)
	}
	switch a {
	case specs.ActAllow:
		return Action{}, nil
	case specs.ActLog:
		return Action{Kind: Log}, nil
	case specs.ActErrno:
		if n == 0 {
			return Action{Kind: Return}, nil
		}
		return Action{Deny, n}, nil
	case specs.ActKill, specs.ActKillProcess, specs.ActKillThread, specs.ActTrap:
		return Action{Kind: Kill}, nil
	}
	return Action{}, fmt.Errorf("no action here is like %s", a)
}

func (im *importer) ociRule(c *specs.LinuxSyscall) []*Rule {
	act, err := actionOf(c.Action, c.ErrnoRet)
	if err != nil {
		im.lost = appendNew(im.lost, fmt.Sprintf("%s: %v", strings.Join(c.Names, " "), err))
		return nil
	}
	var known []string
	for _, n := range c.Names {
		if !isCall(n) {
			im.lost = appendNew(im.lost, fmt.Sprintf("%s: no ABI has such a call", n))
			continue
		}
		known = append(known, n)
	}
	if len(c.Args) == 0 {
		return im.parsed(act.String() + " " + strings.Join(known, " "))
	}
	var out []*Rule
	for _, n := range known { // arguments have other names in other calls
		if where, ok := im.ociWhere(n, c.Args); ok {
			out = append(out, im.parsed(act.String()+" "+n+" where "+where)...)
		}
	}
	return out
}

func (im *importer) parsed(text string) []*Rule {
	r, err := ParseRule(text)
	if err != nil {
		im.lost = appendNew(im.lost, fmt.Sprintf("%s: %v", text, err))
		return nil
	}
	r.Pos = Pos{}
	return []*Rule{r}
}

func (im *importer) ociWhere(call string, args []specs.LinuxSeccompArg) (string, bool) {
	var parts []string
	for _, a := range args {
		name := fmt.Sprintf("arg%d", a.Index)
		if nr, ok := im.abi.Number(call); ok {
			c := im.abi.Call(nr)
			i := slices.IndexFunc(c.Args, func(x syscalls.Arg) bool { return uint(x.Reg) == a.Index })
			if i >= 0 && c.Flags&syscalls.Plain == 0 {
				name = c.Args[i].Name
			}
		}
		op, ok := map[specs.LinuxSeccompOperator]string{
			specs.OpEqualTo: "==", specs.OpNotEqual: "!=", specs.OpLessThan: "<", specs.OpLessEqual: "<=",
			specs.OpGreaterThan: ">", specs.OpGreaterEqual: ">=",
		}[a.Op]
		switch {
		case ok:
			parts = append(parts, fmt.Sprintf("%s %s %#x", name, op, a.Value))
		case a.Op == specs.OpMaskedEqual && a.Value&0xffffffff == 0xffffffff:
			parts = append(parts, fmt.Sprintf("%s == %#x", name, a.ValueTwo))
		case a.Op == specs.OpMaskedEqual:
			parts = append(parts, fmt.Sprintf("%s & %#x == %#x", name, a.Value, a.ValueTwo))
		default:
			im.lost = appendNew(im.lost, fmt.Sprintf("%s: comparison %s", call, a.Op))
			return "", false
		}
	}
	return strings.Join(parts, " && "), true
}
