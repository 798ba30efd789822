package forkexec

import (
	"os/exec"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// The time from start to the end of a program that does nothing. "fork" is what
// a start costs that cannot be a vfork.

func truePath(b *testing.B) string {
	path, err := exec.LookPath("true")
	if err != nil {
		b.Skip(err)
	}
	return path
}

func benchmark(b *testing.B, c *Cmd) {
	c.Files = []int{0, 1, 2}
	for b.Loop() {
		p, err := Start(c)
		if err != nil {
			b.Fatal(err)
		}
		if r, err := p.Wait(); err != nil || !r.Success() {
			b.Fatal(r, err)
		}
	}
}

func BenchmarkStart(b *testing.B) {
	path := truePath(b)
	b.Run("vfork", func(b *testing.B) { benchmark(b, &Cmd{Path: path, Env: []string{}}) })
	b.Run("fork", func(b *testing.B) {
		benchmark(b, &Cmd{Path: path, Env: []string{}, Sync: func(int) error { return nil }})
	})
	b.Run("namespaces", func(b *testing.B) {
		needUserNS(b)
		c := rooted(&Cmd{Path: path, Env: []string{}})
		c.Namespaces |= unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET
		benchmark(b, c)
	})
}

// BenchmarkOSExec is the same by os/exec, whose processes have what it gives.
func BenchmarkOSExec(b *testing.B) {
	path := truePath(b)
	run := func(b *testing.B, attr *unix.SysProcAttr) {
		for b.Loop() {
			cmd := exec.Command(path)
			cmd.Env = []string{}
			cmd.SysProcAttr = attr
			if err := cmd.Run(); err != nil {
				b.Fatal(err)
			}
		}
	}
	b.Run("plain", func(b *testing.B) { run(b, nil) })
	b.Run("namespaces", func(b *testing.B) {
		needUserNS(b)
		run(b, &unix.SysProcAttr{
			Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET,
			UidMappings: sysMap(unix.Geteuid()), GidMappings: sysMap(unix.Getegid()),
		})
	})
}

func sysMap(id int) []syscall.SysProcIDMap {
	return []syscall.SysProcIDMap{{ContainerID: 0, HostID: id, Size: 1}}
}
