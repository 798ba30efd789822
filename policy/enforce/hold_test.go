package enforce

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// TestDeathOfSupervisor: who kills the supervisor kills all that it holds, also what
// has a session of its own.
func TestDeathOfSupervisor(t *testing.T) {
	dir := tree(t)
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, dir)
	c.Env = append(os.Environ(), "STRAIT_TEST_PROGRAM=supervisor")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	defer c.Wait()
	defer c.Process.Kill()
	var fds []unix.PollFd
	for lines := bufio.NewScanner(out); len(fds) < 3 && lines.Scan(); {
		pid, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			t.Fatal(err)
		}
		fd, err := unix.PidfdOpen(pid, 0)
		if err != nil {
			t.Fatal(err)
		}
		defer unix.Close(fd)
		fds = append(fds, unix.PollFd{Fd: int32(fd), Events: unix.POLLIN})
	}
	if len(fds) != 3 {
		t.Fatalf("%d processes", len(fds))
	}
	if n, err := unix.Poll(fds, 0); n != 0 || err != nil {
		t.Fatalf("%d processes are gone before: %v", n, err)
	}
	c.Process.Kill()
	for i := range fds {
		n, err := unix.Poll(fds[i:i+1], 60_000)
		for errors.Is(err, unix.EINTR) {
			n, err = unix.Poll(fds[i:i+1], 60_000)
		}
		if n != 1 || err != nil {
			t.Errorf("process %d is alive: %v", i, err)
		}
	}
}

// supervisorProgram holds a shell with two children to a policy; each says who it is.
func supervisorProgram(args []string) {
	p, err := loadText(broadText(args[0]))
	if err != nil {
		fmt.Println(err)
		return
	}
	e, err := New(Options{Policy: p})
	if err != nil {
		fmt.Println(err)
		return
	}
	c := shell("echo $$; (echo $(exec sh -c 'echo $PPID'); exec sleep 1000) & setsid sh -c 'echo $$; exec sleep 1000' & wait")
	c.Files = []int{0, 1, 2}
	if _, err := e.Start(c); err != nil {
		fmt.Println(err)
		return
	}
	_, _ = e.Run(context.Background())
}

// TestDescriptors: the program has those that it was given and no more.
func TestDescriptors(t *testing.T) {
	native, err := exec.Command("/bin/sh", "-c", "ls /proc/self/fd").Output()
	if err != nil {
		t.Fatal(err)
	}
	if got := sh(t, broad(t, tree(t)), "ls /proc/self/fd"); got.out != string(native) {
		t.Errorf("%v, without strait %q", &got, native)
	}
}

// TestOtherUsers: threads of several users are served in turn, also by one who has
// served another before.
func TestOtherUsers(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root becomes others")
	}
	setpriv, err := exec.LookPath("setpriv")
	if err != nil {
		t.Skip(err)
	}
	dir := tree(t)
	if err := os.Chmod(dir+"/open", 0o777); err != nil {
		t.Fatal(err)
	}
	script := "cd " + dir + "; for i in 1 2 3 4 5 6 7 8; do " + setpriv +
		" --reuid 65534 --regid 65534 --clear-groups sh -c 'read x <open/file && echo $x && echo >open/his'; read x <open/file && echo $x; done; rm open/his"
	got := sh(t, broad(t, dir), script)
	if got.out != strings.Repeat("public\n", 16) || got.status != 0 {
		t.Error(&got)
	}
}
