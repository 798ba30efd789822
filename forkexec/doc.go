// Package forkexec starts a child process exactly as configured, or says which
// step failed.
package forkexec
