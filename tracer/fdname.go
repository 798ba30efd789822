package tracer

import (
	"bytes"
	"strconv"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"

	"strait/syscalls"
)

// FDDetails says of which descriptors AppendFD tells more than what
// /proc/TID/fd/FD is a link to.
type FDDetails uint8

// The details of a descriptor.
const (
	FDSocket   FDDetails = 1 << iota // protocol and addresses of a socket
	FDDevice                         // kind and number of a device
	FDEventfd                        // count, id and kind of an eventfd
	FDPidfd                          // the process
	FDSignalfd                       // the signals
)

// What the links of descriptors look like that have more to tell.
var (
	socketLink   = []byte("socket:[")
	eventfdLink  = []byte("anon_inode:[eventfd]")
	pidfdLink    = []byte("anon_inode:[pidfd]")
	pidfsLink    = []byte("pidfd:[")
	signalfdLink = []byte("anon_inode:[signalfd]")
	deletedMark  = []byte(" (deleted)")
)

// AppendFD implements [syscalls.Tracee]: it appends what /proc/TID/fd/FD is a
// link to, or for AT_FDCWD the working directory; and the details that the
// tracer's options ask for.
func (k *Task) AppendFD(dst []byte, fd int32) []byte {
	if fd < 0 && fd != unix.AT_FDCWD {
		return dst
	}
	k.fdPath("fd", fd)
	if link := k.link(fd); link != nil {
		return k.details(append(dst, link...), len(dst), fd)
	}
	link := k.t.readLink()
	if link == nil {
		return dst
	}
	k.keepLink(fd, link)
	return k.details(append(dst, link...), len(dst), fd)
}

// AppendFDOf implements [syscalls.ForeignFDNamer].
func (k *Task) AppendFDOf(dst []byte, pid, fd int32) []byte {
	if pid <= 0 || fd < 0 {
		return dst
	}
	id, _ := k.ourID(syscalls.TGID, int(pid))
	return k.appendForeign(dst, id, fd)
}

// AppendFDBehind implements [syscalls.ForeignFDNamer].
func (k *Task) AppendFDBehind(dst []byte, pidfd, fd int32) []byte {
	if pidfd < 0 || fd < 0 {
		return dst
	}
	k.fdPath("fdinfo", pidfd)
	id, err := strconv.Atoi(string(infoField(k.t.readInfo(), "Pid")))
	if err != nil {
		return dst
	}
	return k.appendForeign(dst, id, fd)
}

// appendForeign appends what descriptor fd of the process is that has the id in
// our PID namespace.
func (k *Task) appendForeign(dst []byte, id int, fd int32) []byte {
	if id <= 0 {
		return dst
	}
	other := Task{t: k.t, tid: id} // of which nothing is remembered
	other.fdPath("fd", fd)
	link := k.t.readLink()
	if link == nil {
		return dst
	}
	return other.details(append(dst, link...), len(dst), fd)
}

// readLink reads the symbolic link at t.path into t.link; nil if there is none.
func (t *Tracer) readLink() []byte {
	at := unix.AT_FDCWD
	n, _, e := syscall.RawSyscall6(unix.SYS_READLINKAT, uintptr(at), uintptr(unsafe.Pointer(&t.path[0])),
		uintptr(unsafe.Pointer(&t.link)), uintptr(len(t.link)), 0, 0)
	if e != 0 {
		return nil
	}
	return t.link[:n]
}

// fdPath makes t.path the NUL-terminated path of a descriptor in /proc/TID: in
// fd or fdinfo.
func (k *Task) fdPath(dir string, fd int32) {
	path := append(k.t.path[:0], "/proc/"...)
	path = strconv.AppendInt(path, int64(k.tid), 10)
	if fd == unix.AT_FDCWD {
		path = append(path, "/cwd"...)
	} else {
		path = append(append(append(path, '/'), dir...), '/')
		path = strconv.AppendInt(path, int64(fd), 10)
	}
	k.t.path = append(path, 0)
}

// details appends to the link in dst[at:] what more there is to tell of fd.
func (k *Task) details(dst []byte, at int, fd int32) []byte {
	link, want := dst[at:], k.t.opt.Describe
	switch {
	case len(link) > 0 && link[0] == '/':
		if bytes.HasSuffix(link, deletedMark) {
			return k.deleted(dst, at, fd)
		}
		if want&FDDevice != 0 && fd != unix.AT_FDCWD {
			return k.device(dst, fd)
		}
	case want&FDSocket != 0 && bytes.HasPrefix(link, socketLink):
		return k.socket(dst, at)
	case want&FDEventfd != 0 && bytes.Equal(link, eventfdLink):
		return k.eventfd(dst, at, fd)
	case want&FDSignalfd != 0 && bytes.Equal(link, signalfdLink):
		return k.signalfd(dst, at, fd)
	case want&FDPidfd != 0 && (bytes.Equal(link, pidfdLink) || bytes.HasPrefix(link, pidfsLink)):
		return k.pidfd(dst, at, fd)
	}
	return dst
}

// statPath stats a NUL-terminated path.
func statPath(path []byte, st *unix.Stat_t, flags int) bool {
	at := unix.AT_FDCWD
	_, _, e := syscall.RawSyscall6(sysFstatat, uintptr(at), uintptr(unsafe.Pointer(&path[0])),
		uintptr(unsafe.Pointer(st)), uintptr(flags), 0, 0)
	return e == 0
}

