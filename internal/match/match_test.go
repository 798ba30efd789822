package match

import (
	"errors"
	"strings"
	"testing"

	"strait/syscalls"
)

func amd64(t testing.TB, name string) (*syscalls.ABI, *syscalls.Call, uint64) {
	t.Helper()
	abi := syscalls.ByID(syscalls.AMD64)
	nr, ok := abi.Number(name)
	if !ok {
		t.Fatalf("no call %q", name)
	}
	return abi, abi.Call(nr), nr
}

// memory is a tracee with some bytes at an address.
type memory map[uint64]string

func (m memory) ReadMemory(addr uint64, p []byte) int {
	for a, s := range m {
		if a <= addr && addr < a+uint64(len(s)) {
			return copy(p, s[addr-a:])
		}
	}
	return 0
}

func (m memory) AppendFD(dst []byte, fd int32) []byte {
	if fd == 3 {
		return append(dst, "/dev/tty"...)
	}
	return dst
}

func (m memory) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

func TestCanonical(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"op in {TIOCSTI,TIOCLINUX}", "op in {TIOCSTI, TIOCLINUX}"},
		{"!(prot has PROT_WRITE|PROT_EXEC)", "!(prot has PROT_WRITE|PROT_EXEC)"},
		{"((fd))", "fd"},
		{"!!fd", "fd"},
		{"!fd", "!fd"},
		{"(fd<0||fd>=3)&&arg1==0x10", "(fd < 0 || fd >= 3) && arg1 == 0x10"},
		{"fd<0||(fd>=3&&arg1==0)", "fd < 0 || fd >= 3 && arg1 == 0"},
		{"(a&&b)&&(c||d||e)", "a && b && (c || d || e)"},
		{`pathname~"/tmp/**"`, `pathname ~ "/tmp/**"`},
		{"flags&(A|B)==A", "flags & (A|B) == A"},
		{"flags & A", "flags & A"},
		{"x in {1..3, -1, 1<<4, ~A}", "x in {1..3, -1, 1<<4, ~A}"},
		{"addr.sin_port == 443", "addr.sin_port == 443"},
	} {
		e, err := Parse(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if got := e.String(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.in, got, c.want)
		}
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct{ call, in, want string }{
		{"ioctl", "op in {", "1:8: expected a number"},
		{"ioctl", "op = 3", "1:4: unexpected '=' (equality is ==)"},
		{"ioctl", "op == TIOCSTO", `1:7: no constant "TIOCSTO" (did you mean TIOCSTI?)`},
		{"ioctl", "opp == 3", `1:1: ioctl has no argument "opp" (did you mean op?)`},
		{"ioctl", "op == 0x100005412", "1:7: 0x100005412 does not fit in 4 bytes"},
		{"openat", `pathname ~ /tmp`, "1:12: unexpected '/' (paths and other strings"},
		{"openat", `flags ~ "x"`, "1:9: flags is not a string"},
		{"openat", "flags has 0", "1:11: every value has the bits of 0"},
		{"openat", "flags in {5..3}", "1:11: an empty range"},
		{"openat", "flags == 3 flags", `1:12: unexpected "flags" (conditions are joined`},
		{"openat", "dirfd <", "1:8: expected a number or a constant, found the end"},
		{"openat", `pathname ~ "[a"`, `1:12: "[a" is not a pattern`},
		{"openat", strings.Repeat("(", 500), "nested too deeply"},
	} {
		abi, call, _ := amd64(t, c.call)
		e, err := Parse(c.in)
		if err == nil {
			_, err = e.Bind(abi, call, nil)
		}
		var me *Error
		if !errors.As(err, &me) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.in, err, c.want)
		}
	}
}

