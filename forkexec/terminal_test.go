package forkexec

import (
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// openTerminal gives both ends of a pseudo-terminal.
func openTerminal(t *testing.T) (master, slave int) {
	t.Helper()
	master, err := unix.Open("/dev/ptmx", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals: ", err)
	}
	t.Cleanup(func() { _ = unix.Close(master) })
	n, err := unix.IoctlGetInt(master, unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(master, unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	slave, err = unix.Open(fmt.Sprintf("/dev/pts/%d", n), unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skip("no pseudo-terminals: ", err)
	}
	t.Cleanup(func() { _ = unix.Close(slave) })
	return master, slave
}

// TestTerminal gives the child a session with a controlling terminal, of which
// it is the foreground; started from there once more, in a group of its own.
func TestTerminal(t *testing.T) {
	_, slave := openTerminal(t)
	zero := 0
	forms(t, func(t *testing.T, form func(*Cmd) *Cmd) {
		for _, words := range [][]string{{"tty"}, {"ttyagain"}} {
			c := form(self(t, words...))
			c.Files = []int{slave, 1, 2}
			c.Setsid, c.Ctty, c.Foreground = true, &zero, &zero
			if got := first(output(t, c)); got != "terminal true" {
				t.Errorf("%v: %q", words, got)
			}
		}
	})
}

// TestCgroupWithoutClone3: where clone3 is refused as containers do, the child
// is moved into its group before it goes on.
func TestCgroupWithoutClone3(t *testing.T) {
	dir := needCgroup(t)
	c := self(t, "cgroup="+dir)
	c.NoNewPrivs = true
	c.Seccomp = filter(unix.SYS_CLONE3, unix.SECCOMP_RET_ERRNO|uint32(unix.ENOSYS))
	if got, _ := output(t, c); !strings.Contains(got, "/forkexec-") {
		t.Errorf("in %q", got)
	}
}
