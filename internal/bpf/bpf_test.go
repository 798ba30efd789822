package bpf

import (
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

const (
	x86  = 0xc000003e
	i386 = 0x40000003
	arm  = 0xc00000b7
)

func run(t *testing.T, f *Filter, d Data) Action {
	t.Helper()
	prog, err := f.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	got, err := Run(prog, &d)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestNumbersAndArchitectures(t *testing.T) {
	f := &Filter{
		Other: KillProcess,
		Arches: []Arch{
			{Audit: x86, Rest: Errno(38), Calls: []Call{{Nr: 0, Else: Allow}, {Nr: 5, Last: 9, Else: Trace}, {Nr: 1, Else: Allow}}},
			{Audit: x86, X32: true, Rest: Errno(1), Calls: []Call{{Nr: 5, Else: Log}}},
			{Audit: i386, Rest: Trap, Calls: []Call{{Nr: 5, Else: Allow}}},
		},
	}
	for _, c := range []struct {
		arch, nr uint32
		want     Action
	}{
		{x86, 0, Allow},
		{x86, 1, Allow},
		{x86, 2, Errno(38)},
		{x86, 4, Errno(38)},
		{x86, 5, Trace},
		{x86, 9, Trace},
		{x86, 10, Errno(38)},
		{x86, 0x3fffffff, Errno(38)},
		{x86, 0x40000000, Errno(1)},
		{x86, 0x40000005, Log},
		{x86, 0x40000006, Errno(1)},
		{x86, 0xfffffffe, Errno(1)},
		{x86, 0xffffffff, Allow}, // a call that a tracer skipped
		{i386, 5, Allow},
		{i386, 6, Trap},
		{i386, 0x40000005, Trap},
		{i386, 0xffffffff, Allow},
		{arm, 0, KillProcess},
		{arm, 0xffffffff, KillProcess},
	} {
		if got := run(t, f, Data{Arch: c.arch, Nr: c.nr}); got != c.want {
			t.Errorf("arch %#x, call %#x: got %v, want %v", c.arch, c.nr, got, c.want)
		}
	}
}

func TestX32WithoutItsTableIsNotX86(t *testing.T) {
	f := &Filter{Other: KillProcess, Arches: []Arch{{Audit: x86, Rest: Allow}}}
	if got := run(t, f, Data{Arch: x86, Nr: 0x40000000}); got != KillProcess {
		t.Errorf("got %v", got)
	}
	f = &Filter{Other: KillProcess, Arches: []Arch{{Audit: arm, Rest: Allow}}}
	if got := run(t, f, Data{Arch: arm, Nr: 0x40000000}); got != Allow {
		t.Errorf("got %v", got)
	}
}

func TestWidths(t *testing.T) {
	const tiocsti = 0x5412
	neg := func(v int64) uint64 { return uint64(v) }
	for _, c := range []struct {
		name string
		test Test
		v    uint64
		want bool
	}{
		{"high word ignored", Test{Arg: 1, Width: 4, In: []Range{Equal(tiocsti)}}, tiocsti | 1<<32, true},
		{"high word compared", Test{Arg: 1, Width: 8, In: []Range{Equal(tiocsti)}}, tiocsti | 1<<32, false},
		{"two bytes", Test{Arg: 1, Width: 2, In: []Range{Equal(0x5412)}}, 0xff5412, true},
		{"one byte signed", Test{Arg: 1, Width: 1, Signed: true, In: []Range{{neg(-128), neg(-1)}}}, 0x1ff, true},
		{"signed less", Test{Arg: 1, Width: 4, Signed: true, In: []Range{{neg(-1 << 31), neg(-1)}}}, 0xffffff9c, true},
		{"signed not less", Test{Arg: 1, Width: 4, Signed: true, In: []Range{{neg(-1 << 31), neg(-1)}}}, 3, false},
		{"signed 64", Test{Arg: 1, Width: 8, Signed: true, In: []Range{{neg(-5), 5}}}, neg(-5), true},
		{"signed 64, beyond", Test{Arg: 1, Width: 8, Signed: true, In: []Range{{neg(-5), 5}}}, neg(-6), false},
		{"signed 64, 32 bits set", Test{Arg: 1, Width: 8, Signed: true, In: []Range{{neg(-5), 5}}}, 0xfffffffb, false},
		{"mask", Test{Arg: 1, Width: 4, Mask: 6, In: []Range{Equal(6)}}, 7, true},
		{"mask, one missing", Test{Arg: 1, Width: 4, Mask: 6, In: []Range{Equal(6)}}, 5, false},
		{"mask, high", Test{Arg: 1, Width: 8, Mask: 1 << 40, In: []Range{Equal(1 << 40)}}, 1<<40 | 99, true},
		{"range over words", Test{Arg: 1, Width: 8, In: []Range{{0xffffffff, 3 << 32}}}, 2<<32 + 7, true},
		{"range over words, low end", Test{Arg: 1, Width: 8, In: []Range{{0xffffffff, 3 << 32}}}, 0xfffffffe, false},
		{"range over words, high end", Test{Arg: 1, Width: 8, In: []Range{{0xffffffff, 3 << 32}}}, 3<<32 + 1, false},
		{"everything", Test{Arg: 1, Width: 8, In: []Range{{0, 1<<64 - 1}}}, 1 << 63, true},
		{"nothing", Test{Arg: 1, Width: 8}, 0, false},
		{"pair", Test{Arg: 1, Pair: true, In: []Range{Equal(5<<32 | 1)}}, 1, true}, // register 2 holds 5
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &Filter{Arches: []Arch{{Audit: x86, Calls: []Call{{Nr: 1, Rules: []Rule{{c.test, Errno(1)}}, Else: Allow}}}}}
			d := Data{Arch: x86, Nr: 1, Args: [6]uint64{1: c.v, 2: 5}}
			if got := run(t, f, d).IsErrno(); got != c.want {
				t.Errorf("filter: got %v, want %v", got, c.want)
			}
			if got := c.test.Holds(&d.Args); got != c.want {
				t.Errorf("Holds: got %v, want %v", got, c.want)
			}
		})
	}
}

