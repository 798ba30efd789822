// Package syscalls says what the system calls of Linux are: their numbers,
// names, arguments, classes and effects on each ABI, and how to decode one call
// from its registers and the caller's memory.
//
// The tables are generated from the descriptions in desc/, one line a call (see
// docs/adding-a-syscall.md for the language), for every ABI, in every build: a
// program on any machine can look at a call of any other.
//
// A [Decoder] turns one call into a flat tree of [Node] values inside an
// [Event]. The tree says what the arguments mean; it holds no text that anyone
// is meant to read. Package internal/print makes text and JSON of it.
//
// The package is pure: it does no I/O, knows nothing of ptrace, and sees the
// traced process through the [Tracee] interface only. Memory that cannot be
// read is a state of a node, never an error, and no input, however hostile,
// makes the decoder read outside what it was given, loop, or allocate without
// bound.
package syscalls
