// Strait traces what a program asks of the Linux kernel, and decides about it.
package main

import "os"

func main() {
	os.Exit(straitMain(os.Args, os.Stdout, os.Stderr))
}
