package tracer

import (
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// tickSignal ends a wait4 that blocks. Nobody else gets it: the timer sends it to
// the tracer's thread.
const tickSignal = syscall.Signal(62)

// A ticker is a timer of the kernel's (timer_create(2)) that interrupts the
// tracer's thread again and again while it is wound. Once would not do: a tick
// may come just before the wait.
type ticker struct {
	id    int32
	made  bool
	wound bool
}

// sigevent is struct sigevent (include/uapi/asm-generic/siginfo.h).
type sigevent struct {
	_      uintptr // value
	signo  int32
	notify int32
	tid    int32
	_      [64 - 12 - unsafe.Sizeof(uintptr(0))]byte
}

const (
	sigevThreadID = 4
	saRestart     = 0x10000000
)

// wind has the thread interrupted every d from now on.
func (c *ticker) wind(d time.Duration) syscall.Errno {
	if c.wound {
		return 0
	}
	if !c.made {
		if e := c.make(); e != 0 {
			return e
		}
	}
	e := c.set(d)
	c.wound = e == 0
	return e
}

// stop sees to it that no interruption comes any more.
func (c *ticker) stop() {
	if c.wound {
		c.wound = false
		_ = c.set(0)
	}
}

func (c *ticker) set(d time.Duration) syscall.Errno {
	spec := unix.ItimerSpec{Value: unix.NsecToTimespec(d.Nanoseconds())}
	spec.Interval = spec.Value
	_, _, e := syscall.RawSyscall6(unix.SYS_TIMER_SETTIME, uintptr(c.id), 0, uintptr(unsafe.Pointer(&spec)), 0, 0, 0)
	return e
}

// make makes the timer. The runtime's handler, which takes no notice of a signal
// that nobody asked for, stays; but it was installed with SA_RESTART, by which
// wait4 would go on as if nothing had been.
func (c *ticker) make() syscall.Errno {
	var act sigaction
	if e := rtSigaction(tickSignal, nil, &act); e != 0 {
		return e
	}
	act.flags &^= saRestart
	if e := rtSigaction(tickSignal, &act, nil); e != 0 {
		return e
	}
	ev := sigevent{signo: int32(tickSignal), notify: sigevThreadID, tid: int32(unix.Gettid())}
	_, _, e := syscall.RawSyscall(unix.SYS_TIMER_CREATE, unix.CLOCK_MONOTONIC,
		uintptr(unsafe.Pointer(&ev)), uintptr(unsafe.Pointer(&c.id)))
	c.made = e == 0
	return e
}

// close deletes the timer.
func (c *ticker) close() {
	if c.made {
		c.made, c.wound = false, false
		_, _, _ = syscall.RawSyscall(unix.SYS_TIMER_DELETE, uintptr(c.id), 0, 0)
	}
}
