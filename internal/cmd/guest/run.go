package main

import (
	"bytes"
	_ "embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"strait/internal/cmd/calls/runner"
)

// A run is one boot of one machine.
type run struct {
	machine
	guest, suite   string
	arm            string // the folder with an armhf strace
	timeout        time.Duration
	tests, samples bool
	tables         string // which

	dir    string
	script bytes.Buffer
	files  []string
}

func (r *run) all() (err error) {
	if r.dir, err = os.MkdirTemp("", "guest"); err != nil {
		return err
	}
	defer os.RemoveAll(r.dir)
	r.script.WriteString("failed=0\ncheck() { echo \"== $*\"; \"$@\" || { echo \"FAILED: $*\"; failed=1; }; }\n")
	if r.tests {
		if err := r.addTests(); err != nil {
			return err
		}
	}
	if r.samples {
		if err := r.addSamples(); err != nil {
			return err
		}
	}
	if r.tables != "" {
		if err := r.addTables(); err != nil {
			return err
		}
	}
	if err := r.addStraces(); err != nil {
		return err
	}
	r.script.WriteString("exit $failed\n")
	if err := os.WriteFile(filepath.Join(r.dir, "run.sh"), r.script.Bytes(), 0o644); err != nil {
		return err
	}
	r.files = append(r.files, "run.sh")
	return r.boot()
}

//go:embed smoke.sh
var smoke []byte

// build builds a Go package for the guest, as a program or as a test.
func (r *run) build(arch, out, pkg string, test bool) error {
	if slices.Contains(r.files, out) {
		return nil
	}
	args := []string{"build", "-trimpath", "-o", filepath.Join(r.dir, out)}
	if test {
		args = []string{"test", "-c", "-o", filepath.Join(r.dir, out)}
	}
	cmd := exec.Command("go", append(args, pkg)...)
	cmd.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	if text, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w\n%s", cmd, err, text)
	}
	r.files = append(r.files, out)
	return nil
}

func (r *run) addTests() error {
	for _, pkg := range []string{"tracer", "forkexec"} {
		if err := r.build(r.arch, pkg+".test", "./"+pkg, true); err != nil {
			return err
		}
	}
	if r.narrow != "" {
		if err := r.build(r.narrow, "narrow", "./testdata/prog/abi", false); err != nil {
			return err
		}
		r.script.WriteString("export STRAIT_NARROW=$PWD/narrow\n")
	}
	if err := r.build(r.arch, "strait", "./cmd/strait", false); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(r.dir, "smoke.sh"), smoke, 0o644); err != nil {
		return err
	}
	r.files = append(r.files, "smoke.sh")
	// Emulated, the tracer's tests take longer than a test's usual ten minutes: the guest's time is what bounds them, of
	// which some is left, so that a test that hangs says where.
	fmt.Fprintf(&r.script, "check sh smoke.sh ./strait\nfor t in forkexec tracer; do check ./$t.test -test.short -test.timeout %s; done\n", r.timeout*3/4)
	return nil
}

func (r *run) addSamples() error {
	if err := r.build(r.arch, "strait", "./cmd/strait", false); err != nil {
		return err
	}
	if err := r.build(r.arch, "compare", "./internal/cmd/compare", false); err != nil {
		return err
	}
	sources, err := filepath.Glob("testdata/prog/calls/*.c")
	if err != nil {
		return err
	}
	for _, a := range r.abis {
		if !r.comparable(a, "samples") {
			continue
		}
		for _, src := range sources {
			if err := r.addSample(a, src); err != nil {
				return err
			}
		}
	}
	return nil
}

// comparable reports whether programs of an ABI can be made here and traced by a strace there, and
// says why not.
func (r *run) comparable(a abi, what string) bool {
	if _, err := exec.LookPath(a.cc[0]); err != nil {
		fmt.Printf("guest: %s: no %s of %s: %v\n", r.arch, what, a.name, err)
		return false
	}
	if a.name == "arm" && r.arm == "" {
		fmt.Printf("guest: %s: no %s of arm: -arm names no strace that knows its structures\n", r.arch, what)
		return false
	}
	return true
}

// strace is the strace for programs of an ABI, in the guest.
func (r *run) strace(a abi) string {
	if a.name == "arm" {
		return "./arm/strace"
	}
	return "strace"
}

