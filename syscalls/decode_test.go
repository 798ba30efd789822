package syscalls_test

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// fakeTracee has some bytes at an address, and nothing else.
type fakeTracee struct {
	base uint64
	mem  []byte
}

func (f *fakeTracee) ReadMemory(addr uint64, p []byte) int {
	if addr < f.base || addr >= f.base+uint64(len(f.mem)) {
		return 0
	}
	return copy(p, f.mem[addr-f.base:])
}

func (f *fakeTracee) AppendFD(dst []byte, _ int32) []byte { return append(dst, "/a/path"...) }

func (f *fakeTracee) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte {
	return append(dst, "comm"...)
}

const base = 0x10000

func call(t testing.TB, abi, name string, args ...uint64) *syscalls.Event {
	t.Helper()
	a := syscalls.ByName(abi)
	nr, ok := a.Number(name)
	if !ok {
		t.Fatalf("%s has no %s", abi, name)
	}
	ev := &syscalls.Event{ABI: a, Nr: nr, Abbrev: true, Verbose: true}
	copy(ev.Args[:], args)
	return ev
}

func TestEnterStopsBeforeWhatTheKernelFills(t *testing.T) {
	var d syscalls.Decoder
	mem := &fakeTracee{base, []byte("hello")}
	ev := call(t, "amd64", "read", 3, base, 5)
	d.Enter(ev, mem)
	if len(ev.Nodes) != 1 || ev.Nodes[0].Kind != syscalls.FD {
		t.Fatalf("at entry got %v, want the descriptor alone", ev.Nodes)
	}
	ev.Returned, ev.Ret = true, 5
	d.Exit(ev, mem)
	if len(ev.Nodes) != 3 || string(ev.Bytes(&ev.Nodes[1])) != "hello" {
		t.Fatalf("at exit got %v, want the bytes and the count", ev.Nodes)
	}
}

func TestStringAcrossUnmappedPage(t *testing.T) {
	var d syscalls.Decoder
	ev := call(t, "amd64", "chdir", base)
	d.Enter(ev, &fakeTracee{base, []byte("no end")})
	if len(ev.Nodes) != 1 || ev.Nodes[0].Kind != syscalls.Addr || ev.Nodes[0].Val != base {
		t.Errorf("got %v, want the address: the string has no end in memory", ev.Nodes)
	}
}

func TestNegativeDescriptorOnEveryABI(t *testing.T) {
	for _, abi := range []string{"amd64", "i386", "x32", "arm64", "arm", "riscv64"} {
		var d syscalls.Decoder
		ev := call(t, abi, "close", 0xffffffff)
		d.Enter(ev, &fakeTracee{})
		if got := int64(ev.Nodes[0].Val); got != -1 {
			t.Errorf("%s: close(-1) as %d", abi, got)
		}
	}
}

// What strace shows for arm, whose struct user has words of 4 bytes; what stands beside it is an address.
func TestUserArea(t *testing.T) {
	const peekuser = 3
	for _, tt := range []struct {
		abi  string
		off  uint64
		want string
	}{
		{"amd64", 8*15 + 4, "8*ORIG_RAX+4"},
		{"arm", 0, "r0"},
		{"arm", 6, "r1+2"},
		{"arm", 44, "fp"},
		{"arm", 68, "cpsr+4"},
		{"arm", 80, "offsetof(struct user, u_dsize)"},
		{"arm", 240, "offsetof(struct user, u_comm)+128"},
		{"arm", 296, "sizeof(struct user)"},
		{"arm", 297, ""},
	} {
		var d syscalls.Decoder
		ev := call(t, tt.abi, "ptrace", peekuser, 5, tt.off, 0)
		d.Enter(ev, &fakeTracee{})
		n := ev.Nodes[2]
		got := ""
		if n.Kind == syscalls.Symbol {
			got = string(ev.Bytes(&n))
		}
		if got != tt.want || n.Val != tt.off {
			t.Errorf("%s: offset %d: got %q (%d), want %q", tt.abi, tt.off, got, n.Val, tt.want)
		}
	}
}

func Test64BitArgumentInTwoRegisters(t *testing.T) {
	for abi, args := range map[string][]uint64{
		"amd64": {3, 0, 1, 0x1_0000_0002},
		"i386":  {3, 0, 1, 2, 1},
		"arm":   {3, 0, 1, 0, 2, 1},
	} {
		var d syscalls.Decoder
		ev := call(t, abi, "pwrite64", args...)
		d.Enter(ev, &fakeTracee{})
		if got := ev.Nodes[3].Val; got != 0x1_0000_0002 {
			t.Errorf("%s: offset %#x", abi, got)
		}
	}
}

