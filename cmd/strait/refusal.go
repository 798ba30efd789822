package main

import (
	"errors"
	"fmt"
	"io"
)

// refusal is a command line that is not carried out. Its text is strace's, so
// that scripts which read it need no change.
type refusal struct {
	text  string
	usage bool // the reader is pointed to -h
}

func (r *refusal) Error() string { return r.text }

// badUsage refuses a command line that is not well-formed.
func badUsage(format string, args ...any) error {
	return &refusal{fmt.Sprintf(format, args...), true}
}

// refuse refuses one that is well-formed and asks for what cannot be.
func refuse(format string, args ...any) error {
	return &refusal{fmt.Sprintf(format, args...), false}
}

// complain writes what refused the command line in the form of strace's
// messages, name (argv[0]) in front.
func complain(w io.Writer, name string, err error) {
	fmt.Fprintf(w, "%s: %s\n", name, err)
	var r *refusal
	if errors.As(err, &r) && r.usage {
		fmt.Fprintf(w, "Try '%s -h' for more information.\n", name)
	}
}
