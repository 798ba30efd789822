package main

import (
	"errors"
	"fmt"
	"strings"

	"strait/forkexec"
)

// startFlags are the flags that are fields of forkexec.Cmd.
var startFlags = map[string]string{
	"Hostname": "hostname", "Domainname": "domainname", "Root": "root", "UIDMap": "map-users", "GIDMap": "map-groups",
	"Dir": "chdir", "Nice": "nice", "OOMScoreAdj": "oom-score-adj", "Caps": "cap-add", "Cgroup": "cgroup",
}

// byFlag says an error about what the program was to start with in the words of
// the command line, where it has forkexec's.
func (l *runLine) byFlag(err error) error {
	var e *forkexec.Error
	if !errors.As(err, &e) {
		return err
	}
	field, _, _ := strings.Cut(e.Subject, "[")
	switch flag := startFlags[field]; {
	case strings.HasPrefix(e.Subject, "Rlimits[") && e.Index < len(l.rlimits):
		return fmt.Errorf("--rlimit %s: %w", rlimitName(l.rlimits[e.Index].Resource), e.Err)
	case e.Step != forkexec.StepCheck:
		return err
	case field == "Mounts" && e.Index < len(l.mounts):
		return fmt.Errorf("mount %s on %s: %w", l.mounts[e.Index].Type, l.mounts[e.Index].Target, e.Err)
	case flag != "":
		return fmt.Errorf("--%s: %w", flag, e.Err)
	}
	return err
}
