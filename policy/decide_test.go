package policy

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"testing"

	"strait/syscalls"
)

// memory is a tracee with bytes at addresses, and names of descriptors.
type memory struct {
	at  map[uint64]string
	fds map[int32]string
}

func (m *memory) ReadMemory(addr uint64, p []byte) int {
	for a, s := range m.at {
		if a <= addr && addr < a+uint64(len(s)) {
			return copy(p, s[addr-a:])
		}
	}
	return 0
}

func (m *memory) AppendFD(dst []byte, fd int32) []byte { return append(dst, m.fds[fd]...) }

func (m *memory) AppendPID(dst []byte, _ syscalls.Kind, _ int32) []byte { return dst }

// put stores s and returns its address.
func (m *memory) put(s string) uint64 {
	a := uint64(0x10000 * (len(m.at) + 1))
	m.at[a] = s
	return a
}

func newMemory() *memory {
	return &memory{map[uint64]string{}, map[int32]string{5: "/srv/data", -100: "/proj"}}
}

// event decodes a call; strings among the arguments are put into memory.
func event(t testing.TB, abi syscalls.ABIID, name string, args ...any) *syscalls.Event {
	t.Helper()
	m := newMemory()
	a := syscalls.ByID(abi)
	nr, ok := a.Number(name)
	if !ok {
		t.Fatalf("%s has no call %q", a.Name, name)
	}
	ev := &syscalls.Event{ABI: a, Nr: nr, TID: 42, PID: 42, Verbose: true}
	for i, x := range args {
		switch x := x.(type) {
		case int:
			ev.Args[i] = uint64(x)
		case uint64:
			ev.Args[i] = x
		case string:
			ev.Args[i] = m.put(x + "\x00")
		case []byte:
			ev.Args[i] = m.put(string(x))
		}
	}
	(&syscalls.Decoder{FDs: true, Early: true}).Enter(ev, m)
	return ev
}

func inet(ip [4]byte, port uint16) []byte {
	b := []byte{2, 0, byte(port >> 8), byte(port)}
	b = append(b, ip[:]...)
	return append(b, make([]byte, 8)...)
}

func inet6(ip [16]byte, port uint16) []byte {
	b := []byte{10, 0, byte(port >> 8), byte(port), 0, 0, 0, 0}
	b = append(b, ip[:]...)
	return binary.LittleEndian.AppendUint32(b, 0)
}

func unixAddr(path string) []byte { return append([]byte{1, 0}, path...) }

// policyOf makes a policy of rules for profile main.
func policyOf(t testing.TB, rules ...string) *Policy {
	t.Helper()
	src := "version: 1\ndefault: deny(EPERM)\nprofiles:\n  main:\n"
	for _, r := range rules {
		src += "    - " + r + "\n"
	}
	return policyFrom(t, src)
}

func options() Options {
	return Options{Vars: map[string]string{"HOME": "/home/u", "CWD": "/proj"}, Native: "amd64", Read: func(name string) ([]byte, error) {
		return nil, fmt.Errorf("no file %s", name)
	}}
}

