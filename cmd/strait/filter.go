package main

import (
	"math"
	"slices"
	"unsafe"

	"strait/internal/bpf"
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// place is the tracer's word for it.
func (p placement) place() tracer.Placement {
	return [...]tracer.Placement{
		placementAuto: tracer.PlaceAuto, placementTogether: tracer.PlaceTogether, placementFree: tracer.PlaceFree,
	}[p]
}

// filter is the program's seccomp filter, nil for none. It is turned on where
// --seccomp-bpf was not given, too, if it would do no harm: without CAP_SYS_ADMIN
// the program would get no_new_privs, which shows, and then it takes the option.
func (o *Options) filter(e *environment, loud *messages) ([]unix.SockFilter, error) {
	say := func(format string, args ...any) {
		if o.Debug {
			loud.say("seccomp filter: "+format, args...)
		}
	}
	asked := o.Seccomp
	if why := o.noFilter(e); !asked && why != "" {
		say("none: %s", why)
		return nil, nil
	}
	others := !asked && o.tellsABI()
	f, err := traceFilter(o, others)
	switch {
	case err == nil:
	case asked:
		return nil, err
	default:
		say("none: %v", err)
		return nil, nil
	}
	o.Seccomp, o.KillOnExit = true, true
	o.otherABIs = others
	say("only calls that are traced stop (%d instructions); implies --kill-on-exit", len(f))
	return f, nil
}

// noFilter says why there is to be no filter unasked, "" if there may be one.
func (o *Options) noFilter(e *environment) string {
	switch {
	case o.used("--seccomp-bpf"):
		return "--seccomp-bpf was refused"
	case o.Trace.complete() && (o.TraceFDs == nil || len(o.Paths) > 0):
		return "all calls are traced"
	case o.CallNumber:
		return "-n tells the last call before an event, traced or not"
	case !o.Follow:
		return "without -f children would inherit it"
	case len(o.Program) == 0 || len(o.Attach) > 0:
		return "-p"
	case o.DetachOnExecve:
		return "-b"
	case o.SyscallLimit > 0:
		return "--syscall-limit"
	case o.Daemonize != daemonizeNo:
		return "-D"
	case o.UserSet && o.Creds.UID != 0:
		return "-u takes the privilege away"
	case !e.Root || !hasAdmin():
		return "CAP_SYS_ADMIN is missing"
	case !kernelTraces():
		return "the kernel has no SECCOMP_RET_TRACE"
	}
	return ""
}

// hasAdmin says whether CAP_SYS_ADMIN is in force: with it seccomp(2) takes a
// filter from a process without no_new_privs.
func hasAdmin() bool {
	head := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	return unix.Capget(&head, &data[0]) == nil && data[0].Effective>>unix.CAP_SYS_ADMIN&1 != 0
}

// kernelTraces says whether seccomp(2) is there and knows SECCOMP_RET_TRACE.
func kernelTraces() bool {
	action := uint32(unix.SECCOMP_RET_TRACE)
	_, _, e := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_GET_ACTION_AVAIL, 0, uintptr(unsafe.Pointer(&action)))
	return e == 0
}

// traceFilter is the seccomp filter that stops the program at the calls to be
// traced only. execve is always among them: it is where tracing begins. So are
// seccomp and prctl, for a filter of the program's own would hide calls from
// ours, the calls around which a placement is undone, and the multiplexers, which
// stand for calls that the registers do not tell.
// others: also at all calls by another ABI than the machine's own.
func traceFilter(o *Options, others bool) ([]unix.SockFilter, error) {
	var all []bpf.Numbers
	for i, p := range personalities() {
		n := o.tracedNumbers(p.abi)
		if others && i > 0 {
			n.Bits, n.If = nil, nil
		}
		all = append(all, n)
	}
	raw, err := bpf.TraceFilter(all)
	if err != nil {
		return nil, err
	}
	out := make([]unix.SockFilter, len(raw))
	for i, r := range raw {
		out[i] = unix.SockFilter{Code: r.Op, Jt: r.Jt, Jf: r.Jf, K: r.K}
	}
	return out, nil
}

// tellsABI says whether a line tells when a process begins to make calls of another ABI.
func (o *Options) tellsABI() bool { return !o.JSON && o.Quiet&quietPersonality == 0 }

func (o *Options) tracedNumbers(abiID int) bpf.Numbers {
	abi := syscalls.ByID(syscalls.ABIID(abiID))
	n := bpf.Numbers{Audit: abi.Audit, X32: abiID == abiX32, Rest: true, If: map[uint32]bpf.Cond{}}
	var set bitset
	for nr, call := range abi.All {
		if nr >= 4096 || !o.stops(abiID, int(nr)) {
			continue
		}
		set.add(int(nr))
		if c := o.fdCondition(abi, call); c != nil && !o.injects(abiID, int(nr)) {
			n.If[uint32(nr)] = c
		}
	}
	for _, name := range []string{"execve", "execveat", "seccomp", "prctl", "sched_getaffinity", "sched_setaffinity", "sched_setattr", "socketcall", "ipc"} {
		if nr, ok := abi.Number(name); ok {
			set.add(int(nr))
			delete(n.If, uint32(nr))
		}
	}
	for nr := range 4096 { // a number that means nothing is always shown
		if abi.Call(uint64(nr)) == nil {
			set.add(nr)
		}
	}
	n.Bits = set
	return n
}

// stops says whether a call is one that something is to be done about.
func (o *Options) stops(abi, nr int) bool { return o.Trace.has(abi, nr) || o.injects(abi, nr) }

func (o *Options) injects(abi, nr int) bool {
	return slices.ContainsFunc(o.Injections, func(x *injection) bool { return x.Calls.has(abi, nr) })
}

// fdCondition is what the descriptors among a call's arguments must be for it to
// be shown, nil if that does not decide: --trace-fds was not given, or there may
// be descriptors in the memory that an argument points to.
func (o *Options) fdCondition(abi *syscalls.ABI, call *syscalls.Call) bpf.Cond {
	if o.TraceFDs == nil || len(o.Paths) > 0 {
		return nil
	}
	any := bpf.Or{}
	for i := range call.Args {
		switch kind := abi.ArgKind(call, i); kind {
		case syscalls.Ptr:
			return nil
		case syscalls.FD, syscalls.DirFD:
			any = append(any, bpf.Test{Arg: int(call.Args[i].Reg), Width: 4, In: o.TraceFDs.ranges()})
		}
	}
	return any
}

// ranges are the members of the set as the kernel's 32-bit numbers.
func (s *fdSet) ranges() (in []bpf.Range) {
	if !s.not {
		for _, fd := range s.fds {
			in = append(in, bpf.Equal(uint64(uint32(fd))))
		}
		return in
	}
	from := uint64(0)
	for _, fd := range s.fds {
		if n := uint64(uint32(fd)); n > from {
			in = append(in, bpf.Range{Lo: from, Hi: n - 1})
		}
		from = uint64(uint32(fd)) + 1
	}
	if from > math.MaxInt32 {
		return in
	}
	return append(in, bpf.Range{Lo: from, Hi: math.MaxInt32})
}
