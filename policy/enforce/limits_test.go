package enforce

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

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
