package forkexec

import (
	"strait/forkexec/startlimit"

	"golang.org/x/sys/unix"
)

// originalNofile is the limit on open files to give back to a child, nil where
// it is as it was. The syscall package raises the soft limit to one below the
// hard one, which tells its change from one that the program asked for.
func originalNofile(now unix.Rlimit) *unix.Rlimit {
	cur, hard, ok := startlimit.Nofile()
	if !ok || now.Max != hard || now.Cur == cur || now.Cur != hard-1 {
		return nil
	}
	return &unix.Rlimit{Cur: cur, Max: hard}
}
