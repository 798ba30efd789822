package policy

import (
	"errors"
	"slices"

	"strait/internal/bpf"
	"strait/syscalls"

	netbpf "golang.org/x/net/bpf"
)

// CompileOptions are what a supervisor needs of a filter besides the policy. The
// zero value is a filter for profile main.
type CompileOptions struct {
	// Profile is the one that the program starts under; "" is main.
	Profile string
	// Trace names calls that must stop even where the policy allows them.
	Trace []string
	// Notify names calls that, where the kernel alone cannot decide, go to a
	// listener for user notifications and not to the tracer.
	Notify []string
	// Frequent names the calls that happen most; nil: what most programs do.
	Frequent []string
}

// A Program is a policy compiled to a seccomp filter.
type Program struct {
	Instructions []netbpf.RawInstruction
	Explain      []Explanation

	policy  *Policy
	machine *bpf.Machine
}

// frequent is what programs do most (of a gcc build, of nginx, of python).
var frequent = [...]string{
	"read", "write", "futex", "epoll_wait", "epoll_pwait", "recvfrom", "sendto", "poll", "ppoll", "close", "mmap", "fstat",
	"munmap", "mprotect", "lseek", "rt_sigprocmask", "rt_sigaction", "brk", "ioctl", "fcntl", "writev", "readv",
	"clock_nanosleep", "getpid", "pread64", "pwrite64", "madvise", "getrandom", "getdents64", "newfstatat", "openat",
}

// Compile makes the filter: what registers decide, alike in every profile that
// can be reached, is left to the kernel, and the rest stops (RET_TRACE). The
// program never answers otherwise than Decide. The error wraps no other than that
// the filter is too long.
func (p *Policy) Compile(o CompileOptions) (*Program, error) {
	if o.Profile == "" {
		o.Profile = "main"
	}
	if o.Frequent == nil {
		o.Frequent = frequent[:]
	}
	c := &compiler{p: p, o: &o, profiles: p.reachable(o.Profile)}
	prog, err := c.compile()
	if errors.Is(err, bpf.ErrTooLong) {
		c.plain = true
		prog, err = c.compile()
	}
	return prog, err
}

// reachable returns the profiles that a program can come under by executing
// others.
func (p *Policy) reachable(from string) []*profile {
	var out []*profile
	if i, ok := p.ids[from]; ok {
		out = append(out, p.profiles[i])
	}
	for k := 0; k < len(out); k++ {
		for _, r := range out[k].rules {
			if i, ok := p.ids[r.Then]; ok && !slices.Contains(out, p.profiles[i]) {
				out = append(out, p.profiles[i])
			}
		}
	}
	return out
}

type compiler struct {
	p        *Policy
	o        *CompileOptions
	profiles []*profile
	plain    bool // the filter was too long: conditions are the tracer's
	why      explainer
	alone    *exporter // not nil: there will be no tracer
}

func (c *compiler) compile() (*Program, error) {
	c.why = explainer{notify: c.o.Notify}
	native := c.p.native
	f := bpf.Filter{Other: bpf.Errno(enosys), Arches: []bpf.Arch{c.arch(native)}}
	for _, id := range siblings(native.ID) {
		f.Arches = append(f.Arches, c.arch(syscalls.ByID(id)))
	}
	ins, err := f.Assemble()
	if err != nil {
		return nil, err
	}
	m, err := bpf.NewMachine(ins)
	if err != nil {
		return nil, err
	}
	return &Program{Instructions: ins, Explain: c.why.list(c), policy: c.p, machine: m}, nil
}

// siblings are the ABIs that a machine has besides its own.
func siblings(native syscalls.ABIID) []syscalls.ABIID {
	switch native {
	case syscalls.AMD64:
		return []syscalls.ABIID{syscalls.I386, syscalls.X32}
	case syscalls.ARM64:
		return []syscalls.ABIID{syscalls.ARM}
	}
	return nil
}

func (c *compiler) arch(abi *syscalls.ABI) bpf.Arch {
	out := bpf.Arch{Audit: abi.Audit, X32: abi.ID == syscalls.X32}
	out.Rest = c.kernelOr(c.unknown(abi), bpf.Trace)
	if c.alone != nil {
		out.Rest = c.alone.outcome(c.unknown(abi))
	}
	if _, why := c.p.abiAction(abi); why != "" {
		return out
	}
	for nr, call := range abi.All {
		bc := c.call(abi, nr, call)
		bc.Nr = uint32(nr)
		if i := slices.Index(c.o.Frequent, call.Name); i >= 0 {
			bc.Weight = 4 * (len(c.o.Frequent) - i)
		}
		out.Calls = append(out.Calls, bc)
	}
	return out
}

