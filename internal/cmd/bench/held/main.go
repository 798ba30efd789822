// Held makes calls that a policy has something to say about, and prints how many
// nanoseconds one takes.
//
//	held open|connect|exec|work N [FILE|PORT]
//	held crowd N        start N processes that are all there at once
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

func main() {
	if len(os.Args) < 3 {
		fmt.Fprintln(os.Stderr, "usage: held open|connect|exec|work|crowd N [FILE]")
		os.Exit(2)
	}
	n, err := strconv.Atoi(os.Args[2])
	if err != nil || n < 1 {
		fmt.Fprintln(os.Stderr, "held: N is a number")
		os.Exit(2)
	}
	var arg string
	if len(os.Args) > 3 {
		arg = os.Args[3]
	}
	each, err := run(os.Args[1], n, arg)
	if err != nil {
		fmt.Fprintln(os.Stderr, "held:", err)
		os.Exit(1)
	}
	fmt.Println(each.Nanoseconds())
}

func run(what string, n int, arg string) (time.Duration, error) {
	switch what {
	case "open":
		return timed(n, func() error {
			fd, err := unix.Open(arg, unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err == nil {
				return unix.Close(fd)
			}
			if errors.Is(err, unix.EACCES) { // what is measured, too
				return nil
			}
			return err
		})
	case "connect":
		return connects(n)
	case "exec":
		return timed(n, func() error { return exec.Command(arg).Run() })
	case "work":
		sum := uint64(1)
		d, err := timed(n, func() error {
			for i := range uint64(1000) {
				sum = sum*6364136223846793005 + i
			}
			return nil
		})
		if sum == 0 { // it is used
			fmt.Fprintln(os.Stderr)
		}
		return d, err
	case "crowd":
		return crowd(n)
	}
	return 0, fmt.Errorf("what is %q?", what)
}

// timed returns what one of n calls takes.
func timed(n int, call func() error) (time.Duration, error) {
	began := time.Now()
	for range n {
		if err := call(); err != nil {
			return 0, err
		}
	}
	return time.Since(began) / time.Duration(n), nil
}

// connects connects datagram sockets, which nobody need answer.
func connects(n int) (time.Duration, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	defer unix.Close(fd)
	to := &unix.SockaddrInet4{Port: 9, Addr: [4]byte(net.IPv4(127, 0, 0, 1).To4())}
	return timed(n, func() error { return unix.Connect(fd, to) })
}

// crowd starts n processes that wait for the end of a pipe.
func crowd(n int) (time.Duration, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return 0, err
	}
	var all []*exec.Cmd
	began := time.Now()
	for range n {
		c := exec.Command("cat")
		c.Stdin = r
		if err := c.Start(); err != nil {
			return 0, err
		}
		all = append(all, c)
	}
	each := time.Since(began) / time.Duration(n)
	w.Close()
	for _, c := range all {
		if err := c.Wait(); err != nil {
			return 0, err
		}
	}
	return each, nil
}
