package enforce

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

// The requests of a listener (include/uapi/linux/seccomp.h).
const (
	notifRecv     = 0xc0502100
	notifSend     = 0xc0182101
	notifIDValid  = 0x40082102
	notifAddFD    = 0x40182103
	notifSetFlags = 0x40082104

	syncWakeUp   = 1      // SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP, Linux 6.6
	killableRecv = 1 << 5 // SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, Linux 5.19
	goOn         = 1      // SECCOMP_USER_NOTIF_FLAG_CONTINUE
)

// A notification is struct seccomp_notif.
type notification struct {
	id    uint64
	pid   uint32 // of the thread
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// A response is struct seccomp_notif_resp.
type response struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// An addFD is struct seccomp_notif_addfd.
type addFD struct {
	id       uint64
	flags    uint32
	src      uint32
	new      uint32
	newFlags uint32
}

// A listener is where the notifications of a program come, and the goroutines
// that answer them.
type listener struct {
	e       *Enforcer
	fd      int
	closing atomic.Bool
	workers sync.WaitGroup
	mu      sync.Mutex
	threads map[int]struct{} // of the workers
	failed  error
}

// serving is how many workers wait for notifications at a time. One that is about
// to do what may take long starts another in its place.
const serving = 2

func (e *Enforcer) listen(fd int) *listener {
	l := &listener{e: e, fd: fd, threads: map[int]struct{}{}}
	// An older kernel wakes the program on another CPU, and that is all.
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(fd), notifSetFlags, syncWakeUp)
	for range serving {
		l.hire()
	}
	return l
}

func (l *listener) hire() {
	l.workers.Add(1)
	go newWorker(l).work()
}

func (l *listener) ioctl(request uintptr, arg unsafe.Pointer) unix.Errno {
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(l.fd), request, uintptr(arg))
	return e
}

// valid reports whether somebody still waits for the answer to a notification.
func (l *listener) valid(id uint64) bool { return l.ioctl(notifIDValid, unsafe.Pointer(&id)) == 0 }

// enter and leave keep the threads of the workers, for close.
func (l *listener) enter(tid int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.threads[tid] = struct{}{}
}

func (l *listener) leave(tid int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.threads, tid)
	l.failed = errors.Join(l.failed, err)
}

// close ends the workers, when nobody is left whom they serve.
func (l *listener) close() error {
	l.closing.Store(true)
	l.interruptAll()
	l.workers.Wait()
	unix.Close(l.fd)
	return l.failed
}

// callEvent fills in the event of a notified call as a tracer would.
func (n *notification) event(ev *syscalls.Event, t *task, mono, wall int64) error {
	ev.Reset()
	ev.Kind = syscalls.EventCall
	ev.TID, ev.PID, ev.Mono, ev.Wall = t.tid, t.pid, mono, wall
	ev.IP, ev.Args = n.ip, n.args
	ev.ABI, ev.Nr = abiOf(n.arch, uint64(uint32(n.nr)))
	if ev.ABI == nil {
		return fmt.Errorf("notification: no ABI %#x", n.arch)
	}
	ev.Call = ev.ABI.Call(ev.Nr)
	return nil
}

// abiOf says how a call was made; x32 shares amd64's audit number.
func abiOf(audit uint32, nr uint64) (*syscalls.ABI, uint64) {
	if audit == unix.AUDIT_ARCH_X86_64 && nr&syscalls.X32Bit != 0 {
		return syscalls.ByID(syscalls.X32), nr &^ syscalls.X32Bit
	}
	for id := range syscalls.NumABI {
		if abi := syscalls.ByID(id); abi.Audit == audit && id != syscalls.X32 {
			return abi, nr
		}
	}
	return nil, nr
}

// interruptSignal is sent to a thread of ours that is in a system call, to end
// that. Go does nothing upon it; that it restarts nothing is for us to say.
const interruptSignal = syscall.Signal(62)

// interrupting lets interruptSignal end system calls: Go asks for all to be
// restarted (SA_RESTART).
var interrupting = sync.OnceValue(func() error {
	var act struct {
		handler  uintptr
		flags    uintptr
		restorer uintptr
		mask     uint64
	}
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(interruptSignal), 0, uintptr(unsafe.Pointer(&act)), 8, 0, 0); e != 0 {
		return fmt.Errorf("rt_sigaction: %w", e)
	}
	const restart = 0x10000000 // SA_RESTART
	act.flags &^= restart
	if _, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(interruptSignal), uintptr(unsafe.Pointer(&act)), 0, 8, 0, 0); e != 0 {
		return fmt.Errorf("rt_sigaction: %w", e)
	}
	return nil
})
