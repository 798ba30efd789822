package main

import (
	"errors"
	"path"
	"slices"

	"strait/forkexec"

	"golang.org/x/sys/unix"
)

// runPlain runs a program that is neither traced nor judged.
func (l *runLine) runPlain(cmd *forkexec.Cmd, loud *messages) (exitStatus, error) {
	cmd.ParentDeath = unix.SIGKILL // for where no init of ours sees to that
	p, clean, err := startContained(cmd)
	if err != nil {
		return exitStatus{}, err
	}
	stop := relaySignals(p, cmd.Setsid)
	r, err := p.Wait()
	stop()
	err = errors.Join(err, clean())
	if r == nil {
		return exitStatus{}, err
	}
	return l.conclude(r, loud), err
}

// startContained starts a program so that all that it starts ends with it: in
// a cgroup, or in a pid namespace with a /proc to match. Where the kernel
// allows neither, clean looks for what is left.
func startContained(cmd *forkexec.Cmd) (p *forkexec.Process, clean func() error, err error) {
	clean = func() error { return nil }
	if cmd.Cgroup != "" || cmd.Namespaces&unix.CLONE_NEWPID != 0 {
		p, err = forkexec.Start(cmd)
		return p, clean, err
	}
	contained := *cmd
	contained.Contain = true
	if !hasProc(cmd) {
		withProc := contained
		withProc.Namespaces |= unix.CLONE_NEWNS
		withProc.Mounts = append(slices.Clone(cmd.Mounts), forkexec.Mount{Type: "proc", Target: "/proc", Options: "nosuid,nodev,noexec"})
		p, err = forkexec.Start(&withProc)
		if !refusedNamespace(err, len(cmd.Mounts)) {
			return p, clean, err
		}
	}
	p, err = forkexec.Start(&contained)
	if !refusedNamespace(err, -1) {
		return p, clean, err
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return nil, nil, err
	}
	p, err = forkexec.Start(cmd)
	return p, sweep, err
}

// hasProc says whether the program's /proc is settled: it has a root of its
// own, or something is mounted there.
func hasProc(cmd *forkexec.Cmd) bool {
	return cmd.Root != "" || slices.ContainsFunc(cmd.Mounts, func(m forkexec.Mount) bool {
		target := path.Clean(m.Target)
		return target == "/" || target == "/proc"
	})
}

// refusedNamespace says whether a start failed because of what was added to
// contain it: a namespace that this kernel, or the container that we are in,
// does not allow, or a mount in it.
func refusedNamespace(err error, mount int) bool {
	var e *forkexec.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Step {
	case forkexec.StepClone, forkexec.StepInit, forkexec.StepIDMap, forkexec.StepPrivate:
		return !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOMEM)
	case forkexec.StepMount:
		return e.Index == mount
	}
	return false
}
