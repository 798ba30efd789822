package enforce

import (
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// performConnect connects the thread's socket to the address that was judged. A
// path is gone by its object: the socket that the walk came to. The other side of
// a Unix domain socket sees the user and the groups of the thread, but the process
// is the supervisor (SO_PEERCRED).
func performConnect(w *worker) {
	c := &w.net
	m := &c.msgs[0]
	to := m.name
	if c.path(m) != "" {
		if m.at.fd < 0 {
			w.refuse(m.at.err)
			return
		}
		to = unixAddress(self(m.at.fd))
	}
	w.netlinkName()
	do := func() (int, error) { return 0, rawConnect(c.fd, to) }
	if !c.blocking || c.typ == unix.SOCK_DGRAM || c.typ == unix.SOCK_RAW {
		_, err := do()
		w.result(err)
		return
	}
	if !w.handOver() {
		w.refuse(unix.EAGAIN)
		return
	}
	_, err := w.patiently(do)
	w.result(c.interrupted(err))
}

// interrupted is what a call that waited for a socket returns: one with a time-out
// is not made anew after a signal (sock_intr_errno).
func (c *netCall) interrupted(err error) error {
	if !errors.Is(err, restartSys) {
		return err
	}
	tv, e := unix.GetsockoptTimeval(c.fd, unix.SOL_SOCKET, unix.SO_SNDTIMEO)
	if e == nil && (tv.Sec != 0 || tv.Usec != 0) {
		return unix.EINTR
	}
	return err
}

// rawConnect is connect(2) with an address as it is in memory.
func rawConnect(fd int, to []byte) error { return withAddress(unix.SYS_CONNECT, fd, to) }

func rawBind(fd int, to []byte) error { return withAddress(unix.SYS_BIND, fd, to) }

func withAddress(call uintptr, fd int, to []byte) error {
	var p unsafe.Pointer
	if len(to) > 0 {
		p = unsafe.Pointer(&to[0])
	}
	if _, _, e := unix.Syscall(call, uintptr(fd), uintptr(p), uintptr(len(to))); e != 0 {
		return e
	}
	return nil
}
