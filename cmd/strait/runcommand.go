package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// traceToStderr is --trace without a file.
const traceToStderr = "-"

// command is what the flags mean together.
func (l *runLine) command() (*forkexec.Cmd, error) {
	o := &l.runOptions
	env := changeEnv(changeEnv(os.Environ(), o.env), l.trace.Env)
	c := &forkexec.Cmd{
		Path: l.trace.Program[0], Args: slices.Clone(l.trace.Program), Env: env, Search: search(env),
		Dir: o.dir, Setsid: o.newSession, CloseFiles: o.closeFDs,
		Root: o.root, ReadonlyRoot: o.readOnly, Mounts: slices.Clone(o.mounts), Hostname: o.hostname, Domainname: o.domain,
		Umask: o.umask.n, Nice: o.nice.n, OOMScoreAdj: o.oomScore.n, NoASLR: o.noASLR,
		NoNewPrivs: o.noNewPrivs, Limits: o.limits, Rlimits: o.rlimits, IgnoredSignals: ignoredSignals(), PIDFD: true,
	}
	if l.trace.Argv0 != nil {
		c.Args[0] = *l.trace.Argv0
	}
	if o.closeFDs {
		c.Files = []int{forkexec.FileKept, forkexec.FileKept, forkexec.FileKept}
	}
	if o.caps.set {
		c.Caps = &forkexec.Caps{Keep: ^o.caps.drop, Ambient: o.caps.ambient & (1<<(unix.CAP_LAST_CAP+1) - 1)}
	}
	for _, step := range []func(*forkexec.Cmd) error{o.namespaces, o.users, l.user, o.loadFilter} {
		if err := step(c); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// outputs has the program's output counted, where it is limited.
func (l *runLine) outputs(c *forkexec.Cmd) {
	if l.limits.Output > 0 {
		c.Stdout, c.Stderr = os.Stdout, os.Stderr
	}
}

// search is $PATH of the program's environment, or what execvp(3) has for it.
func search(env []string) string {
	for _, v := range env {
		if path, ok := strings.CutPrefix(v, "PATH="); ok {
			return path
		}
	}
	return "/bin:/usr/bin"
}

// namespaces adds those that other flags need.
func (o *runOptions) namespaces(c *forkexec.Cmd) error {
	c.Namespaces = o.unshare
	for _, need := range []struct {
		asked bool
		flag  uintptr
	}{
		{o.noNet, unix.CLONE_NEWNET},
		{o.root != "" || o.readOnly || len(o.mounts) > 0, unix.CLONE_NEWNS},
		{o.hostname != "" || o.domain != "", unix.CLONE_NEWUTS},
		{o.asPID1, unix.CLONE_NEWPID},
		{o.mapRoot || len(o.mapUsers)+len(o.mapGroups) > 0, unix.CLONE_NEWUSER},
		{o.uid.beyond(uidOf, os.Geteuid(), unix.CAP_SETUID), unix.CLONE_NEWUSER},
		{o.gid.beyond(gidOf, os.Getegid(), unix.CAP_SETGID), unix.CLONE_NEWUSER},
	} {
		if need.asked {
			c.Namespaces |= need.flag
		}
	}
	if c.Namespaces != 0 && !forkexec.Capable(unix.CAP_SYS_ADMIN) {
		c.Namespaces |= unix.CLONE_NEWUSER
	}
	c.Init = c.Namespaces&unix.CLONE_NEWPID != 0 && !o.asPID1
	return nil
}

// users fills the mappings of a user namespace: as given, else the caller
// becomes root, or --uid and --gid, or stays who it is.
func (o *runOptions) users(c *forkexec.Cmd) error {
	if c.Namespaces&unix.CLONE_NEWUSER == 0 {
		return nil
	}
	if o.mapRoot && (o.uid.set || o.gid.set || len(o.mapUsers)+len(o.mapGroups) > 0) {
		return badUsage("--map-root says who the program is; --uid, --gid, --map-users and --map-groups contradict it")
	}
	for _, m := range []struct {
		to      *[]forkexec.IDMap
		given   []forkexec.IDMap
		id      *idValue
		lookUp  func(string) (string, error)
		outside int
	}{
		{&c.UIDMap, o.mapUsers, &o.uid, uidOf, os.Geteuid()},
		{&c.GIDMap, o.mapGroups, &o.gid, gidOf, os.Getegid()},
	} {
		inside := uint32(m.outside)
		switch {
		case len(m.given) > 0:
			*m.to = slices.Clone(m.given)
			continue
		case o.mapRoot:
			inside = 0
		case m.id.set:
			n, err := m.id.number(m.lookUp)
			if err != nil {
				return err
			}
			inside = n
		}
		*m.to = []forkexec.IDMap{{Inside: inside, Outside: uint32(m.outside), Count: 1}}
	}
	// With no group but its own, a user may not (user_namespaces(7)).
	own := forkexec.IDMap{Inside: c.GIDMap[0].Inside, Outside: uint32(os.Getegid()), Count: 1}
	c.AllowSetgroups = len(c.GIDMap) > 1 || c.GIDMap[0] != own
	return nil
}

// user changes the user and groups where no mapping of one does: by -u with
// all groups of the user, by --uid and --gid with none.
func (l *runLine) user(c *forkexec.Cmd) error {
	o := &l.runOptions
	if l.trace.UserSet {
		if o.uid.set || o.gid.set {
			return badUsage("-u and --uid or --gid say different things")
		}
		c.Credential = &forkexec.Credential{UID: l.trace.Creds.UID, GID: l.trace.Creds.GID, Groups: l.trace.Creds.Groups}
		return nil
	}
	inNamespace := c.Namespaces&unix.CLONE_NEWUSER != 0
	single := inNamespace && len(o.mapUsers)+len(o.mapGroups) == 0
	if single || !o.uid.set && !o.gid.set {
		return nil
	}
	cred := &forkexec.Credential{UID: noID, GID: noID}
	for _, x := range []struct {
		id     *idValue
		to     *uint32
		lookUp func(string) (string, error)
	}{{&o.uid, &cred.UID, uidOf}, {&o.gid, &cred.GID, gidOf}} {
		if !x.id.set {
			continue
		}
		n, err := x.id.number(x.lookUp)
		if err != nil {
			return err
		}
		*x.to = n
	}
	// Whoever may not change the groups may still ask for the ids it has.
	cred.NoSetGroups = !forkexec.Capable(unix.CAP_SETGID)
	if inNamespace {
		cred.NoSetGroups = !c.AllowSetgroups
	}
	c.Credential = cred
	return nil
}

// noID leaves a user or group as it is: setresuid(2).
const noID = ^uint32(0)

// loadFilter reads the filter of --seccomp.
func (o *runOptions) loadFilter(c *forkexec.Cmd) error {
	if o.seccomp == "" {
		return nil
	}
	data, err := os.ReadFile(o.seccomp)
	if err != nil {
		return fmt.Errorf("--seccomp: %w", err)
	}
	c.Seccomp = make([]unix.SockFilter, len(data)/unix.SizeofSockFilter)
	if n, err := binary.Decode(data, binary.NativeEndian, c.Seccomp); err != nil || n != len(data) || n == 0 {
		return fmt.Errorf("--seccomp: %s: %w", o.seccomp, errors.New("no struct sock_filter[]"))
	}
	c.NoNewPrivs = c.NoNewPrivs || !forkexec.Capable(unix.CAP_SYS_ADMIN)
	return nil
}
