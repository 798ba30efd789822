package main

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A workload is a command, and the options that it is traced with.
type workload struct {
	name  string
	what  string
	opts  []string // for every tracer
	extra []string // for strait alone
	argv  []string
	times int // starts in one run; 0: 1
	// Which tools besides native, strace and strait.
	bare, placements bool
	own              bool         // not strace either
	says             bool         // it prints the nanoseconds of a call, and these count
	need             func() error // to be done before each run
	tools            []tracer     // those that take part, the one to compare with last; none: all that trace
}

//go:embed testdata/bare.c
var bareC []byte

//go:embed testdata/spawn.c
var spawnC []byte

// build makes strait and the sample programs.
func build(dir string) error {
	for _, pkg := range []string{
		"./cmd/strait", "./internal/cmd/bench/bare", "./internal/cmd/bench/starts", "./internal/cmd/bench/held",
		"./testdata/prog/getppid", "./testdata/prog/openat", "./testdata/prog/crowd",
	} {
		cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(dir, filepath.Base(pkg)), pkg)
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as make build
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "hello"), 0o755); err != nil {
		return err
	}
	if err := writePolicy(dir); err != nil {
		return err
	}
	for name, text := range map[string]string{
		"hello.c":        "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n",
		"bare.c":         string(bareC),
		"spawn.c":        string(spawnC),
		"hello/go.mod":   "module hello\n\ngo 1.21\n",
		"hello/hello.go": "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(seed) }\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	if gcc, err := exec.LookPath("gcc"); err == nil {
		for _, name := range []string{"bare", "spawn"} {
			cmd := exec.Command(gcc, "-O2", "-o", filepath.Join(dir, name+"-c"), filepath.Join(dir, name+".c"))
			if out, err := cmd.CombinedOutput(); err != nil {
				return fmt.Errorf("gcc %s.c: %w\n%s", name, err, out)
			}
		}
	}
	return nil
}

func workloads(dir string) []workload {
	in := func(name string) string { return filepath.Join(dir, name) }
	null := []string{"-f", "-o", "/dev/null"}
	with := func(opts ...string) []string { return append(append([]string(nil), null...), opts...) }
	getppid := []string{in("getppid"), "10000"}
	find := []string{"find", "/usr/share/doc", "/usr/include", "-name", "*.nothing"}
	dd := []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=5000", "status=none"}
	eight := fmt.Sprintf("for i in 1 2 3 4; do gcc -c -o %[1]s/a.o %[1]s/hello.c & gcc -c -o %[1]s/b.o %[1]s/hello.c & wait; done", dir)
	gcc := []string{"sh", "-c", eight}
	list := []workload{
		{name: "getppid", what: "a loop of 10,000 getppid calls", opts: null, argv: getppid, bare: true, placements: true},
		{name: "openat", what: "a loop of 5,000 openat and close calls", opts: null, argv: []string{in("openat"), "5000"}, bare: true},
		{name: "dd", what: "dd bs=1 count=5000", opts: null, argv: dd, bare: true},
		{name: "find", what: "find through /usr/share/doc and /usr/include", opts: null, argv: find, bare: true},
		{name: "gcc8", what: "eight runs of gcc -c, two at a time", opts: null, argv: gcc, placements: true},
		{name: "gobuild", what: "go build of a changed program", opts: null, argv: []string{"go", "build", "-C", in("hello"), "-o", in("built"), "."}, placements: true, need: seed(dir)},
		{name: "python", what: "python3 -c pass, 5 times", opts: null, argv: []string{"python3", "-c", "pass"}, times: 5},
		{name: "true", what: "true, 10 times: starting up", opts: []string{"-o", "/dev/null"}, argv: []string{"true"}, times: 10},
		{name: "true-f", what: "true, 10 times, with -f", opts: null, argv: []string{"true"}, times: 10},
		{name: "summary", what: "-c of find", opts: with("-c"), argv: find},
		{name: "hit", what: "-e trace=openat of the openat loop", opts: with("-e", "trace=openat"), argv: []string{in("openat"), "5000"}},
		{name: "miss", what: "-e trace=openat of the getppid loop", opts: with("-e", "trace=openat"), argv: getppid},
		{name: "separate", what: "-ff of the eight gcc", opts: []string{"-ff", "-o", in("trace")}, argv: gcc},
		{name: "json", what: "--json of find; strace writes its text", opts: null, extra: []string{"--json"}, argv: find},
		{name: "descriptors", what: "-y of dd", opts: with("-y"), argv: dd},
		{name: "stack", what: "-k of true", opts: with("-k"), argv: []string{"true"}, times: 5},
		{name: "threads1000", what: "1,000 threads that all make calls, 10,000 in all", opts: null, argv: []string{in("crowd"), "busy", "1000", "10000"}},
	}
	for _, kind := range []string{"threads", "processes"} {
		for _, n := range []string{"10", "100", "1000"} {
			list = append(list, workload{
				name: kind + "-" + n, what: "nanoseconds for a call of one of " + n + " " + kind, opts: null,
				argv: []string{in("crowd"), kind, n, "20000"}, says: true,
			})
		}
	}
	return append(append(list, starts(dir)...), policies(dir)...)
}

// starts are the workloads of which nothing is traced: starting programs.
func starts(dir string) []workload {
	in := func(name string) string { return filepath.Join(dir, name) }
	by := func(name, how string) tracer { return tracer{name: name, argv: []string{in("starts"), how}} }
	isolate := []string{"--unshare", "user,mount,pid,net"}
	return []workload{
		{name: "start", what: "starting true, and waiting for its end, 300 times", argv: []string{"300", "/bin/true"}, says: true, tools: found(
			tracer{name: "posix_spawn, C", argv: []string{in("spawn-c")}},
			by("os/exec", "exec"), by("forkexec, where it has to fork", "forkexec-fork"), by("forkexec", "forkexec"))},
		{name: "isolate", what: "the same in new user, mount, pid and net namespaces, 50 times", argv: []string{"50", "/bin/true"}, says: true, tools: found(
			by("os/exec", "exec-isolated"), by("forkexec", "forkexec-isolated"))},
		{name: "run", what: "commands that start true in such namespaces, 10 times", argv: []string{"/bin/true"}, times: 10, tools: found(
			tracer{name: "unshare", argv: []string{"unshare", "-Urmpnf"}},
			tracer{name: "bwrap", argv: []string{"bwrap", "--unshare-user", "--unshare-pid", "--unshare-net", "--bind", "/", "/"}},
			tracer{name: "strait run", argv: append([]string{in("strait"), "run"}, isolate...)})},
	}
}

// found leaves out the tools that are not there.
func found(tools ...tracer) []tracer {
	return slices.DeleteFunc(tools, func(t tracer) bool {
		_, err := exec.LookPath(t.argv[0])
		return err != nil
	})
}

// seed returns a function that changes the program that is to be built.
func seed(dir string) func() error {
	n := os.Getpid()
	return func() error {
		n++
		return os.WriteFile(filepath.Join(dir, "hello", "seed.go"), fmt.Appendf(nil, "package main\n\nconst seed = %d\n", n), 0o644)
	}
}
