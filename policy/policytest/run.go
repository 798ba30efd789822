package policytest

import (
	"cmp"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"strait/internal/cases"
	"strait/internal/golden"
)

// Run runs a command that is not started yet, and fails the test for each
// expectation that does not hold. Without options the program has to exit with 0.
//
// Of the command Path, Args, Dir, Env, Stdin, Stdout, Stderr and ExtraFiles count;
// a context that it has does not, the test's does. Its standard output and error
// are files, as with strait test, and are copied when it has ended.
func Run(t testing.TB, cmd *exec.Cmd, options ...Option) {
	t.Helper()
	r := &run{cmd: cmd, c: &cases.Case{Name: "policytest", Env: map[string]string{}}, depth: golden.Calls}
	if err := r.prepare(options); err != nil {
		t.Fatalf("policytest: %v", err)
		return
	}
	o := cases.RunOptions{Update: updates(), Updater: updateVariable + "=1", Timeout: untilDeadline(t)}
	res := r.c.Test(t.Context(), o)
	for _, f := range res.Failures {
		t.Error(f.Error())
	}
	for _, file := range res.Updated {
		t.Logf("wrote %s", file)
	}
	for _, note := range res.Notes {
		t.Logf("%s", note)
	}
	for i, w := range []io.Writer{cmd.Stdout, cmd.Stderr} {
		if w == nil {
			continue
		}
		if _, err := w.Write(res.Output[i]); err != nil {
			t.Errorf("policytest: write %s of the program: %v", [...]string{"Stdout", "Stderr"}[i], err)
		}
	}
}

// updateVariable is the variable of the environment that has golden traces
// written.
const updateVariable = "STRAIT_UPDATE"

// updates says whether golden traces are to be written.
func updates() bool {
	if on, err := strconv.ParseBool(os.Getenv(updateVariable)); err == nil {
		return on
	}
	f := flag.Lookup("update")
	if f == nil {
		return false
	}
	g, ok := f.Value.(flag.Getter)
	if !ok {
		return false
	}
	on, _ := g.Get().(bool)
	return on
}

// untilDeadline is how long a program may take: so that there is time to say
// where it hangs before go test kills all.
func untilDeadline(t testing.TB) time.Duration {
	d, ok := t.(interface{ Deadline() (time.Time, bool) })
	if !ok {
		return 0
	}
	at, ok := d.Deadline()
	if !ok {
		return 0
	}
	return max(min(time.Until(at)*9/10, cases.DefaultTimeout), time.Millisecond)
}

// A run is one call of Run.
type run struct {
	cmd       *exec.Cmd
	c         *cases.Case
	scratch   bool
	depth     golden.Depth
	depthSaid bool
	anyOrder  []string
	ofGolden  bool // depth, order or noise were said
}

func (r *run) prepare(options []Option) error {
	wd, err := os.Getwd()
	if err != nil {
		return err
	}
	r.c.Dir = wd
	r.c.Command = &cases.Command{Args: r.cmd.Args, Files: r.cmd.ExtraFiles}
	for _, o := range options {
		if err := o.apply(r); err != nil {
			return err
		}
	}
	if r.cmd.Err != nil {
		return r.cmd.Err
	}
	if err := r.check(); err != nil {
		return err
	}
	r.place(wd)
	if err := r.stdin(); err != nil {
		return err
	}
	r.temporary()
	return nil
}

// check says what is wrong with the command.
func (r *run) check() error {
	switch {
	case r.cmd.Process != nil:
		return errors.New("the command was started before")
	case r.cmd.SysProcAttr != nil:
		return errors.New("the command has a SysProcAttr: say it with policytest.Settings")
	case r.scratch && r.cmd.Dir != "":
		return fmt.Errorf("the command has a Dir, %s, and policytest.Scratch runs it elsewhere", r.cmd.Dir)
	case slices.Contains(r.cmd.ExtraFiles, nil):
		return errors.New("the command has a nil among its ExtraFiles")
	case r.c.Expect.Enforce && r.c.Expect.Policy == "":
		return errors.New("policytest.Enforce needs a policytest.Policy")
	case r.c.Expect.Golden == nil && r.ofGolden:
		return errors.New("a depth, Noise or AnyOrder is given, and no policytest.Golden")
	}
	if g := r.c.Expect.Golden; g != nil {
		g.Depth, g.AnyOrder = r.depth, r.anyOrder
	}
	if len(r.cmd.Args) == 0 {
		r.c.Command.Args = []string{r.cmd.Path}
	}
	return nil
}

// place says where the program is and where it starts.
func (r *run) place(wd string) {
	c := r.c.Command
	c.Path = r.cmd.Path
	if r.scratch {
		for _, v := range r.cmd.Env {
			if name, value, ok := cut(v); ok {
				r.c.Env[name] = value
			}
		}
		return
	}
	c.Dir = cmp.Or(r.cmd.Dir, wd)
	if !filepath.IsAbs(c.Dir) {
		c.Dir = filepath.Join(wd, c.Dir)
	}
	if !filepath.IsAbs(c.Path) { // "evaluated relative to Dir": exec.Cmd
		c.Path = filepath.Join(c.Dir, c.Path)
	}
	c.Env = r.cmd.Environ()
}

func (r *run) stdin() error {
	if r.cmd.Stdin == nil {
		return nil
	}
	b, err := io.ReadAll(r.cmd.Stdin)
	if err != nil {
		return fmt.Errorf("read Stdin of the command: %w", err)
	}
	r.c.Stdin.Text = string(b)
	return nil
}
