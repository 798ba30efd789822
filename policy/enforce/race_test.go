package enforce

import (
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"unsafe"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// TestPathRace: a thread that changes the path between judgement and use gets
// forbidden files when nobody watches, and none under the policy.
func TestPathRace(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	dir := tree(t)
	opens := 60_000
	if testing.Short() {
		opens = 3_000
	}
	c := program(t, "race", dir, strconv.Itoa(opens))
	winsAlone(t, c)
	got := under(t, Options{Policy: broad(t, dir)}, c)
	if want := fmt.Sprintf("0 of %d\n", opens); got.out != want || got.status != 0 {
		t.Errorf("got %q, status %#x, want %q", got.out, int(got.status), want)
	}
	if got.result.Denied == 0 {
		t.Error("nothing was denied: the race was not run")
	}
}

// winsAlone runs an attack without strait until it wins.
func winsAlone(t testing.TB, c *forkexec.Cmd) {
	t.Helper()
	for range 50 { // the machine may have other things to do
		native := exec.Command(c.Path, c.Args[1:]...)
		native.Env = c.Env
		out, err := native.CombinedOutput()
		if err != nil {
			t.Fatal(err, string(out))
		}
		if !strings.HasPrefix(string(out), "0 of") {
			return
		}
	}
	t.Fatal("without strait the attack does not win")
}

// raceProgram opens a path that another thread flips between a public file and a
// secret one, and says how often it could read the secret.
func raceProgram(args []string) {
	open, secret := args[0]+"/open/file\x00\x00", args[0]+"/secret/key\x00"
	path := make([]byte, max(len(open), len(secret)))
	copy(path, open)
	var done atomic.Bool
	go func() {
		runtime.LockOSThread()
		for !done.Load() {
			copy(path, secret)
			copy(path, open)
		}
	}()
	n, _ := strconv.Atoi(args[1])
	won := 0
	at := unix.AT_FDCWD
	for range n {
		fd, _, e := unix.Syscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), unix.O_RDONLY, 0, 0, 0)
		if e != 0 {
			continue
		}
		var b [6]byte
		if k, _ := unix.Read(int(fd), b[:]); k == 6 && string(b[:]) == "SECRET" {
			won++
		}
		unix.Close(int(fd))
	}
	done.Store(true)
	fmt.Fprintf(os.Stdout, "%d of %d\n", won, n)
}
