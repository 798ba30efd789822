package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"strait/forkexec"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	testscript.Main(tests{m}, testPrograms)
}

// testPrograms are what the test binary is, too, by the name that it is started by.
var testPrograms = map[string]func(){
	"strait":     func() { os.Exit(straitMain(os.Args, os.Stdout, os.Stderr)) },
	"threadexec": threadExec,
}

// threadExec becomes true(1) by an execve of a thread that is not the first.
func threadExec() {
	go func() {
		runtime.LockOSThread() // main has the first thread
		err := unix.Exec("/bin/true", []string{"true"}, nil)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}()
	select {}
}

// tests are all tests, in a process that hands nothing on of what it inherited:
// programs under test show which descriptors are open and which signals ignored.
type tests struct{ m *testing.M }

func (t tests) Run() int {
	if err := unix.CloseRange(3, ^uint(0), unix.CLOSE_RANGE_CLOEXEC); err != nil && err != unix.ENOSYS {
		fmt.Fprintln(os.Stderr, "close_range:", err)
	}
	ignored := stillIgnored()
	for sig := 1; sig <= 64; sig++ {
		if ignored>>(sig-1)&1 != 0 {
			(&sigaction{}).set(sig)
		}
	}
	return t.m.Run()
}

// builtStrait builds the program as it is, not as a part of the tests.
func builtStrait(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "strait")
	if out, err := exec.Command("go", "build", "-buildvcs=false", "-o", path, ".").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// haveUserNS says whether this user may have namespaces, and mounts in them.
func haveUserNS() bool {
	p, err := forkexec.Start(&forkexec.Cmd{
		Path: "/bin/true", Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		Mounts: []forkexec.Mount{{Type: "proc", Target: "/proc"}},
	})
	if err != nil {
		return false
	}
	_, err = p.Wait()
	return err == nil
}

// TestScripts runs the command lines of testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "userns":
				return haveUserNS(), nil
			}
			_, err := exec.LookPath(cond)
			return err == nil, nil
		},
	})
}
