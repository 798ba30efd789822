// Abi makes a call that a tracer recognises, close(0x7fff0001), with the
// registers and the number of the ABI that it is built for, and exits with what
// it got: 9 is EBADF.
package main

import (
	"os"
	"syscall"
)

func main() {
	_, _, e := syscall.RawSyscall(syscall.SYS_CLOSE, 0x7fff0001, 0, 0)
	os.Exit(int(e))
}
