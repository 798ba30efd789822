package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"syscall"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func init() { testPrograms["foreign"] = foreign }

// foreign makes calls of i386 and of the machine, and children by both, from machine code: of
// Go's runtime nobody knows when it calls.
func foreign() {
	m, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE|unix.PROT_EXEC, unix.MAP_PRIVATE|unix.MAP_ANON)
	if err != nil {
		panic(err)
	}
	call := func(nr byte, by ...byte) []byte { return append([]byte{0xb8, nr, 0, 0, 0}, by...) } // mov $nr, %eax
	i386 := func(nr byte) []byte { return call(nr, 0xcd, 0x80) }                                 // int $0x80
	own := func(nr byte) []byte { return call(nr, 0x0f, 0x05) }                                  // syscall
	fork := func(made, child []byte) []byte {
		skip := []byte{0x85, 0xc0, 0x75, byte(len(child))} // test %eax, %eax; jnz behind child
		return append(append(made, skip...), child...)
	}
	const (
		getppid, ownFork, exit, wait4 = 110, 57, 60, 61
		exit32, fork32, waitpid32     = 1, 2, 7
		getppid32                     = 64
	)
	copy(m, bytes.Join([][]byte{
		{0x53},                                 // push %rbx
		{0x48, 0xc7, 0xc3, 255, 255, 255, 255}, // mov $-1, %rbx: any child; so is %rdi
		{0x48, 0xc7, 0xc7, 255, 255, 255, 255},
		{0x31, 0xd2, 0x31, 0xf6, 0x45, 0x31, 0xd2}, // xor %edx, %edx; the same of %esi and %r10d
		i386(getppid32),
		own(getppid),
		fork(own(ownFork), append(i386(getppid32), i386(exit32)...)),
		own(wait4),
		fork(own(ownFork), append(own(getppid), own(exit)...)),
		own(wait4),
		fork(i386(fork32), append(append(i386(getppid32), own(getppid)...), own(exit)...)),
		{0x31, 0xc9}, // xor %ecx, %ecx
		i386(waitpid32),
		own(getppid),
		{0x48, 0xc7, 0xc0, 255, 255, 255, 255, 0x0f, 0x05}, // mov $-1, %rax; syscall
		{0xb8, 0x27, 0, 0, 0x80, 0x0f, 0x05},               // mov $0x80000027, %eax; syscall
		{0x5b, 0xc3},                                       // pop %rbx; ret
	}, nil))
	runtime.LockOSThread()
	all := unix.Sigset_t{Val: [16]uint64{^uint64(0)}} // Go's own signals make calls, too
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &all, nil); err != nil {
		panic(err)
	}
	code := unsafe.Pointer(&m[0])
	f := unsafe.Pointer(&code)
	(*(*func())(unsafe.Pointer(&f)))()
	os.Exit(0)
}

// TestForeignCalls: a filter that nobody asked for hides neither that a process begins to make calls
// of another ABI, nor that it no longer does, nor calls that no ABI has.
func TestForeignCalls(t *testing.T) {
	if !hasAdmin() || !kernelTraces() {
		t.Skip("there is no filter")
	}
	strait := builtStrait(t)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	prog := filepath.Join(t.TempDir(), "foreign")
	if err := os.Symlink(self, prog); err != nil {
		t.Fatal(err)
	}
	if err := exec.Command(prog).Run(); err != nil {
		if e, ok := err.(*exec.ExitError); ok && e.Sys().(syscall.WaitStatus).Signal() == syscall.SIGSEGV {
			t.Skip("this kernel makes no calls of i386")
		}
		t.Fatal(err)
	}
	out, err := exec.Command(strait, "-f", "-e", "trace=getppid@64", "-e", "signal=none", "-e", "quiet=attach,exit", prog).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	text := regexp.MustCompile(`(?m)^\[pid +\d+\] `).ReplaceAllString(string(out), "")
	text = regexp.MustCompile(`\(.*\) +=`).ReplaceAllString(text, "(...) =")
	text = regexp.MustCompile(`= \d+`).ReplaceAllString(text, "= PID")
	var ids []string
	text = regexp.MustCompile(`PID=\d+`).ReplaceAllStringFunc(text, func(id string) string {
		for i, known := range ids {
			if known == id {
				return string(rune('A' + i))
			}
		}
		ids = append(ids, id)
		return string(rune('A' + len(ids) - 1))
	})
	want := `[ Process A runs in 32 bit mode. ]
[ Process A runs in 64 bit mode. ]
getppid(...) = PID
[ Process B runs in 32 bit mode. ]
getppid(...) = PID
[ Process A runs in 32 bit mode. ]
[ Process C runs in 64 bit mode. ]
getppid(...) = PID
[ Process A runs in 64 bit mode. ]
getppid(...) = PID
syscall_0xffffffffffffffff(...) = -1 ENOSYS (Function not implemented)
syscall_0xffffffff80000027(...) = -1 ENOSYS (Function not implemented)
`
	if diff := cmp.Diff(want, text); diff != "" {
		t.Error(diff)
	}
}
