package main

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

// flatMemory is a program's memory that begins at address 0x1000.
type flatMemory []byte

func (m flatMemory) ReadMemory(addr uint64, p []byte) int {
	if addr < 0x1000 || addr-0x1000 > uint64(len(m)) {
		return 0
	}
	return copy(p, m[addr-0x1000:])
}

func (flatMemory) AppendFD(dst []byte, _ int32) []byte                   { return dst }
func (flatMemory) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

// dumpMemory holds "abcdefghijk", an iovec of 3 and 8 bytes of it at 0x1010, a
// mmsghdr with that at 0x1030, the same in 32 bits at 0x1100 and 0x1110, and arguments of
// socketcall(2) that are about them at 0x1140 and 0x1150.
func dumpMemory() flatMemory {
	m := make(flatMemory, 0x200)
	copy(m, "abcdefghijk")
	for i, v := range []uint64{0x1000, 3, 0x1003, 8} {
		binary.LittleEndian.PutUint64(m[0x10+8*i:], v)
		binary.LittleEndian.PutUint32(m[0x100+4*i:], uint32(v))
	}
	for i, v := range []uint64{2: 0x1010, 3: 2, 7: 5} {
		binary.LittleEndian.PutUint64(m[0x30+8*i:], v)
	}
	for i, v := range []uint32{2: 0x1100, 3: 2, 7: 5} {
		binary.LittleEndian.PutUint32(m[0x110+4*i:], v)
	}
	for i, v := range []uint32{1, 0x1000, 9, 0, 1, 0x1110, 0} { // arguments of recv and sendmsg
		binary.LittleEndian.PutUint32(m[0x140+4*i:], v)
	}
	return m
}

func TestDumps(t *testing.T) {
	const (
		abc   = " * 3 bytes in buffer 0\n | 00000  61 62 63                                          abc              |\n"
		whole = abc + " * 8 bytes in buffer 1\n | 00000  64 65 66 67 68 69 6a 6b                           defghijk         |\n"
		part  = abc + " * 2 bytes in buffer 1\n | 00000  64 65                                             de               |\n"
	)
	for _, test := range []struct {
		abi  syscalls.ABIID
		name string
		args [6]uint64
		ret  int64
		want string
	}{
		{syscalls.AMD64, "write", [6]uint64{1, 0x1000, 3}, -5, abc[len(" * 3 bytes in buffer 0\n"):]},
		{syscalls.AMD64, "write", [6]uint64{2, 0x1000, 3}, 3, ""},
		{syscalls.AMD64, "write", [6]uint64{1, 0x11ff, 3}, 3, ""},
		{syscalls.AMD64, "read", [6]uint64{1<<32 | 1, 0x1000, 9}, 3, abc[len(" * 3 bytes in buffer 0\n"):]},
		{syscalls.AMD64, "read", [6]uint64{1, 0x1000, 9}, -5, ""},
		{syscalls.AMD64, "writev", [6]uint64{1, 0x1010, 2}, 4, whole},
		{syscalls.AMD64, "readv", [6]uint64{1, 0x1010, 2}, 5, part},
		{syscalls.AMD64, "sendmsg", [6]uint64{1, 0x1030}, 11, whole},
		{syscalls.AMD64, "recvmsg", [6]uint64{1, 0x1030}, 5, part},
		{syscalls.AMD64, "sendmmsg", [6]uint64{1, 0x1030, 9}, 1, " = 2 buffers in vector 0\n" + part},
		{syscalls.I386, "readv", [6]uint64{1, 0x1100, 2}, 5, part},
		{syscalls.I386, "sendmmsg", [6]uint64{1, 0x1110, 9}, 1, " = 2 buffers in vector 0\n" + part},
		{syscalls.I386, "socketcall", [6]uint64{10, 0x1140}, 3, abc[len(" * 3 bytes in buffer 0\n"):]}, // recv
		{syscalls.I386, "socketcall", [6]uint64{16, 0x1150}, 11, whole},                                // sendmsg
		{syscalls.AMD64, "getpid", [6]uint64{1, 0x1000, 3}, 3, ""},
	} {
		abi := syscalls.ByID(test.abi)
		nr, _ := abi.Number(test.name)
		ev := &syscalls.Event{ABI: abi, Nr: nr, Args: test.args, Returned: true, Ret: test.ret}
		(&syscalls.Decoder{Inner: true}).Resolve(ev, dumpMemory())
		if test.ret < 0 {
			ev.Errno = int(-test.ret)
		}
		fds := &fdSet{fds: []int{1}}
		d := &dumper{read: fds, write: fds}
		if diff := cmp.Diff(test.want, string(d.append(nil, ev, dumpMemory()))); diff != "" {
			t.Errorf("%s %s = %d: (-want +got)\n%s", abi.Name, test.name, test.ret, diff)
		}
	}
}
