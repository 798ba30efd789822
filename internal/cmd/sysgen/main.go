// Sysgen makes the tables of package syscalls: it extracts facts from kernel
// headers and compiles the descriptions of system calls. See
// docs/adding-a-syscall.md.
package main

import (
	"fmt"
	"io"
	"os"
)

// commands are the subcommands of sysgen.
var commands = map[string]func(args []string, stdout, stderr io.Writer) error{
	"gen":     runGen,
	"check":   runCheck,
	"fmt":     runFmt,
	"extract": runExtract,
	"layout":  runLayout,

	"check-layout": runCheckLayout,
}

const usage = `usage: sysgen gen [-dir DIR]              write syscalls/z*.go
       sysgen check [-dir DIR]            report what is out of date or not formatted
       sysgen fmt [-l] [-dir DIR] [FILE...]        format descriptions
       sysgen extract -headers DIR        extract facts from kernel headers
       sysgen layout -headers DIR -header linux/stat.h 'struct statx' [FIELD...]
                                          show where the fields of a C type are
       sysgen check-layout -headers DIR   compare described structures with the kernel's
`

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sysgen:", err)
		os.Exit(1)
	}
}
