package cases

import (
	"os"
	"runtime"
)

// onOwnThread calls f on a thread that has no children and gets none but f's. A
// tracer waits for all children of its thread (__WNOTHREAD, wait(2)): those that
// os/exec started before from that thread it would take away.
func onOwnThread(f func()) {
	done := make(chan struct{})
	var try func()
	try = func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		// Where the file is not there (CONFIG_PROC_CHILDREN), nothing tells.
		if kids, err := os.ReadFile("/proc/thread-self/children"); err == nil && len(kids) > 0 {
			go try() // on another thread, since this one is taken
			<-done
			return
		}
		f()
		close(done)
	}
	go try()
	<-done
}
