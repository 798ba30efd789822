package forkexec

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// mapIDs fills the child's user namespace, which waits for it.
func (s *start) mapIDs() error {
	c := s.cmd
	for _, m := range []struct {
		what, file string
		maps       []IDMap
		id, power  int
		program    string
		fallback   string
	}{
		{"uid_map", "uid_map", c.UIDMap, unix.Geteuid(), unix.CAP_SETUID, c.NewUIDMap, "newuidmap"},
		{"gid_map", "gid_map", c.GIDMap, unix.Getegid(), unix.CAP_SETGID, c.NewGIDMap, "newgidmap"},
	} {
		if len(m.maps) == 0 {
			continue
		}
		own := len(m.maps) == 1 && m.maps[0].Count == 1 && int(m.maps[0].Outside) == m.id
		var err error
		if m.file == "gid_map" && !c.AllowSetgroups {
			err = s.writeProc("setgroups", "deny")
		}
		switch {
		case err != nil:
		case !own && !Capable(m.power):
			err = s.mapByProgram(m.program, m.fallback, m.maps)
		default:
			err = s.writeProc(m.file, mapLines(m.maps))
		}
		if err != nil {
			return &Error{Kind: KindSynchronisation, Step: StepIDMap, Index: -1, Subject: m.what, Err: err}
		}
	}
	return nil
}

// mapLines is the form of /proc/PID/uid_map, user_namespaces(7). It has to be
// written at once.
func mapLines(maps []IDMap) string {
	var b strings.Builder
	for _, m := range maps {
		fmt.Fprintf(&b, "%d %d %d\n", m.Inside, m.Outside, m.Count)
	}
	return b.String()
}

func (s *start) writeProc(name, text string) error {
	return writeExisting("/proc/"+strconv.Itoa(s.pid)+"/"+name, text)
}

// writeExisting writes to a file of a kernel's file system by one write.
func writeExisting(path, text string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// mapByProgram has newuidmap(1) or newgidmap(1) do what the caller may not.
func (s *start) mapByProgram(program, fallback string, maps []IDMap) error {
	if program == "" {
		var err error
		if program, err = exec.LookPath(fallback); err != nil {
			return fmt.Errorf("mapping more than one's own id: %w", err)
		}
	}
	args := []string{program, strconv.Itoa(s.pid)}
	for _, m := range maps {
		for _, n := range []uint32{m.Inside, m.Outside, m.Count} {
			args = append(args, strconv.FormatUint(uint64(n), 10))
		}
	}
	var said strings.Builder
	p, err := Start(&Cmd{Path: program, Args: args, Stdout: &said, Stderr: &said})
	if err != nil {
		return err
	}
	r, err := p.Wait()
	if err != nil {
		return err
	}
	if r.Status != 0 {
		return fmt.Errorf("%s: %w: %s", program, deathError(r.Status), strings.TrimSpace(said.String()))
	}
	return nil
}
