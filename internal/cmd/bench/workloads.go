package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// A tracer is a command that runs another one; the first has no words.
type tracer struct {
	name string
	argv []string // before the options of the workload
	own  bool     // takes options: not the native run
}

// A workload is a command, and the options that it is traced with.
type workload struct {
	name string
	opts []string
	argv []string
	need string // a program that must be there
}

func (w workload) missing() string {
	if _, err := exec.LookPath(w.need); err != nil {
		return err.Error()
	}
	return ""
}

// build makes strait and the sample programs.
func build(dir string) error {
	for _, pkg := range []string{"./cmd/strait", "./testdata/prog/getppid"} {
		cmd := exec.Command("go", "build", "-o", filepath.Join(dir, filepath.Base(pkg)), pkg)
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("go build %s: %w\n%s", pkg, err, out)
		}
	}
	hello := "#include <stdio.h>\nint main(void) { puts(\"hello\"); return 0; }\n"
	return os.WriteFile(filepath.Join(dir, "hello.c"), []byte(hello), 0o644)
}

func tracers(dir, strace string) []tracer {
	list := []tracer{{name: "native"}}
	if _, err := exec.LookPath(strace); err == nil {
		list = append(list, tracer{strace, []string{strace}, true})
	}
	if newest := os.Getenv("STRAIT_STRACE"); newest != "" {
		list = append(list, tracer{"$STRAIT_STRACE", []string{newest}, true})
	}
	return append(list, tracer{"strait", []string{filepath.Join(dir, "strait")}, true})
}

func workloads(dir string) []workload {
	f := []string{"-f", "-o", "/dev/null"}
	return []workload{
		{"getppid", f, []string{filepath.Join(dir, "getppid"), "20000"}, "true"},
		{"dd", f, []string{"dd", "if=/dev/zero", "of=/dev/null", "bs=1", "count=10000", "status=none"}, "dd"},
		{"find", f, []string{"find", "/usr/share", "-maxdepth", "4", "-name", "*.nothing"}, "find"},
		{"gcc", f, []string{"gcc", "-c", "-o", filepath.Join(dir, "hello.o"), filepath.Join(dir, "hello.c")}, "gcc"},
		{"true", f, []string{"true"}, "true"},
	}
}

// machine says what was measured on.
func machine(tools []tracer) string {
	var u syscall.Utsname
	release := ""
	if syscall.Uname(&u) == nil {
		for _, c := range u.Release {
			if c == 0 {
				break
			}
			release += string(rune(c))
		}
	}
	lines := []string{fmt.Sprintf("Linux %s %s, %d CPUs, %s", release, runtime.GOARCH, runtime.NumCPU(), runtime.Version())}
	for _, t := range tools {
		if t.own && t.name != "strait" {
			out, _ := exec.Command(t.argv[0], "-V").Output()
			first, _, _ := strings.Cut(string(out), "\n")
			lines = append(lines, t.name+": "+first)
		}
	}
	return strings.Join(lines, "\n")
}