func TestLongJumps(t *testing.T) {
	// Every call has a body of its own, so that from the tree at the front most
	// of them, and all returns, are far away.
	f := &Filter{Other: KillProcess}
	x := Arch{Audit: x86, Rest: KillThread}
	for i := range uint32(200) {
		x.Calls = append(x.Calls, Call{Nr: 2 * i, Else: Errno(uint16(i)), Rules: []Rule{
			{Test{Arg: 0, Width: 8, In: []Range{Equal(uint64(i) << 20), Equal(uint64(i) << 40)}}, Allow},
		}})
	}
	f.Arches = []Arch{x}
	prog, err := f.Assemble()
	if err != nil {
		t.Fatal(err)
	}
	if len(prog) < 1000 {
		t.Fatalf("%d instructions: too few to need long jumps", len(prog))
	}
	m, err := NewMachine(prog)
	if err != nil {
		t.Fatal(err)
	}
	for i := range uint32(400) {
		want := KillThread
		if i%2 == 0 {
			want = Errno(uint16(i / 2))
		}
		if got, _ := m.Run(&Data{Arch: x86, Nr: i, Args: [6]uint64{12345}}); got != want {
			t.Fatalf("call %d: got %v, want %v", i, got, want)
		}
		if i%2 == 0 {
			if got, _ := m.Run(&Data{Arch: x86, Nr: i, Args: [6]uint64{uint64(i/2) << 40}}); got != Allow {
				t.Fatalf("call %d with its argument: got %v", i, got)
			}
		}
	}
}

func TestTooLong(t *testing.T) {
	x := Arch{Audit: x86}
	for i := range uint32(900) {
		x.Calls = append(x.Calls, Call{Nr: i, Rules: []Rule{{Test{Width: 8, In: []Range{Equal(1<<40 | uint64(i))}}, Allow}}})
	}
	_, err := (&Filter{Arches: []Arch{x}}).Assemble()
	if !errors.Is(err, ErrTooLong) || !strings.Contains(err.Error(), "the limit is 4096") {
		t.Errorf("got %v", err)
	}
}

func TestFrequentCallsAreNearTheRoot(t *testing.T) {
	x := Arch{Audit: x86, Rest: Errno(38)}
	for i := range uint32(400) {
		x.Calls = append(x.Calls, Call{Nr: i, Else: Errno(uint16(i)), Weight: 1})
	}
	x.Calls[257].Weight = 1000
	prog, err := (&Filter{Arches: []Arch{x}}).Assemble()
	if err != nil {
		t.Fatal(err)
	}
	often, rare := steps(t, prog, 257), steps(t, prog, 33)
	if often > 8 || rare < 10 {
		t.Errorf("frequent call: %d instructions, rare one: %d", often, rare)
	}
}

