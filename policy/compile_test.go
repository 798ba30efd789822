package policy

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"strait/internal/bpf"
	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

func compile(t testing.TB, p *Policy, o CompileOptions) *Program {
	t.Helper()
	prog, err := p.Compile(o)
	if err != nil {
		t.Fatal(err)
	}
	return prog
}

func simulate(t testing.TB, prog *Program, ev *syscalls.Event) string {
	t.Helper()
	v, err := prog.Simulate(ev)
	if err != nil {
		t.Fatal(err)
	}
	return bpf.Action(v).String()
}

func TestCompile(t *testing.T) {
	for _, c := range []struct {
		rules []string
		call  string
		args  []any
		want  string
	}{
		{[]string{"allow @io"}, "read", nil, "ALLOW"},
		{[]string{"allow @io"}, "getpid", nil, "ERRNO(1)"},
		{[]string{"kill *"}, "exit_group", nil, "ALLOW"},
		{[]string{"kill *"}, "getpid", nil, "KILL_PROCESS"},
		{[]string{"ask *"}, "getpid", nil, "TRACE"},
		{[]string{"return(0) fsync", "return(1) getuid"}, "fsync", nil, "ERRNO(0)"},
		{[]string{"return(0) fsync", "return(1) getuid"}, "getuid", nil, "TRACE"},
		{[]string{"deny(ENOTTY) ioctl where op in {TIOCSTI}", "allow @io"}, "ioctl", []any{0, uint64(0x5412 | 1<<32)}, "ERRNO(25)"},
		{[]string{"deny(ENOTTY) ioctl where op in {TIOCSTI}", "allow @io"}, "ioctl", []any{0, 0x5413}, "ALLOW"},
		{[]string{"allow mmap where !(prot has PROT_WRITE|PROT_EXEC)"}, "mmap", []any{0, 4096, 7}, "ERRNO(1)"},
		{[]string{"allow mmap where !(prot has PROT_WRITE|PROT_EXEC)"}, "mmap", []any{0, 4096, 3}, "ALLOW"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr/x", 0}, "TRACE"},
		{[]string{"allow fs.read /usr/**"}, "openat", []any{-100, "/usr/x", oWRONLY}, "ERRNO(1)"}, // no rule lets anybody write
		{[]string{"allow fs.read /usr/**", "kill fs.create"}, "openat", []any{-100, "/usr/x", oCreat}, "KILL_PROCESS"},
		{[]string{"allow fs.read"}, "openat", []any{-100, "/usr/x", 0}, "ALLOW"},
		{[]string{"allow fs.read"}, "openat", []any{-100, "/usr/x", oRDWR}, "ERRNO(1)"},
		{[]string{"allow fs.*"}, "rename", nil, "ALLOW"},
		{[]string{"allow net.connect tcp 10.0.0.0/8:*"}, "socket", []any{2, 1 | 0x80000, 6}, "ALLOW"},
		{[]string{"allow net.connect tcp 10.0.0.0/8:*"}, "socket", []any{2, 3, 1}, "ERRNO(1)"},
		{[]string{"allow net.connect tcp 10.0.0.0/8:*"}, "connect", []any{3, 0x1000, 16}, "TRACE"},
		{[]string{"allow exec /x"}, "execve", []any{"/y"}, "TRACE"},
		{nil, "execve", []any{"/y"}, "TRACE"},
		{[]string{"allow exec"}, "execve", []any{"/y"}, "ALLOW"},
		{[]string{`deny openat where pathname ~ "/etc/**"`, "allow *"}, "openat", []any{-100, "/y"}, "TRACE"},
		{[]string{`deny openat where pathname ~ "/etc/**" && flags & O_WRONLY`, "allow *"}, "openat", []any{-100, "/y", 0}, "ALLOW"},
		{nil, "io_uring_setup", nil, "ERRNO(38)"},
	} {
		prog := compile(t, policyOf(t, c.rules...), CompileOptions{})
		if got := simulate(t, prog, event(t, syscalls.AMD64, c.call, c.args...)); got != c.want {
			t.Errorf("%q: %s%v: got %s, want %s\n%s", c.rules, c.call, c.args, got, c.want, prog.Disassemble())
		}
	}
}

func TestCompileProfiles(t *testing.T) {
	const src = `version: 1
default: deny(EPERM)
profiles:
  main: [allow getpid getuid, allow exec /usr/bin/git -> git]
  git: [allow getpid, deny(EACCES) getuid]
  island: [kill getpid]
`
	prog := compile(t, policyFrom(t, src), CompileOptions{})
	for call, want := range map[string]string{"getpid": "ALLOW", "getuid": "TRACE", "getgid": "ERRNO(1)"} {
		if got := simulate(t, prog, event(t, syscalls.AMD64, call)); got != want {
			t.Errorf("%s: got %s, want %s", call, got, want)
		}
	}
}

func TestCompileOptions(t *testing.T) {
	p := policyOf(t, "allow getpid clone prctl", "deny(EACCES) prctl", "allow fs.read /x")
	prog := compile(t, p, CompileOptions{Trace: []string{"clone", "getuid", "exit"}, Notify: []string{"openat"}})
	for call, want := range map[string]string{"clone": "TRACE", "getpid": "ALLOW", "getuid": "ERRNO(1)", "openat": "USER_NOTIF", "exit": "TRACE"} {
		if got := simulate(t, prog, event(t, syscalls.AMD64, call)); got != want {
			t.Errorf("%s: got %s, want %s", call, got, want)
		}
	}
}

func TestCompileOtherABIs(t *testing.T) {
	p := policyFrom(t, "version: 1\nabi: {x32: kill, compat32: allow}\nprofiles: {main: [allow getpid]}\n")
	prog := compile(t, p, CompileOptions{})
	for id, want := range map[syscalls.ABIID]string{
		syscalls.AMD64: "ALLOW", syscalls.I386: "ALLOW", syscalls.X32: "KILL_PROCESS", syscalls.ARM64: "ERRNO(38)",
	} {
		if got := simulate(t, prog, event(t, id, "getpid")); got != want {
			t.Errorf("%s: got %s, want %s", syscalls.ByID(id).Name, got, want)
		}
	}
	if got := simulate(t, prog, &syscalls.Event{ABI: syscalls.ByID(syscalls.AMD64), Nr: 5000}); got != "ERRNO(38)" {
		t.Errorf("a call newer than the policy: %s", got)
	}
}

func TestExplain(t *testing.T) {
	p := policyOf(t, "deny(EPERM) ioctl where op in {TIOCSTI, TIOCLINUX}", "allow ioctl read", "allow fs.delete /tmp/**", "ask getpid", "allow read")
	prog := compile(t, p, CompileOptions{})
	var b strings.Builder
	for _, e := range prog.Explain[:5] {
		b.WriteString(e.String())
	}
	want := `p.yaml:5: deny(EPERM) ioctl where op in {TIOCSTI, TIOCLINUX}
  kernel: ioctl
p.yaml:6: allow ioctl read
  kernel: read ioctl
p.yaml:7: allow fs.delete /tmp/**
  checked: the path is in memory: rename rmdir unlink unlinkat renameat renameat2
p.yaml:8: ask getpid
  tracer: a question is asked: getpid
p.yaml:9: allow read
  nobody: an earlier rule decides all that it is about
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

// TestExplainFollowed: what is allowed stops where the supervisor must see it, what
// is denied does not.
func TestExplainFollowed(t *testing.T) {
	p := policyOf(t, "deny(EACCES) prctl where op == PR_SET_NAME", "allow prctl getpid")
	prog := compile(t, p, CompileOptions{Trace: []string{"prctl"}})
	want := `p.yaml:5: deny(EACCES) prctl where op == PR_SET_NAME
  kernel: prctl
p.yaml:6: allow prctl getpid
  kernel: getpid
  tracer: the supervisor must see it: prctl
`
	if diff := cmp.Diff(want, prog.Explain[0].String()+prog.Explain[1].String()); diff != "" {
		t.Error(diff)
	}
	for option, want := range map[int]string{15: "ERRNO(13)", 16: "TRACE"} { // PR_SET_NAME, PR_GET_NAME
		if got := simulate(t, prog, event(t, syscalls.AMD64, "prctl", option)); got != want {
			t.Errorf("prctl(%d): %s, want %s", option, got, want)
		}
	}
}

func TestLongFilterFallsBackToTheTracer(t *testing.T) {
	var rules []string
	for i := range 200 {
		var set []string
		for k := range 16 {
			set = append(set, strconv.Itoa(100*i+3*k))
		}
		rules = append(rules, "deny(EPERM) @io where fd in {"+strings.Join(set, ", ")+"}")
	}
	p := policyOf(t, append(rules, "allow *")...)
	prog := compile(t, p, CompileOptions{})
	if got := simulate(t, prog, event(t, syscalls.AMD64, "read", 3)); got != "TRACE" {
		t.Errorf("got %s", got)
	}
	if got := simulate(t, prog, event(t, syscalls.AMD64, "getpid", 3)); got != "ALLOW" {
		t.Errorf("got %s", got)
	}
}

// rulePool is what random policies are made of; %a is an action.
var rulePool = []string{
	"%a @io", "%a @file-system", "%a @network", "%a @memory @signal", "%a read write openat", "%a *",
	"%a fs.read /usr/**", "%a fs.write /tmp/** /proj/**", "%a fs.*", "%a fs.read", "%a fs.create", "%a fs.stat /etc/*", "%a fs.delete /tmp/**",
	"%a net.connect tcp 127.0.0.0/8:*", "%a net.*", "%a net.socket unix", "%a net.connect unix /run/**", "%a net.send udp *:53", "%a net.socket ip", "%a net.bind any", "%a net.use", "%a net.bind tcp *:80", "%a fstat", "%a fs.stat",
	"%a openat where flags & O_CREAT", "%a openat where pathname ~ \"/usr/**\" && flags & O_ACCMODE == O_RDONLY",
	"%a ioctl where op in {TIOCSTI, TIOCLINUX, FIONREAD}", "%a @io where fd in {0..2}", "%a @io where fd < 0 || fd > 100",
	"%a mmap where prot has PROT_WRITE|PROT_EXEC", "%a mmap where length > 0xfffff", "%a socket where domain == AF_INET",
	"%a exec /usr/**", "%a exec", "%a signal self", "%a signal", "%a kill tkill where signum == SIGKILL", "%a process.create",
	"%a sendto where dest_addr == 0", "%a connect where addr.sin_port == 80", "%a @file-system where comm == \"sh\"",
}

var actionPool = []string{"allow", "allow", "deny(EACCES)", "deny(ENOENT)", "kill", "ask", "log", "return(0)", "return(7)"}

func randomPolicy(r *rand.Rand) string {
	var b strings.Builder
	fmt.Fprintf(&b, "version: 1\ndefault: %s\n", actionPool[r.IntN(7)])
	fmt.Fprintf(&b, "abi: {compat32: %s, io_uring: %s}\nprofiles:\n", actionPool[r.IntN(3)], actionPool[r.IntN(4)])
	for i, name := range []string{"main", "other"} {
		fmt.Fprintf(&b, "  %s:\n", name)
		for range 1 + r.IntN(8) {
			fmt.Fprintf(&b, "    - %s\n", strings.ReplaceAll(rulePool[r.IntN(len(rulePool))], "%a", actionPool[r.IntN(len(actionPool))]))
		}
		if i == 0 && r.IntN(3) == 0 {
			b.WriteString("    - allow exec /usr/bin/x -> other\n")
		}
	}
	return b.String()
}

func randomEvent(r *rand.Rand, m *memory, words []uint64) *syscalls.Event {
	ids := []syscalls.ABIID{syscalls.AMD64, syscalls.AMD64, syscalls.AMD64, syscalls.I386, syscalls.X32, syscalls.ARM64}
	abi := syscalls.ByID(ids[r.IntN(len(ids))])
	names := []string{"open", "openat", "socket", "connect", "sendto", "sendmsg", "ioctl", "read", "mmap", "kill", "rename", "unlinkat", "execve", "bind", "stat", "newfstatat", "statx", "clone", "io_uring_setup", "openat2", "link", "socketpair", "exit"}
	nr, ok := abi.Number(names[r.IntN(len(names))])
	if !ok || r.IntN(4) == 0 {
		nr = uint64(r.IntN(500))
	}
	ev := &syscalls.Event{ABI: abi, Nr: nr, TID: 42, PID: 42, Verbose: true}
	for i := range ev.Args {
		ev.Args[i] = words[r.IntN(len(words))]
		if abi.RegWord == 4 {
			ev.Args[i] = uint64(uint32(ev.Args[i]))
		}
	}
	(&syscalls.Decoder{FDs: true, Early: true}).Enter(ev, m)
	return ev
}

// FuzzCompile holds that a filter never answers otherwise than Decide, in any
// profile that can be reached.
func FuzzCompile(f *testing.F) {
	for i := range uint64(60) {
		f.Add(i)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		r := rand.New(rand.NewPCG(seed, 7))
		src := randomPolicy(r)
		p := policyFrom(t, src)
		prog := compile(t, p, CompileOptions{})
		m := newMemory()
		words := []uint64{0, 1, 2, 3, 5, 7, 10, 42, 80, 101, 0o100, 0o1000, 0o1101, oPath, 0x5412, 0x541b, 0x5412 | 1<<32, atEmptyPath, 1 << 20, 1<<64 - 100, 0xffffffff, 1<<64 - 1}
		for _, s := range []string{"/usr/bin/x", "/tmp/a", "/proj/b", "rel", "/etc/hosts", ""} {
			words = append(words, m.put(s+"\x00"))
		}
		words = append(words, m.put(string(inet([4]byte{127, 0, 0, 1}, 80))), m.put(string(unixAddr("/run/x\x00"))))
		d := Decider{Policy: p, Resolver: Words{"/proj"}}
		for range 100 {
			ev := randomEvent(r, m, words)
			got := simulate(t, prog, ev)
			if got == "TRACE" {
				continue
			}
			for _, prof := range p.reachable("main") {
				v := d.Decide(prof.name, ev)
				want, ok := kernelAction(v.Action)
				if ev.ABI.ID == syscalls.ARM64 {
					want, ok = bpf.Errno(enosys), true // not of this machine
				}
				if !ok || want.String() != got {
					name := ""
					if ev.Call != nil {
						name = ev.Call.Name
					}
					t.Fatalf("%s\n%s %s(%x) in %s: filter %s, Decide %+v", src, ev.ABI.Name, name, ev.Args, prof.name, got, v)
				}
			}
		}
	})
}

// TestStdNeedsNoTracer holds that what programs do all the time is the kernel's
// alone under the built-in policy.
func TestStdNeedsNoTracer(t *testing.T) {
	p, err := Load("std/runtime", options())
	if err != nil {
		t.Fatal(err)
	}
	prog := compile(t, p, CompileOptions{})
	if n := len(prog.Instructions); n > 600 {
		t.Errorf("%d instructions", n)
	}
	for _, call := range frequent {
		nr, ok := p.native.Number(call)
		if !ok || slices.Contains([]string{"openat", "newfstatat", "recvfrom", "sendto"}, call) {
			continue
		}
		ev := &syscalls.Event{ABI: p.native, Nr: nr}
		if got := simulate(t, prog, ev); got != "ALLOW" {
			t.Errorf("%s: %s", call, got)
		}
	}
}
