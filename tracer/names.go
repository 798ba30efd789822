package tracer

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"strait/syscalls"

	"golang.org/x/sys/unix"
)

var _ syscalls.Tracee = (*Task)(nil)

// procPath returns /proc/ID/NAME.
func procPath(id int, name string) string {
	return "/proc/" + strconv.Itoa(id) + "/" + name
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
