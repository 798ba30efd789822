package syscalls_test

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// namingTracee knows what everything is called, and which descriptors are netlink sockets.
type namingTracee struct{ fakeTracee }

func (*namingTracee) NetlinkProtocol(fd int32) (protocol int, known, netlink bool) {
	return int(fd - 100), true, fd >= 100 && fd < 123
}

func (*namingTracee) AppendIfName(dst []byte, _ uint32) []byte { return append(dst, "lo"...) }

func (*namingTracee) Terminal(fd int32) bool { return fd == 0 }

// TestNoCallAllocates decodes every call of two ABIs, with pointers to memory of several patterns, whole and
// with the names of descriptors, and all that the netlink protocols and ioctl(2) have: none of it allocates.
func TestNoCallAllocates(t *testing.T) {
	if testing.Short() {
		t.Skip("every call, many times")
	}
	self, ones, small := make([]byte, 8192), make([]byte, 8192), make([]byte, 8192)
	for i := range ones {
		ones[i] = 0xff
	}
	for i := 0; i < len(self); i += 8 {
		binary.LittleEndian.PutUint64(self[i:], base+uint64(i/2))
		binary.LittleEndian.PutUint32(small[i:], uint32(16+i%64))
		binary.LittleEndian.PutUint32(small[i+4:], uint32(i/8%40))
	}
	d := syscalls.Decoder{FDs: true, Inner: true}
	failed := 0
	one := func(name string, abi *syscalls.ABI, nr uint64, args [6]uint64, mem []byte) {
		tracee := &namingTracee{fakeTracee{base, mem}}
		ev := &syscalls.Event{ABI: abi, Nr: nr, Args: args, Verbose: true}
		run := func() {
			ev.Returned, ev.Ret = true, 3
			d.Enter(ev, tracee)
			d.Exit(ev, tracee)
		}
		run()
		n := testing.AllocsPerRun(2, run)
		if n != 0 { // or what the runtime of Go allocated meanwhile
			n = testing.AllocsPerRun(20, run)
		}
		if n != 0 && failed < 20 {
			failed++
			t.Errorf("%s %s(%#x): %v allocations", abi.Name, name, args, n)
		}
	}
	for _, id := range []syscalls.ABIID{syscalls.AMD64, syscalls.I386} {
		abi := syscalls.ByID(id)
		for nr, c := range abi.All {
			for _, mem := range [][]byte{self, ones, small} {
				one(c.Name, abi, nr, [6]uint64{base, base, base, base, base, base}, mem)
				one(c.Name, abi, nr, [6]uint64{3, base, 8, base + 512, 8, 8}, mem)
				one(c.Name, abi, nr, [6]uint64{1, 2, base, base, base, base}, mem)
			}
		}
		send, _ := abi.Number("sendto")
		for protocol := range uint64(23) {
			for kind := range uint32(128) {
				binary.LittleEndian.PutUint32(small, 4096)
				binary.LittleEndian.PutUint32(small[4:], kind|1<<16)
				one("sendto", abi, send, [6]uint64{100 + protocol, base, 4096}, small)
			}
		}
		ioctl, _ := abi.Number("ioctl")
		for kind := range uint64(256) {
			for nr := uint64(0); nr < 256; nr += 3 {
				one("ioctl", abi, ioctl, [6]uint64{3, 3<<30 | 64<<16 | kind<<8 | nr, base}, small)
				one("ioctl", abi, ioctl, [6]uint64{0, kind<<8 | nr, base}, small)
			}
		}
	}
}
