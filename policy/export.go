package policy

import (
	"cmp"
	"encoding/binary"
	"encoding/json"
	"math/bits"
	"slices"

	"strait/internal/bpf"
	"strait/syscalls"

	"github.com/opencontainers/runtime-spec/specs-go"
)

// ExportOptions say what becomes of that which a format cannot carry.
type ExportOptions struct {
	// Strict denies what the policy allows under a condition that the format
	// lacks. Otherwise it is allowed without the condition, and listed.
	Strict bool
}

// A portable is what filters that know registers only can say about a call.
type portable struct {
	name   string
	action Action
	when   [][]literal // action applies if one of these holds; none: always
	other  Action      // when none holds
}

// A literal is one comparison.
type literal struct {
	test bpf.Test
	neg  bool
}

// portables returns the calls of the machine's own ABI.
func (x *exporter) portables(p *Policy) []portable {
	c := &compiler{p: p, o: &CompileOptions{}, profiles: p.profiles[:1]}
	var out []portable
	for nr, call := range p.native.All {
		if v, done := p.beforeRules(p.native, call); done {
			out = append(out, portable{name: call.Name, action: v.Action})
			continue
		}
		ch := c.chain(p.profiles[0].tables[p.native.ID]().plans[nr], p.native)
		out = append(out, x.portable(call, ch, p.Default))
	}
	if len(p.reachable("main")) > 1 {
		x.lose("profiles other than main")
	}
	return out
}

// An exporter lists what a format cannot carry.
type exporter struct {
	o    ExportOptions
	lost []loss
}

// A loss is one thing that was not carried over, for some calls or for none.
type loss struct {
	what  string
	calls []string
}

func (x *exporter) lose(what string, names ...string) {
	i := slices.IndexFunc(x.lost, func(l loss) bool { return l.what == what })
	if i < 0 {
		i = len(x.lost)
		x.lost = append(x.lost, loss{what: what})
	}
	for _, n := range names {
		x.lost[i].calls = appendNew(x.lost[i].calls, n)
	}
}

// losses puts what was lost in words.
func (x *exporter) losses() []string {
	var out []string
	for _, l := range x.lost {
		s := l.what
		if len(l.calls) > 0 {
			s += ": " + calls(l.calls)
		}
		out = append(out, s)
	}
	return out
}

// loseStep lists a step of a chain.
func (x *exporter) loseStep(s *step, why, call string) {
	rule := "default"
	if s.rule != nil {
		rule = s.rule.String()
	}
	x.lose(rule+": "+why, call)
}

// portable simplifies a chain to one condition and two actions.
func (x *exporter) portable(call *syscalls.Call, ch *chain, def Action) portable {
	out := portable{name: call.Name}
	traced := slices.ContainsFunc(ch.steps, func(s step) bool { return s.reason != "" })
	if !traced && len(ch.steps) == 1 {
		out.action = ch.steps[0].action
		return out
	}
	if !traced && len(ch.steps) == 2 {
		first, rest := ch.steps[0], ch.steps[1].action
		if d, ok := dnf(first.when, false); ok {
			out.action, out.when, out.other = first.action, d, rest
			return out
		}
	}
	out.action = def
	all := slices.Concat(ch.steps, ch.more)
	for i := range all {
		s := &all[i]
		// Who loads such a filter executes the program under it.
		if s.action.Kind.runs() && !x.o.Strict || s.reason == becauseExec {
			out.action = Action{}
		}
		if s.rule != nil && s.reason != "" || s.when != nil || s.reason == becauseExec {
			x.loseStep(s, cmp.Or(s.reason, "several conditions, in order"), call.Name)
		}
	}
	return out
}

// dnf turns a condition into alternatives of comparisons that all must hold. It
// gives up when there are many.
func dnf(c bpf.Cond, neg bool) ([][]literal, bool) {
	const most = 64
	switch c := c.(type) {
	case bpf.Not:
		return dnf(c.C, !neg)
	case bpf.Test:
		return [][]literal{{{c, neg}}}, true
	case bpf.And:
		return dnfList(c, neg, !neg, most)
	case bpf.Or:
		return dnfList(c, neg, neg, most)
	}
	return nil, false
}

