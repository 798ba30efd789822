package enforce

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// TestSlowObjects: calls that wait where none was expected to, at files that others
// hold leases of, do not keep those of other processes waiting.
func TestSlowObjects(t *testing.T) {
	if !notifications() {
		t.Skip("the kernel has no notifications that give descriptors (Linux 5.9)")
	}
	dir := tree(t)
	const files = 5
	var script strings.Builder
	release := make([]func(), files)
	for i := range files {
		name := filepath.Join(dir, "open", fmt.Sprint("leased", i))
		if err := os.WriteFile(name, []byte("leased\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		// Not by os.Open: that would have the descriptor be polled.
		fd, err := unix.Open(name, unix.O_RDWR|unix.O_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		release[i] = func() { unix.Close(fd) }
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_SETLEASE, unix.F_WRLCK); err != nil {
			unix.Close(fd)
			t.Skip("no leases on this file system: ", err)
		}
		fmt.Fprintf(&script, "cat %s &\n", name)
	}
	// When all of them wait, one that need not.
	at := filepath.Join(dir, "open", "done")
	fmt.Fprintf(&script, "sleep 0.2; cat %s/open/file; : >%s\nwait\n", dir, at)
	served := make(chan bool, 1)
	go func() {
		defer close(served)
		for range 2000 { // the kernel breaks leases after 45 s
			if _, err := os.Stat(at); err == nil {
				served <- true
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		for _, f := range release {
			f()
		}
	}()
	got := sh(t, broad(t, dir), script.String())
	if !<-served {
		t.Error("others waited until the leases were broken")
	}
	if want := "public\n" + strings.Repeat("leased\n", files); got.status != 0 || got.out != want {
		t.Errorf("want output %q: %s", want, got.String())
	}
}

// TestWatcher: one thread waits, others need not; what is taken wakes the watch, which
// does not doze while no thread waits.
func TestWatcher(t *testing.T) {
	var v watcher
	v.begin()
	if !v.doze() {
		t.Error("there is nothing to watch, it says")
	}
	if !v.mayWait() || v.mayWait() || v.mayWait() {
		t.Error("not one thread waits")
	}
	more := make(chan bool)
	go func() { more <- v.doze() }()
	for !v.dozing.Load() {
		time.Sleep(time.Millisecond)
	}
	v.waited()
	if !<-more {
		t.Error("a notification ended the watch")
	}
	if !v.mayWait() {
		t.Error("no thread may wait where none does")
	}
	go func() { more <- v.doze() }()
	close(v.end)
	if <-more {
		t.Error("the end did not end the watch")
	}
}
