package main

import (
	"strait/syscalls"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// comms are the names of tasks by thread id, for -Y: they outlive the task, whose
// last line comes when the kernel has forgotten it. A nil one stays empty.
type comms map[int][]byte

// read takes the name of a task that is new, or has a new program.
func (c comms) read(k *tracer.Task) {
	if c != nil {
		c[k.TID()] = k.AppendComm(c[k.TID()][:0])
	}
}

// renames says whether a call may have given its task another name.
func renames(ev *syscalls.Event) bool {
	return ev.Call != nil && ev.Call.Name == "prctl" && ev.Args[0] == unix.PR_SET_NAME
}

func (c comms) name(ev *syscalls.Event) []byte { return c[ev.TID] }
