package tracer

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"strait/forkexec"
	"strait/syscalls"
)

// build builds testdata/prog/abi for an architecture, unless $STRAIT_NARROW is
// where it is already: there may be no Go here.
func build(t *testing.T, arch string) string {
	t.Helper()
	if exe := os.Getenv("STRAIT_NARROW"); exe != "" {
		return exe
	}
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("no go command to build a program with")
	}
	exe := filepath.Join(t.TempDir(), "abi")
	c := exec.Command("go", "build", "-buildvcs=false", "-o", exe, "../testdata/prog/abi")
	c.Env = append(os.Environ(), "GOARCH="+arch, "CGO_ENABLED=0")
	if out, err := c.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return exe
}

// Programs of both widths, started by a program of the tracer's.
func TestNarrowProgram(t *testing.T) {
	arch, abi, closeNr := "386", syscalls.I386, uint64(6)
	switch runtime.GOARCH {
	case "amd64":
		needI386(t)
	case "arm64":
		arch, abi = "arm", syscalls.ARM
	default:
		t.Skip("this machine has one ABI")
	}
	exe := build(t, arch)
	for _, opt := range []Options{{}, {noSyscallInfo: true}} {
		tr := newTracer(t, opt)
		p, err := tr.Start(&forkexec.Cmd{Path: exe})
		if err != nil {
			t.Fatal(err)
		}
		marks, status := 0, -1
		each(t, tr, func(s *Stop) {
			if s.Kind == SyscallEnter && s.Event.ABI.ID == abi && s.Event.Nr == closeNr && s.Event.Args[0] == markArg+1 {
				marks++
				s.Do(Action{Skip: true, Result: -77})
			}
			if s.Kind == SyscallExit && s.Event.Nr == closeNr && s.Event.Args[0] == markArg+1 && (s.Event.Ret != -77 || s.Event.Errno != 77) {
				t.Errorf("result %d, errno %d", s.Event.Ret, s.Event.Errno)
			}
			if s.Kind == Exited {
				status = s.Event.Status
			}
		})
		p.Release()
		if marks != 1 || status != 77 {
			t.Errorf("%+v: %d marks, status %d", opt, marks, status)
		}
	}
}