func dnfList(list []bpf.Cond, neg, product bool, most int) ([][]literal, bool) {
	var out [][]literal
	if product {
		out = [][]literal{nil}
	}
	for _, x := range list {
		d, ok := dnf(x, neg)
		if !ok || len(out)*max(1, len(d)) > most {
			return nil, false
		}
		if !product {
			out = append(out, d...)
			continue
		}
		var next [][]literal
		for _, a := range out {
			for _, b := range d {
				next = append(next, append(slices.Clone(a), b...))
			}
		}
		out = next
	}
	return out, true
}

// OCI returns the seccomp part of an OCI runtime configuration, as docker run
// --security-opt seccomp= takes it, and what it does not carry.
func (p *Policy) OCI(o ExportOptions) ([]byte, []string, error) {
	x := &exporter{o: o}
	list := x.portables(p)
	out := specs.LinuxSeccomp{}
	out.DefaultAction, out.DefaultErrnoRet = ociAction(p.Default)
	out.Architectures = []specs.Arch{ociArch[p.native.ID]}
	at := map[Action]int{}
	for _, c := range list {
		if c.when != nil {
			if rules, ok := ociRules(c, p.Default); ok {
				out.Syscalls = append(out.Syscalls, rules...)
				continue
			}
			c = x.flatten(c)
		}
		if c.action == p.Default {
			continue
		}
		i, ok := at[c.action]
		if !ok {
			i = len(out.Syscalls)
			at[c.action] = i
			act, ret := ociAction(c.action)
			out.Syscalls = append(out.Syscalls, specs.LinuxSyscall{Action: act, ErrnoRet: ret})
		}
		out.Syscalls[i].Names = append(out.Syscalls[i].Names, c.name)
	}
	x.limits(p.Limits)
	b, err := json.MarshalIndent(out, "", "  ")
	return append(b, '\n'), x.losses(), err
}

// ociArch holds the names of OCI by ABI.
var ociArch = [syscalls.NumABI]specs.Arch{
	syscalls.AMD64: specs.ArchX86_64, syscalls.I386: specs.ArchX86, syscalls.X32: specs.ArchX32,
	syscalls.ARM64: specs.ArchAARCH64, syscalls.ARM: specs.ArchARM, syscalls.RISCV64: specs.ArchRISCV64,
}

// flatten drops the condition of a call that a format cannot carry.
func (x *exporter) flatten(c portable) portable {
	x.lose("the condition", c.name)
	mild, hard := c.action, c.other
	if mild.Kind > hard.Kind {
		mild, hard = hard, mild
	}
	if x.o.Strict {
		mild = hard
	}
	return portable{name: c.name, action: mild}
}

func (x *exporter) limits(l Limits) {
	if l != (Limits{}) {
		x.lose("limits")
	}
}

func ociAction(a Action) (specs.LinuxSeccompAction, *uint) {
	switch a.Kind {
	case Allow:
		return specs.ActAllow, nil
	case Log:
		return specs.ActLog, nil
	case Kill:
		return specs.ActKillProcess, nil
	}
	n := uint(a.Num)
	if a.Kind == Ask {
		n = eperm // nobody is there to be asked
	}
	return specs.ActErrno, &n
}

// ociRules writes a conditional call. In libseccomp the rules of a call are
// alternatives, in no order: what holds otherwise is written as the opposite of the
// condition, where it is not the default.
func ociRules(c portable, def Action) ([]specs.LinuxSyscall, bool) {
	var all []bpf.Cond
	for _, alt := range c.when {
		and := bpf.And{}
		for _, l := range alt {
			var t bpf.Cond = l.test
			if l.neg {
				t = bpf.Not{C: t}
			}
			and = append(and, t)
		}
		all = append(all, and)
	}
	not, ok := dnf(bpf.Or(all), true)
	if !ok && c.other != def {
		return nil, false
	}
	var out []specs.LinuxSyscall
	for _, part := range []struct {
		when   [][]literal
		action Action
	}{{c.when, c.action}, {not, c.other}} {
		if part.action == def {
			continue
		}
		act, ret := ociAction(part.action)
		for _, alt := range part.when {
			for _, args := range ociArgs(alt) {
				if args == nil {
					return nil, false
				}
				out = append(out, specs.LinuxSyscall{Names: []string{c.name}, Action: act, ErrnoRet: ret, Args: args})
			}
		}
	}
	return out, len(out) > 0
}

