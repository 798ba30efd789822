package enforce

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"strait/policy"

	"golang.org/x/sys/unix"
)

// TestKilledSupervisor: when the supervisor is killed, all that it started is, also
// what left its session and its parent.
func TestKilledSupervisor(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	c := program(t, "supervisor", "setsid sleep 1000 & echo $!; (sleep 1000 & echo $!); (setsid sh -c 'sleep 1000 & echo $!; sleep 1000' &) ; echo ready; wait")
	super := exec.Command(c.Path, c.Args[1:]...)
	super.Env, super.Stdout, super.Stderr = c.Env, w, w
	if err := super.Start(); err != nil {
		t.Fatal(err)
	}
	w.Close()
	in := bufio.NewReader(r)
	var pids []int
	for ready := false; !ready || len(pids) < 3; {
		line, err := in.ReadString('\n')
		if err != nil {
			t.Fatal(err, pids)
		}
		if pid, err := strconv.Atoi(strings.TrimSpace(line)); err == nil {
			pids = append(pids, pid)
		} else if ready = line == "ready\n"; !ready {
			t.Fatal(line)
		}
	}
	_ = super.Process.Kill()
	_ = super.Wait()
	// The pipe ends when nobody is left who could write to it.
	if err := r.SetReadDeadline(time.Now().Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadAll(in); err != nil {
		for _, pid := range pids {
			_ = unix.Kill(pid, unix.SIGKILL)
		}
		t.Error("something lives on: ", err, pids)
	}
}

// supervisorProgram runs a script under a policy that allows all.
func supervisorProgram(args []string) {
	err := func() error {
		f, err := policy.Parse("p.yaml", []byte("version: 1\nprofiles: {main: [\"allow *\"]}\n"))
		if err != nil {
			return err
		}
		p, err := policy.New(f, policy.Options{Vars: map[string]string{}})
		if err != nil {
			return err
		}
		e, err := New(Options{Policy: p})
		if err != nil {
			return err
		}
		if _, err := e.Start(shell(args[0])); err != nil {
			return err
		}
		_, err = e.Run(context.Background())
		return err
	}()
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// TestSetID: of a program that would get another user's rights it is said that it
// does not.
func TestSetID(t *testing.T) {
	dir := tree(t)
	name := filepath.Join(dir, "setid")
	if b, err := os.ReadFile("/bin/true"); err != nil || os.WriteFile(name, b, 0o755) != nil {
		t.Skip("/bin/true cannot be copied: ", err)
	}
	if err := os.Chown(name, 12345, -1); err != nil {
		if !errors.Is(err, unix.EPERM) {
			t.Fatal(err)
		}
		if name = setIDFile(); name == "" {
			t.Skip("an ordinary user cannot make a set-user-ID program of another's, and there is none")
		}
	} else if err := unix.Chmod(name, 0o4755); err != nil {
		t.Fatal(err)
	}
	c := shell(name + " </dev/null >/dev/null 2>&1; true")
	c.NoNewPrivs = true
	got := under(t, Options{Policy: broad(t, dir)}, c)
	warned := 0
	for _, r := range got.records {
		if strings.Contains(r.Warning, "no_new_privs") && r.Object == name && r.Decided == "allow" {
			warned++
		}
	}
	if warned != 1 || got.status != 0 {
		t.Error(warned, &got)
	}
}

// setIDFile finds a set-user-ID program.
func setIDFile() string {
	for _, name := range []string{"/usr/bin/passwd", "/usr/bin/su", "/usr/bin/mount"} {
		if fi, err := os.Stat(name); err == nil && fi.Mode()&os.ModeSetuid != 0 {
			return name
		}
	}
	return ""
}

func TestLimits(t *testing.T) {
	for _, off := range []bool{false, true} {
		e, err := New(Options{Policy: broad(t, tree(t)), NoNotify: off})
		if err != nil {
			t.Fatal(err)
		}
		done := make(chan []string)
		go func() {
			var limits []string
			if _, err := e.Start(shell(":")); err == nil {
				limits = e.Limits()
				_, err = e.Run(context.Background())
			}
			done <- limits
		}()
		said := strings.Contains(strings.Join(<-done, "\n"), "no notifications")
		if said != (off || !notifications()) {
			t.Errorf("without notifications %v: %v", off, said)
		}
	}
}
