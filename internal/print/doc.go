// Package print makes output of decoded events: strace's text, JSON, summary
// tables, colour. It is the only place where strings for people are made.
//
// It takes [syscalls.Event] values and appends bytes. It does not decode, does
// not decide what is shown, and reads nothing of the traced process.
package print
