package main

import (
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

// traceFilter is the seccomp filter that stops the program at the calls to be
// traced only. execve is always among them: it is where tracing begins. So are
// seccomp and prctl: a filter of the program's own would hide calls from ours.
func traceFilter(o *Options) ([]unix.SockFilter, error) {
	var all []bpf.Numbers
	for _, p := range personalities() {
		abi := syscalls.ByID(syscalls.ABIID(p.abi))
		n := bpf.Numbers{Audit: abi.Audit, X32: p.abi == abiX32, Rest: o.Trace.has(p.abi, 1<<20)}
		var set bitset
		for nr := range abi.All {
			if nr < 4096 && o.Trace.has(p.abi, int(nr)) {
				set.add(int(nr))
			}
		}
		for _, name := range []string{"execve", "execveat", "seccomp", "prctl", "sched_getaffinity", "sched_setaffinity", "sched_setattr"} {
			if nr, ok := abi.Number(name); ok {
				set.add(int(nr))
			}
		}
		n.Bits = set
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
