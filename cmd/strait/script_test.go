package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"strait/forkexec"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){
		"strait": func() { os.Exit(straitMain(os.Args, os.Stdout, os.Stderr)) },
	})
}

// haveUserNS says whether this user may have namespaces, and mounts in them.
func haveUserNS() bool {
	p, err := forkexec.Start(&forkexec.Cmd{
		Path: "/bin/true", Namespaces: unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		Mounts: []forkexec.Mount{{Type: "proc", Target: "/proc"}},
	})
	if err != nil {
		return false
	}
	_, err = p.Wait()
	return err == nil
}

// TestScripts runs the command lines of testdata/script.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: filepath.Join("..", "..", "testdata", "script"),
		Condition: func(cond string) (bool, error) {
			switch cond {
			case "root":
				return os.Geteuid() == 0, nil
			case "userns":
				return haveUserNS(), nil
			}
			_, err := exec.LookPath(cond)
			return err == nil, nil
		},
	})
}
