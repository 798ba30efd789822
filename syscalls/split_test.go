package syscalls_test

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// SIOCGIFMTU: the kernel reads a name and writes a number behind it.
const siocgifmtu = 0x8921

func mtuOf(name string, mtu uint32) *fakeTracee {
	mem := &fakeTracee{base, make([]byte, 40)}
	copy(mem.mem, name)
	binary.LittleEndian.PutUint32(mem.mem[16:], mtu)
	return mem
}

// names lists the fields of a structure, and what the named one holds.
func names(ev *syscalls.Event, name string) (fields []string, val uint64, text string) {
	for i := range ev.Nodes {
		n := &ev.Nodes[i]
		if n.Name != "" {
			fields = append(fields, n.Name)
		}
		if n.Name == name {
			if val = n.Val; n.Kind == syscalls.Str {
				text = string(ev.Bytes(n))
			}
		}
	}
	return fields, val, text
}

func TestSplit(t *testing.T) {
	var d syscalls.Decoder
	ev := call(t, "amd64", "ioctl", 3, siocgifmtu, base)
	d.Enter(ev, mtuOf("eth0", 0))
	if _, _, name := names(ev, "ifr_name"); !ev.Split || name != "eth0" || ev.EnterEnd != len(ev.Nodes) {
		t.Fatalf("at entry got %v (split: %v), want a structure that has begun with a name", ev.Nodes, ev.Split)
	}
	ev.Returned = true
	d.Exit(ev, mtuOf("other", 1500))
	if _, _, name := names(ev, "ifr_name"); name != "eth0" {
		t.Errorf("at exit the name is %q, want that of the entry", name)
	}
	if _, mtu, _ := names(ev, "ifr_mtu"); mtu != 1500 {
		t.Errorf("got %v, want an MTU of 1500", ev.Nodes)
	}
	if n := &ev.Nodes[2]; n.Kind != syscalls.Ptr || n.End != uint32(len(ev.Nodes)) || ev.Nodes[3].End != n.End {
		t.Errorf("got %v, want all in one structure", ev.Nodes)
	}
}

func TestSplitWithoutAnEnd(t *testing.T) {
	for _, tt := range []struct {
		name string
		mem  *fakeTracee
		end  func(*syscalls.Event)
	}{
		{"failed", mtuOf("eth0", 1500), func(ev *syscalls.Event) { ev.Returned, ev.Ret, ev.Errno = true, -19, 19 }},
		{"killed", mtuOf("eth0", 1500), func(*syscalls.Event) {}},
		{"unmapped", &fakeTracee{base + 1<<20, nil}, func(ev *syscalls.Event) { ev.Returned = true }},
	} {
		var d syscalls.Decoder
		ev := call(t, "amd64", "ioctl", 3, siocgifmtu, base)
		d.Enter(ev, mtuOf("eth0", 0))
		n := len(ev.Nodes)
		tt.end(ev)
		d.Exit(ev, tt.mem)
		if len(ev.Nodes) != n || ev.Nodes[2].End != uint32(n) {
			t.Errorf("%s: got %v, want what the entry had", tt.name, ev.Nodes)
		}
		// The event is as good as new.
		ev = call(t, "amd64", "ioctl", 3, siocgifmtu, base)
		d.Enter(ev, mtuOf("eth0", 0))
		ev.Returned = true
		if d.Exit(ev, mtuOf("eth0", 1)); len(ev.Nodes) != n+1 {
			t.Errorf("%s: the next call has %v", tt.name, ev.Nodes)
		}
	}
}

// Those who judge a call see it whole.
func TestSplitEarly(t *testing.T) {
	const sgIO = 0x2285
	mem := &fakeTracee{base, make([]byte, 88)}
	mem.mem[0] = 'S'
	binary.LittleEndian.PutUint32(mem.mem[4:], 0xfffffffd) // SG_DXFER_FROM_DEV
	for _, early := range []bool{false, true} {
		d := syscalls.Decoder{Early: early}
		ev := call(t, "amd64", "ioctl", 3, sgIO, base)
		d.Enter(ev, mem)
		if fields, _, _ := names(ev, ""); ev.Split == early || (fields[len(fields)-1] == "info") != early {
			t.Errorf("early: %v: split is %v, the fields are %v", early, ev.Split, fields)
		}
	}
}

func TestSplitAllocatesNothing(t *testing.T) {
	var d syscalls.Decoder
	mem := mtuOf("eth0", 1500)
	ev := call(t, "amd64", "ioctl", 3, siocgifmtu, base)
	run := func() {
		ev.Returned = false
		d.Enter(ev, mem)
		ev.Returned = true
		d.Exit(ev, mem)
	}
	run()
	if n := testing.AllocsPerRun(100, run); n != 0 {
		t.Errorf("%v allocations a call, want none", n)
	}
}
