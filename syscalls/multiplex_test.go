package syscalls_test

import (
	"cmp"
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// words is memory of 32-bit words.
func words(w ...uint32) []byte {
	var p []byte
	for _, v := range w {
		p = binary.LittleEndian.AppendUint32(p, v)
	}
	return p
}

// numberInside is the number of a call that a multiplexer stands for, 0 if none does.
func numberInside(abi *syscalls.ABI, name string) uint64 {
	for nr, c := range abi.Inner {
		if c.Name == name && syscalls.IsInner(nr) {
			return nr
		}
	}
	return 0
}

// TestMultiplexers decodes i386's socketcall(2) and ipc(2) as the calls that they
// stand for. This needs no program of 32 bits.
func TestMultiplexers(t *testing.T) {
	const sockaddr = 0x00500002 // AF_INET, port 0x5000 in network order
	for _, tt := range []struct {
		name string
		args []uint64
		mem  []byte
		want string
		arg  []uint64 // by its row
		ret  syscalls.Kind
	}{
		{"socketcall", []uint64{1, base}, words(2, 1, 6), "socket", []uint64{2, 1, 6}, syscalls.FD},
		{"socketcall", []uint64{3, base}, words(5, base+12, 16, sockaddr, 0x0100007f, 0, 0), "connect", []uint64{5, base + 12, 16}, syscalls.None},
		{"socketcall", []uint64{5, base}, words(5, 0, 0), "accept", []uint64{5, 0, 0}, syscalls.FD},
		{"socketcall", []uint64{9, base}, words(5, base, 4, 0x4000), "send", []uint64{5, base, 4, 0x4000}, syscalls.None},
		{"socketcall", []uint64{20, base}, words(5, base, 0, 1), "sendmmsg", []uint64{5, base, 0, 1}, syscalls.None},
		{"socketcall", []uint64{0, base}, words(5, base, 0, 1), "socketcall", []uint64{0, base}, syscalls.None},
		{"socketcall", []uint64{21, base}, words(5, base, 0, 1), "socketcall", []uint64{21, base}, syscalls.None},
		{"socketcall", []uint64{1, base}, words(2, 1), "socketcall", []uint64{1, base}, syscalls.None},
		{"ipc", []uint64{2, 7, 1, 0x3b6, 0, 0}, nil, "semget", []uint64{7, 1, 0x3b6}, syscalls.None},
		{"ipc", []uint64{3, 7, 1, 16, base, 0}, words(42), "semctl", []uint64{7, 1, 16, 42}, syscalls.None},
		{"ipc", []uint64{4, 7, 1, 0, base, 0}, words(0, 0), "semtimedop", []uint64{7, base, 1, 0}, syscalls.None},
		{"ipc", []uint64{12, 7, 4, 8, base, 0}, words(base+8, 3, 1, 0), "msgrcv", []uint64{7, base + 8, 4, 3, 8}, syscalls.None},
		{"ipc", []uint64{12, 7, 4, 8, base, 0}, words(base), "msgrcv", []uint64{7, base, 4, 8}, syscalls.None},
		{"ipc", []uint64{1<<16 | 12, 7, 4, 8, base, 3}, words(1, 0), "msgrcv", []uint64{7, base, 4, 3, 8}, syscalls.None},
		{"ipc", []uint64{22, 0, 0, 0, 0x5000, 0}, nil, "shmdt", []uint64{0x5000}, syscalls.None},
		{"ipc", []uint64{99, 0, 0, 0, 0x5000, 0}, nil, "ipc", []uint64{99, 0, 0, 0, 0x5000, 0}, syscalls.None},
	} {
		d := syscalls.Decoder{Inner: true}
		ev := call(t, "i386", tt.name, tt.args...)
		mem := &fakeTracee{base, tt.mem}
		d.Enter(ev, mem)
		ev.Returned, ev.Ret = true, 3
		d.Exit(ev, mem)
		if ev.Call.Name != tt.want || len(ev.Call.Args) < len(tt.arg) {
			t.Errorf("%s%#x: got %s, want %s", tt.name, tt.args, ev.Call.Name, tt.want)
			continue
		}
		for i, want := range tt.arg {
			if got := ev.Arg(i); got != want {
				t.Errorf("%s%#x: argument %d of %s: got %#x, want %#x", tt.name, tt.args, i, tt.want, got, want)
			}
		}
		if tt.ret != syscalls.None && (len(ev.RetNodes) == 0 || ev.RetNodes[0].Kind != tt.ret) {
			t.Errorf("%s%#x: result %v, want kind %d", tt.name, tt.args, ev.RetNodes, tt.ret)
		}
		again := call(t, "i386", tt.name, tt.args...)
		d.Resolve(again, mem)
		if nr, inner := again.SetNumber(), numberInside(again.ABI, tt.want); again.Call.Name != tt.want || nr != cmp.Or(inner, again.Nr) {
			t.Errorf("%s%#x: %s by number %d, want %s by %d", tt.name, tt.args, again.Call.Name, nr, tt.want, inner)
		}
		plain := call(t, "i386", tt.name, tt.args...)
		(&syscalls.Decoder{}).Enter(plain, mem)
		if plain.Call.Name != tt.name {
			t.Errorf("%s%#x: not asked for what is inside, got %s", tt.name, tt.args, plain.Call.Name)
		}
	}
}
