// Package unwind makes stack traces of a traced, stopped process: what strait
// -k and -kk print under a call.
//
// It sees a process through [Process] only: an id, memory, registers and the
// text of /proc/PID/maps. It makes no ptrace request; the files behind the
// mappings it opens itself, read-only, and keeps what it parsed of each one
// (by device, inode and time of change) for the next trace.
//
// A caller's frame is found from call frame information, in this order:
//
//   - .eh_frame, by the search table of .eh_frame_hdr when there is one;
//   - the Go runtime's table of frame sizes (.gopclntab), which stripped Go
//     programs keep too;
//   - .debug_frame, in the file or in its separate debug file;
//   - the layout of a signal frame, where the return address is the
//     instructions of a signal return;
//   - a return address on top of the stack or in the link register, for the
//     innermost function only;
//   - the chain of frame pointers.
//
// The vDSO is read from memory. Everything read from the process or its files
// is taken as hostile: sizes are bounded, the stack pointer must advance, and
// a trace ends where its facts end.
//
// The package is not a debugger: it knows no variables and no inlined calls,
// and it does not read compressed mini debug information (.gnu_debugdata).
//
// Sources: DWARF 5 chapter 6.4 and the Linux Standard Base's .eh_frame
// chapters; the psABIs of x86-64, i386, AArch64 and RISC-V; rt_sigframe in the
// kernel's arch/*/kernel/signal.c; strace(1) for the text.
package unwind