// ociArgs writes comparisons, as alternatives; nil among them where libseccomp,
// which compares all 64 bits, would say something else.
func ociArgs(alt []literal) [][]specs.LinuxSeccompArg {
	out := [][]specs.LinuxSeccompArg{{}}
	for _, l := range alt {
		alts := ociArg(l)
		var next [][]specs.LinuxSeccompArg
		for _, a := range out {
			for _, b := range alts {
				if b == nil {
					return [][]specs.LinuxSeccompArg{nil}
				}
				next = append(next, append(slices.Clone(a), b...))
			}
		}
		if out = next; len(out) > 64 {
			return [][]specs.LinuxSeccompArg{nil}
		}
	}
	return out
}

func ociArg(l literal) [][]specs.LinuxSeccompArg {
	t := l.test
	unable := [][]specs.LinuxSeccompArg{nil}
	if t.Pair {
		return unable
	}
	set, cut, bias := singles(t)
	mask := cut
	if t.Mask != 0 {
		mask &= t.Mask
	}
	arg := func(op specs.LinuxSeccompOperator, v, two uint64) specs.LinuxSeccompArg {
		return specs.LinuxSeccompArg{Index: uint(t.Arg), Op: op, Value: v, ValueTwo: two}
	}
	var out [][]specs.LinuxSeccompArg
	for _, r := range set {
		lo, hi := r.Lo^bias, r.Hi^bias
		switch {
		case lo == hi && !l.neg && mask == 1<<64-1:
			out = append(out, []specs.LinuxSeccompArg{arg(specs.OpEqualTo, lo, 0)})
		case lo == hi && !l.neg:
			out = append(out, []specs.LinuxSeccompArg{arg(specs.OpMaskedEqual, mask, lo)})
		case lo == hi && l.neg && len(set) == 1 && mask == 1<<64-1:
			return [][]specs.LinuxSeccompArg{{arg(specs.OpNotEqual, lo, 0)}}
		case lo == hi && l.neg && len(set) == 1 && bits.OnesCount64(mask) <= 32: // one of the bits is another
			for rest := mask; rest != 0; rest &= rest - 1 {
				bit := rest & -rest
				out = append(out, []specs.LinuxSeccompArg{arg(specs.OpMaskedEqual, bit, lo&bit^bit)})
			}
			return out
		case mask == 1<<64-1 && !l.neg && bias == 0:
			out = append(out, []specs.LinuxSeccompArg{arg(specs.OpGreaterEqual, lo, 0), arg(specs.OpLessEqual, hi, 0)})
		default:
			return unable
		}
	}
	if len(out) == 0 {
		return unable
	}
	return out
}

// singles is Biased with short ranges as their values.
func singles(t bpf.Test) (set []bpf.Range, cut, bias uint64) {
	const short = 8
	ranges, cut, bias := t.Biased()
	for _, r := range ranges {
		if r.Hi-r.Lo >= short {
			set = append(set, r)
			continue
		}
		for v := r.Lo; ; v++ {
			set = append(set, bpf.Equal(v))
			if v == r.Hi {
				break
			}
		}
	}
	return set, cut, bias
}

// RawBPF returns the program as struct sock_filter has it in memory
// (include/uapi/linux/filter.h), as bwrap --seccomp and others take it.
func (p *Program) RawBPF() []byte {
	var out []byte
	for _, in := range p.Instructions {
		out = binary.LittleEndian.AppendUint16(out, in.Op)
		out = append(out, in.Jt, in.Jf)
		out = binary.LittleEndian.AppendUint32(out, in.K)
	}
	return out
}
