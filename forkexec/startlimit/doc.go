// Package startlimit remembers the limit on open files that this process was
// started with.
//
// The syscall package raises the soft limit when it is initialised, keeps the
// old one to itself, and gives it back only to children of its own making
// (golang.org/issue/46279). A child that is started some other way would see
// the raised one, which programs print, size tables by, and close up to.
//
// This package imports nothing but unsafe, so it is initialised before syscall:
// packages whose imports are initialised go in the order of their paths (the
// specification, "Program initialization"), and any path of a module sorts
// before "syscall" that begins with a letter before s, or with "st". Where it
// does not, or the architecture has no assembly here, Nofile knows nothing.
package startlimit
