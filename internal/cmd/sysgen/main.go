// Sysgen makes the tables of package syscalls.
package main

import (
	"fmt"
	"os"
)

func main() {
	if len(os.Args) < 2 || os.Args[1] != "extract" {
		fmt.Fprintln(os.Stderr, "usage: sysgen extract -headers DIR")
		os.Exit(2)
	}
	if err := runExtract(os.Args[2:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "sysgen:", err)
		os.Exit(1)
	}
}
