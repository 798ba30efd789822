// Starts measures how long it takes to start a program that does nothing and to
// wait for its end, and prints the nanoseconds.
//
//	starts exec|forkexec|forkexec-fork|exec-isolated|forkexec-isolated COUNT PROG
package main

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"strait/forkexec"
)

const isolation = syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWNET

func main() {
	if err := measure(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "starts:", err)
		os.Exit(1)
	}
}

func measure(args []string) error {
	if len(args) != 3 {
		return fmt.Errorf("want HOW COUNT PROG, not %q", args)
	}
	n, err := strconv.Atoi(args[1])
	if err != nil || n < 1 {
		return fmt.Errorf("not a count: %q", args[1])
	}
	start, ok := map[string]func(string) error{
		"exec":          func(prog string) error { return byExec(prog, nil) },
		"exec-isolated": func(prog string) error { return byExec(prog, isolated()) },
		"forkexec":      func(prog string) error { return byForkexec(&forkexec.Cmd{Path: prog}) },
		"forkexec-fork": func(prog string) error {
			return byForkexec(&forkexec.Cmd{Path: prog, Sync: func(int) error { return nil }})
		},
		"forkexec-isolated": func(prog string) error { return byForkexec(contained(prog)) },
	}[args[0]]
	if !ok {
		return fmt.Errorf("no such way: %q", args[0])
	}
	began := time.Now()
	for range n {
		if err := start(args[2]); err != nil {
			return err
		}
	}
	fmt.Println(time.Since(began).Nanoseconds() / int64(n))
	return nil
}

func byExec(prog string, attr *syscall.SysProcAttr) error {
	cmd := exec.Command(prog)
	cmd.Env, cmd.SysProcAttr = []string{}, attr
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stderr, os.Stderr
	return cmd.Run()
}

func isolated() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  isolation,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
	}
}

func byForkexec(c *forkexec.Cmd) error {
	c.Env, c.Files = []string{}, []int{0, 2, 2}
	p, err := forkexec.Start(c)
	if err != nil {
		return err
	}
	r, err := p.Wait()
	if err == nil && !r.Success() {
		err = fmt.Errorf("%s: %v", c.Path, r)
	}
	return err
}

func contained(prog string) *forkexec.Cmd {
	return &forkexec.Cmd{
		Path: prog, Namespaces: isolation,
		UIDMap: []forkexec.IDMap{{Outside: uint32(os.Geteuid()), Count: 1}},
		GIDMap: []forkexec.IDMap{{Outside: uint32(os.Getegid()), Count: 1}},
	}
}