// deleted tells a file that was deleted from one whose name ends as if it were:
// behind the name of the latter stands an empty detail.
func (k *Task) deleted(dst []byte, at int, fd int32) []byte {
	if fd == unix.AT_FDCWD {
		return append(dst, 0) // the mark is part of it, as strace has it
	}
	open, named := &k.t.stat[0], &k.t.stat[1]
	if !statPath(k.t.path, open, 0) {
		return dst
	}
	dst = append(dst, 0)
	if statPath(dst[at:], named, unix.AT_SYMLINK_NOFOLLOW) && named.Ino == open.Ino && named.Dev == open.Dev {
		return dst
	}
	return dst[:len(dst)-1]
}

// device appends the kind and number of a device: <char 1:3>; of a master of
// pseudoterminals the slave, too.
func (k *Task) device(dst []byte, fd int32) []byte {
	st := &k.t.stat[0]
	if !statPath(k.t.path, st, 0) {
		return dst
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFCHR:
		dst = append(dst, "\x00<char "...)
	case unix.S_IFBLK:
		dst = append(dst, "\x00<block "...)
	default:
		return dst
	}
	major, minor := unix.Major(st.Rdev), unix.Minor(st.Rdev)
	dst = strconv.AppendUint(dst, uint64(major), 10)
	dst = strconv.AppendUint(append(dst, ':'), uint64(minor), 10)
	if major == 5 && minor == 2 { // /dev/ptmx: Documentation/admin-guide/devices.txt
		k.fdPath("fdinfo", fd)
		if index := infoField(k.t.readInfo(), "tty-index"); len(index) > 0 {
			dst = append(append(dst, " @/dev/pts/"...), index...)
		}
	}
	return append(dst, '>')
}

var _ syscalls.TerminalNamer = (*Task)(nil)

// Terminal implements [syscalls.TerminalNamer] by the number of the device: pseudoterminals and their masters,
// consoles, serial lines (Documentation/admin-guide/devices.txt). Serial lines of USB have others.
func (k *Task) Terminal(fd int32) bool {
	st := &k.t.stat[0]
	k.fdPath("fd", fd)
	if !statPath(k.t.path, st, 0) || st.Mode&unix.S_IFMT != unix.S_IFCHR {
		return false
	}
	switch major := unix.Major(st.Rdev); {
	case major >= 3 && major <= 5, major >= 136 && major <= 143:
		return true
	}
	return false
}

var _ syscalls.BootTimer = (*Task)(nil)

// BootTime implements [syscalls.BootTimer].
func (*Task) BootTime() int64 {
	var now, boot unix.Timespec
	if unix.ClockGettime(unix.CLOCK_REALTIME, &now) != nil || unix.ClockGettime(unix.CLOCK_BOOTTIME, &boot) != nil {
		return 0
	}
	return now.Nano() - boot.Nano()
}

// readInfo reads the file of /proc that t.path names. What it returns is valid
// until the next name is asked for.
func (t *Tracer) readInfo() []byte {
	at := unix.AT_FDCWD
	fd, _, e := syscall.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&t.path[0])),
		unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
	if e != 0 {
		return nil
	}
	n, _, e := syscall.RawSyscall(unix.SYS_READ, fd, uintptr(unsafe.Pointer(&t.link)), uintptr(len(t.link)))
	_, _, _ = syscall.RawSyscall(unix.SYS_CLOSE, fd, 0, 0)
	if e != 0 {
		return nil
	}
	return t.link[:n]
}

// infoField returns the value of a line "name: value", nil if there is none.
func infoField(info []byte, name string) []byte {
	for len(info) > 0 {
		line, rest, _ := bytes.Cut(info, []byte{'\n'})
		info = rest
		if len(line) > len(name) && line[len(name)] == ':' && string(line[:len(name)]) == name {
			return bytes.TrimLeft(line[len(name)+1:], " \t")
		}
	}
	return nil
}

// eventfd replaces the link by the state of an eventfd.
func (k *Task) eventfd(dst []byte, at int, fd int32) []byte {
	k.fdPath("fdinfo", fd)
	info := k.t.readInfo()
	count := infoField(info, "eventfd-count") // in hexadecimal
	if len(count) == 0 {
		return dst
	}
	dst = append(dst[:at], "\x00{eventfd-count="...)
	if len(count) > 1 || count[0] != '0' {
		dst = append(dst, "0x"...)
	}
	dst = append(dst, count...)
	for _, name := range [...]string{"eventfd-id", "eventfd-semaphore"} {
		if v := infoField(info, name); len(v) > 0 { // since Linux 5.2 and 6.5
			dst = append(append(append(append(dst, ", "...), name...), '='), v...)
		}
	}
	return append(dst, '}')
}

// signalfd replaces the link by the mask of a signalfd.
func (k *Task) signalfd(dst []byte, at int, fd int32) []byte {
	k.fdPath("fdinfo", fd)
	if mask := infoField(k.t.readInfo(), "sigmask"); len(mask) == 16 {
		return append(append(dst[:at], "\x00signalfd:\x01"...), mask...)
	}
	return dst
}

// pidfd replaces the link by the process; one that is gone is a detail, too.
func (k *Task) pidfd(dst []byte, at int, fd int32) []byte {
	k.fdPath("fdinfo", fd)
	pid, err := strconv.Atoi(string(infoField(k.t.readInfo(), "Pid")))
	if err == nil && pid > 0 {
		dst = strconv.AppendInt(append(dst[:at], "\x00pid:"...), int64(pid), 10)
		if k.t.opt.DescribePIDs&PIDComm != 0 {
			dst = appendFile(append(dst, 2), procPath(pid, "comm"))
		}
		return dst
	}
	return append(append(dst[:at], 0), pidfdLink...)
}
