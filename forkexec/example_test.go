package forkexec_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// A program with its output taken, and what became of it.
func Example() {
	var out bytes.Buffer
	p, err := forkexec.Start(&forkexec.Cmd{
		Path: "sh", Search: "/usr/bin:/bin", Args: []string{"sh", "-c", "echo $GREETING; exit 3"},
		Env: []string{"GREETING=hello"}, Stdout: &out,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, err := p.Wait()
	fmt.Print(out.String())
	fmt.Println(r, err)
	// Output:
	// hello
	// exit status 3 <nil>
}

// An error names the step, and has the cause.
func ExampleStart_error() {
	_, err := forkexec.Start(&forkexec.Cmd{Path: "/no/such/program"})
	fmt.Println(err)
	var e *forkexec.Error
	if errors.As(err, &e) {
		fmt.Println(e.Kind, "/", e.Step, "/", errors.Is(err, unix.ENOENT))
	}
	_, err = forkexec.Start(&forkexec.Cmd{Path: "/bin/true", Hostname: "box"})
	fmt.Println(err)
	// Output:
	// exec /no/such/program: no such file or directory
	// system call / exec / true
	// check Hostname: needs CLONE_NEWUTS in Namespaces
}

// A limit ends the child, and all that it started, and the result says which.
func ExampleLimits() {
	p, err := forkexec.Start(&forkexec.Cmd{
		Path: "sleep", Search: "/usr/bin:/bin", Args: []string{"sleep", "1000"},
		Limits: forkexec.Limits{Wall: 50 * time.Millisecond},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	r, _ := p.Wait()
	fmt.Println(r)
	// Output: signal 9 (killed): limit on wall time hit
}

// Sync runs when the child is isolated and about to be started: here it may
// still be stopped.
func ExampleCmd_sync() {
	_, err := forkexec.Start(&forkexec.Cmd{
		Path: "/bin/true",
		Sync: func(pid int) error { return errors.New("not today") },
	})
	fmt.Println(err)
	// Output: sync: not today
}

// An ordinary user's container: a root of its own with nothing but /usr, read-only,
// no network, and process 1.
func ExampleCmd_container() {
	id := func(n int) []forkexec.IDMap { return []forkexec.IDMap{{Outside: uint32(n), Count: 1}} }
	var out strings.Builder
	p, err := forkexec.Start(&forkexec.Cmd{
		Path: "/bin/sh", Args: []string{"sh", "-c", "id -u; ls /"}, Env: []string{"PATH=/bin"}, Dir: "/",
		Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
		UIDMap:     id(os.Geteuid()), GIDMap: id(os.Getegid()),
		Init: true,
		Mounts: []forkexec.Mount{
			{Type: "tmpfs", Target: "/", Options: "size=1m"},
			{Type: "bind", Source: "/usr", Target: "/usr", Options: "ro"},
			{Type: "symlink", Source: "usr/bin", Target: "/bin"},
			{Type: "symlink", Source: "usr/lib", Target: "/lib"},
			{Type: "symlink", Source: "usr/lib64", Target: "/lib64"},
			{Type: "proc", Target: "/proc"},
		},
		ReadonlyRoot: true,
		NoNewPrivs:   true,
		Stdout:       &out,
	})
	if err != nil {
		fmt.Println(err) // user namespaces are not for everybody, everywhere
		return
	}
	r, err := p.Wait()
	fmt.Println(out.String(), r, err)
}
