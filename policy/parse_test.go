package policy

import (
	"os"
	"slices"
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
		{"allwo read", `p.yaml:4:7: no action "allwo" (did you mean allow?)`},
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
		{"deny(EPREM) read", `no error "EPREM" (did you mean EPERM?)`},
		{"allow net.connect tpc *:80", `p.yaml:4:25: "tpc" is neither a call nor a protocol (did you mean tcp?)`},
		{"allow net.connect tcp [::1:80", `"[::1" lacks its closing bracket ([::1])`},
		{"allow net.connect tcp ::1:80", `"::1" lacks its brackets ([::1])`},
		{"allow fs.read /é/ü $HOM", `p.yaml:4:26: unknown variable`}, // columns are characters
		{"allow fs.read net.connect /x", `p.yaml:4:7: fs.read and net.connect have different kinds of objects`},
		{"deny fs.read /etc//shadow", `"/etc//shadow" matches nothing, as no path has // in it (/etc/shadow)`},
		{"deny fs.read /etc/", `"/etc/" matches nothing, as no path ends in a slash (/etc for it, /etc/** for all below it too)`},
		{"deny fs.read ${CWD}/../x", `matches nothing, as no path has .. in it (write out what it comes to)`},
		{"deny fs.read /usr/../etc/x", `matches nothing, as no path has .. in it (/etc/x)`},
		{"deny fs.read /a/./b", `matches nothing, as no path has /./ in it (/a/b)`},
		{"deny net.connect unix /run//x", `matches nothing`},
		{"deny fs.read ${CWD}build/**", `"${CWD}build/**" lacks a slash behind ${CWD} (${CWD}/build/**)`},
		{"deny fs.read /x/${HOME}", `a variable in the middle of "/x/${HOME}"`},
		{"deny fs.read ~bob/x", `does not begin at the root (~/ and ${HOME}`},
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
		{"version: 1\nversion: 1", `p.yaml:2:1: "version" stands twice (the first is in line 1`},
		{"version: 1\ndefault: return(0)", `p.yaml:2:10: default: return(0) is not for every call`},
		{"version: 1\nprofiles: {main: []}\n---\nversion: 1\n", `p.yaml:3:1: a second document in the file`},
		{"version: 1\nprofiles:\n  main: &a []\n  b: *a\n", "p.yaml:3:9: &a: policies have no anchors (take it out)\np.yaml:4:6: *a: policies have no aliases"},
		{"version: 1\nprofiles: {main: !x [allow read]}\n", "p.yaml:2:18: !x: policies have no tags"},
		{"version: 1\nprofiles:\n\tmain: []\n", "p.yaml:3:1: a tab in the indentation (YAML is indented by spaces)"},
		{"version: 1\nprofiles: {main: [allow read}\n# c\n", "p.yaml:2:1: did not find expected ',' or ']' ([...] and"},
		{"version: 1\nprofiles:\n main:\n    - allow read\n   - allow write\n", "p.yaml:5:4: did not find expected key"},
		{"version: 1\n# \xe9\n", "p.yaml:2:3: byte 0xe9 is no text (the file must be UTF-8)"},
		{"version: 1\nprofiles: {main: [allow re\x00ad]}\n", "p.yaml:2:27: control character 0x00"},
		{"version: 1\nprofiles: {'a b': []}\n", `p.yaml:2:12: "a b" is no name for a profile`},
		{"version: 1\ngroups: {'@a b': []}\n", `p.yaml:2:10: "@a b" is no name for a group`},
		{"version: 1\ngroups: {'@a': [fs.read]}\n", `no call "fs.read" (a group is of calls and groups; effects stand in rules)`},
		{"version: 1\nprofiles: {main: {extends: [a]}}\n", `p.yaml:2:28: extends must be the name of one profile`},
		{"version: 1\nabi: {x32: ask}", `not for a whole ABI`},
		{"version: 1\nlimits: {wall: -1s}", `"-1s" is no limit`},
		{"version: 1\nlimits: {memory: 9999999999T}", `is no limit`},
		{"version: 1\ngroups: {x: [read]}", `begins with @`},
		{"version: 1\ngroups: {\"@x\": [raed]}", `no call "raed"`},
		{"version: 1\nprofiles: {main: {extend: x}}", `unknown key "extend" in profile main (did you mean extends?)`},
		{"version: 1\nprofiles: {main: [{a: b}]}", `must be a string`},
		{"version: 1\n  x: [", "p.yaml:2:3: mapping values"},
	} {
		_, err := Parse("p.yaml", []byte(c.file))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: got %v, want %s", c.file, err, c.want)
		}
	}
}

// TestFormatKeepsComments puts a comment at each place of a policy.
func TestFormatKeepsComments(t *testing.T) {
	lines := strings.Split(`version: 1
include:
  - std/runtime
  - ./b.yaml
default: deny(EPERM)
abi:
  x32: kill
  compat32: allow
limits:
  wall: 10s
  cpu: 5s
groups:
  "@a":
    - read
    - write
  "@b": [read]
profiles:
  main:
    - allow read
    - allow write
  git:
    extends: main
    rules:
      - allow open
      - allow close
  none: []
`, "\n")
	const comment = "# here"
	check := func(lines ...string) {
		t.Helper()
		src := strings.Join(lines, "\n")
		f, err := Parse("p", []byte(src))
		if err != nil {
			t.Fatalf("%s\n%v", src, err)
		}
		out := f.Format()
		if !strings.Contains(string(out), comment) {
			t.Errorf("%s\nlost its comment:\n%s", src, out)
		}
		again, err := Parse("p", out)
		if err != nil {
			t.Fatalf("%s\n%v", out, err)
		}
		if diff := cmp.Diff(string(out), string(again.Format())); diff != "" {
			t.Errorf("%s\nformatted twice: %s", src, diff)
		}
	}
	for i, line := range lines {
		if line != "" {
			check(slices.Concat(lines[:i], []string{line + " " + comment}, lines[i+1:])...)
		}
		for _, above := range []string{comment, "    " + comment, "\n  " + comment, "  " + comment + "\n", "\n" + comment + "\n"} {
			check(slices.Concat(lines[:i], []string{above}, lines[i:])...)
		}
	}
}

func TestFormatCRLF(t *testing.T) {
	f, err := Parse("p.yaml", []byte(strings.ReplaceAll(sample, "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sample, string(f.Format())); diff != "" {
		t.Error(diff)
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
