package forkexec

import (
	"encoding/binary"
	"runtime"

	"golang.org/x/net/bpf"
	"golang.org/x/sys/unix"
)

// auditArchs are the AUDIT_ARCH_* (linux/audit.h) of our own system calls, by
// GOARCH.
var auditArchs = map[string]uint32{
	"386": unix.AUDIT_ARCH_I386, "amd64": unix.AUDIT_ARCH_X86_64, "arm": unix.AUDIT_ARCH_ARM,
	"arm64": unix.AUDIT_ARCH_AARCH64, "riscv64": unix.AUDIT_ARCH_RISCV64,
}

// letsGo says whether a filter lets a child go that shares its parent's memory:
// become the program, or end. One that it does neither to would hold up the
// parent for ever, and one that it kills may dump core, which before Linux 5.16
// kills all that have the memory. What cannot be told is no.
func letsGo(filter []unix.SockFilter) bool {
	raw := make([]bpf.RawInstruction, len(filter))
	for i, f := range filter {
		raw[i] = bpf.RawInstruction{Op: f.Code, Jt: f.Jt, Jf: f.Jf, K: f.K}
	}
	instructions, ok := bpf.Disassemble(raw)
	if !ok {
		return false
	}
	vm, err := bpf.NewVM(instructions)
	if err != nil {
		return false
	}
	for _, nr := range []uint32{unix.SYS_EXECVE, unix.SYS_EXECVEAT, unix.SYS_EXIT_GROUP} {
		// struct seccomp_data, linux/seccomp.h; the VM loads big-endian words.
		var data [64]byte
		binary.BigEndian.PutUint32(data[0:], nr)
		binary.BigEndian.PutUint32(data[4:], auditArchs[runtime.GOARCH])
		verdict, err := vm.Run(data[:])
		if err != nil || uint32(verdict)&unix.SECCOMP_RET_ACTION_FULL != unix.SECCOMP_RET_ALLOW && uint32(verdict)&unix.SECCOMP_RET_ACTION_FULL != unix.SECCOMP_RET_LOG {
			return false
		}
	}
	return true
}
