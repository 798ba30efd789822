package main

import (
	"context"
	"os/exec"
	"strconv"
	"testing"

	"strait/forkexec"
	"strait/tracer"
)

// What strait itself asks of the kernel for each call that it traces, in exact
// numbers: strait runs under the tracer twice, and of the two counts the
// difference is that of the calls that the second program made more.
func TestCostOfACall(t *testing.T) {
	strait := builtStrait(t)
	if _, err := exec.LookPath("dd"); err != nil {
		t.Skip(err)
	}
	const few, many = 200, 1200 // of read, and as many of write
	for _, x := range []struct {
		name  string
		opts  []string
		most  map[string]float64 // for a read and a write: 4 stops
		exact map[string]float64
		root  bool
	}{
		{"all", nil, map[string]float64{"wait4": 8.5, "pwrite64": 0.1}, map[string]float64{"ptrace": 8, "process_vm_readv": 2, "readlinkat": 0}, false},
		{"names", []string{"-y"}, map[string]float64{"wait4": 8.5}, map[string]float64{"ptrace": 8, "process_vm_readv": 2}, false},
		{"summary", []string{"-c", "-w"}, map[string]float64{"wait4": 8.5, "pwrite64": 0.1}, map[string]float64{"ptrace": 8, "process_vm_readv": 0}, false},
		{"hit", []string{"-e", "trace=read"}, map[string]float64{"wait4": 4.5}, map[string]float64{"ptrace": 4, "process_vm_readv": 1}, true},
		{"miss", []string{"-e", "trace=openat"}, map[string]float64{"wait4": 0.1}, map[string]float64{"ptrace": 0, "process_vm_readv": 0}, true},
		{"descriptor", []string{"--trace-fds=1"}, map[string]float64{"wait4": 4.5}, map[string]float64{"ptrace": 4, "process_vm_readv": 1}, true},
	} {
		t.Run(x.name, func(t *testing.T) {
			if x.root && !hasAdmin() {
				t.Skip("no filter without CAP_SYS_ADMIN")
			}
			cost := func(calls int) map[string]int {
				args := append([]string{strait, "--placement=together", "-f", "-o", "/dev/null"}, x.opts...)
				return callsOf(t, append(args, "dd", "if=/dev/zero", "of=/dev/null", "bs=1", "status=none", "count="+strconv.Itoa(calls)))
			}
			a, b := cost(few), cost(many)
			per := func(name string) float64 { return float64(b[name]-a[name]) / (many - few) }
			for name, want := range x.exact {
				if got := per(name); got < want-0.02 || got > want+0.02 {
					t.Errorf("%s: %.3f for a call, not %.0f", name, got, want)
				}
			}
			for name, most := range x.most {
				if got := per(name); got > most {
					t.Errorf("%s: %.3f for a call, more than %.1f", name, got, most)
				}
			}
		})
	}
}

// callsOf counts the calls that the threads of a command make. Its children are
// let go, for it is to trace them itself.
func callsOf(t *testing.T, argv []string) map[string]int {
	t.Helper()
	tr, err := tracer.New(tracer.Options{FollowForks: true})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := tr.Close(tracer.KillThem); err != nil {
			t.Error(err)
		}
	}()
	p, err := tr.Start(&forkexec.Cmd{Path: argv[0], Args: argv})
	if err != nil {
		t.Fatal(err)
	}
	defer p.Release()
	counts := map[string]int{}
	for s, err := range tr.Stops(context.Background()) {
		if err != nil {
			t.Fatal(err)
		}
		if s.Kind == tracer.NewTask && s.Event.PID != p.PID() {
			s.Do(tracer.Action{Verb: tracer.Detach})
		}
		if s.Kind != tracer.SyscallEnter {
			continue
		}
		if c := s.Event.ABI.Call(s.Event.Nr); c != nil {
			counts[c.Name]++
		}
	}
	return counts
}
