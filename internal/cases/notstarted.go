package cases

import (
	"cmp"
	"errors"
	"fmt"
	"os"

	"strait/forkexec"
	"strait/policy/enforce"

	"golang.org/x/sys/unix"
)

// notStarted says why a program could not be started, and what to do about it where
// the kernel's one word for it has several reasons (execve(2)).
func (r *running) notStarted(err error) error {
	text := "run: " + r.rec.own.Replace(err.Error())
	var e *forkexec.Error
	if errors.As(err, &e) && e.Step == forkexec.StepExec {
		if why := whyNot(r.cmd.Path, e.Err); why != "" {
			text += " (" + why + ")"
		}
	}
	return &Failure{r.t.c.place("run"), text}
}

// whyNot is what is wrong with a file that execve refused; "" if nothing is seen.
func whyNot(path string, err error) string {
	st, statErr := os.Stat(path)
	if statErr != nil {
		return ""
	}
	switch {
	case errors.Is(err, unix.EACCES) && st.IsDir():
		return "it is a folder"
	case errors.Is(err, unix.EACCES) && st.Mode()&0o111 == 0:
		return "it is not executable: chmod +x FILE, or mode: 0755 where files: has it"
	case errors.Is(err, unix.ENOENT):
		if name := interpreter(path); name != "" {
			return fmt.Sprintf("what it is run by, %s, is not there", name)
		}
	case errors.Is(err, unix.ENOEXEC):
		return "it is no program for this machine, and a script begins with #!/bin/sh"
	}
	return ""
}

// interpreter is what the kernel starts to run a file.
func interpreter(path string) string {
	f, err := os.Open(path)
	if err != nil {
		return ""
	}
	defer f.Close()
	script, loader := enforce.Interpreters(f)
	return cmp.Or(script, loader)
}
