package unwind

import (
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"unsafe"
)

// traced is a child under ptrace, stopped. All requests come from the test's
// locked thread.
type traced struct {
	t   *testing.T
	pid int
	mem *os.File
	cmd *exec.Cmd
}

// startTraced starts a program and runs it until it is about to receive one of
// the signals.
func startTraced(t *testing.T, stopAt []syscall.Signal, argv ...string) *traced {
	t.Helper()
	p := startStopped(t, argv...)
	p.runUntil(stopAt...)
	return p
}

// startStopped starts a program, stopped before its first instruction.
func startStopped(t *testing.T, argv ...string) *traced {
	t.Helper()
	runtime.LockOSThread()
	t.Cleanup(runtime.UnlockOSThread)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Ptrace: true}
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
	if err := cmd.Start(); err != nil {
		if errors.Is(err, syscall.EPERM) {
			t.Skipf("ptrace is not allowed here: %v", err)
		}
		if errors.Is(err, syscall.ENOEXEC) {
			t.Skip("this kernel runs no programs of that kind")
		}
		t.Fatal(err)
	}
	p := &traced{t: t, pid: cmd.Process.Pid, cmd: cmd}
	t.Cleanup(p.kill)
	p.waitStop()
	mem, err := os.Open(fmt.Sprintf("/proc/%d/mem", p.pid))
	if err != nil {
		t.Fatal(err)
	}
	p.mem = mem
	return p
}

func (p *traced) kill() {
	if p.mem != nil {
		p.mem.Close()
	}
	_ = syscall.Kill(p.pid, syscall.SIGKILL)
	var status syscall.WaitStatus
	for {
		if _, err := syscall.Wait4(p.pid, &status, 0, nil); err != nil || status.Exited() || status.Signaled() {
			break
		}
	}
	_ = p.cmd.Process.Release()
}

// waitStop waits for the next stop and returns its signal.
func (p *traced) waitStop() syscall.Signal {
	p.t.Helper()
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(p.pid, &status, 0, nil)
		if errors.Is(err, syscall.EINTR) {
			continue
		}
		if err != nil || !status.Stopped() {
			p.t.Fatalf("the program did not stop: %v, status %#x", err, status)
		}
		return status.StopSignal()
	}
}

// runUntil continues the program to the first of the signals, which it does
// not get; others it does.
func (p *traced) runUntil(signals ...syscall.Signal) {
	p.t.Helper()
	deliver := syscall.Signal(0)
	for {
		if err := syscall.PtraceCont(p.pid, int(deliver)); err != nil {
			p.t.Fatal(err)
		}
		deliver = p.waitStop()
		for _, s := range signals {
			if s == deliver {
				return
			}
		}
	}
}

func (p *traced) PID() int { return p.pid }

func (p *traced) ReadMemory(addr uint64, b []byte) int {
	n, _ := p.mem.ReadAt(b, int64(addr))
	return n
}

func (p *traced) Maps() ([]byte, error) { return os.ReadFile(fmt.Sprintf("/proc/%d/maps", p.pid)) }

// registerSet asks for the general registers.
func (p *traced) registerSet() []byte {
	const ptraceGetRegSet, ntPRStatus = 0x4204, 1
	set := make([]byte, 1024)
	iov := syscall.Iovec{Base: &set[0]}
	iov.SetLen(len(set))
	_, _, e := syscall.Syscall6(syscall.SYS_PTRACE, ptraceGetRegSet, uintptr(p.pid), ntPRStatus,
		uintptr(unsafe.Pointer(&iov)), 0, 0)
	if e != 0 {
		p.t.Fatalf("ptrace(PTRACE_GETREGSET): %v", e)
	}
	return set[:iov.Len]
}

// Registers tells a 32-bit task from a 64-bit one by the size of its set.
func (p *traced) Registers() (Registers, error) {
	const i386Size = 68
	set := p.registerSet()
	arch := map[string]Arch{"amd64": AMD64, "386": I386, "arm64": ARM64, "riscv64": RISCV64}[runtime.GOARCH]
	if arch == AMD64 && len(set) == i386Size {
		arch = I386
	}
	return FromPRStatus(arch, set)
}

// compile builds a program of testdata, or skips the test.
func compile(t *testing.T, compiler, source string, flags ...string) string {
	t.Helper()
	if _, err := exec.LookPath(compiler); err != nil {
		t.Skipf("no %s: %v", compiler, err)
	}
	out := t.TempDir() + "/prog"
	args := append([]string{"-o", out, "testdata/" + source}, flags...)
	if text, err := exec.Command(compiler, args...).CombinedOutput(); err != nil {
		if strings.Contains(string(text), "cannot find") || strings.Contains(string(text), "No such file") {
			t.Skipf("%s lacks what %v needs: %s", compiler, flags, text)
		}
		t.Fatalf("%s %v: %v\n%s", compiler, args, err, text)
	}
	return out
}

// openSelf opens the test program.
func openSelf(t *testing.T) *elf.File {
	t.Helper()
	f, err := elf.Open("/proc/self/exe")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}
