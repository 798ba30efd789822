// Package runner compiles the program that makes the calls of a table (testdata/prog/tables/run.c), and the
// library that goes into the tracer with it, for this machine (internal/cmd/calls) and for guests
// (internal/cmd/guest).
package runner

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Program and Library are the names of what Build makes. The library has to stand beside the program.
const (
	Program = "run"
	Library = "netlink.so"
)

// aboveMemory has the linker put the program behind the memory of the calls: its heap, which the kernel puts
// anywhere in the gigabyte behind the program, was there in one run of a thousand, and where the linker puts
// programs at 0x10000, as on riscv64, the numbers of a table were addresses in the program itself.
const aboveMemory = "-Wl,-Ttext-segment=0x20000000"

// Build compiles source (run.c), and netlink.c beside it, with the compiler cc, a command and its options, into the
// folder dir. The program needs no library at run time, so that nothing but its own few calls stands in the trace.
// An error has what the compiler wrote.
func Build(cc []string, source, dir string) error {
	for _, b := range [...]struct {
		out, source string
		options     []string
	}{
		{Program, source, []string{"-static", "-no-pie", aboveMemory}},
		{Library, filepath.Join(filepath.Dir(source), "netlink.c"), []string{"-shared", "-fPIC", "-nostdlib"}},
	} {
		args := slices.Concat(cc[1:], []string{"-O1", "-w", "-o", filepath.Join(dir, b.out), b.source}, b.options)
		if text, err := exec.Command(cc[0], args...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w\n%s", cc[0], strings.Join(args, " "), err, text)
		}
	}
	return nil
}
