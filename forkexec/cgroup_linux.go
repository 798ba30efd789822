package forkexec

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// cgroup is a group of cgroup v2 made for one child.
type cgroup struct {
	dir string
	fd  int
}

func cgroupError(err error) error {
	return &Error{Kind: KindConfiguration, Step: StepCgroup, Index: -1, Err: err}
}

// newCgroup makes a group in parent and sets its limits.
func newCgroup(parent string, l Limits) (*cgroup, error) {
	var st unix.Statfs_t
	if err := unix.Statfs(parent, &st); err != nil {
		return nil, cgroupError(&os.PathError{Op: "statfs", Path: parent, Err: err})
	}
	if uint32(st.Type) != unix.CGROUP2_SUPER_MAGIC {
		return nil, cgroupError(errors.New(parent + " is not in a cgroup v2 file system"))
	}
	dir, err := os.MkdirTemp(parent, "forkexec-")
	if err != nil {
		return nil, cgroupError(err)
	}
	g := &cgroup{dir: dir, fd: -1}
	err = g.limit(parent, l)
	if err == nil {
		g.fd, err = unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	}
	if err != nil {
		g.remove()
		return nil, cgroupError(err)
	}
	return g, nil
}

// limit writes the limits. A controller that the parent has not handed down is
// asked for.
func (g *cgroup) limit(parent string, l Limits) error {
	var files [][3]string
	if l.Memory > 0 {
		files = append(files, [3]string{"memory", "memory.max", strconv.FormatUint(l.Memory, 10)})
	}
	if l.Procs > 0 {
		files = append(files, [3]string{"pids", "pids.max", strconv.FormatUint(l.Procs, 10)})
	}
	if l.CPUs > 0 {
		files = append(files, [3]string{"cpu", "cpu.max", fmt.Sprintf("%d 100000", int(l.CPUs*100000))})
	}
	for _, f := range files {
		path := filepath.Join(g.dir, f[1])
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			if err := writeExisting(filepath.Join(parent, "cgroup.subtree_control"), "+"+f[0]); err != nil {
				return fmt.Errorf("controller %s: %w", f[0], err)
			}
		}
		if err := writeExisting(path, f[2]); err != nil {
			return err
		}
	}
	if l.Memory > 0 {
		// Memory that is swapped out is memory taken. Without swap there is
		// no such file.
		if err := writeExisting(filepath.Join(g.dir, "memory.swap.max"), "0"); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// add moves a process into the group, where clone3 could not start it there.
func (g *cgroup) add(pid int) error {
	if err := writeExisting(filepath.Join(g.dir, "cgroup.procs"), strconv.Itoa(pid)); err != nil {
		return cgroupError(err)
	}
	return nil
}

func (g *cgroup) closeFD() {
	if g != nil && g.fd >= 0 {
		_ = unix.Close(g.fd)
		g.fd = -1
	}
}

// kill kills everything in the group, and what that forks meanwhile.
func (g *cgroup) kill() error {
	err := writeExisting(filepath.Join(g.dir, "cgroup.kill"), "1")
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for range 1000 { // before Linux 5.14
		pids, err := os.ReadFile(filepath.Join(g.dir, "cgroup.procs"))
		if err != nil || len(pids) == 0 {
			return err
		}
		for _, word := range strings.Fields(string(pids)) {
			if pid, err := strconv.Atoi(word); err == nil {
				_ = unix.Kill(pid, unix.SIGKILL)
			}
		}
	}
	return errors.New("processes are forked faster than they are killed")
}

// remove kills what is left, waits until the group is empty and removes it.
// cgroup.events is polled for its change (cgroups(7)).
func (g *cgroup) remove() {
	if g == nil || g.dir == "" {
		return
	}
	g.closeFD()
	_ = g.kill()
	if f, err := os.Open(filepath.Join(g.dir, "cgroup.events")); err == nil {
		buf := make([]byte, 256)
		for range 1000 {
			n, err := f.ReadAt(buf, 0)
			if n == 0 && err != nil || strings.Contains(string(buf[:n]), "populated 0") {
				break
			}
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(f.Fd()), Events: unix.POLLPRI}}, 10)
		}
		_ = f.Close()
	}
	removeTree(g.dir)
	g.dir = ""
}

// removeTree removes a group and the groups that the child made in it. Only
// directories can be removed there, and are without what is in them.
func removeTree(dir string) {
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if e.IsDir() {
			removeTree(filepath.Join(dir, e.Name()))
		}
	}
	_ = unix.Rmdir(dir)
}

// number reads a file with one number, or the number after key in a file with
// a line a key.
func (g *cgroup) number(file, key string) uint64 {
	data, err := os.ReadFile(filepath.Join(g.dir, file))
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(data)) {
		fields := strings.Fields(line)
		if key == "" && len(fields) == 1 || len(fields) == 2 && fields[0] == key {
			n, _ := strconv.ParseUint(fields[len(fields)-1], 10, 64)
			return n
		}
	}
	return 0
}