func TestEveryNumberHasAName(t *testing.T) {
	for id := range syscalls.NumABI {
		n := 0
		for nr, c := range syscalls.ByID(id).All {
			n++
			if c.Name == "" {
				t.Errorf("%s: call %d has no name", syscalls.ByID(id).Name, nr)
			}
		}
		if n < 300 {
			t.Errorf("%s has %d calls", syscalls.ByID(id).Name, n)
		}
	}
}

func TestDecodingDoesNotAllocate(t *testing.T) {
	var d syscalls.Decoder
	mem := &fakeTracee{base, make([]byte, 8192)}
	copy(mem.mem, "/some/path\x00")
	for _, c := range []struct {
		name string
		args []uint64
	}{
		{"openat", []uint64{0xffffff9c, base, 0x80000}},
		{"newfstatat", []uint64{3, base, base + 512, 0}},
		{"execve", []uint64{base, base + 512, base + 512}},
		{"poll", []uint64{base, 10, 0}},
		{"recvmsg", []uint64{3, base, 0}},
		{"rt_sigaction", []uint64{2, base, base, 8}},
		{"rt_sigtimedwait", []uint64{base, base, base, 8}},
		{"bpf", []uint64{5, base, 144}},
		{"io_uring_register", []uint64{3, 8, base, 4}},
		{"io_uring_register", []uint64{3, 19, base, 2}},
		{"shmctl", []uint64{1, 2, base}},
		{"mbind", []uint64{base, 4096, 2, base, 64, 0}},
		{"mincore", []uint64{base, 8192, base}},
	} {
		ev := call(t, "amd64", c.name, c.args...)
		one := func() {
			ev.Returned = true
			d.Enter(ev, mem)
			d.Exit(ev, mem)
		}
		one()
		if n := testing.AllocsPerRun(100, one); n != 0 {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}

// FuzzDecode calls anything with anything: no panic, no endless work, and nodes
// that nest.
func FuzzDecode(f *testing.F) {
	f.Add(uint8(0), uint16(0), uint64(3), uint64(base), uint64(100), uint64(0), int64(10), []byte("some memory"))
	f.Add(uint8(0), uint16(47), uint64(3), uint64(base), uint64(0), uint64(0), int64(10), make([]byte, 256))
	f.Add(uint8(1), uint16(102), uint64(3), uint64(base), uint64(base), uint64(base), int64(-1), make([]byte, 64))
	f.Fuzz(func(t *testing.T, abi uint8, nr uint16, a0, a1, a2, a3 uint64, ret int64, mem []byte) {
		checkDecode(t, syscalls.ABIID(abi%uint8(syscalls.NumABI)), uint64(nr), [6]uint64{a0, a1, a2, a3, a1, a2}, ret, mem)
	})
}

func checkDecode(t *testing.T, abi syscalls.ABIID, nr uint64, args [6]uint64, ret int64, mem []byte) {
	t.Helper()
	var d syscalls.Decoder
	d.FDs = true
	for _, abbrev := range []bool{true, false} {
		ev := &syscalls.Event{ABI: syscalls.ByID(abi), Nr: nr, Args: args, Abbrev: abbrev, Verbose: true}
		tracee := &fakeTracee{base, mem}
		d.Enter(ev, tracee)
		ev.Returned, ev.Ret = true, ret
		if ret < 0 && ret > -4096 {
			ev.Errno = int(-ret)
		}
		d.Exit(ev, tracee)
		for _, list := range [][]syscalls.Node{ev.Nodes, ev.RetNodes} {
			for i := range list {
				if n := &list[i]; n.End <= uint32(i) || int(n.End) > len(list) {
					t.Fatalf("node %d of %d ends at %d", i, len(list), n.End)
				}
			}
		}
	}
}

// TestDecodeHostile makes every call of every ABI with pointers to memory of
// several patterns: what fuzzing does, for a fixed set of inputs.
func TestDecodeHostile(t *testing.T) {
	patterns := [][]byte{make([]byte, 4096), make([]byte, 4096), make([]byte, 4096), make([]byte, 7)}
	for i := range patterns[1] {
		patterns[1][i] = 0xff
	}
	for i := 0; i < 4096; i += 8 {
		binary.LittleEndian.PutUint64(patterns[2][i:], base+uint64(i))
	}
	for id := range syscalls.NumABI {
		for nr := range syscalls.ByID(id).All {
			for _, mem := range patterns {
				for _, a := range []uint64{base, base + 4090, 1 << 40, ^uint64(0)} {
					checkDecode(t, id, nr, [6]uint64{a, a, a, a, a, a}, 100, mem)
				}
				checkDecode(t, id, nr, [6]uint64{1, base, 1 << 31, base, base, 64}, -14, mem)
				checkDecode(t, id, nr, [6]uint64{base, 2, base, 8, base, 8}, 8, mem)
			}
		}
	}
}

// TestManyNodes decodes more than a call may have nodes for: what is beyond is left
// out, whatever its decoder opens and closes.
func TestManyNodes(t *testing.T) {
	const instructions = 1 << 15
	mem := &fakeTracee{base, make([]byte, 24+8*instructions)}
	binary.LittleEndian.PutUint32(mem.mem[4:], instructions)
	binary.LittleEndian.PutUint64(mem.mem[8:], base+24)
	var d syscalls.Decoder
	ev := call(t, "amd64", "bpf", 5, base, 24)
	ev.Abbrev = false
	d.Enter(ev, mem)
	ev.Returned = true
	d.Exit(ev, mem)
	for i := range ev.Nodes {
		if n := &ev.Nodes[i]; int(n.End) <= i || int(n.End) > len(ev.Nodes) {
			t.Fatalf("node %d of %d ends at %d", i, len(ev.Nodes), n.End)
		}
	}
	if len(ev.Nodes) < 1<<15 || len(ev.Nodes) > 1<<17 {
		t.Errorf("%d nodes", len(ev.Nodes))
	}
	// It is told, once, and what stands behind is there.
	told := 0
	for i := range ev.Nodes {
		if ev.Nodes[i].Kind == syscalls.More {
			told++
		}
	}
	if last := &ev.Nodes[len(ev.Nodes)-1]; told != 1 || last.Name != "size" {
		t.Errorf("told %d times that there would be more; the last node is %q", told, last.Name)
	}
}

// A list that ends by itself when there are too many nodes says so, too.
func TestManyWorkers(t *testing.T) {
	mem := &fakeTracee{base, make([]byte, 1<<20)}
	var d syscalls.Decoder
	ev := call(t, "amd64", "io_uring_register", 3, 19, base, 1<<18)
	ev.Abbrev = false
	d.Enter(ev, mem)
	ev.Returned = true
	d.Exit(ev, mem)
	told, last := 0, &ev.Nodes[len(ev.Nodes)-1]
	for i := range ev.Nodes {
		if ev.Nodes[i].Kind == syscalls.More {
			told++
		}
	}
	if told != 2 || last.Name != "nr_args" || last.Val != 1<<18 { // before and after the call
		t.Errorf("told %d times that there would be more; the last node is %q, %d", told, last.Name, last.Val)
	}
}

// costlyTracee has a page over and over, and counts what is read of it.
type costlyTracee struct {
	fakeTracee
	read int
}

func (c *costlyTracee) ReadMemory(addr uint64, p []byte) int {
	c.read += len(p)
	if addr < c.base || addr >= 1<<40 || addr+uint64(len(p)) > 1<<40 {
		return 0
	}
	for i := range p {
		p[i] = c.mem[(addr+uint64(i)-c.base)%uint64(len(c.mem))]
	}
	return len(p)
}

// TestManyBytes shows more bytes than a call may have, whole strings and those that end
// where memory does: neither all memory of the machine is taken, nor hours.
func TestManyBytes(t *testing.T) {
	const most, room = 1 << 25, 1 << 24
	vector := make([]byte, 4096)
	for i := 0; i < len(vector); i += 16 {
		binary.LittleEndian.PutUint64(vector[i:], base)
		binary.LittleEndian.PutUint64(vector[i+8:], 1<<30)
	}
	nearTheEnd := make([]byte, 4096)
	for i := 0; i < len(nearTheEnd); i += 8 {
		binary.LittleEndian.PutUint64(nearTheEnd[i:], 1<<40-1<<19|1)
	}
	for _, c := range []struct {
		name string
		args []uint64
		mem  []byte
	}{
		{"writev", []uint64{1, base, 1 << 16}, vector},
		{"execve", []uint64{base, base, 0}, vector},
		{"execve", []uint64{base, base, base}, nearTheEnd},
	} {
		mem := &costlyTracee{fakeTracee: fakeTracee{base, c.mem}}
		d := syscalls.Decoder{StringLimit: 1 << 30}
		ev := call(t, "amd64", c.name, c.args...)
		ev.Abbrev = false
		d.Enter(ev, mem)
		total, cut := 0, false
		for i := range ev.Nodes {
			if n := &ev.Nodes[i]; n.Kind == syscalls.Str {
				total += int(n.Len)
				cut = cut || n.Len == 0 && n.Flags&syscalls.Cut != 0
			}
		}
		if total > room || mem.read > most || c.name == "writev" && !cut {
			t.Errorf("%s: %d bytes shown, %d read; one that has none says so: %v", c.name, total, mem.read, cut)
		}
	}
}
