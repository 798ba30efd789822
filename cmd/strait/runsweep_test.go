package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// What /proc/PID/stat says is read right, whatever the program is called.
func TestStatFields(t *testing.T) {
	master, slave, err := pty.Open()
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	defer master.Close()
	defer slave.Close()
	var st unix.Stat_t
	if err := unix.Fstat(int(slave.Fd()), &st); err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(t.TempDir(), "x) S 1 (y")
	cat, err := exec.LookPath("cat")
	if err != nil {
		t.Skip(err)
	}
	if err := os.Symlink(cat, name); err != nil {
		t.Fatal(err)
	}
	for _, terminal := range []bool{true, false} {
		c := exec.Command(name)
		c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
		if terminal {
			c.Stdin, c.SysProcAttr.Setctty = slave, true
		} else if _, err := c.StdinPipe(); err != nil {
			t.Fatal(err)
		}
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		children, err := childrenOf(os.Getpid())
		if err != nil || !slices.Contains(children, c.Process.Pid) {
			t.Errorf("children %v, %v, want %d among them", children, err, c.Process.Pid)
		}
		others, err := childrenOf(c.Process.Pid)
		if err != nil || len(others) != 0 {
			t.Errorf("children of a program without any: %v, %v", others, err)
		}
		want := 0
		if terminal {
			want = int(unix.Major(st.Rdev)<<8 | unix.Minor(st.Rdev)&0xff | unix.Minor(st.Rdev)&^0xff<<12)
		}
		if got := terminalOf(strconv.Itoa(c.Process.Pid)); got != want {
			t.Errorf("terminal %#x, want %#x", got, want)
		}
		if err := c.Process.Kill(); err != nil {
			t.Error(err)
		}
		_ = c.Wait()
	}
}
