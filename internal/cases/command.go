package cases

import (
	"os"
	"path/filepath"
	"strings"

	"strait/forkexec"
	"strait/internal/golden"
)

// A Command is a program of a case made in code. Without a Dir it runs in a
// scratch folder, as one of a case file does.
type Command struct {
	Path  string
	Args  []string // the first is the program's name
	Dir   string   // where it is started instead of in a scratch folder; absolute
	Env   []string // with Dir: all of its environment
	Files []*os.File
	Paths []golden.Replacement // names that are others in every run
	// Stacks takes the stacks of all calls, for what is new: with Dir there is no
	// second run that could.
	Stacks bool
}

// isPlaced says whether the program runs where the case says.
func (c *Case) isPlaced() bool { return c.Command != nil && c.Command.Dir != "" }

func (c *Case) stacksAtOnce() bool { return c.Command != nil && c.Command.Stacks }

// place puts the folders of a command in the place of our own.
func (s *scratch) place(c *Command) {
	s.work = c.Dir
	if real, err := filepath.EvalSymlinks(c.Dir); err == nil {
		s.work = real
	}
	s.tmp = "/tmp"
	for _, v := range c.Env {
		name, dir, _ := strings.Cut(v, "=")
		switch {
		case !filepath.IsAbs(dir) || filepath.Clean(dir) == "/":
		case name == "HOME":
			s.home = filepath.Clean(dir)
		case name == "TMPDIR":
			s.tmp = filepath.Clean(dir)
		}
	}
}

// set makes a command what is started.
func (c *Command) set(cmd *forkexec.Cmd) {
	if c.Dir != "" {
		cmd.Env = c.Env
	}
	for _, f := range c.Files {
		cmd.Files = append(cmd.Files, int(f.Fd()))
	}
}
