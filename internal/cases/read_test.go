package cases

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strait/internal/golden"
	"strait/policy"

	"github.com/google/go-cmp/cmp"
)

const everyKey = `version: 1
name: all
about: a case with everything
needs: [sh]
build: [make x, make y]
run: prog -x 'a b' "c"
stdin: {file: in.txt}
env: {A: b}
files:
  a.txt: text
  b: {from: b, mode: 0755}
  l: {link: a.txt}
  dir/:
user: "1:2"
namespaces: [net, pid]
limits: {cpu: 2s, memory: 64M, output: 1K, file: 2K, procs: 3, files: 4}
timeout: 5s
linger: 1s
expect:
  exit: 3
  stdout: {match: [a, b]}
  stderr: exact
  policy: p.yaml
  enforce: true
  never: [net.*, exec git sh]
  must: fs.read ./in
  writes: only ./out/** ./log
  execs: none
  connects: [tcp 127.0.0.1:80]
  counts: [openat <= 40, "peak memory < 64M"]
  golden: {file: x.trace, depth: effects, any-order: [a]}
noise:
  - {line: 'open *', program: sh, reason: why not}
---
version: 1
name: other
run: [a, "b c"]
expect: {signal: term, golden: everything}
`

func TestParse(t *testing.T) {
	list := Parse("dir/x.case.yaml", []byte(everyKey))
	if len(list) != 2 || list[0].broken != nil || list[1].broken != nil {
		t.Fatalf("%d cases, %v", len(list), list[0].broken)
	}
	c, other := list[0], list[1]
	x := &c.Expect
	wd, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	type m map[string]any
	got := m{
		"name": c.Name, "dir": c.Dir, "line": c.Pos.Line, "needs": c.Needs, "build": c.Build, "run": c.Run, "stdin": c.Stdin.File, "env": c.Env,
		"files": len(c.Files), "mode": c.Files[1].Mode, "link": c.Files[2].Link, "isdir": c.Files[3].Dir, "user": c.User, "ns": c.Namespaces,
		"limits": c.Limits, "timeout": c.Timeout, "linger": c.Linger, "exit": x.Exit, "match": len(x.Stdout.Match), "stderr": x.Stderr.Text.Text,
		"policy": x.Policy, "enforce": x.Enforce, "never": []string{x.Never[0].Text, x.Never[1].Text}, "must": x.Must[0].Text,
		"writes": x.Only[0].Objects, "execs": len(x.Only[1].Objects), "connects": x.Only[2].Objects, "counts": x.Counts[1].N,
		"depth": x.Golden.Depth, "order": x.Golden.AnyOrder, "noise": c.Noise[0],
		"signal": other.Expect.Signal, "other": other.Run, "file": other.Expect.Golden.File,
	}
	want := m{
		"name": "all", "dir": filepath.Join(wd, "dir"), "line": 1, "needs": []string{"sh"}, "build": []string{"make x", "make y"}, "run": []string{"prog", "-x", "a b", "c"},
		"stdin": "in.txt", "env": map[string]string{"A": "b"}, "files": 4, "mode": os.FileMode(0o755), "link": "a.txt", "isdir": true, "user": "1:2", "ns": []string{"net", "pid"},
		"limits":  Limits{CPU: 2 * time.Second, Memory: 64 << 20, Output: 1 << 10, FileSize: 2 << 10, Procs: 3, OpenFiles: 4},
		"timeout": 5 * time.Second, "linger": time.Second, "exit": 3, "match": 2, "stderr": "exact", "policy": "p.yaml", "enforce": true,
		"never": []string{"net.*", "exec git sh"}, "must": "fs.read ./in", "writes": []string{"./out/**", "./log"}, "execs": 0,
		"connects": []string{"tcp 127.0.0.1:80"}, "counts": int64(64 << 20), "depth": golden.Effects, "order": []string{"a"},
		"noise":  golden.Noise{Line: "open *", Program: "sh", Reason: "why not"},
		"signal": "SIGTERM", "other": []string{"a", "b c"}, "file": "other.trace",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is wrong is told with its line, all of it, and other cases are not hurt.
func TestParseErrors(t *testing.T) {
	for src, want := range map[string]string{
		"": "f:1: the file has no case (version: 1)", "[a": "f:1: ", "a: b\n": `f:1: unknown key "a" in the case`,
		"- a\n":          "f:1: a case must be a mapping of keys to values (version: 1, run: ./prog, ...)",
		"\tversion: 1\n": "f:1: a tab in the indentation (YAML is indented by spaces)", "version: 1\nabout: \x01\n": "f:2: control character 0x01",
		"version: 1\nrun: x\n---\nversion: 1\nexpect:\n  exit: 1\n stdout: x\n": "f:7: did not find expected key",
		"version: 1\nrun: x\nexpect: {never: *x}\n":                             "f:3: unknown anchor 'x' referenced (a text that begins with * is in quotes)",
		"version: 1\nrun: x\nexpect: {never: ['openat where flags ==']}\n":      `f:3: "openat where flags ==": expected a number or a constant`,
		"version: 1\nrun: x\nexpect: {writes: only}\n":                          "f:3: writes: only what? (writes: none, if there are to be none)",
		"run: x\n":              "f:1: the version is missing (begin with version: 1)",
		"version: 1\n":          "f:1: run is missing: what program? (run: ./prog -x)",
		"\nversion: 2\n":        `f:2: version "2" is not known`,
		"version: 1\nrun: 'a\n": "f:2: ", "version: 1\nrun: \"a 'b\"\n": `f:2: run: "a 'b" is no command`,
		"version: 1\nrun: x\nname: a b\n":                                           `f:3: the name "a b" must be one word`,
		"version: 1\nrun: x\nfiles: {/etc/x: y}\n":                                  `f:3: "/etc/x" is not in the scratch folder (a name below it: data/in.txt)`,
		"version: 1\nrun: x\nfiles: {x: {mode: 9}}\n":                               `f:3: "9" is no mode`,
		"version: 1\nrun: x\nrun: y\n":                                              "f:",
		"version: 1\nrun: x\nlimits: {cpu: 3}\n":                                    `f:3: cpu must be a time, not "3" (10s, 500ms, 2m)`,
		"version: 1\nrun: x\nlimits: {memory: -3}\n":                                `f:3: memory must be a size, not "-3"`,
		"version: 1\nrun: x\nnamespaces: nets\n":                                    `f:3: no namespace "nets" (there are: user mount pid net uts ipc cgroup time)`,
		"version: 1\nrun: x\nexpect: {exit: 256}\n":                                 `f:3: exit must be a number from 0 to 255, not "256"`,
		"version: 1\nrun: x\nexpect: {signal: FOO}\n":                               `f:3: no signal "FOO"`,
		"version: 1\nrun: x\nexpect: {signal: ''}\n":                                `f:3: no signal ""`,
		"version: 1\nrun: x\nexpect:\n  stdout: {match: '('}\n":                     "f:4: error parsing regexp",
		"version: 1\nrun: x\nexpect:\n  never: [fs.raed]\n":                         `f:4: no call or effect "fs.raed"`,
		"version: 1\nrun: x\nexpect:\n  never: ['@swap']\n":                         `f:4: no group "@swap" (strait policy list has them)`,
		"version: 1\nrun: x\nexpect:\n  never: ['fs.write ${NO}/x']\n":              `f:4: unknown variable in "${NO}/x"`,
		"version: 1\nrun: x\nexpect: {counts: [x]}\n":                               `f:3: "x" is no count`,
		"version: 1\nrun: x\nexpect: {counts: [opena <= 3]}\n":                      `f:3: "opena <= 3": "opena" is no call, @group or effect`,
		"version: 1\nrun: x\nexpect: {golden: {depth: deep}}\n":                     `f:3: no depth "deep"`,
		"version: 1\nrun: x\nexpect: {enforce: true}\n":                             "f:3: enforce needs a policy",
		"version: 1\nrun: x\nexpect: {enforce: yes, policy: x}\n":                   "f:3: enforce must be true or false",
		"version: 1\nrun: x\nexpect: {stdout: [a]}\n":                               "f:3: stdout must be a string",
		"version: 1\nrun: x\nnoise: [{line: x}]\n":                                  "f:3: a noise needs a line, and the reason",
		"version: 1\nrun: x\nnoise: [{include: none.yaml}]\n":                       "f:3: open none.yaml: no such file",
		"version: 1\nrun: x\nenv: {'A=B': x}\n":                                     `f:3: "A=B" is no name of a variable`,
		"version: 1\nname: a\nrun: x\n---\nversion: 1\nrunn: x\n":                   `f:6: unknown key "runn" in the case (did you mean run?)`,
		"version: 1\nrun: x\nexpect: {counts: ['calls <= 99999999999999999999']}\n": "the number is too big",
	} {
		var got []string
		for _, c := range Parse("f", []byte(src)) {
			for _, f := range c.broken {
				got = append(got, f.Error())
			}
		}
		if all := strings.Join(got, "\n"); !strings.Contains(all, want) {
			t.Errorf("%q:\n got %s\nwant %s", src, all, want)
		}
	}
	if list := Parse("d/case.yaml", []byte("version: 1\nname: [x]\nrun: x\n")); list[0].Name == "" || list[0].broken == nil {
		t.Errorf("a case whose name is none is called %q", list[0].Name)
	}
	list := Parse("f", []byte("version: 1\nname: a\nrun: x\n---\nversion: 1\nrunn: x\n---\nversion: 1\nname: c\nrun: y\n---\na: [\n"))
	if len(list) != 4 || list[0].broken != nil || list[1].broken == nil || list[2].broken != nil || list[3].broken == nil {
		t.Errorf("%d cases", len(list))
	}
}

// Two cases of a file that are called alike are told.
func TestReadFileNames(t *testing.T) {
	name := filepath.Join(t.TempDir(), "case.yaml")
	if err := os.WriteFile(name, []byte("version: 1\nrun: x\n---\nversion: 1\nrun: y\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	list := readFile(name)
	if len(list) != 2 || list[0].broken != nil || list[1].broken == nil || list[0].Name != filepath.Base(filepath.Dir(name)) {
		t.Errorf("%d cases, the first is %s, %v", len(list), list[0].Name, list[1].broken)
	}
	if list := readFile(name + ".none"); len(list) != 1 || list[0].broken == nil {
		t.Errorf("a file that is not there: %v", list)
	}
}

func TestWords(t *testing.T) {
	for s, want := range map[string][]string{
		"a b": {"a", "b"}, " a\t'b c'\n": {"a", "b c"}, `a"b 'c"d ''`: {"ab 'cd", ""}, "": nil,
	} {
		if got, err := words(s); err != nil || cmp.Diff(want, got) != "" {
			t.Errorf("%q: %q, %v", s, got, err)
		}
	}
	if _, err := words("'a"); err == nil {
		t.Error("a quote without an end is taken")
	}
}

func TestCountHolds(t *testing.T) {
	for text, want := range map[string][3]bool{ // of 1, 2 and 3
		"x <= 2": {true, true, false}, "x < 2": {true, false, false}, "x == 2": {false, true, false},
		"x >= 2": {false, true, true}, "x > 2": {false, false, true}, "x != 2": {true, false, true},
	} {
		c, err := ParseCount(text, policy.Pos{})
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range want {
			if got := c.Holds(int64(i + 1)); got != want {
				t.Errorf("%s, of %d: %v", text, i+1, got)
			}
		}
	}
}
