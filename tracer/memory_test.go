package tracer

import (
	"testing"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// Reads stop at the first page that is refused, in each way of reading.
func TestReadMemory(t *testing.T) {
	for _, c := range []struct {
		name    string
		prepare func(k *Task)
		forced  bool // reads what mprotect took away
	}{
		{"process_vm_readv", func(*Task) {}, false},
		{"/proc/PID/mem", func(k *Task) { k.t.mem.noVM = true }, true},
		{"PTRACE_PEEKDATA", func(k *Task) { k.t.mem.noVM, k.proc.noFile = true, true }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			tr := newTracer(t, Options{})
			start(t, tr, "memory")
			marks := 0
			each(t, tr, func(s *Stop) {
				n, ok := isMark(s)
				if !ok || s.Kind != SyscallEnter {
					return
				}
				marks++
				c.prepare(s.Task)
				testReads(t, s.Task, s.Event.Args[1], n == 0 && c.forced)
				if n == 0 {
					testWrites(t, s.Task, s.Event.Args[1])
				}
			})
			if marks != 2 {
				t.Errorf("%d marks", marks)
			}
		})
	}
}

// testReads reads around the end of three pages at base that hold their offset
// mod 251; the fourth is refused, or not.
func testReads(t *testing.T, k *Task, base uint64, fourth bool) {
	t.Helper()
	const end = 3 * pageSize
	for _, r := range []struct{ off, n, want int }{
		{0, 1, 1},
		{5, 100, 100},
		{pageSize - 3, 10, 10},
		{10, end - 10, end - 10},
		{0, end, end},
		{end - 5, 5, 5},
		{end - 5, 6, 5},
		{end - 5, 4096, 5},
		{0, 4 * pageSize, end},
		{100, 10 * pageSize, end - 100},
		{end, 8, 0},
		{end + 8, 2 * pageSize, 0},
	} {
		if fourth && r.off+r.n > end {
			continue
		}
		p := make([]byte, r.n)
		if n := k.ReadMemory(base+uint64(r.off), p); n != r.want {
			t.Errorf("read of %d at %d: %d bytes, want %d", r.n, r.off, n, r.want)
		}
		for i := range r.want {
			if p[i] != byte((r.off+i)%251) {
				t.Errorf("read of %d at %d: byte %d is %d", r.n, r.off, i, p[i])
				break
			}
		}
	}
	for _, bad := range []uint64{0, 1, ^uint64(0), ^uint64(0) - 4096, 1 << 63} {
		if n := k.ReadMemory(bad, make([]byte, 2*pageSize)); n != 0 {
			t.Errorf("read at %#x: %d bytes", bad, n)
		}
	}
}

// testWrites writes what the tracee checks.
func testWrites(t *testing.T, k *Task, base uint64) {
	t.Helper()
	if n := k.WriteMemory(base+10, []byte("XYZ")); n != 3 {
		t.Errorf("wrote %d bytes", n)
	}
	var b [5]byte
	if n := k.ReadMemory(base+9, b[:]); n != 5 || string(b[:]) != "\x09XYZ\x0d" {
		t.Errorf("read back %d bytes: % x", n, b)
	}
	if n := k.WriteMemory(16, []byte("XYZ")); n != 0 {
		t.Errorf("wrote %d bytes at 16", n)
	}
}

func TestNames(t *testing.T) {
	tr := newTracer(t, Options{DescribePIDs: PIDComm})
	p := start(t, tr, "mark")
	each(t, tr, func(s *Stop) {
		if enteredMark(s) != 1 {
			return
		}
		k := s.Task
		if got := string(k.AppendFD([]byte("x"), 9999)); got != "x" {
			t.Errorf("no descriptor: %s", got)
		}
		if got := string(k.AppendFD([]byte("x"), unix.AT_FDCWD)); got == "x" {
			t.Errorf("no working directory: %s", got)
		}
		if got := string(k.AppendFD([]byte("x"), -1)); got != "x" {
			t.Errorf("no descriptor: %s", got)
		}
		if got := string(k.AppendFD(nil, 0)); len(got) < 2 {
			t.Errorf("descriptor 0: %q", got)
		}
		if got := string(k.AppendComm([]byte("x"))); got != "xtracer.test" && len(got) < 3 {
			t.Errorf("comm: %q", got)
		}
		if got := string(k.AppendPID(nil, syscalls.PID, int32(p.PID()))); got != string(k.AppendComm(nil)) {
			t.Errorf("comm of %d: %q", p.PID(), got)
		}
		if got := string(k.AppendPID(nil, syscalls.PID, -1)); got != "" {
			t.Errorf("comm of no process: %q", got)
		}
		var r Registers
		if err := k.Registers(&r); err != nil || r.PC != s.Event.IP || r.SP != s.Event.SP || r.ABI != s.Event.ABI || r.Len < 8 {
			t.Errorf("registers %+v, %v; at %#x %#x", r, err, s.Event.IP, s.Event.SP)
		}
	})
}
