package tracer

import (
	"syscall"
	"testing"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// foreignCalls makes the 32-bit call close(0x7fff0001) from 64-bit code, and one of
// x32, from machine code of its own.
func foreignCalls([]string) {
	m, err := unix.Mmap(-1, 0, pageSize, unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON|unix.MAP_32BIT)
	if err != nil {
		fatal("mmap: %v", err)
	}
	copy(m, []byte{
		0x53,                         // push %rbx
		0xb8, 0x06, 0x00, 0x00, 0x00, // mov $6, %eax
		0xbb, 0x01, 0x00, 0xff, 0x7f, // mov $0x7fff0001, %ebx
		0xcd, 0x80, // int $0x80
		0x5b, // pop %rbx
		0xc3, // ret
	})
	code := unsafe.Pointer(&m[0])
	f := *(*func())(unsafe.Pointer(&[1]unsafe.Pointer{unsafe.Pointer(&code)}))
	f()
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE|syscalls.X32Bit, markArg+2, 0, 0)
	mark(3)
}

func TestForeignCalls(t *testing.T) {
	needI386(t)
	for _, opt := range []Options{{}, {noSyscallInfo: true}} {
		tr := newTracer(t, opt)
		start(t, tr, "foreign")
		var got [4]int
		status := -1
		each(t, tr, func(s *Stop) {
			if s.Kind == Exited {
				status = s.Event.Status
			}
			n := int(int32(s.Event.Args[0])) - markArg
			if s.Kind != SyscallEnter || n < 1 || n > 3 {
				return
			}
			want := map[int]syscalls.ABIID{1: syscalls.I386, 2: syscalls.X32, 3: syscalls.AMD64}[n]
			nr := map[int]uint64{1: 6, 2: unix.SYS_CLOSE, 3: unix.SYS_CLOSE}[n]
			if s.Event.ABI.ID != want || s.Event.Nr != nr {
				t.Errorf("%+v: call %d is %d of %s", opt, n, s.Event.Nr, s.Event.ABI.Name)
			}
			got[n]++
		})
		if got != [4]int{0, 1, 1, 1} || status != 0 {
			t.Errorf("%+v: calls %v, status %d", opt, got, status)
		}
	}
}
