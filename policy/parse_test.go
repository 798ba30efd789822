package policy

import (
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const sample = `# What the build may do.
version: 1
include: [std/runtime, ./team.yaml]
default: ask
abi: {compat32: deny(EPERM), x32: deny(EPERM), io_uring: deny(ENOSYS)}
limits: {wall: 10s, cpu: 5s, memory: 256M, output: 64M, procs: 32}
groups:
  '@mine': [getpid, '@memory']
profiles:
  main:
    - deny(EACCES) fs.* ${HOME}/.ssh/** # first match wins
    - allow @runtime @memory @signal
    # the libraries
    - allow fs.read /usr/** /lib*/** /etc/ld.so.cache
    - allow fs.write ${CWD}/build/**
    - allow net.connect tcp 127.0.0.0/8:* [::1]:443
    - deny(EPERM) ioctl where op in {TIOCSTI, TIOCLINUX}
    - allow mmap where !(prot has PROT_WRITE|PROT_EXEC)
    - return(0) fsync fdatasync
    - allow exec /usr/bin/git -> git # its children run under profile git
    - kill ptrace process_vm_writev
    - allow net.connect unix /run/*.sock @abstract tcp *:22,443,8000-8999 udp
    - allow fs.read "/a b/*"
    - allow signal self
    - log *
  git:
    extends: main
    rules:
      - allow net.connect tcp *:22,443
`

func TestFormatIsCanonical(t *testing.T) {
	f, err := Parse("p.yaml", []byte(sample))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample, string(f.Format())); diff != "" {
		t.Error(diff)
	}
}

func TestFormatTidiesUp(t *testing.T) {
	in := `
version: 1
profiles: {main: ["allow   fs.read  ~/x   /y", 'deny mount', "allow net.connect tcp 1.2.3.4:1 tcp 1.2.3.4:2"]}
default: "deny"
limits: {memory: 1024K}
`
	want := `version: 1
default: deny(EPERM)
limits: {memory: 1M}
profiles:
  main:
    - allow fs.read ${HOME}/x /y
    - deny(EPERM) mount
    - allow net.connect tcp 1.2.3.4:1 1.2.3.4:2
`
	f, err := Parse("p.yaml", []byte(in))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(f.Format())); diff != "" {
		t.Error(diff)
	}
}

func TestParseErrors(t *testing.T) {
	for _, c := range []struct{ rule, want string }{
		{"allwo read", `p.yaml:4:7: no action "allwo" (allow, deny(ERRNO), kill, ask, log or return(N))`},
		{"deny(EWHAT) read", `p.yaml:4:7: no error "EWHAT"`},
		{"return(x) read", `"x" is not a result`},
		{"allow opneat", `p.yaml:4:13: no call or effect "opneat" (did you mean openat?)`},
		{"allow fs.raed /x", `p.yaml:4:13: no call or effect "fs.raed" (did you mean fs.read?)`},
		{"allow", `p.yaml:4:12: the rule is about nothing`},
		{"allow fs.read etc/x", `p.yaml:4:21: "etc/x" does not begin at the root (/etc/x or ${CWD}/etc/x)`},
		{"allow fs.read ${FOO}/x", `unknown variable in "${FOO}/x"`},
		{"allow fs.read /[a", `"/[a" is not a pattern`},
		{"allow read /etc", `"/etc" is an object, and nothing before it has one`},
		{"allow net.connect 1.2.3.4:5", `"1.2.3.4:5" lacks its protocol`},
		{"allow net.connect tcp 1.2.3.4", `"1.2.3.4" lacks its ports`},
		{"allow net.connect tcp example.org:80", `names are not looked up`},
		{"allow net.connect tcp *:99999", `"99999" is not a port`},
		{"allow net.connect unix x", `"x" is not a socket's name`},
		{"allow read where fd <", `p.yaml:4:28: expected a number`},
		{"allow read -> git", `only allow exec leads to another profile`},
		{"allow exec /bin/sh -> a b", `unexpected "b"`},
		{"allow signal 12", `"12" is not a process`},
	} {
		_, err := Parse("p.yaml", []byte("version: 1\nprofiles:\n  main:\n    - "+c.rule+"\n"))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", c.rule, err, c.want)
		}
	}
	for _, c := range []struct{ file, want string }{
		{"", "p.yaml:1:1: the file is empty"},
		{"version: 2", `version "2" is not known`},
		{"default: ask", "the version is missing"},
		{"version: 1\ndefualt: ask", `p.yaml:2:1: unknown key "defualt" in the policy (did you mean default?)`},
		{"version: 1\nversion: 1", `stands twice`},
		{"version: 1\nabi: {x32: ask}", `not for a whole ABI`},
		{"version: 1\nlimits: {wall: -1s}", `"-1s" is no limit`},
		{"version: 1\nlimits: {memory: 9999999999T}", `is no limit`},
		{"version: 1\ngroups: {x: [read]}", `begins with @`},
		{"version: 1\ngroups: {\"@x\": [raed]}", `no call "raed"`},
		{"version: 1\nprofiles: {main: {extend: x}}", `unknown key "extend" in profile main (did you mean extends?)`},
		{"version: 1\nprofiles: {main: [{a: b}]}", `must be a string`},
		{"version: 1\n  x: [", "p.yaml:2:1"},
	} {
		_, err := Parse("p.yaml", []byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
}

func TestParseReportsAll(t *testing.T) {
	_, err := Parse("p.yaml", []byte("version: 1\nx: 1\nprofiles: {main: [allow, allow xyzzy]}"))
	if errs, ok := err.(Errors); !ok || len(errs) != 3 {
		t.Errorf("got %v", err)
	}
}

// FuzzFormat holds that formatting changes nothing and happens once.
func FuzzFormat(f *testing.F) {
	f.Add([]byte(sample))
	f.Add([]byte("version: 1\nprofiles: {main: ['allow fs.read \"/a b\" \"/#\"']}"))
	f.Add([]byte("version: 1\n# c\nprofiles:\n  # d\n  main: # e\n    - kill * # f\n    # g\n"))
	names, _ := os.ReadDir("std")
	for _, n := range names {
		b, _ := os.ReadFile("std/" + n.Name())
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file, err := Parse("p", src)
		if err != nil {
			return
		}
		first := file.Format()
		again, err := Parse("p", first)
		if err != nil {
			t.Fatalf("%s\nbecame\n%s\n%v", src, first, err)
		}
		for i, p := range file.Profiles {
			for j, r := range p.Rules {
				if got := again.Profiles[i].Rules[j].String(); got != r.String() {
					t.Fatalf("%s became %s", r, got)
				}
			}
		}
		if strings.Contains(string(src), "#") {
			return // the yaml package moves comments that stand in odd places
		}
		if second := again.Format(); string(second) != string(first) {
			t.Fatalf("%s\nbecame\n%s", first, second)
		}
	})
}