func TestRegisters(t *testing.T) {
	for _, c := range []struct {
		call, expr string
		args       [6]uint64
		want       Truth
	}{
		{"ioctl", "op in {TIOCSTI, TIOCLINUX}", [6]uint64{1: 0x5412}, True},
		{"ioctl", "op in {TIOCSTI, TIOCLINUX}", [6]uint64{1: 0x5412 | 1<<32}, True}, // the kernel looks at 32 bits
		{"ioctl", "op in {TIOCSTI, TIOCLINUX}", [6]uint64{1: 0x5413}, False},
		{"mmap", "!(prot has PROT_WRITE|PROT_EXEC)", [6]uint64{2: 7}, False},
		{"mmap", "!(prot has PROT_WRITE|PROT_EXEC)", [6]uint64{2: 5}, True},
		{"mmap", "prot & (PROT_WRITE|PROT_EXEC)", [6]uint64{2: 4}, True},
		{"mmap", "prot & (PROT_WRITE|PROT_EXEC) == PROT_WRITE", [6]uint64{2: 3}, True},
		{"mmap", "length > 0xffffffff", [6]uint64{1: 1 << 32}, True},
		{"mmap", "length > 0xffffffff", [6]uint64{1: 5}, False},
		{"mmap", "fd == -1", [6]uint64{4: 0xffffffff}, True},
		{"mmap", "fd < 0", [6]uint64{4: 0xffffffff}, True},
		{"mmap", "fd in {-5..2}", [6]uint64{4: 1<<64 - 5}, True},
		{"mmap", "fd in {-5..2}", [6]uint64{4: 3}, False},
		{"openat", "dirfd == AT_FDCWD", [6]uint64{0: 0xffffff9c}, True},
		{"openat", "flags & O_ACCMODE == O_RDONLY", [6]uint64{2: 0x80000}, True},
		{"kill", "sig in {SIGKILL, SIGTERM}", [6]uint64{1: 15}, True},
		{"read", "arg2 >= 4096 && arg0 != 3", [6]uint64{0, 0, 4096}, True},
	} {
		abi, call, nr := amd64(t, c.call)
		e, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Bind(abi, call, nil)
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		ev := &syscalls.Event{ABI: abi, Nr: nr, Call: call, Args: c.args}
		if got := p.Eval(ev, nil); got != c.want {
			t.Errorf("%s %x: got %v, want %v", c.expr, c.args, got, c.want)
		}
		cond, exact := p.Lower()
		if !exact || cond.Holds(&c.args) != (c.want == True) {
			t.Errorf("%s %x: lowered: %v, exact %v", c.expr, c.args, cond, exact)
		}
	}
}

func TestMemory(t *testing.T) {
	mem := memory{
		0x1000: "/tmp/a/b\x00",
		0x2000: "\x02\x00\x01\xbb\x7f\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x00",
	}
	for _, c := range []struct {
		call, expr string
		args       [6]uint64
		want       Truth
	}{
		{"openat", `pathname ~ "/tmp/**"`, [6]uint64{3, 0x1000}, True},
		{"openat", `pathname ~ "/tmp/*"`, [6]uint64{3, 0x1000}, False},
		{"openat", `path == "/tmp/a/b"`, [6]uint64{3, 0x1000}, True},
		{"openat", `path ~ "${T}/**"`, [6]uint64{3, 0x1000}, True},
		{"openat", `path != "/tmp/a/b"`, [6]uint64{3, 0x9000}, Unknown},
		{"openat", `path != "/tmp/a/b" && dirfd != 3`, [6]uint64{3, 0x9000}, False},
		{"openat", `path in {"/x", "/tmp/a/b"}`, [6]uint64{3, 0x1000}, True},
		{"openat", `fd ~ "/dev/*"`, [6]uint64{3, 0x1000}, True},
		{"openat", `fd ~ "/dev/*"`, [6]uint64{4, 0x1000}, Unknown},
		{"openat", `comm == "sh"`, [6]uint64{3, 0x1000}, True},
		{"connect", "addr.sin_port == 443", [6]uint64{3, 0x2000, 16}, True},
		{"connect", "addr.sin6_port == 443", [6]uint64{3, 0x2000, 16}, False},
		{"connect", "addr.sin_port == 443", [6]uint64{3, 0x9000, 16}, Unknown},
		{"connect", "addr.sin_port == 443", [6]uint64{3, 0, 16}, False},
		{"connect", "addr.sa_family == AF_INET", [6]uint64{3, 0x2000, 16}, True},
		{"connect", "errno == EINTR", [6]uint64{3, 0x2000, 16}, Unknown},
	} {
		abi, call, nr := amd64(t, c.call)
		e, err := Parse(c.expr)
		if err != nil {
			t.Fatal(err)
		}
		p, err := e.Bind(abi, call, func(s string) string { return strings.ReplaceAll(s, "${T}", "/tmp") })
		if err != nil {
			t.Errorf("%s: %v", c.expr, err)
			continue
		}
		ev := &syscalls.Event{ABI: abi, Nr: nr, Args: c.args, Verbose: true}
		(&syscalls.Decoder{FDs: true}).Enter(ev, mem)
		env := &Env{Comm: "sh"}
		if got := p.Eval(ev, env); got != c.want {
			t.Errorf("%s: got %v, want %v", c.expr, got, c.want)
		}
		cond, exact := p.Lower()
		if holds := cond.Holds(&c.args); exact || !holds && c.want != False {
			t.Errorf("%s: lowered: %v, holds %v, exact %v", c.expr, cond, holds, exact)
		}
		if n := testing.AllocsPerRun(10, func() { p.Eval(ev, env) }); n != 0 {
			t.Errorf("%s: %v allocations", c.expr, n)
		}
	}
}

