package enforce

import (
	"encoding/binary"
	"errors"
	"unsafe"

	"golang.org/x/sys/unix"
)

// sendMost is how much one message can have. More is more than any datagram, and a
// stream takes a part.
const sendMost = 16 << 20

func performSendto(w *worker) {
	ev := &w.ev
	m := &w.net.msgs[0]
	var data []byte
	err := w.asSelf(func() error {
		var e unix.Errno
		if data, e = w.bulk(nil, ev.Arg(1), ev.Arg(2)); e != 0 {
			return e
		}
		return nil
	})
	if err != nil {
		w.refuse(errno(err))
		return
	}
	n, err := w.sendMessage(m, data, nil, uint32(ev.Arg(3)))
	w.sent(n, err)
}

func performSendmsg(w *worker) {
	n, err := w.sendOne(&w.net.msgs[0], uint32(w.ev.Arg(2)))
	w.sent(n, err)
}

// performSendmmsg sends one message after the other, until one fails: that is told
// of only if it is the first (sendmmsg(2)).
func performSendmmsg(w *worker) {
	count := 0
	for i := range w.net.msgs {
		m := &w.net.msgs[i]
		n, err := w.sendOne(m, uint32(w.ev.Arg(3)))
		if err != nil && count == 0 {
			w.sent(0, err)
			return
		}
		if err != nil {
			break
		}
		var b [4]byte
		binary.NativeEndian.PutUint32(b[:], uint32(n))
		_ = w.asSelf(func() error {
			w.mem.WriteMemory(m.head+uint64(unsafe.Offsetof(mmsghdr{}.len)), b[:])
			return nil
		})
		count++
	}
	w.reply(int64(count))
}

// sendOne sends a message of sendmsg.
func (w *worker) sendOne(m *message, flags uint32) (int, error) {
	var data, control []byte
	err := w.asSelf(func() error {
		var e unix.Errno
		if data, e = w.gather(&m.hdr); e != 0 {
			return e
		}
		if control, e = w.takeControl(&m.hdr); e != 0 {
			return e
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return w.sendMessage(m, data, control, flags)
}

// sent answers with what sending came to.
func (w *worker) sent(n int, err error) {
	if err != nil {
		w.refuse(errno(err))
		return
	}
	w.reply(int64(n))
}

// piece is struct iovec, of the program's memory.
type piece struct{ base, len uintptr }

// gather copies what a message consists of.
func (w *worker) gather(h *msghdr) ([]byte, unix.Errno) {
	if h.iovlen > iovMost {
		return nil, unix.EMSGSIZE
	}
	if h.iovlen == 0 {
		return nil, 0
	}
	iov := make([]piece, h.iovlen)
	raw := unsafe.Slice((*byte)(unsafe.Pointer(&iov[0])), len(iov)*int(unsafe.Sizeof(iov[0])))
	if w.mem.ReadMemory(uint64(h.iov), raw) != len(raw) {
		return nil, unix.EFAULT
	}
	var data []byte
	for i := range iov {
		var e unix.Errno
		if data, e = w.bulk(data, uint64(iov[i].base), uint64(iov[i].len)); e != 0 {
			return nil, e
		}
	}
	return data, 0
}

// bulk appends a piece of the program's memory.
func (w *worker) bulk(dst []byte, addr, size uint64) ([]byte, unix.Errno) {
	if room := uint64(sendMost - len(dst)); size > room {
		if w.net.typ != unix.SOCK_STREAM {
			return nil, unix.EMSGSIZE
		}
		size = room
	}
	n := len(dst)
	dst = append(dst, make([]byte, size)...)
	if w.mem.readBulk(addr, dst[n:]) != int(size) {
		return nil, unix.EFAULT
	}
	return dst, 0
}

// sendMessage sends a copy. A datagram to a path goes to the object.
func (w *worker) sendMessage(m *message, data, control []byte, flags uint32) (int, error) {
	c := &w.net
	to := m.name
	if c.path(m) != "" {
		if m.at.fd < 0 {
			return 0, m.at.err
		}
		to = unixAddress(self(m.at.fd))
	}
	if flags&unix.MSG_ZEROCOPY != 0 {
		return 0, unix.ENOBUFS // who asks for it must be ready for that
	}
	if to != nil {
		w.netlinkName()
	}
	n, err := w.transmit(m, to, data, control, int(flags)|unix.MSG_NOSIGNAL)
	if errors.Is(err, unix.EPIPE) && c.typ == unix.SOCK_STREAM && flags&unix.MSG_NOSIGNAL == 0 {
		_ = unix.Tgkill(w.t.pid, w.t.tid, unix.SIGPIPE)
	}
	return n, err
}

// transmit sends at once what can be sent so, and else waits as the program would.
func (w *worker) transmit(m *message, to, data, control []byte, flags int) (int, error) {
	c := &w.net
	send := func(flags int) (int, error) {
		if c.domain == unix.AF_UNIX {
			return w.speak(m, to, data, control, flags)
		}
		return rawSendmsg(c.fd, to, data, control, flags)
	}
	n, err := send(flags | unix.MSG_DONTWAIT)
	waits := c.blocking && flags&unix.MSG_DONTWAIT == 0
	switch {
	case err == nil && n < len(data) && waits && c.typ == unix.SOCK_STREAM: // the rest waits
		data, control = data[n:], nil
	case errors.Is(err, unix.EAGAIN) && waits:
		n = 0
	default:
		return n, err
	}
	if !w.handOver() {
		if n > 0 {
			return n, nil
		}
		return 0, unix.EAGAIN
	}
	more, err := w.patiently(func() (int, error) { return send(flags) })
	if err != nil && n > 0 {
		return n, nil
	}
	return n + max(more, 0), c.interrupted(err)
}

// rawSendmsg is sendmsg(2) with an address as it is in memory.
func rawSendmsg(fd int, to, data, control []byte, flags int) (int, error) {
	var h unix.Msghdr
	if len(to) > 0 {
		h.Name, h.Namelen = &to[0], uint32(len(to))
	}
	var iov unix.Iovec
	if len(data) > 0 {
		iov.Base = &data[0]
		iov.SetLen(len(data))
	}
	h.Iov = &iov
	h.SetIovlen(1)
	if len(control) > 0 {
		h.Control = &control[0]
		h.SetControllen(len(control))
	}
	n, _, e := unix.Syscall(unix.SYS_SENDMSG, uintptr(fd), uintptr(unsafe.Pointer(&h)), uintptr(flags))
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}
