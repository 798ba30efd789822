// Package policy holds rules about what a program may ask of the kernel: their
// language, the decision about one call, and what follows from both. It is
// pure: it reads no process and enforces nothing.
package policy
