package main

import (
	"encoding/binary"
	"fmt"
	"strconv"

	"strait/internal/print"
	"strait/syscalls"
	"strait/tracer"
)

// Offsets in struct kvm_run of linux/kvm.h, and what of it is looked at.
const (
	kvmRunRequest   = 0  // u8 request_interrupt_window
	kvmRunImmediate = 1  // u8 immediate_exit
	kvmRunReason    = 8  // u32 exit_reason
	kvmRunReady     = 12 // u8 ready_for_interrupt_injection
	kvmRunIF        = 13 // u8 if_flag
	kvmRunFlags     = 14 // u16
	kvmRunCR8       = 16 // u64
	kvmRunAPIC      = 24 // u64 apic_base
	kvmRunUnion     = 32 // by exit_reason
	kvmRunHead      = 56
)

// kvmDataMost bounds the bytes of a port's data that are shown.
const kvmDataMost = 4096

// runsVCPU says whether a call lets a virtual CPU run.
func runsVCPU(ev *syscalls.Event) bool {
	if ev.Call == nil || ev.Call.Name != "ioctl" {
		return false
	}
	run, ok := ev.ABI.Constant("KVM_RUN")
	return ok && ev.Args[1]&0xffffffff == run
}

// vcpuState takes the state of the virtual CPU of a KVM_RUN, which -e kvm=vcpu+ shows
// as it was before ('<') and after ('>') the call.
func (s *session) vcpuState(st *taskState, k *tracer.Task, ev *syscalls.Event, when byte) {
	if s.o.KVM != kvmRun || !runsVCPU(ev) {
		return
	}
	addr, n, ok := k.VCPU(int32(ev.Args[0]))
	if !ok {
		return
	}
	text := &print.Text{Xlat: xlatStyle(s.o.Const)}
	st.vcpu = append(strconv.AppendInt(append(st.vcpu, " VCPU:"...), int64(n), 10), when, ' ')
	st.vcpu = append(appendKVMRun(st.vcpu, ev.ABI, k, addr, text), '\n')
}

// appendKVMRun appends the struct kvm_run at addr as strace shows it.
func appendKVMRun(dst []byte, abi *syscalls.ABI, mem syscalls.Tracee, addr uint64, text *print.Text) []byte {
	var run [kvmRunHead]byte
	if mem.ReadMemory(addr, run[:]) < len(run) {
		return fmt.Appendf(dst, "%#x", addr)
	}
	u32 := func(off int) uint32 { return binary.NativeEndian.Uint32(run[off:]) }
	u64 := func(off int) uint64 { return binary.NativeEndian.Uint64(run[off:]) }
	reason := abi.KVMExit(uint64(u32(kvmRunReason)))
	dst = fmt.Appendf(dst, "{request_interrupt_window=%d, immediate_exit=%d, exit_reason=%d",
		run[kvmRunRequest], run[kvmRunImmediate], u32(kvmRunReason))
	if reason != "" {
		dst = append(append(append(dst, " /* "...), reason...), " */"...)
	}
	dst = fmt.Appendf(dst, ", ready_for_interrupt_injection=%d, if_flag=%d, flags=%s, cr8=%s, apic_base=%s",
		run[kvmRunReady], run[kvmRunIF], hexOrZero(uint64(binary.NativeEndian.Uint16(run[kvmRunFlags:]))),
		wideHex(u64(kvmRunCR8)), wideHex(u64(kvmRunAPIC)))
	part := run[kvmRunUnion:]
	switch reason {
	case "KVM_EXIT_IO": // direction u8, size u8, port u16, count u32, data_offset u64
		size, count, at := part[1], u32(kvmRunUnion+4), u64(kvmRunUnion+8)
		dst = append(dst, ", {io={direction="...)
		dst = text.AppendEnum(dst, abi.KVMDirections(), uint64(part[0]))
		dst = fmt.Appendf(dst, ", size=%d, port=%s, count=%d, data_offset=%s, data=", size,
			hexOrZero(uint64(binary.NativeEndian.Uint16(part[2:]))), count, wideHex(at))
		data := make([]byte, min(uint64(size)*uint64(count), kvmDataMost))
		if mem.ReadMemory(addr+at, data) < len(data) {
			dst = fmt.Appendf(dst, "%#x", addr+at)
		} else {
			dst = appendHexBytes(dst, data)
		}
		dst = append(dst, "}}"...)
	case "KVM_EXIT_MMIO": // phys_addr u64, data u8[8], len u32, is_write u8
		dst = fmt.Appendf(dst, ", {mmio={phys_addr=%s, data=", wideHex(u64(kvmRunUnion)))
		dst = appendHexBytes(dst, part[8:16])
		dst = fmt.Appendf(dst, ", len=%d, is_write=%d}}", u32(kvmRunUnion+16), part[20])
	}
	return append(dst, '}')
}

func appendHexBytes(dst, data []byte) []byte {
	dst = append(dst, '[')
	for i, b := range data {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		dst = append(dst, hexOrZero(uint64(b))...)
	}
	return append(dst, ']')
}

// hexOrZero and wideHex write numbers as C's %#x and %#016x do.
func hexOrZero(v uint64) string {
	if v == 0 {
		return "0"
	}
	return fmt.Sprintf("%#x", v)
}

func wideHex(v uint64) string {
	if v == 0 {
		return "0000000000000000"
	}
	return fmt.Sprintf("0x%014x", v)
}
