package policy

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const straceLog = `execve("/usr/bin/prog", ["prog"], 0x7ffd /* 20 vars */) = 0
brk(NULL)                               = 0x55d0
[pid  77] 12:00:01.5 openat(AT_FDCWD, "data/a b.txt", O_RDONLY|O_CLOEXEC) = 3</proj/data/a b.txt>
77    openat(5</srv/x>, "out", O_WRONLY|O_CREAT|O_TRUNC, 0666) = 4 <0.000012>
openat(AT_FDCWD</elsewhere>, "\303\244\n.txt", O_RDONLY) = -1 ENOENT (No such file or directory)
connect(3, {sa_family=AF_INET, sin_port=htons(443), sin_addr=inet_addr("10.1.2.3")}, 16) = 0
connect(3, {sa_family=AF_INET6, sin6_port=htons(53), sin6_flowinfo=htonl(0), inet_pton(AF_INET6, "::1", &sin6_addr), sin6_scope_id=0}, 28) = 0
connect(3, {sa_family=AF_UNIX, sun_path=@"abs"}, 6) = 0
socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC, IPPROTO_IP) = 3
ioctl(0, TCGETS, {c_iflag=ICRNL}) = 0
unlink("x"...) = 0
clone(child_stack=NULL, flags=CLONE_CHILD_CLEARTID|SIGCHLD, child_tidptr=0x7f) = 78
read(3, "abc)\", (", 4096 <unfinished ...>
<... read resumed>"x", 1) = 1
--- SIGCHLD {si_signo=SIGCHLD} ---
+++ exited with 0 +++
`

func summary(obs []Observation) []string {
	var out []string
	for _, o := range obs {
		for _, p := range o.Pairs {
			out = append(out, strings.TrimSpace(fmt.Sprintf("%s: %s %s", o.Call, p.Effect, p.Object())))
		}
	}
	return out
}

func TestImportStrace(t *testing.T) {
	obs, lost, err := ImportStrace(strings.NewReader(straceLog), ImportOptions{ABI: "amd64", CWD: "/proj"})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"execve: exec /usr/bin/prog", "brk:", "openat: fs.read /proj/data/a b.txt",
		"openat: fs.write /srv/x/out", "openat: fs.create /srv/x/out", "openat: fs.read /elsewhere/ä\n.txt",
		"connect: net.connect ip 10.1.2.3:443", "connect: net.connect ip [::1]:53", "connect: net.connect unix @abs",
		"socket: net.socket tcp", "ioctl:", "unlink: fs.delete", "clone: process.create", "read:",
	}
	if diff := cmp.Diff(want, summary(obs)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"line 11: unlink: the trace does not tell its pathname"}, lost); diff != "" && !strings.Contains(strings.Join(lost, ""), "line 11: unlink") {
		t.Error(diff)
	}
}

