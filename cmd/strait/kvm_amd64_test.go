package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"unsafe"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
)

func init() { testPrograms["vcpu"] = runGuest }

// guest is machine code that writes a byte to port 0x3f8, then to memory that there is
// not, and halts: mov $0x3f8,%dx; mov $0x34,%al; out %al,(%dx); mov %al,0x9000; hlt.
const guest = "\xba\xf8\x03\xb0\x34\xee\xa2\x00\x90\xf4"

// runGuest has a virtual CPU carry out the guest.
func runGuest() {
	if err := guestMain(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func guestMain() error {
	runtime.LockOSThread()
	var failed error
	ioctl := func(fd uintptr, op, arg uintptr) uintptr {
		r, _, e := unix.Syscall(unix.SYS_IOCTL, fd, op, arg)
		if e != 0 && failed == nil {
			failed = fmt.Errorf("ioctl %#x: %w", op, e)
		}
		return r
	}
	kvm, err := unix.Open("/dev/kvm", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	const createVM, mmapSize, createVCPU, setMemory = 0xae01, 0xae04, 0xae41, 0x4020ae46
	const getSregs, setSregs, setRegs, run = 0x8138ae83, 0x4138ae84, 0x4090ae82, 0xae80
	vm := ioctl(uintptr(kvm), createVM, 0)
	mem, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_ANONYMOUS)
	if err != nil {
		return err
	}
	copy(mem, guest)
	region := [4]uint64{0, 0x1000, 4096, uint64(uintptr(unsafe.Pointer(&mem[0])))}
	ioctl(vm, setMemory, uintptr(unsafe.Pointer(&region)))
	cpu := ioctl(vm, createVCPU, 0)
	size := ioctl(uintptr(kvm), mmapSize, 0)
	if failed != nil {
		return failed
	}
	state, err := unix.Mmap(int(cpu), 0, int(size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return err
	}
	var sregs [312]byte // cs is the first: base, limit, selector
	ioctl(cpu, getSregs, uintptr(unsafe.Pointer(&sregs)))
	clear(sregs[:8])
	clear(sregs[12:14])
	ioctl(cpu, setSregs, uintptr(unsafe.Pointer(&sregs)))
	regs := [18]uint64{16: 0x1000, 17: 2} // rip, rflags
	ioctl(cpu, setRegs, uintptr(unsafe.Pointer(&regs)))
	for range 3 {
		ioctl(cpu, run, 0)
	}
	if got := binary.NativeEndian.Uint32(state[kvmRunReason:]); failed == nil && got != 5 {
		failed = fmt.Errorf("the guest did not halt, but stopped for reason %d", got)
	}
	return failed
}

// TestKVM compares with the lines of strace 7.2, but that this shows in the state before
// a call the data that are there after it.
func TestKVM(t *testing.T) {
	if err := exec.Command("vcpu").Run(); err != nil {
		t.Skipf("no virtual machines here: %v", err)
	}
	head := func(when, reason string) string {
		return " VCPU:0" + when + " {request_interrupt_window=0, immediate_exit=0, exit_reason=" + reason +
			", ready_for_interrupt_injection=0, if_flag=0, flags=0, cr8=0000000000000000, apic_base="
	}
	const call = "ioctl(N, KVM_RUN, 0) = 0 "
	const base = "0x000000fee00900"
	io := base + ", {io={direction=KVM_EXIT_IO_OUT, size=1, port=0x3f8, count=1, data_offset=0x00000000001000, data=[0x34]}}}\n"
	mmio := base + ", {mmio={phys_addr=0x00000000009000, data=[0x34], len=1, is_write=1}}}\n"
	for _, test := range []struct{ option, want string }{
		{"--kvm=vcpu", call + "(KVM_EXIT_IO)\n" + call + "(KVM_EXIT_MMIO)\n" + call + "(KVM_EXIT_HLT)\n"},
		{"-ekvm=vcpu+", call + "(KVM_EXIT_IO)\n" +
			head("<", "0 /* KVM_EXIT_UNKNOWN */") + "0000000000000000}\n" + head(">", "2 /* KVM_EXIT_IO */") + io +
			call + "(KVM_EXIT_MMIO)\n" + head("<", "2 /* KVM_EXIT_IO */") + io + head(">", "6 /* KVM_EXIT_MMIO */") + mmio +
			call + "(KVM_EXIT_HLT)\n" + head("<", "6 /* KVM_EXIT_MMIO */") + mmio + head(">", "5 /* KVM_EXIT_HLT */") + base + "}\n"},
	} {
		var stderr strings.Builder
		cmd := exec.Command("strait", "-f", "-q", "--no-interleave", test.option, "-a1", "-esignal=none", "-etrace=ioctl", "vcpu")
		cmd.Stderr = &stderr
		var exit *exec.ExitError
		if err := cmd.Run(); err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		got := ""
		for line := range strings.Lines(stderr.String()) {
			line = regexp.MustCompile(`^\[pid +\d+\] `).ReplaceAllString(line, "")
			if strings.Contains(line, "KVM_RUN,") || strings.Contains(line, " VCPU:") {
				line = regexp.MustCompile(`ioctl\(\d+`).ReplaceAllString(line, "ioctl(N")
				got += regexp.MustCompile(`(\[0x34), .*\]`).ReplaceAllString(line, "$1]") // the others are chance
			}
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", test.option, diff)
		}
	}
}