// addStraces copies the strace that Debian's package for the guest is not.
func (r *run) addStraces() error {
	if r.arch != "arm64" || r.arm == "" {
		return nil
	}
	r.files = append(r.files, "arm")
	return os.CopyFS(filepath.Join(r.dir, "arm"), os.DirFS(r.arm))
}

// addTables adds the tables of calls, where only the machine itself makes calls of the ABI.
func (r *run) addTables() error {
	if r.arch == "amd64" {
		return nil
	}
	tables, err := filepath.Glob("testdata/prog/tables/" + r.tables + ".calls")
	if err != nil || len(tables) == 0 {
		return fmt.Errorf("-tables %s: no such tables: %w", r.tables, err)
	}
	if err := os.Mkdir(filepath.Join(r.dir, "tables"), 0o755); err != nil {
		return err
	}
	for _, name := range tables {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(r.dir, "tables", filepath.Base(name)), text, 0o644); err != nil {
			return err
		}
	}
	r.files = append(r.files, "tables")
	for out, pkg := range map[string]string{"calls": "./internal/cmd/calls", "strait": "./cmd/strait"} {
		if err := r.build(r.arch, out, pkg, false); err != nil {
			return err
		}
	}
	for _, a := range r.abis {
		if !r.comparable(a, "tables") {
			continue
		}
		dir := "run-" + a.name
		if err := os.Mkdir(filepath.Join(r.dir, dir), 0o755); err != nil {
			return err
		}
		r.files = append(r.files, dir)
		if err := runner.Build(a.cc, "testdata/prog/tables/run.c", filepath.Join(r.dir, dir)); err != nil {
			return err
		}
		fmt.Fprintf(&r.script, "for t in tables/*.calls; do check taskset 1 ./calls -abi %s -strace %s -run ./%s/run -n 20 -variants ,Xverbose -sample 4 $t; done\n", a.name, r.strace(a), dir)
		fmt.Fprintf(&r.script, "check taskset 1 ./calls -abi %s -strace %s -strait ./strait -run ./%s/run -n 20 -sample 2 tables/*.calls\n", a.name, r.strace(a), dir)
	}
	return nil
}

// addSample compiles a sample. One whose headers lack something is left out, which is
// said.
func (r *run) addSample(a abi, src string) error {
	out := strings.TrimSuffix(filepath.Base(src), ".c") + "-" + a.name
	missing, err := r.missingCalls(src)
	if err != nil {
		return err
	}
	args := append(append([]string{}, a.cc[1:]...), "-w", "-static", "-include", missing, "-o", filepath.Join(r.dir, out), src)
	if text, err := exec.Command(a.cc[0], args...).CombinedOutput(); err != nil {
		fmt.Printf("guest: %s: %s is left out: %s\n", r.arch, out, firstError(text))
		return nil
	}
	r.files = append(r.files, out)
	fmt.Fprintf(&r.script, "check taskset 1 ./compare -strace %s -x -f -- ./%s\n", r.strace(a), out)
	return nil
}

var callNumber = regexp.MustCompile(`\bSYS_\w+`)

// missingCalls writes a header by which calls that an ABI does not have get a number
// that no call has.
func (r *run) missingCalls(src string) (string, error) {
	text, err := os.ReadFile(src)
	if err != nil {
		return "", err
	}
	header := bytes.NewBufferString("#include <sys/syscall.h>\n")
	for _, name := range callNumber.FindAll(text, -1) {
		fmt.Fprintf(header, "#ifndef %[1]s\n#define %[1]s 4000\n#endif\n", name)
	}
	file := filepath.Join(r.dir, "missing.h")
	return file, os.WriteFile(file, header.Bytes(), 0o644)
}

// firstError returns the line of a compiler's output that says what is wrong.
func firstError(text []byte) string {
	first, _, _ := strings.Cut(string(text), "\n")
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, "error:") {
			return strings.TrimSpace(line)
		}
	}
	return first
}

func (r *run) boot() error {
	args := []string{"--deb", "strace", "--timeout", strconv.Itoa(int(r.timeout.Seconds()))}
	if r.suite != "" {
		args = append(args, "--suite", r.suite)
	}
	if r.kernel != "" {
		args = append(args, "--append", r.kernel)
	}
	args = append(append(append(args, r.arch), r.files...), "--", "sh", "run.sh")
	cmd := exec.Command(r.guest, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = r.dir, os.Stdout, os.Stderr
	err := cmd.Run()
	var status *exec.ExitError
	if errors.As(err, &status) && status.ExitCode() == 1 {
		return errFailed
	}
	return err
}
