package bpf

import (
	"testing"

	"golang.org/x/net/bpf"

	"github.com/google/go-cmp/cmp"
)

func TestDump(t *testing.T) {
	f := &Filter{Other: KillProcess, Arches: []Arch{{Audit: arm, Rest: Errno(38), Calls: []Call{
		{Nr: 29, Else: Allow, Rules: []Rule{{Test{Arg: 1, Width: 4, In: []Range{Equal(0x5412), Equal(0x541c)}}, Errno(1)}}},
		{Nr: 56, Last: 57, Else: TraceData(3)},
	}}}}
	prog, err := f.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	want := `   0: ld [4]                           ; arch
   1: jeq 0xc00000b7, 2, 13            ; arm64
   2: ld [0]                           ; nr
   3: jge 0x38, 5, 4
   4: jeq 0x1d, 7, 11
   5: jge 0x3a, 6, 10
   6: jeq 0xffffffff, 12, 11
   7: ld [24]                          ; args[1], low
   8: jeq 0x5412, 14, 9
   9: jeq 0x541c, 14, 12
  10: ret TRACE(3)
  11: ret ERRNO(38)
  12: ret ALLOW
  13: ret KILL_PROCESS
  14: ret ERRNO(1)
`
	got := Dump(prog, func(uint32) string { return "arm64" })
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTraceFilter(t *testing.T) {
	const arm = 0x40000028
	bits := make([]uint64, 8)
	for _, nr := range []int{0, 1, 2, 59, 257, 511} {
		bits[nr/64] |= 1 << (nr % 64)
	}
	prog, err := TraceFilter([]Numbers{
		{Audit: x86, Bits: bits, Rest: true},
		{Audit: x86, X32: true, Bits: bits[:1], Rest: true},
		{Audit: arm, Bits: bits[:1]},
	})
	if err != nil {
		t.Fatal(err)
	}
	want := map[uint32]Action{
		0: Trace, 2: Trace, 3: Allow, 58: Allow, 59: Trace, 60: Allow, 256: Allow, 257: Trace, 258: Allow, 511: Trace,
		512: Trace, 100000: Trace, 0x40000000: Trace, 0x40000003: Allow, 0x40000101: Trace, 0x7fffffff: Trace,
		0x80000000: Trace, 0xfffffffe: Trace, 0xffffffff: Trace,
	}
	for nr, act := range want {
		if got, err := Run(prog, &Data{Arch: x86, Nr: nr}); got != act || err != nil {
			t.Errorf("call %#x: got %v, %v, want %v", nr, got, err, act)
		}
	}
	for _, d := range []struct {
		arch, nr uint32
		want     Action
	}{{i386, 3, Trace}, {arm, 0, Trace}, {arm, 3, Allow}, {arm, 64, Allow}} {
		if got, _ := Run(prog, &Data{Arch: d.arch, Nr: d.nr}); got != d.want {
			t.Errorf("call %d of architecture %#x: got %v, want %v", d.nr, d.arch, got, d.want)
		}
	}
}

// steps counts the instructions that run for a call.
func steps(t *testing.T, prog []bpf.RawInstruction, nr uint32) int {
	t.Helper()
	var acc uint32
	for pc, n := 0, 1; ; pc, n = pc+1, n+1 {
		jump := func(cond bool) {
			if cond {
				pc += int(prog[pc].Jt)
			} else {
				pc += int(prog[pc].Jf)
			}
		}
		switch in := prog[pc]; in.Op {
		case 0x20: // ld
			acc = map[uint32]uint32{offArch: x86, offNr: nr}[in.K]
		case 0x05: // ja
			pc += int(in.K)
		case 0x15: // jeq
			jump(acc == in.K)
		case 0x35: // jge
			jump(acc >= in.K)
		case 0x06: // ret
			return n
		default:
			t.Fatalf("unexpected %v", in)
		}
	}
}

func TestLoadsAreShared(t *testing.T) {
	cond := func(v uint64) Cond { return Test{Arg: 2, Width: 4, In: []Range{Equal(v)}} }
	f := &Filter{Arches: []Arch{{Audit: x86, Calls: []Call{{Nr: 1, Else: Allow, Rules: []Rule{
		{cond(1), Errno(1)}, {cond(2), Errno(2)}, {cond(3), Errno(3)},
	}}}}}}
	prog, err := f.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	loads := 0
	for _, raw := range prog {
		if in, ok := raw.Disassemble().(bpf.LoadAbsolute); ok && in.Off == 16+2*8 {
			loads++
		}
	}
	if diff := cmp.Diff(1, loads); diff != "" {
		t.Errorf("loads of the argument:\n%s\n%s", diff, Dump(prog, nil))
	}
}