// randomCond makes a condition over few values, so that they meet.
func randomCond(r *rand.Rand, depth int) Cond {
	if depth > 0 {
		switch r.IntN(5) {
		case 0:
			return Not{randomCond(r, depth-1)}
		case 1, 2:
			parts := make([]Cond, r.IntN(4))
			for i := range parts {
				parts[i] = randomCond(r, depth-1)
			}
			if r.IntN(2) == 0 {
				return And(parts)
			}
			return Or(parts)
		}
	}
	c := Test{Arg: r.IntN(2), Width: 1 << r.IntN(4), Signed: r.IntN(2) == 0, Pair: r.IntN(8) == 0}
	if r.IntN(3) == 0 {
		c.Mask = randomValue(r)
	}
	for range r.IntN(4) {
		c.In = append(c.In, Range{randomValue(r), randomValue(r)})
		if n := len(c.In) - 1; r.IntN(2) == 0 {
			c.In[n].Hi = c.In[n].Lo
		}
	}
	return c
}

func randomValue(r *rand.Rand) uint64 {
	values := []uint64{
		0, 1, 2, 3, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff,
		1 << 32, 1<<32 + 1, 2 << 32, 0x7fffffff << 32, 1<<63 - 1, 1 << 63, 1<<64 - 2, 1<<64 - 1, 0xffffffff00000000,
	}
	v := values[r.IntN(len(values))]
	if r.IntN(8) == 0 {
		return v + uint64(r.IntN(3)) - 1
	}
	return v
}

// decide is what a filter means, said another way.
func decide(f *Filter, d *Data) Action {
	for _, x := range f.Arches {
		if x.Audit != d.Arch || x.X32 != (d.Arch == x86 && d.Nr != noCall && d.Nr&x32Bit != 0) {
			continue
		}
		nr := d.Nr
		if x.X32 {
			nr &^= x32Bit
		}
		if d.Nr == noCall {
			return Allow
		}
		for _, c := range x.Calls {
			if nr < c.Nr || nr > c.last() {
				continue
			}
			for _, r := range c.Rules {
				if r.If == nil || r.If.Holds(&d.Args) {
					return r.Then
				}
			}
			return c.Else
		}
		return x.Rest
	}
	return f.Other
}

func randomFilter(r *rand.Rand) *Filter {
	actions := []Action{Allow, Trace, KillProcess, Errno(1), Errno(38), Log}
	act := func() Action { return actions[r.IntN(len(actions))] }
	f := &Filter{Other: act()}
	for _, x := range []Arch{{Audit: x86}, {Audit: x86, X32: true}, {Audit: i386}} {
		x.Rest = act()
		for nr := uint32(r.IntN(3)); nr < 12; nr += 1 + uint32(r.IntN(3)) {
			c := Call{Nr: nr, Else: act(), Weight: r.IntN(10)}
			for range r.IntN(4) {
				c.Rules = append(c.Rules, Rule{randomCond(r, 3), act()})
			}
			x.Calls = append(x.Calls, c)
		}
		f.Arches = append(f.Arches, x)
	}
	return f
}

func FuzzFilter(f *testing.F) {
	for i := range uint64(300) {
		f.Add(i)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 1))
		filter := randomFilter(r)
		prog, err := filter.Assemble()
		if err != nil {
			t.Fatal(err)
		}
		m, err := NewMachine(prog)
		if err != nil {
			t.Fatal(err)
		}
		for range 200 {
			d := &Data{Arch: []uint32{x86, i386, arm}[r.IntN(3)], Nr: uint32(r.IntN(14))}
			if r.IntN(3) == 0 {
				d.Nr |= x32Bit
			}
			for i := range d.Args {
				d.Args[i] = randomValue(r)
			}
			got, err := m.Run(d)
			if err != nil {
				t.Fatal(err)
			}
			if want := decide(filter, d); got != want {
				t.Fatalf("%+v: got %v, want %v\n%s", *d, got, want, Dump(prog, nil))
			}
		}
	})
}
