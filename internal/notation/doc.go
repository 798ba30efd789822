// Package notation splits a system call as strace and strait write it into its
// words: name(argument, "string", 3</etc/passwd>) = result.
//
// It knows where words end, not what they mean: who reads a trace for what its
// calls did takes them from here (strait/internal/tracefile, strait/policy).
package notation
