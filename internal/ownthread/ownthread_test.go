package ownthread

import (
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// TestGo: functions run on threads that nothing runs on afterwards, and never on the
// first one, which is free here for any goroutine.
func TestGo(t *testing.T) {
	seen := map[int]bool{}
	for range 500 {
		tid := make(chan int)
		Go(func() { tid <- unix.Gettid() })
		seen[<-tid] = true
		runtime.Gosched()
	}
	if seen[os.Getpid()] {
		t.Error("one ran on the first thread")
	}
	for range 500 {
		tid := make(chan int)
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			tid <- unix.Gettid()
		}()
		if id := <-tid; seen[id] {
			t.Fatalf("a goroutine ran on thread %d, which one had before", id)
		}
	}
}
