// Guest runs the tests of the tracer and the sample programs under kernels of other
// architectures: it builds everything here, and has $STRAIT_GUEST boot a machine that runs it.
//
//	go run ./internal/cmd/guest [-only arm64,amd64,riscv64] [-suite SUITE] [-tests=false] [-samples=false]
//		[-tables=false | -tables GLOB] [-arm FOLDER] [-timeout D]
//
// $STRAIT_GUEST is a command that is called as
//
//	$STRAIT_GUEST [--suite SUITE] [--append KERNEL_ARGS] --deb strace --timeout SECONDS ARCH FILE... -- sh run.sh
//
// and runs that in the guest, with the files in the working directory, strace installed, and its own status and
// output those of the command. The samples in testdata/prog/calls are traced by strace and by strait there,
// where a C compiler for the guest is here; lines that differ are failures. So are the tables of calls
// (internal/cmd/calls) that match -tables; those of i386 and x32 need no guest (calls -abi). With the tests runs
// smoke.sh, which tries each thing that strait does once.
//
// The strace of Debian's arm64 decodes no structures of 32-bit arm programs. One of armhf does: -arm names a folder
// with a program "strace" (which may be a script, which starts the one of armhf with libraries that are in the folder).
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"
	"time"
)

func main() {
	only := flag.String("only", "", "architectures, separated by commas; empty: all")
	suite := flag.String("suite", "", "the Debian release whose kernel and strace the guest has")
	tests := flag.Bool("tests", true, "run the Go tests")
	samples := flag.Bool("samples", true, "compare the samples with strace")
	tables := flag.String("tables", "*", "compare the tables of calls that match this with strace; empty: none")
	arm := flag.String("arm", "", "a folder with an armhf strace; empty: nothing is compared for 32-bit arm")
	timeout := flag.Duration("timeout", time.Hour, "of a guest")
	flag.Parse()
	guest := os.Getenv("STRAIT_GUEST")
	if guest == "" {
		fmt.Println("guest: skipped: STRAIT_GUEST does not name a command that runs guests")
		return
	}
	failed := 0
	for _, m := range machines() {
		if *only != "" && !strings.Contains(","+*only+",", ","+m.arch+",") {
			continue
		}
		r := run{machine: m, guest: guest, suite: *suite, arm: *arm, timeout: *timeout, tests: *tests, samples: *samples, tables: *tables}
		if err := r.all(); err != nil {
			fmt.Fprintf(os.Stderr, "guest: %s: %v\n", m.arch, err)
			failed++
			continue
		}
		fmt.Printf("guest: %s: passed\n", m.arch)
	}
	if failed > 0 {
		os.Exit(1)
	}
}

// A machine is a kind of guest, and what is traced on it.
type machine struct {
	arch   string // GOARCH of its kernel
	kernel string // what its command line needs
	narrow string // GOARCH of its 32-bit programs
	abis   []abi
}

// An abi is a kind of program that a machine runs, and who compiles C for it.
type abi struct {
	name string
	cc   []string
}

func machines() []machine {
	// Where Debian keeps the kernel's headers, which are for all three ABIs; without
	// gcc-multilib, which cross compilers exclude, only gcc without options looks there.
	kernel := []string{"-idirafter", "/usr/include/x86_64-linux-gnu"}
	return []machine{
		{arch: "arm64", narrow: "arm", abis: []abi{
			{"arm64", []string{"aarch64-linux-gnu-gcc"}}, {"arm", []string{"arm-linux-gnueabihf-gcc", "-marm"}},
		}},
		{arch: "riscv64", abis: []abi{{"riscv64", []string{"riscv64-linux-gnu-gcc"}}}},
		{arch: "amd64", kernel: "syscall.x32=y", narrow: "386", abis: []abi{
			{"amd64", []string{"gcc"}}, {"i386", append([]string{"gcc", "-m32"}, kernel...)}, {"x32", append([]string{"gcc", "-mx32"}, kernel...)},
		}},
	}
}

var errFailed = errors.New("something failed, see above")
