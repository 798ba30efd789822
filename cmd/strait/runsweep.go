package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// sweepRounds bounds the hunt for processes that fork while they are hunted.
const sweepRounds = 100_000

// sweep ends all children that this process has. It is a subreaper, so that
// the children of what ends come to it. Only children are killed: until they
// are reaped here, no other process can have their ids.
func sweep() error {
	for range sweepRounds {
		children, err := childrenOf(os.Getpid())
		if err != nil || len(children) == 0 {
			return err
		}
		for _, pid := range children {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		for _, pid := range children {
			for {
				if _, err := unix.Wait4(pid, nil, unix.WALL, nil); !errors.Is(err, unix.EINTR) {
					break
				}
			}
		}
	}
	return errors.New("what the program started forks faster than it is ended")
}

// childrenOf reads who has the parent, from /proc/PID/stat.
func childrenOf(parent int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, fmt.Errorf("look for what the program started: %w", err)
	}
	var children []int
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if f := statFields(e.Name()); len(f) > 4-3 && string(f[4-3]) == strconv.Itoa(parent) {
			children = append(children, pid)
		}
	}
	return children, nil
}

// statFields are the fields of /proc/PID/stat from the third on: those before are
// PID (NAME), and the name may have anything in it (proc_pid_stat(5)). There are none
// of a process that is gone.
func statFields(pid string) [][]byte {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return nil
	}
	return bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
}
