// Command gochain walks a known chain of calls and raises SIGWINCH at its end,
// where a tracer stops it.
package main

import (
	"os"
	"runtime"
	"syscall"
)

type thing struct{ n int }

//go:noinline
func stopHere() {
	runtime.LockOSThread() // in init: the goroutine is on the first thread
	_ = syscall.Tgkill(os.Getpid(), os.Getpid(), syscall.SIGWINCH)
}

//go:noinline
func inner(n int) int {
	if n == 0 {
		stopHere()
		return 1
	}
	return inner(n-1) + 1
}

//go:noinline
func (t *thing) method(f func(int) int) int { return f(t.n) }

func init() { runtime.LockOSThread() }

func main() {
	(&thing{2}).method(func(n int) int { return inner(n) })
}
