package unwind

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if _, err := exec.LookPath(name); err != nil {
		t.Skipf("no %s: %v", name, err)
	}
	if text, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %v: %v\n%s", name, args, err, text)
	}
}

// TestDebugFiles strips a program into another file and finds that, by build
// id and by the link; and does not take one that is not its own.
func TestDebugFiles(t *testing.T) {
	for name, c := range map[string]struct {
		flag string
		put  func(dir, id string) string // where the debug file goes
		want bool
	}{
		"build id":      {"-Wl,--build-id=sha1", func(dir, id string) string { return dir + "/root/.build-id/" + id[:2] + "/" + id[2:] + ".debug" }, true},
		"beside it":     {"-Wl,--build-id=none", func(dir, _ string) string { return dir + "/prog.debug" }, true},
		"in .debug":     {"-Wl,--build-id=sha1", func(dir, _ string) string { return dir + "/.debug/prog.debug" }, true},
		"by its path":   {"-Wl,--build-id=sha1", func(dir, _ string) string { return dir + "/root" + dir + "/prog.debug" }, true},
		"not its build": {"-Wl,--build-id=0x1234", func(dir, _ string) string { return dir + "/prog.debug" }, false},
		"not its sum":   {"-Wl,--build-id=none", func(dir, _ string) string { return dir + "/prog.debug" }, false},
	} {
		t.Run(name, func(t *testing.T) {
			prog := compile(t, "gcc", "chain.c", "-O2", "-g", c.flag)
			dir := filepath.Dir(prog)
			debug := dir + "/prog.debug"
			run(t, "objcopy", "--only-keep-debug", prog, debug)
			run(t, "objcopy", "--strip-all", "--add-gnu-debuglink="+debug, prog)
			to := c.put(dir, idOf(t, prog))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(debug, to); err != nil {
				t.Fatal(err)
			}
			if !c.want {
				other := compile(t, "gcc", "chain.c", "-O1", "-g", "-Wl,--build-id=0x5678")
				run(t, "objcopy", "--only-keep-debug", other, to)
			}
			p := startTraced(t, urgent, prog)
			u := Unwinder{DebugRoot: dir + "/root"}
			defer u.Close()
			frames := u.Frames(p, 0, true)
			found := slices.Contains(functions(frames, prog), "second")
			lines := strings.Contains(string(AppendStack(nil, frames, AtOnce)), "chain.c:")
			if found != c.want || lines != c.want {
				t.Errorf("names %v, lines %v, want %v:\n%s", found, lines, c.want, AppendStack(nil, frames, AtOnce))
			}
		})
	}
}

func idOf(t *testing.T, name string) string {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	return buildID(openELF(f))
}

// TestVDSO stops a program in the vDSO, at the system call made there.
func TestVDSO(t *testing.T) {
	prog := compile(t, "gcc", "vdso.c", "-O2")
	p := startTraced(t, urgent, prog)
	if !p.stepToCall(syscall.SYS_CLOCK_GETTIME) {
		t.Skip("the program made no clock_gettime call: libc or kernel does without the vDSO")
	}
	var u Unwinder
	defer u.Close()
	frames := u.Frames(p, 0, false)
	if frames[0].Module != "[vdso]" {
		t.Skipf("the call was not made in the vDSO but in %s", frames[0].Module)
	}
	if !strings.Contains(frames[0].Symbol, "clock_gettime") || frames[0].SymbolOffset == 0 {
		t.Errorf("in the vDSO at %s+%#x", frames[0].Symbol, frames[0].SymbolOffset)
	}
	if d := cmp.Diff([]string{"reads_clock", "main"}, functions(frames, prog)); d != "" {
		t.Errorf("%s\n%s", d, AppendStack(nil, frames, AtEntry))
	}
}

// stepToCall runs the program to the entry of a system call.
func (p *traced) stepToCall(nr uint64) bool {
	p.t.Helper()
	if runtime.GOARCH != "amd64" {
		p.t.Skip("reads the call's number from amd64's registers")
	}
	for range 1000 {
		if err := syscall.PtraceSyscall(p.pid, 0); err != nil {
			p.t.Fatal(err)
		}
		var status syscall.WaitStatus
		if _, err := syscall.Wait4(p.pid, &status, 0, nil); err != nil || !status.Stopped() {
			return false
		}
		set := p.registerSet()
		if loadWord(set[15*8:], 8) == nr { // orig_rax
			return true
		}
	}
	return false
}

func TestI386(t *testing.T) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "386" {
		t.Skip("not on x86")
	}
	for name, flags := range map[string][]string{
		"frame pointer":       {"-O1", "-fno-omit-frame-pointer"},
		"omit frame pointer":  {"-O2", "-fomit-frame-pointer"},
		"only frame pointers": {"-O1", "-fno-omit-frame-pointer", "-fno-asynchronous-unwind-tables"},
	} {
		t.Run(name, func(t *testing.T) {
			prog := compile(t, "gcc", "i386.c", append(flags, "-m32", "-nostdlib", "-static")...)
			p := startTraced(t, urgent, prog)
			var u Unwinder
			defer u.Close()
			frames := u.Frames(p, 0, false)
			var got []string
			for _, f := range frames[:min(4, len(frames))] {
				got = append(got, f.Symbol)
			}
			if d := cmp.Diff([]string{"stop_here", "second", "first", "_start"}, got); d != "" {
				t.Errorf("%s\n%s", d, AppendStack(nil, frames, AtOnce))
			}
		})
	}
}
