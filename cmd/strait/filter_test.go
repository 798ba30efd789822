package main

import (
	"os"
	"strings"
	"testing"

	"strait/internal/tracefile"
	"strait/syscalls"
)

// A trace of some calls is the trace of all without the others, whether or not
// the kernel filters.
func TestFilterLosesNothing(t *testing.T) {
	strait := builtStrait(t)
	if os.Geteuid() != 0 {
		t.Log("not root: the kernel does not filter")
	}
	prog := []string{"sh", "-c", "ls -d /usr; nproc; cat /dev/null"}
	all, said := tracePlaced(t, strait, "auto", []string{"-f"}, prog)
	again, _ := tracePlaced(t, strait, "auto", []string{"-f"}, prog)
	ignore := untimed(tracefile.Noise(all, again))
	for _, set := range []string{"openat,close", "execve", "!mmap,read", "none", "sched_getaffinity", "prctl,seccomp,exit_group"} {
		names, not := strings.CutPrefix(set, "!")
		wanted := func(r tracefile.Record) bool {
			name, _, call := strings.Cut(r.Text, "(")
			return !call || strings.ContainsAny(name, " +-") || strings.Contains(","+names+",", ","+name+",") != not
		}
		some, out := tracePlaced(t, strait, "auto", []string{"-f", "-e", "trace=" + set}, prog)
		if out != said {
			t.Errorf("%s: the program said %q, not %q", set, out, said)
		}
		var want []tracefile.Record
		for _, r := range all {
			if wanted(r) {
				want = append(want, r)
			}
		}
		for _, d := range tracefile.Compare(want, some, ignore) {
			t.Errorf("%s: %d of all, %d of some: %s: %s", set, d.A, d.B, d.Process, d.Line)
		}
	}
}

// Which options allow a filter that was not asked for.
func TestFilterUnasked(t *testing.T) {
	root := &environment{Root: hasAdmin()}
	for _, x := range []struct {
		change func(o *Options)
		filter bool
	}{
		{func(*Options) {}, true},
		{func(o *Options) { o.Trace = allCalls() }, false},
		{func(o *Options) { o.Trace, o.TraceFDs = allCalls(), &fdSet{fds: []int{3}} }, true},
		{func(o *Options) { o.Trace, o.TraceFDs, o.Paths = allCalls(), &fdSet{}, []tracePath{{Path: "/x"}} }, false},
		{func(o *Options) { o.Follow = false }, false},
		{func(o *Options) { o.Attach = []int{1} }, false},
		{func(o *Options) { o.Program = nil }, false},
		{func(o *Options) { o.DetachOnExecve = true }, false},
		{func(o *Options) { o.SyscallLimit = 1 }, false},
		{func(o *Options) { o.UserSet, o.Creds.UID = true, 1 }, false},
		{func(o *Options) { o.UserSet = true }, true},
		{func(o *Options) { o.given["--seccomp-bpf"] = 1 }, false},
	} {
		o := defaultOptions()
		o.Follow, o.Trace, o.Program = true, callSet{}, []string{"x"}
		x.change(o)
		if why := o.noFilter(root); (why == "") != (x.filter && root.Root) {
			t.Errorf("%+v: %q", o, why)
		}
	}
}

// Under --trace-fds a call stops whose descriptors are among them.
func TestFDConditions(t *testing.T) {
	abi := syscalls.ByID(syscalls.AMD64)
	for _, x := range []struct {
		set  fdSet
		call string
		args [6]uint64
		want bool
	}{
		{fdSet{fds: []int{3, 5}}, "read", [6]uint64{3}, true},
		{fdSet{fds: []int{3, 5}}, "read", [6]uint64{4}, false},
		{fdSet{fds: []int{3, 5}}, "dup2", [6]uint64{4, 5}, true},
		{fdSet{fds: []int{3}}, "close", [6]uint64{1<<32 | 3}, true},
		{fdSet{fds: []int{3}}, "getpid", [6]uint64{3}, false},
		{fdSet{fds: []int{3}, not: true}, "close", [6]uint64{3}, false},
		{fdSet{fds: []int{3}, not: true}, "close", [6]uint64{4}, true},
		{fdSet{fds: []int{3}, not: true}, "unlinkat", [6]uint64{0xffffff9c}, false},
		{fdSet{not: true}, "close", [6]uint64{0}, true},
		{fdSet{}, "close", [6]uint64{0}, false},
	} {
		o := defaultOptions()
		o.TraceFDs = &x.set
		nr, ok := abi.Number(x.call)
		if !ok {
			t.Fatal(x.call)
		}
		c := o.fdCondition(abi, abi.Call(nr))
		if c == nil || c.Holds(&x.args) != x.want {
			t.Errorf("%+v: %s%v: %v", x.set, x.call, x.args, c)
		}
	}
	o := defaultOptions()
	o.TraceFDs = &fdSet{fds: []int{3}}
	for _, name := range []string{"poll", "sendmsg", "ioctl"} {
		nr, _ := abi.Number(name)
		if c := o.fdCondition(abi, abi.Call(nr)); c != nil {
			t.Errorf("%s may have descriptors in memory, but %v decides", name, c)
		}
	}
	if c := o.fdCondition(abi, abi.Call(0)); c == nil || c.Holds(&[6]uint64{7}) || !c.Holds(&[6]uint64{3}) {
		t.Errorf("read: %v", c)
	}
}
