package tracer

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

var _ syscalls.Tracee = (*Task)(nil)

// procPath returns /proc/ID/NAME.
func procPath(id int, name string) string {
	return "/proc/" + strconv.Itoa(id) + "/" + name
}

// AppendFD implements [syscalls.Tracee]: it appends what /proc/TID/fd/FD is a
// link to, or for AT_FDCWD the working directory.
func (k *Task) AppendFD(dst []byte, fd int32) []byte {
	if fd < 0 && fd != unix.AT_FDCWD {
		return dst
	}
	path := k.t.path[:0]
	path = append(path, "/proc/"...)
	path = strconv.AppendInt(path, int64(k.tid), 10)
	if fd == unix.AT_FDCWD {
		path = append(path, "/cwd"...)
	} else {
		path = append(path, "/fd/"...)
		path = strconv.AppendInt(path, int64(fd), 10)
	}
	path = append(path, 0)
	k.t.path = path
	link := &k.t.link
	at := unix.AT_FDCWD
	n, _, e := syscall.RawSyscall6(unix.SYS_READLINKAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])),
		uintptr(unsafe.Pointer(link)), uintptr(len(link)), 0, 0)
	if e != 0 {
		return dst
	}
	return append(dst, link[:n]...)
}

// AppendPID implements [syscalls.Tracee]: it appends the comm of a thread or
// process. A group or session is called after the process whose id it has.
func (k *Task) AppendPID(dst []byte, _ syscalls.Kind, id int32) []byte {
	if id <= 0 {
		return dst
	}
	return appendFile(dst, procPath(int(id), "comm"))
}

// AppendComm appends the name of the thread (comm).
func (k *Task) AppendComm(dst []byte) []byte {
	return appendFile(dst, procPath(k.tid, "comm"))
}

// appendFile appends a line that is in a file of /proc.
func appendFile(dst []byte, path string) []byte {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return dst
	}
	defer unix.Close(fd)
	var buf [64]byte
	n, _ := unix.Read(fd, buf[:])
	for n > 0 && buf[n-1] == '\n' {
		n--
	}
	return append(dst, buf[:max(n, 0)]...)
}

// statusField returns a number from /proc/TID/status.
func statusField(tid int, name string) (int, error) {
	b, err := os.ReadFile(procPath(tid, "status"))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if key, val, ok := strings.Cut(line, ":"); ok && key == name {
			return strconv.Atoi(strings.TrimSpace(val))
		}
	}
	return 0, fmt.Errorf("/proc/%d/status: no %s", tid, name)
}
