package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// cgroupValue is what --cgroup says.
type cgroupValue struct{ dir string }

// The words of --cgroup that are no directory.
const (
	cgroupAuto = "auto"
	cgroupNone = "none"
)

// Set takes a directory or a word.
func (v *cgroupValue) Set(s string) error {
	if s != cgroupAuto && s != cgroupNone && !strings.HasPrefix(s, "/") {
		return errors.New("want a directory, auto or none")
	}
	v.dir = s
	return nil
}
func (v *cgroupValue) String() string { return "" }

// Type is what the argument is called.
func (v *cgroupValue) Type() string { return "DIR" }

// place puts the program into a cgroup: the one given, or where a limit can
// use one and --cgroup does not say none, one that is found.
func (v *cgroupValue) place(c *forkexec.Cmd) error {
	l := c.Limits
	var controllers []string
	for _, x := range []struct {
		name   string
		needed bool
	}{{"memory", l.Memory > 0}, {"pids", l.Procs > 0}, {"cpu", l.CPUs > 0}} {
		if x.needed {
			controllers = append(controllers, x.name)
		}
	}
	switch {
	case v.dir == cgroupNone && l.CPUs > 0:
		return badUsage("--cpus needs a cgroup, and --cgroup none has none")
	case v.dir == cgroupNone, v.dir == "" && len(controllers) == 0:
		return nil
	case v.dir != "" && v.dir != cgroupAuto:
		c.Cgroup = v.dir
		return nil
	}
	dir, err := findCgroup("/proc/self", controllers)
	switch {
	case err != nil && v.dir == cgroupAuto:
		return fmt.Errorf("--cgroup auto: %w", err)
	case err != nil && l.CPUs > 0:
		return fmt.Errorf("--cpus: %w", err)
	}
	c.Cgroup = dir
	return nil
}

// findCgroup finds the nearest cgroup above the process's own, or itself, in
// which this user may make one with all the controllers, and move a process
// there from its own (cgroups(7), "Delegation").
func findCgroup(proc string, controllers []string) (string, error) {
	mount, err := cgroupMount(filepath.Join(proc, "mountinfo"))
	if err != nil {
		return "", err
	}
	data, err := os.ReadFile(filepath.Join(proc, "cgroup"))
	if err != nil {
		return "", err
	}
	own := ""
	for line := range strings.Lines(string(data)) {
		if path, ok := strings.CutPrefix(line, "0::"); ok {
			own = strings.TrimSpace(path)
		}
	}
	for dir := filepath.Clean("/" + own); ; dir = filepath.Dir(dir) {
		full := filepath.Join(mount, dir)
		if usableCgroup(full, controllers, dir == "/") {
			return full, nil
		}
		if dir == "/" {
			break
		}
	}
	return "", errors.New("no cgroup v2 here in which one may be made with " + strings.Join(append(controllers, "cgroup.kill"), ", "))
}

// cgroupMount is where the cgroup2 file system is mounted.
func cgroupMount(mountinfo string) (string, error) {
	data, err := os.ReadFile(mountinfo)
	if err != nil {
		return "", err
	}
	for line := range strings.Lines(string(data)) {
		before, after, _ := strings.Cut(line, " - ")
		if fields := strings.Fields(before); len(fields) > 4 && strings.HasPrefix(after, "cgroup2 ") {
			return fields[4], nil
		}
	}
	return "", errors.New("no cgroup v2 file system is mounted")
}

// usableCgroup says whether a child of ours can be started in a new group in
// dir. Only the root may have both processes and controllers for its children.
func usableCgroup(dir string, controllers []string, root bool) bool {
	for _, file := range []string{"", "cgroup.procs", "cgroup.subtree_control"} {
		if unix.Access(filepath.Join(dir, file), unix.W_OK) != nil {
			return false
		}
	}
	enabled, _ := os.ReadFile(filepath.Join(dir, "cgroup.subtree_control"))
	there, _ := os.ReadFile(filepath.Join(dir, "cgroup.controllers"))
	procs, err := os.ReadFile(filepath.Join(dir, "cgroup.procs"))
	mayEnable := root || err == nil && len(procs) == 0
	for _, name := range controllers {
		if slices.Contains(strings.Fields(string(enabled)), name) {
			continue
		}
		if !mayEnable || !slices.Contains(strings.Fields(string(there)), name) {
			return false
		}
	}
	return !errors.Is(err, fs.ErrNotExist)
}
