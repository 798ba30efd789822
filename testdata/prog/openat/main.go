// Openat opens and closes a directory as often as its argument says.
package main

import (
	"fmt"
	"os"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

func main() {
	n, err := strconv.Atoi(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "openat: want a count:", err)
		os.Exit(2)
	}
	path := []byte("/usr/share/doc\x00")
	at := unix.AT_FDCWD
	for range n {
		fd, _, e := unix.RawSyscall6(unix.SYS_OPENAT, uintptr(at), uintptr(unsafe.Pointer(&path[0])), unix.O_RDONLY|unix.O_CLOEXEC, 0, 0, 0)
		if e == 0 {
			unix.RawSyscall(unix.SYS_CLOSE, fd, 0, 0)
		}
	}
}
