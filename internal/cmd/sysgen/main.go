// Sysgen makes the tables of package syscalls.
package main

import (
	"fmt"
	"io"
	"os"
)

func main() {
	commands := map[string]func(args []string, stdout, stderr io.Writer) error{
		"extract": runExtract,
		"layout":  runLayout,
	}
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: sysgen extract|layout -headers DIR ...")
		os.Exit(2)
	}
	if err := commands[os.Args[1]](os.Args[2:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sysgen:", err)
		os.Exit(1)
	}
}
