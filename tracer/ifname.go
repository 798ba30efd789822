package tracer

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ifreqIndex is struct ifreq (include/uapi/linux/if.h) as SIOCGIFNAME uses it.
type ifreqIndex struct {
	name  [unix.IFNAMSIZ]byte
	index uint32
	_     [20]byte
}

// AppendIfName appends the name of a network interface of our own network
// namespace, as strace does; netdevice(7).
func (k *Task) AppendIfName(dst []byte, index uint32) []byte {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return dst
	}
	defer unix.Close(fd)
	req := ifreqIndex{index: index}
	if _, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFNAME, uintptr(unsafe.Pointer(&req))); e != 0 {
		return dst
	}
	n := 0
	for n < len(req.name) && req.name[n] != 0 {
		n++
	}
	return append(dst, req.name[:n]...)
}