// unknown is what happens to a number without a row.
func (c *compiler) unknown(abi *syscalls.ABI) Action {
	v, _ := c.p.beforeRules(abi, nil)
	return v.Action
}

// kernelOr returns what the kernel does for an action, or other if it cannot.
func (c *compiler) kernelOr(a Action, other bpf.Action) bpf.Action {
	if act, ok := kernelAction(a); ok {
		return act
	}
	return other
}

// kernelAction returns the filter's form of an action, if it has one. Of results
// it can only give 0, as error 0.
func kernelAction(a Action) (bpf.Action, bool) {
	switch {
	case a.Kind == Allow:
		return bpf.Allow, true
	case a.Kind == Kill:
		return bpf.KillProcess, true
	case a.Kind == Deny, a.Kind == Return && a.Num == 0:
		return bpf.Errno(uint16(a.Num)), true
	}
	return 0, false
}

// call compiles one call.
func (c *compiler) call(abi *syscalls.ABI, nr uint64, call *syscalls.Call) bpf.Call {
	stop := bpf.Trace
	if slices.Contains(c.o.Notify, call.Name) {
		stop = bpf.Notify
	}
	if v, done := c.p.beforeRules(abi, call); done {
		if c.alone != nil {
			return bpf.Call{Else: c.alone.outcome(v.Action)}
		}
		if slices.Contains(c.o.Trace, call.Name) && v.Action.Kind == Allow {
			return bpf.Call{Else: stop}
		}
		return bpf.Call{Else: c.kernelOr(v.Action, stop)}
	}
	if c.alone != nil {
		ch := c.chain(c.profiles[0].tables[abi.ID]().plans[nr], abi)
		return c.alone.standalone(call, ch, c.p.Default).compile(bpf.Allow, false)
	}
	var first *chain
	differ := false
	for _, prof := range c.profiles {
		ch := c.chain(prof.tables[abi.ID]().plans[nr], abi)
		differ = differ || first != nil && first.key() != ch.key()
		if first == nil {
			first = ch
		}
		c.why.note(abi == c.p.native, prof, call, ch)
	}
	switch {
	case differ:
		c.why.override(abi == c.p.native, call, "profiles decide it differently", false)
		return bpf.Call{Else: stop}
	case slices.Contains(c.o.Trace, call.Name):
		c.why.override(abi == c.p.native, call, "the supervisor must see it", true)
		return first.compile(stop, true)
	case c.plain && len(first.steps) > 1:
		c.why.override(abi == c.p.native, call, "the filter would be too long", false)
		return bpf.Call{Else: stop}
	}
	return first.compile(stop, false)
}

// compile turns a chain into rules. With mustStop what would run stops.
func (ch *chain) compile(stop bpf.Action, mustStop bool) bpf.Call {
	out := bpf.Call{Else: bpf.Allow}
	if mustStop {
		out.Else = stop
	}
	for _, s := range ch.steps {
		act := stop
		if s.reason == "" {
			act, _ = kernelAction(s.action)
			if mustStop && act == bpf.Allow {
				act = stop
			}
		}
		if s.when == nil {
			out.Else = act
			break
		}
		out.Rules = append(out.Rules, bpf.Rule{If: s.when, Then: act})
	}
	return out
}

// decides reports whether the filter lets the kernel do what Decide said.
func (p *Program) decides(ev *syscalls.Event, a Action) bool {
	want, ok := kernelAction(a)
	if !ok {
		return false
	}
	got, err := p.Simulate(ev)
	return err == nil && got == uint32(want)
}

// Simulate returns what the filter answers to a call: SECCOMP_RET_* with its data
// (include/uapi/linux/seccomp.h).
func (p *Program) Simulate(ev *syscalls.Event) (uint32, error) {
	d := bpf.Data{Nr: uint32(ev.Nr), Arch: ev.ABI.Audit, IP: ev.IP, Args: ev.Args}
	if ev.ABI.ID == syscalls.X32 {
		d.Nr |= syscalls.X32Bit
	}
	act, err := p.machine.Run(&d)
	return uint32(act), err
}

// Disassemble writes the filter as text.
func (p *Program) Disassemble() string {
	return bpf.Dump(p.Instructions, func(audit uint32) string {
		for id := range syscalls.NumABI {
			if abi := syscalls.ByID(id); abi.Audit == audit {
				return abi.Name
			}
		}
		return ""
	})
}
