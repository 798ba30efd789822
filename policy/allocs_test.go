package policy

import (
	"testing"

	"strait/syscalls"
)

// TestAllocs: deciding is on the path of every stop. What names a path costs the
// string that the pair keeps of it, and nothing else allocates.
func TestAllocs(t *testing.T) {
	p := policyOf(t, "deny fs.* /etc/**", "allow fs.* /usr/** /tmp/**", "deny ioctl where op in {TIOCSTI, TIOCLINUX}",
		"allow @io", "allow net.connect tcp 127.0.0.0/8:*", "allow mmap where !(prot has PROT_WRITE|PROT_EXEC)", "allow signal self")
	prog := compile(t, p, CompileOptions{})
	for _, c := range []struct {
		ev   *syscalls.Event
		most float64
	}{
		{event(t, syscalls.AMD64, "read", 3), 0},
		{event(t, syscalls.AMD64, "ioctl", 3, 0x5412), 0},
		{event(t, syscalls.AMD64, "mmap", 0, 4096, 7), 0},
		{event(t, syscalls.AMD64, "kill", 1, 9), 0},
		{event(t, syscalls.AMD64, "ptrace", 16, 1), 0},
		{event(t, syscalls.AMD64, "socket", 2, 1, 0), 0},
		{event(t, syscalls.AMD64, "openat", -100, "/usr/x", 0), 1},
		{event(t, syscalls.AMD64, "openat", -100, "/usr/x", 2), 2},
		{event(t, syscalls.AMD64, "rename", "/tmp/x", "/tmp/y"), 4},
	} {
		d := Decider{Policy: p, Program: prog}
		d.Decide("main", c.ev)
		if n := testing.AllocsPerRun(100, func() { d.Decide("main", c.ev) }); n > c.most {
			t.Errorf("%s: %v allocations, most %v", c.ev.Call.Name, n, c.most)
		}
	}
}
