package enforce

import (
	"encoding/binary"
	"os"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// controlMost is more than a socket takes of control messages (optmem_max is 128
// KiB at most in practice, and less by default).
const controlMost = 128 << 10

// takeControl copies the control messages of a message, with descriptors and ids
// as the supervisor has them.
func (w *worker) takeControl(h *msghdr) ([]byte, unix.Errno) {
	if h.control == 0 || h.controllen == 0 {
		return nil, 0
	}
	if h.controllen > controlMost {
		return nil, unix.ENOBUFS
	}
	b := make([]byte, h.controllen)
	if w.mem.readBulk(uint64(h.control), b) != len(b) {
		return nil, unix.EFAULT
	}
	for rest := b; len(rest) >= unix.SizeofCmsghdr; {
		size := controlWord(rest)
		if size < unix.SizeofCmsghdr || size > uint64(len(rest)) {
			return nil, unix.EINVAL
		}
		at := unix.SizeofCmsghdr - 8 // of level and type, behind the size
		level, typ := binary.NativeEndian.Uint32(rest[at:]), binary.NativeEndian.Uint32(rest[at+4:])
		if level == unix.SOL_SOCKET && w.net.domain == unix.AF_UNIX {
			if e := w.translate(typ, rest[unix.SizeofCmsghdr:size]); e != 0 {
				return nil, e
			}
		}
		if level == unix.SOL_IP && typ == unix.IP_RETOPTS || level == unix.SOL_IPV6 && (typ == unix.IPV6_RTHDR || typ == unix.IPV6_2292RTHDR) {
			return nil, unix.EPERM // see detours
		}
		rest = rest[min(len(rest), unix.CmsgSpace(int(size)-unix.SizeofCmsghdr)):]
	}
	return b, 0
}

// controlWord reads cmsg_len, a size_t.
func controlWord(b []byte) uint64 {
	if unix.SizeofCmsghdr == 12 {
		return uint64(binary.NativeEndian.Uint32(b))
	}
	return binary.NativeEndian.Uint64(b)
}

// translate has one control message mean to the supervisor what it means to the
// thread.
func (w *worker) translate(typ uint32, data []byte) unix.Errno {
	switch typ {
	case unix.SCM_RIGHTS:
		for ; len(data) >= 4; data = data[4:] {
			fd, err := w.res.borrow(int32(binary.NativeEndian.Uint32(data)))
			if err != nil {
				return unix.EBADF
			}
			w.net.rights = append(w.net.rights, fd)
			binary.NativeEndian.PutUint32(data, uint32(fd))
		}
	case unix.SCM_CREDENTIALS:
		if len(data) < unix.SizeofUcred || !w.speaksForItself(data) {
			return unix.EPERM
		}
		w.net.speaks = true
		binary.NativeEndian.PutUint32(data, uint32(w.senderPID()))
	}
	return 0
}

// speaksForItself reports whether credentials are the thread's own: others are for
// privileged programs (scm_check_creds, net/core/scm.c), and not passed on.
func (w *worker) speaksForItself(data []byte) bool {
	who := w.who
	pid, _ := w.res.ids()
	n := binary.NativeEndian.Uint32
	return who != nil && !who.foreign && pid == strconv.Itoa(int(n(data))) &&
		slices.Contains(who.uids[:], n(data[4:])) && slices.Contains(who.gids[:], n(data[8:]))
}

// vouches reports whether the supervisor may say of a message that another process
// sends it.
func (w *worker) vouches() bool {
	const need = 1<<unix.CAP_SYS_ADMIN | 1<<unix.CAP_SETUID | 1<<unix.CAP_SETGID
	return w.mask.own.caps&need == need
}

func (w *worker) senderPID() int {
	if w.vouches() {
		return w.t.pid
	}
	return os.Getpid()
}

// speak sends through a Unix domain socket, whose other side may ask who sends
// (SO_PASSCRED). Where the supervisor may, it says who that is; else the process
// is the supervisor, of the same user.
func (w *worker) speak(m *message, to, data, control []byte, flags int) (int, error) {
	if !w.vouches() || w.who == nil {
		return rawSendmsg(w.net.fd, to, data, control, flags)
	}
	if to != nil && m.at.fd >= 0 { // which is asked of who calls, and that changes
		if err := unix.Faccessat(m.at.fd, "", unix.W_OK, unix.AT_EACCESS|unix.AT_EMPTY_PATH); err != nil {
			return 0, err
		}
	}
	if !w.net.speaks {
		control = append(w.credentials(), control...)
	}
	var n int
	err := w.asSelf(func() (err error) {
		n, err = rawSendmsg(w.net.fd, to, data, control, flags)
		return err
	})
	return n, err
}

// credentials is the control message that names the thread's process.
func (w *worker) credentials() []byte {
	return unix.UnixCredentials(&unix.Ucred{Pid: int32(w.t.pid), Uid: w.who.uids[0], Gid: w.who.gids[0]})
}