// TestImportSockets: an address alone does not tell tcp from udp, but the trace
// does, elsewhere.
// TestImportOther has files that are no traces.
func TestImportOther(t *testing.T) {
	for src, want := range map[string]string{
		"garbage\n":                          `line 1: "garbage" is no line of a trace`,
		"\nint main(void) { return 0; }\n":   "line 2: main is no call of amd64",
		"version: 1\nprofiles: {main: []}\n": `line 1: "version: 1" is no line of a trace`,
	} {
		if _, _, err := ImportStrace(strings.NewReader(src), ImportOptions{ABI: "amd64"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", src, err, want)
		}
	}
	for _, src := range []string{"", "+++ exited with 0 +++\n", "12 --- SIGCHLD {si_signo=SIGCHLD} ---\nstrace: Process 12 attached\n", "garbage\ngetpid() = 3\n"} {
		if _, _, err := ImportStrace(strings.NewReader(src), ImportOptions{ABI: "amd64"}); err != nil {
			t.Errorf("%q: %v", src, err)
		}
	}
}

func TestImportSockets(t *testing.T) {
	const at = `, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("192.0.2.1")}, 16) = 0`
	for _, c := range []struct{ trace, want string }{
		{"socket(AF_INET, SOCK_STREAM, IPPROTO_TCP) = 3\nconnect(3" + at, "tcp 192.0.2.1:53"},
		{"12 socket(AF_INET, SOCK_DGRAM|SOCK_CLOEXEC, 0) = 3<socket:[1]>\n13 connect(3<socket:[1]>" + at, "udp 192.0.2.1:53"},
		{"[pid 12] socket(AF_INET, SOCK_DGRAM, 0 <unfinished ...>\n[pid 13] read(0, 1, 1) = 1\n[pid 12] <... socket resumed>) = 4\n[pid 12] connect(4" + at, "udp 192.0.2.1:53"},
		{"connect(3<TCP:[127.0.0.1:1->192.0.2.1:53]>" + at, "tcp 192.0.2.1:53"},
		{"connect(3<UDPv6:[1]>" + at, "udp 192.0.2.1:53"},
		{"socket(AF_INET, SOCK_STREAM, 0) = -1 EPERM (Operation not permitted)\nconnect(3" + at, "ip 192.0.2.1:53"},
	} {
		obs, lost, err := ImportStrace(strings.NewReader(c.trace), ImportOptions{ABI: "amd64"})
		if err != nil || len(lost) > 0 {
			t.Fatalf("%s: %v %v", c.trace, err, lost)
		}
		if got := obs[len(obs)-1].Pairs[0].Object(); got != c.want {
			t.Errorf("%s: got %s, want %s", c.trace, got, c.want)
		}
	}
}

func TestImportJSON(t *testing.T) {
	const log = `{"type":"start","pid":1,"tid":1,"parent":0}
{"type":"call","pid":1,"tid":1,"name":"openat","nr":257,"abi":"amd64","args":[{"name":"dirfd","kind":"dirfd","value":-100},{"name":"pathname","kind":"string","value":"/etc/x"},{"name":"flags","kind":"flags","value":524288,"flags":["O_RDONLY","O_CLOEXEC"]}],"ret":3}
{"type":"call","pid":1,"tid":1,"name":"connect","nr":42,"abi":"amd64","args":[{"name":"sockfd","kind":"fd","value":3},{"name":"addr","kind":"ptr","value":140737,"items":[{"kind":"struct","items":[{"name":"sa_family","kind":"enum","value":2,"text":"AF_INET"},{"name":"sin_port","kind":"port","value":80},{"name":"sin_addr","kind":"ip4","value":167772161,"text":"10.0.0.1"}]}]},{"name":"addrlen","kind":"int","value":16}],"ret":0}
`
	obs, lost, err := ImportJSON(strings.NewReader(log), ImportOptions{})
	if err != nil || len(lost) > 0 {
		t.Fatal(err, lost)
	}
	if diff := cmp.Diff([]string{"openat: fs.read /etc/x", "connect: net.connect ip 10.0.0.1:80"}, summary(obs)); diff != "" {
		t.Error(diff)
	}
}

func TestImportOCI(t *testing.T) {
	f, lost, err := ImportOCI([]byte(`{
  "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
  "syscalls": [
    {"names": ["read", "write", "nosuchcall"], "action": "SCMP_ACT_ALLOW"},
    {"names": ["socket"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 40, "op": "SCMP_CMP_NE"}]},
    {"names": ["ioctl"], "action": "SCMP_ACT_ERRNO", "args": [{"index": 1, "value": 4294967295, "valueTwo": 21522, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["clone"], "action": "SCMP_ACT_ALLOW", "args": [{"index": 0, "value": 2114060288, "valueTwo": 0, "op": "SCMP_CMP_MASKED_EQ"}]},
    {"names": ["bpf"], "action": "SCMP_ACT_NOTIFY"}
  ]}`), ImportOptions{ABI: "amd64"})
	if err != nil {
		t.Fatal(err)
	}
	want := `version: 1
default: deny(ENOSYS)
profiles:
  main:
    - allow socket where domain != 0x28
    - deny(EPERM) ioctl where op == 0x5412
    - allow clone where flags & 0x7e020000 == 0x0
    - allow read write
`
	if diff := cmp.Diff(want, string(f.Format())); diff != "" {
		t.Error(diff)
	}
	if len(lost) != 2 {
		t.Errorf("lost: %q", lost)
	}
	if _, err := New(f, options()); err != nil {
		t.Error(err)
	}
}

// TestExportImport holds that what goes out and comes back decides alike.
func TestExportImport(t *testing.T) {
	p := policyOf(t, "deny(EACCES) mmap where prot has PROT_WRITE|PROT_EXEC", "deny(EPERM) fcntl where op == F_SETFL",
		"return(0) fadvise64 where advice != POSIX_FADV_NORMAL", "allow @io @memory exec newfstatat statx", "kill ptrace", "deny(ENOSYS) getuid", "allow socket where domain in {AF_UNIX, AF_INET}")
	b, lost, err := p.OCI(ExportOptions{})
	if err != nil || len(lost) > 0 {
		t.Fatal(err, lost)
	}
	f, lost, err := ImportOCI(b, ImportOptions{ABI: "amd64"})
	if err != nil || len(lost) > 0 {
		t.Fatal(err, lost)
	}
	q, err := New(f, options())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range Diff(p, q) {
		t.Errorf("%s", &c)
	}
}

func FuzzImport(f *testing.F) {
	f.Add(straceLog)
	f.Add("openat(AT_FDCWD, " + `"\x41\1\", {sa_family=AF_UNIX, sun_path="\")` + "\nopenat2(3</x>, \"a\", {flags=O_RDWR}, 24)\nx(\"")
	f.Add(`{"type":"call","name":"open","abi":"i386","args":[{"kind":"ptr","items":[{"kind":"string","value":"x"}]}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		obs, _, err := ImportStrace(strings.NewReader(s), ImportOptions{ABI: "amd64", CWD: "/proj"})
		if err != nil {
			return
		}
		l, err := Learn(obs, LearnOptions{Options: options()})
		if err != nil {
			t.Fatal(err)
		}
		if len(l.Failed) > len(l.Unknown) {
			t.Fatalf("learned\n%s\ndoes not pass %+v", l.File.Format(), l.Failed)
		}
		_, _, _ = ImportJSON(strings.NewReader(s), ImportOptions{})
	})
}