func policyFrom(t testing.TB, src string) *Policy {
	t.Helper()
	f, err := Parse("p.yaml", []byte(src))
	if err != nil {
		t.Fatal(err)
	}
	p, err := New(f, options())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

const oRDWR, oWRONLY = 2, 1

func TestDecide(t *testing.T) {
	for _, c := range []struct {
		rules []string
		call  string
		args  []any
		want  string
	}{
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr/lib/x", 0}, "allow"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr/lib/x", oRDWR}, "deny(EPERM)"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr", 0}, "allow"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usrx", 0}, "deny(EPERM)"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr/../etc/shadow", 0}, "deny(EPERM)"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, 0x9999, 0}, "deny(EPERM)"},
		{[]string{"allow fs.read /usr/**"}, "stat", []any{"/usr/x"}, "allow"},
		{[]string{"allow fs.stat /usr/**"}, "openat", []any{-100, "/usr/x", 0}, "deny(EPERM)"},
		// What a rename takes out of a rule's reach.
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "rename", []any{"/s/a", "/open/a"}, "deny(EACCES)"},
		{[]string{"deny(EACCES) exec /s/**", "allow *"}, "rename", []any{"/s/a", "/open/a"}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "rename", []any{"/", "/open"}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "rename", []any{"/s/a", "/s/b"}, "allow"},
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "rename", []any{"/open/a", "/s/b"}, "allow"},
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "renameat2", []any{-100, "/open/a", -100, "/s/b", renameExchange}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.read /s/**", "allow *"}, "unlink", []any{"/s/a"}, "allow"},
		{[]string{"deny(EACCES) fs.create /s/**", "allow *"}, "rename", []any{"/s/a", "/open/a"}, "allow"},
		{[]string{"log fs.read /s/**", "deny(EACCES) fs.read /s/**", "allow *"}, "rename", []any{"/s/a", "/open/a"}, "deny(EACCES)"},
		{[]string{"allow fs.stat /usr/**"}, "openat", []any{-100, "/usr/x", oPath}, "allow"},
		{[]string{"allow fs.read /proj/**"}, "openat", []any{-100, "src/a.c", 0}, "allow"},
		{[]string{"allow fs.read /proj/**"}, "open", []any{"src/a.c", 0}, "allow"},
		{[]string{"allow fs.read /srv/**"}, "openat", []any{5, "x", 0}, "allow"},
		{[]string{"allow fs.read /srv/**"}, "openat", []any{6, "x", 0}, "deny(EPERM)"},
		{[]string{"allow fs.read ${HOME}/[ab]*"}, "openat", []any{-100, "/home/u/bx", 0}, "allow"},
		{[]string{"deny(EACCES) fs.* ${HOME}/.ssh/**", "allow fs.* /**"}, "openat", []any{-100, "/home/u/.ssh/id", 0}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.* ${HOME}/.ssh/**", "allow fs.* /**"}, "openat", []any{-100, "/home/u/x", oCreat | oRDWR}, "allow"},
		{[]string{"deny(EACCES) fs.* ${HOME}/.ssh/**", "allow fs.* /**"}, "rename", []any{"/home/u", "/home/v"}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.* ${HOME}/.ssh/**", "allow fs.* /**"}, "openat", []any{-100, 0x9999, 0}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.write /etc/**", "allow fs.* /**"}, "openat", []any{-100, "/etc/x", oRDWR}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.write /etc/**", "allow fs.* /**"}, "rename", []any{"/tmp/x", "/etc/x"}, "deny(EACCES)"},
		{[]string{"deny(EACCES) fs.write /etc/**", "allow fs.* /**"}, "link", []any{"/etc/passwd", "/tmp/x"}, "deny(EACCES)"},
		{[]string{"log fs.read /x", "allow fs.* /**"}, "openat", []any{-100, "/x", oRDWR}, "log"},
		{[]string{"kill fs.write /x", "deny fs.read /x"}, "openat", []any{-100, "/x", oRDWR}, "kill"},
		{[]string{"ask fs.read", "return(0) fs.write"}, "openat", []any{-100, "/x", oRDWR}, "return(0)"},
		{[]string{"allow @io"}, "read", []any{0}, "allow"},
		{[]string{"allow @io"}, "getpid", nil, "deny(EPERM)"},
		{nil, "exit_group", nil, "allow"},
		{[]string{"kill *"}, "rt_sigreturn", nil, "allow"},
		{[]string{"deny(ENOTTY) ioctl where op in {TIOCSTI}", "allow @io"}, "ioctl", []any{0, 0x5412}, "deny(ENOTTY)"},
		{[]string{"deny(ENOTTY) ioctl where op in {TIOCSTI}", "allow @io"}, "ioctl", []any{0, uint64(0x5412 | 1<<32)}, "deny(ENOTTY)"},
		{[]string{"deny(ENOTTY) ioctl where op in {TIOCSTI}", "allow @io"}, "ioctl", []any{0, 0x5413}, "allow"},
		{[]string{"allow mmap where !(prot has PROT_WRITE|PROT_EXEC)"}, "mmap", []any{0, 4096, 7}, "deny(EPERM)"},
		{[]string{"allow net.connect tcp 127.0.0.0/8:*"}, "socket", []any{2, 1, 0}, "allow"},
		{[]string{"allow net.connect tcp 127.0.0.0/8:*"}, "socket", []any{2, 2, 0}, "deny(EPERM)"},
		{[]string{"deny net.connect tcp 127.0.0.0/8:*", "allow net.*"}, "socket", []any{2, 1, 0}, "allow"},
		{[]string{"allow net.connect ip 127.0.0.0/8:*"}, "connect", []any{3, inet([4]byte{127, 1, 2, 3}, 80), 16}, "allow"},
		{[]string{"allow net.connect tcp 127.0.0.0/8:*"}, "connect", []any{3, inet([4]byte{127, 1, 2, 3}, 80), 16}, "deny(EPERM)"}, // tcp? nobody knows
		{[]string{"deny(EACCES) net.connect tcp 127.0.0.0/8:*", "allow net.*"}, "connect", []any{3, inet([4]byte{127, 1, 2, 3}, 80), 16}, "deny(EACCES)"},
		{[]string{"allow net.connect ip *:22,80"}, "connect", []any{3, inet([4]byte{1, 2, 3, 4}, 443), 16}, "deny(EPERM)"},
		{[]string{"allow net.connect ip [::1]:443"}, "connect", []any{3, inet6([16]byte{15: 1}, 443), 28}, "allow"},
		{[]string{"allow net.connect ip 10.0.0.0/8:443"}, "connect", []any{3, inet6([16]byte{10: 0xff, 11: 0xff, 12: 10, 15: 1}, 443), 28}, "allow"},
		{[]string{"allow net.connect unix /run/*.sock"}, "connect", []any{3, unixAddr("/run/a.sock\x00"), 14}, "allow"},
		{[]string{"allow net.connect unix @dbus*"}, "connect", []any{3, unixAddr("\x00dbus-1"), 9}, "allow"},
		{[]string{"allow net.connect unix /**"}, "connect", []any{3, unixAddr("\x00dbus-1"), 9}, "deny(EPERM)"},
		{[]string{"allow net.connect ip *:*"}, "connect", []any{3, 0x9999, 16}, "deny(EPERM)"},
		{[]string{"allow net.send ip 1.2.3.4:53"}, "sendto", []any{3, "x", 1, 0, inet([4]byte{1, 2, 3, 4}, 53), 16}, "allow"},
		{[]string{"allow sendto where dest_addr == 0"}, "sendto", []any{3, "x", 1, 0, 0, 0}, "allow"},
		{[]string{"allow sendto where dest_addr == 0"}, "sendto", []any{3, "x", 1, 0, inet([4]byte{1, 2, 3, 4}, 53), 16}, "deny(EPERM)"},
		{[]string{"allow signal self"}, "kill", []any{42, 9}, "allow"},
		{[]string{"allow signal self"}, "kill", []any{1, 9}, "deny(EPERM)"},
		{[]string{"allow signal self"}, "kill", []any{0, 9}, "deny(EPERM)"},
		{[]string{"allow exec /usr/bin/*"}, "execve", []any{"/usr/bin/git", 0, 0}, "allow"},
		{[]string{"allow @io_uring"}, "io_uring_setup", nil, "deny(ENOSYS)"},
		{[]string{"allow fs.meta /srv/*"}, "fchmod", []any{5, 0o600}, "allow"},
		{[]string{"allow fs.meta /srv/*"}, "fchmod", []any{7, 0o600}, "deny(EPERM)"},
		{[]string{"deny(EACCES) openat where pathname ~ \"/etc/**\"", "allow *"}, "openat", []any{-100, 0x9999}, "deny(EACCES)"},
		{[]string{"allow openat where comm == \"sh\""}, "openat", []any{-100, "/x"}, "deny(EPERM)"},
		{[]string{"allow *"}, "ptrace", nil, "allow"},
	} {
		p := policyOf(t, c.rules...)
		v := p.Decide(event(t, syscalls.AMD64, c.call, c.args...))
		if got := v.Action.String(); got != c.want {
			t.Errorf("%q: %s%v: got %s (%+v), want %s", c.rules, c.call, c.args, got, v, c.want)
		}
	}
}

// TestHeld: an fstat is one by any number.
func TestHeld(t *testing.T) {
	p := policyOf(t, "allow @io", "allow fs.stat /usr/**")
	prog := compile(t, p, CompileOptions{})
	for _, c := range []struct {
		fd    int
		path  string
		flags int
		want  string
	}{
		{1, "", atEmptyPath, "allow"},
		{1, "", 0, "deny(EPERM)"},              // that is an error
		{-100, "", atEmptyPath, "deny(EPERM)"}, // the working directory
		{1, "/etc/x", atEmptyPath, "deny(EPERM)"},
		{1, "/usr/x", atEmptyPath, "allow"},
	} {
		ev := event(t, syscalls.AMD64, "newfstatat", c.fd, c.path, 0, c.flags)
		if got := p.Decide(ev).Action.String(); got != c.want {
			t.Errorf("%+v: got %s", c, got)
		}
		if got := simulate(t, prog, ev); got != "TRACE" {
			t.Errorf("%+v: the filter answers %s", c, got)
		}
	}
	if got := policyOf(t, "deny fstat", "allow fs.stat").Decide(event(t, syscalls.AMD64, "statx", 1, "", atEmptyPath)).Action.Kind; got != Deny {
		t.Errorf("statx where fstat is denied: %v", got)
	}
}

// TestUse: a rule about what sockets connect to, or are bound to, allows to use them.
func TestUse(t *testing.T) {
	connect := policyOf(t, "allow net.connect tcp 127.0.0.0/8:*")
	prog := compile(t, connect, CompileOptions{})
	for _, c := range []struct{ call, want, filter string }{
		{"recvfrom", "allow", "ALLOW"}, {"setsockopt", "allow", "ALLOW"}, {"sendto", "allow", "ALLOW"}, {"listen", "deny(EPERM)", "ERRNO(1)"},
	} {
		ev := event(t, syscalls.AMD64, c.call, 3)
		if got := connect.Decide(ev).Action.String(); got != c.want {
			t.Errorf("%s: got %s", c.call, got)
		}
		if got := simulate(t, prog, ev); got != c.filter {
			t.Errorf("%s: the filter answers %s", c.call, got)
		}
	}
	to := event(t, syscalls.AMD64, "sendto", 3, 0, 0, 0, inet([4]byte{127, 0, 0, 1}, 53), 16)
	if got := connect.Decide(to).Action.Kind; got != Deny {
		t.Errorf("sendto an address: %v", got)
	}
	if got := simulate(t, prog, to); got != "ERRNO(1)" {
		t.Errorf("sendto an address: the filter answers %s", got)
	}
	bind := policyOf(t, "deny net.bind tcp *:80", "allow net.bind tcp *:*")
	for _, call := range []string{"listen", "accept4"} {
		if got := bind.Decide(event(t, syscalls.AMD64, call, 3)).Action.Kind; got != Allow {
			t.Errorf("%s: %v", call, got)
		}
	}
}

func TestOtherABIs(t *testing.T) {
	for _, c := range []struct {
		abi  string
		id   syscalls.ABIID
		want string
	}{
		{"", syscalls.I386, "deny(ENOSYS)"},
		{"abi: {compat32: deny(EPERM)}", syscalls.I386, "deny(EPERM)"},
		{"abi: {compat32: allow}", syscalls.I386, "allow"},
		{"abi: {compat32: allow}", syscalls.X32, "deny(ENOSYS)"},
		{"abi: {x32: kill}", syscalls.X32, "kill"},
	} {
		p := policyFrom(t, "version: 1\n"+c.abi+"\nprofiles: {main: [allow getpid]}\n")
		if got := p.Decide(event(t, c.id, "getpid")).Action.String(); got != c.want {
			t.Errorf("%q: got %s, want %s", c.abi, got, c.want)
		}
	}
}

func TestUnknownNumbers(t *testing.T) {
	ev := &syscalls.Event{ABI: syscalls.ByID(syscalls.AMD64), Nr: 9999}
	for _, p := range []*Policy{policyOf(t), policyFrom(t, "version: 1\ndefault: allow\n"), policyFrom(t, "version: 1\ndefault: kill\n")} {
		if got := p.Decide(ev).Action.String(); got != "deny(ENOSYS)" {
			t.Errorf("default %s: got %s", p.Default, got)
		}
		if got := simulate(t, compile(t, p, CompileOptions{}), ev); got != "ERRNO(38)" {
			t.Errorf("default %s: the filter answers %s", p.Default, got)
		}
	}
}

func TestProfiles(t *testing.T) {
	p := policyFrom(t, `version: 1
include: [std/runtime]
profiles:
  main:
    - allow exec /usr/bin/git -> git
    - deny(EACCES) exec
  git:
    extends: main
    rules: ["allow net.connect ip *:22"]
`)
	d := Decider{Policy: p}
	v := d.Decide("main", event(t, syscalls.AMD64, "execve", "/usr/bin/git", 0, 0))
	if v.Action.Kind != Allow || v.Next != "git" || v.Rule.Pos.Line != 5 {
		t.Errorf("exec: %+v", v)
	}
	ssh := event(t, syscalls.AMD64, "connect", 3, inet([4]byte{1, 2, 3, 4}, 22), 16)
	if v := d.Decide("main", ssh); v.Action.Kind != Deny {
		t.Errorf("main: %+v", v)
	}
	if v := d.Decide("git", ssh); v.Action.Kind != Allow {
		t.Errorf("git: %+v", v)
	}
	if v := d.Decide("git", event(t, syscalls.AMD64, "execve", "/bin/sh", 0, 0)); v.Action.String() != "deny(EACCES)" {
		t.Errorf("what git extends: %+v", v)
	}
	if v := d.Decide("git", event(t, syscalls.AMD64, "brk", 0)); v.Action.Kind != Allow || v.Rule.Pos.File != "std/runtime" {
		t.Errorf("what is included: %+v", v)
	}
	if v := d.Decide("nobody", ssh); v.Action.Kind != Deny {
		t.Errorf("a profile that is not there: %+v", v)
	}
}

func TestLoadErrors(t *testing.T) {
	for _, c := range []struct{ src, want string }{
		{"profiles: {main: [allow @memry]}", `p.yaml:2:25: no group "@memry" (did you mean @memory?)`},
		{"profiles: {main: ['allow exec /x -> gti'], git: []}", `p.yaml:2:37: no profile "gti" (did you mean git?)`},
		{"profiles: {main: {extends: x}}", `p.yaml:2:28: no profile "x" (there are: main)`},
		{"profiles: {main: {extends: a}, a: {extends: main}}", `p.yaml:2:45: profile main extends itself: main -> a -> main`},
		{"include: [./p.yaml]", `p.yaml:2:11: p.yaml includes itself: p.yaml -> p.yaml`},
		{"include: [std/xyz]", `no built-in policy "std/xyz"`},
		{"include: [./gone.yaml]", `p.yaml:2:11: include gone.yaml: read policy: no file gone.yaml`},
		{"groups: {'@a': ['@b'], '@b': ['@a']}", `contains itself`},
		{"groups: {'@memory': [read]}", `is there already`},
		{"profiles: {main: [deny ioctl where opp == 3]}", `ioctl has no argument "opp" (did you mean op?)`},
		{"profiles: {main: [deny ioctl where op == TIOCSTO]}", `p.yaml:2:42: no constant "TIOCSTO" (did you mean TIOCSTI?)`},
		{"profiles: {main: [deny @io where opp == 3]}", `has no argument "opp"`},
	} {
		f, err := Parse("p.yaml", []byte("version: 1\n"+c.src+"\n"))
		if err != nil {
			t.Errorf("%s: %v", c.src, err)
			continue
		}
		if _, err = New(f, options()); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.src, err, c.want)
		}
	}
}

func TestStdLoads(t *testing.T) {
	for _, name := range StdNames() {
		if _, err := Load(name, options()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestEveryCallIsNamed holds that a call that a kernel header brings is known to
// policies before it is known to programs.
func TestEveryCallIsNamed(t *testing.T) {
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		for _, c := range abi.All {
			if len(c.Effects) == 0 && len(groupsOf(c.Name)) == 0 {
				t.Errorf("%s: %s has neither effect nor group: put it into groups.txt", abi.Name, c.Name)
			}
			for i := range c.Args {
				if abi.ArgIsPath(c, i) && !hasEffectOn(c, i) && !slices.Contains(notObjects, c.Name) {
					t.Errorf("%s: %s(%s) names a file, and no effect does", abi.Name, c.Name, c.Args[i].Name)
				}
			}
			for _, e := range c.Effects {
				if e.Name != "fs.open" && effectByName(e.Name) == nil {
					t.Errorf("%s: %s has the unknown effect %s", abi.Name, c.Name, e.Name)
				}
			}
		}
	}
	for _, g := range builtin() {
		for _, c := range g.calls {
			if !isCall(c) {
				t.Errorf("%s: no call %s", g.name, c)
			}
		}
	}
}

// notObjects take a path that is no object: the text of a link, the old root,
// or a source that the group @mount stands for.
var notObjects = []string{"symlink", "symlinkat", "pivot_root", "mount", "move_mount", "fsconfig", "mq_open", "mq_unlink", "memfd_create", "getcwd"}

func hasEffectOn(c *syscalls.Call, arg int) bool {
	return slices.ContainsFunc(c.Effects, func(e syscalls.Effect) bool { return int(e.Arg) == arg })
}

func TestStdNetwork(t *testing.T) {
	p, err := Load("std/network", options())
	if err != nil {
		t.Fatal(err)
	}
	header := make([]byte, 56) // struct msghdr: no name, no vectors
	if v := p.Decide(event(t, syscalls.AMD64, "sendmsg", 3, header, 0)); v.Action.Kind != Allow {
		t.Errorf("sendmsg without an address: %+v", v)
	}
	binary.LittleEndian.PutUint64(header, 0x9999)
	header[8] = 16
	if v := p.Decide(event(t, syscalls.AMD64, "sendmsg", 3, header, 0)); v.Action.Kind != Deny {
		t.Errorf("sendmsg to an address: %+v", v)
	}
}

func BenchmarkDecide(b *testing.B) {
	p, err := Load("std/runtime", options())
	if err != nil {
		b.Fatal(err)
	}
	d := Decider{Policy: p, Resolver: Words{"/proj"}}
	for _, c := range []struct {
		name string
		ev   *syscalls.Event
	}{{"read", event(b, syscalls.AMD64, "read", 3)}, {"openat", event(b, syscalls.AMD64, "openat", -100, "/usr/lib/libc.so.6", 0)}} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if d.Decide("main", c.ev).Action.Kind != Allow {
					b.Fatal("denied")
				}
			}
		})
	}
}
