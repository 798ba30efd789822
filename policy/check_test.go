package policy

import (
	"strings"
	"testing"

	"strait/syscalls"

	"github.com/google/go-cmp/cmp"
)

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		rules []string
		want  []string
	}{
		{[]string{"allow fs.read /usr/**", "allow fs.read /etc/**"}, nil},
		{[]string{"allow read", "deny write"}, nil},
		{[]string{"deny fs.* /etc/**", "allow fs.read /**"}, nil},
		{[]string{"allow fs.read /etc/**", "deny fs.read"}, nil}, // a list, and then the rest
		{[]string{"allow fs.read /usr/**", "allow fs.read /usr/lib/*.so"}, []string{"p.yaml:6:7: never reached: p.yaml:5 decides all"}},
		{[]string{"allow fs.read /**", "deny fs.read /etc/shadow"}, []string{"p.yaml:6:7: deny under an allow: fs.read /etc/shadow is decided by p.yaml:5: allow fs.read /** (put the denial before it)"}},
		{[]string{"allow fs.* /**", "deny fs.write /etc/*"}, []string{"deny under an allow"}},
		{[]string{"allow fs.read /**", "deny fs.write /etc/*"}, nil},
		{[]string{"allow @io", "allow read"}, []string{"never reached"}},
		{[]string{"allow @io", "allow read getpid"}, []string{"shadowed: read is decided by p.yaml:5"}},
		{[]string{"allow @io where fd == 1", "deny read"}, nil},
		{[]string{"allow @io where fd == 1", "deny read where fd == 1"}, []string{"deny under an allow"}},
		{[]string{"allow *", "kill ptrace"}, []string{"deny under an allow: ptrace"}},
		{[]string{"allow read write", "allow @memory", "allow write read"}, []string{"shadowed: write", "shadowed: read"}},
		{[]string{"allow net.connect tcp 10.0.0.0/8:*", "deny net.connect tcp 10.1.0.0/16:80"}, []string{"deny under an allow"}},
		{[]string{"allow net.connect tcp 10.0.0.0/8:80-90", "deny net.connect tcp 10.1.0.0/16:80,100"}, nil},
		{[]string{"allow net.connect unix /run/**", "deny net.connect unix /run/docker.sock"}, []string{"deny under an allow"}},
		{[]string{"allow fs.read /home/**", "deny fs.* /home/x/.ssh/**"}, []string{"deny under an allow: fs.read /home/x/.ssh/** is decided by p.yaml:5"}},
		{[]string{"allow fs.stat /**", "deny fs.* /x"}, nil},
		{[]string{"allow @memory", "allow mmap where !(prot has PROT_WRITE|PROT_EXEC)"}, []string{"deny it before, where prot has PROT_WRITE|PROT_EXEC)"}},
		{[]string{"deny @memory", "allow mmap"}, []string{"never reached: p.yaml:5 decides all that it is about: deny(EPERM) @memory (put it before that)"}},
		{[]string{"allow riscv_hwprobe"}, []string{"never reached: no call of amd64 is what it is about"}},
		{[]string{"allow fs.read /usr/**.so"}, []string{"/usr/**.so: ** beside other characters is *, within one name"}},
		{[]string{"allow fs.read /home/$USER/x /home/$recycle"}, []string{"$USER is the name itself"}},
		{[]string{"allow net.connect tcp 10.1.2.3/8:* [fe80::1/10]:* 10.0.0.0/8:80"}, []string{"10.1.2.3/8:*: the network begins at 10.0.0.0", "[fe80::1/10]:*: the network begins at fe80::"}},
	} {
		got := policyOf(t, c.rules...).Check()
		ok := len(got) == len(c.want)
		for i := range got {
			ok = ok && strings.Contains(got[i].String(), c.want[i])
		}
		if !ok {
			t.Errorf("%q: got %v, want %q", c.rules, got, c.want)
		}
	}
	p := policyFrom(t, "version: 1\ninclude: [std/runtime, std/runtime]\nprofiles: {mian: [allow read]}\n")
	if got := p.Check(); len(got) != 2 || !strings.Contains(got[0].String(), "p.yaml:2:24: std/runtime is included twice") {
		t.Errorf("got %v", got) // a main is in std/runtime
	}
	p = policyFrom(t, "version: 1\nprofiles: {mian: [allow read]}\n")
	if got := p.Check(); len(got) != 2 || !strings.Contains(got[0].String(), "p.yaml:2:1: there is no profile main, under which programs start: they get the default for everything (is mian meant?)") {
		t.Errorf("got %v", got)
	}
	p = policyFrom(t, "version: 1\ngroups: {'@x': [read]}\nprofiles: {main: [allow read], git: [allow write]}\n")
	want := []string{"p.yaml:3:32: no program comes under profile git (allow exec /path/of/program -> git)", "p.yaml:2:10: no rule uses group @x"}
	var got []string
	for _, f := range p.Check() {
		got = append(got, f.String())
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestWhy(t *testing.T) {
	p := policyOf(t, "deny fs.read /etc/**", "allow fs.read /usr/**", "allow openat where flags has O_CLOEXEC")
	d := Decider{Policy: p}
	var b strings.Builder
	for _, s := range d.Why("main", event(t, syscalls.AMD64, "openat", -100, "/usr/x", oRDWR)) {
		b.WriteString(s.String() + "\n")
	}
	want := `fs.read /usr/x: p.yaml:5: deny(EPERM) fs.read /etc/**: the object is not among its objects
fs.read /usr/x: p.yaml:6: allow fs.read /usr/** ← decides
fs.write /usr/x: p.yaml:7: allow openat where flags has O_CLOEXEC: its condition does not hold
fs.write /usr/x: deny(EPERM) (default)
`
	if diff := cmp.Diff(want, b.String()); diff != "" {
		t.Error(diff)
	}
}

func TestMinimise(t *testing.T) {
	var rec Recorder
	observe(t, &rec, "openat", -100, "/usr/x", 0)
	observe(t, &rec, "read", 3)
	p := policyOf(t, "kill ptrace", "allow fs.read fs.write /usr/** /opt/**", "allow read write", "allow fs.delete /x", "allow @memory")
	f, err := Minimise(p, rec.Observations())
	if err != nil {
		t.Fatal(err)
	}
	want := `version: 1
default: deny(EPERM)
profiles:
  main:
    - kill ptrace
    - allow fs.read /usr/**
    - allow read
`
	if diff := cmp.Diff(want, string(f.Format())); diff != "" {
		t.Error(diff)
	}
}

func TestDiff(t *testing.T) {
	a := policyOf(t, "allow fs.read /usr/**", "allow read getpid", "deny ioctl where op == TIOCSTI", "allow ioctl")
	b := policyOf(t, "allow fs.read /usr/** /etc/*", "allow read", "allow ioctl", "allow net.connect tcp 10.0.0.0/8:80")
	var got []string
	for _, c := range Diff(a, b) {
		got = append(got, c.String())
	}
	text := strings.Join(got, "\n")
	for _, want := range []string{
		"newly denied in main: getpid: allow → deny(EPERM) (default)",
		"newly allowed in main: ioctl: deny(EPERM) → allow (p.yaml:7: allow ioctl)",
		"newly allowed in main: fs.read /etc/x (",
		"newly allowed in main: net.connect tcp 10.0.0.0:80 (connect): deny(EPERM) → allow",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "/usr/x") {
		t.Errorf("/usr is as it was:\n%s", text)
	}
	if d := Diff(a, a); len(d) != 0 {
		t.Errorf("a policy differs from itself: %v", d)
	}
}

// TestDiffBounds has pairs of rules that differ in little.
func TestDiffBounds(t *testing.T) {
	for _, c := range []struct{ from, to, want string }{
		{"allow read where fd == 0", "allow read where count < 10", "newly allowed in main: read"},
		{"allow read where fd < 10", "allow read where fd <= 10", "newly allowed in main: read"},
		{"allow read where fd in {3..9}", "allow read where fd in {3..8}", "newly denied in main: read"},
		{"allow mmap where prot has PROT_WRITE|PROT_EXEC", "allow mmap where prot has PROT_WRITE", "newly allowed in main: mmap"},
		{"allow read where fd == 1 && count == 2", "allow read where fd == 1 && count == 3", "newly denied in main: read"},
		{"allow fs.read /usr/{a,b}", "allow fs.read /usr/a", "newly denied in main: fs.read /usr/b"},
		{"allow fs.read /usr/{a,b{1,2}}/c", "allow fs.read /usr/{a,b1}/c", "newly denied in main: fs.read /usr/b2/c"},
		{"allow fs.read /a[0-9]", "allow fs.read /a[0-8]", "newly denied in main: fs.read /a9"},
		{"allow fs.read /a[^0-9]", "allow fs.read /a[^0-8]", "newly allowed in main: fs.read /a9"},
		{"allow fs.read /a?", "allow fs.read /a*", "newly allowed in main: fs.read /a"},
		{"allow fs.read /usr/**", "allow fs.read /usr/*/**", "newly denied in main: fs.read /usr "},
		{"allow net.connect tcp *:80-90", "allow net.connect tcp *:80-89", "newly denied in main: net.connect tcp 192.0.2.1:90"},
		{"allow net.connect tcp 10.0.0.0/8:*", "allow net.connect tcp 10.0.0.0/9:*", "newly denied in main: net.connect tcp 10.255.255.255:1"},
		{"allow net.connect tcp [fe80::/10]:1", "allow net.connect tcp [fe80::/11]:1", "newly denied in main: net.connect tcp [febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:1"},
		{"allow net.connect ip *:1", "allow net.connect tcp *:1", "newly denied in main: net.connect udp 192.0.2.1:1"},
		{`allow openat where pathname ~ "/x/**"`, `allow openat where pathname == "/x/y"`, "newly denied in main: fs.read"},
		{`allow read where comm == "sh"`, `allow read where comm == "bash"`, "newly denied in main: read"},
		{"allow connect where addr.sin_port == 443", "allow connect where addr.sin_port == 444", "newly denied in main: net.connect"},
	} {
		changes := Diff(policyOf(t, c.from), policyOf(t, c.to))
		found := false
		for i := range changes {
			found = found || strings.HasPrefix(changes[i].String(), c.want)
		}
		if !found {
			t.Errorf("%s, %s: got %v, want %s", c.from, c.to, changes, c.want)
		}
	}
}

func TestDiffSettings(t *testing.T) {
	a := policyFrom(t, "version: 1\nlimits: {wall: 5s, procs: 3}\nprofiles: {main: [allow exec /g -> g], g: [allow read]}\n")
	b := policyFrom(t, "version: 1\nabi: {x32: allow}\nlimits: {wall: 9s, memory: 1M}\nprofiles: {main: [allow exec /g -> h], h: [allow write]}\n")
	var got []string
	for _, c := range Diff(a, b) {
		got = append(got, c.String())
	}
	want := []string{
		"newly allowed: abi.x32: deny(ENOSYS) → allow",
		"newly allowed: limits.wall: 5s → 9s",
		"newly denied: limits.memory: none → 1M",
		"newly allowed: limits.procs: 3 → none",
		"newly denied in g → h: read: allow → deny(EPERM) (default)",
		"newly allowed in g → h: write: deny(EPERM) → allow (p.yaml:4: allow write)",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	gone, added := Unlike(policyOf(t, "allow read", "allow write"), policyOf(t, "allow read write"))
	if len(gone) != 2 || len(added) != 1 || added[0].String() != "allow read write" {
		t.Errorf("gone %v, added %v", gone, added)
	}
}
