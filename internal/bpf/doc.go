// Package bpf makes seccomp filters: classic BPF programs over struct
// seccomp_data (include/uapi/linux/seccomp.h).
//
// A [Filter] says, by architecture and call number, which action the kernel is
// to take, and on which conditions over the argument registers. Assemble turns
// it into instructions: first the architecture (and x32's bit), then a search
// tree over the numbers in which the frequent ones are near the root, then the
// conditions. Conditional jumps reach 255 instructions; the assembler puts
// unconditional ones where that is too near, which no user of this package has
// to think of.
//
// [Run] executes a filter on the virtual machine of golang.org/x/net/bpf, and
// [Dump] writes it as text.
//
// The package knows no system call and no architecture by name: numbers,
// argument widths and AUDIT_ARCH values are the caller's. It knows little-endian
// machines only, as all that strait runs on are.
package bpf