func TestConstantsOfOtherABIs(t *testing.T) {
	abi := syscalls.ByID(syscalls.ARM64)
	nr, _ := abi.Number("mmap")
	e, err := Parse("flags has MAP_32BIT")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.Bind(abi, abi.Call(nr), nil); err != nil && !strings.Contains(err.Error(), "bits of 0") {
		t.Fatal(err)
	}
	p, err := e.Bind(abi, abi.Call(nr), nil)
	if err != nil {
		t.Fatal(err)
	}
	ev := &syscalls.Event{ABI: abi, Nr: nr, Call: abi.Call(nr), Args: [6]uint64{3: 0xffffffff}}
	if got := p.Eval(ev, nil); got != False {
		t.Errorf("got %v", got)
	}
}

func TestMatcher(t *testing.T) {
	e, err := Parse("fd == 3")
	if err != nil {
		t.Fatal(err)
	}
	m := NewMatcher(e)
	for _, c := range []struct {
		call string
		want Truth
	}{{"read", True}, {"getpid", False}, {"read", True}} {
		abi, call, nr := amd64(t, c.call)
		if got := m.Match(&syscalls.Event{ABI: abi, Nr: nr, Call: call, Args: [6]uint64{3}}, nil); got != c.want {
			t.Errorf("%s: got %v", c.call, got)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"op in {TIOCSTI, 1..3}", "!(a has B|C) && d ~ \"/x\"", "a & (B|~C) == 3 || !b", "((x.y.z))"} {
		f.Add(s)
	}
	abi, call, nr := amd64(f, "openat")
	f.Fuzz(func(t *testing.T, s string) {
		e, err := Parse(s)
		if err != nil {
			return
		}
		again, err := Parse(e.String())
		if err != nil {
			t.Fatalf("%q became %q: %v", s, e.String(), err)
		}
		if again.String() != e.String() {
			t.Fatalf("%q became %q, then %q", s, e.String(), again.String())
		}
		p, err := e.Bind(abi, call, nil)
		if err != nil {
			return
		}
		ev := &syscalls.Event{ABI: abi, Nr: nr, Call: call, Args: [6]uint64{3, 4, 5, 6}}
		truth := p.Eval(ev, nil)
		cond, exact := p.Lower()
		holds := cond.Holds(&ev.Args)
		if exact && (truth == Unknown || holds != (truth == True)) || !exact && !holds && truth != False {
			t.Fatalf("%q: %v, lowered %v (exact %v)", s, truth, cond, exact)
		}
	})
}
