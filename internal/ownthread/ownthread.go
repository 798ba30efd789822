// Package ownthread starts functions on threads that end with them, for what a thread
// cannot undo: that it entered a namespace, or has a filter. It is not for what only
// has to stay on one thread; that is runtime.LockOSThread.
package ownthread

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// Go starts f on a thread of its own, which ends when f returns. It is never the first
// thread of the process: the Go runtime keeps that one for ever, so /proc/self would
// tell of f's namespaces, identity and directories from then on (proc(5)).
func Go(f func()) {
	go func() {
		runtime.LockOSThread() // and never unlocked, unless it is the first
		if unix.Gettid() != os.Getpid() {
			f()
			return
		}
		started := make(chan struct{})
		go func() {
			runtime.LockOSThread() // another one, since the first is taken
			close(started)
			f()
		}()
		<-started
		runtime.UnlockOSThread()
	}()
}
