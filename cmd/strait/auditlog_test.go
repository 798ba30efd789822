package main

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"strait/policy/enforce"
)

// TestAuditLog: what a run writes, why reads.
func TestAuditLog(t *testing.T) {
	t.Setenv("XDG_STATE_HOME", t.TempDir())
	for range 2 { // the second begins anew
		log, err := openAudit("")
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			log.write(&enforce.Record{
				Time: time.Unix(0, 0), TID: 7, Exe: "/usr/bin/cat", Profile: "main", Call: "openat", Rule: "deny(EPERM) fs.read /x", At: "p.yaml:4",
				Effect: "fs.read", Object: "/x", Decided: "deny(EPERM)", By: "performed",
			})
		}
		if err := log.close(); err != nil {
			t.Fatal(err)
		}
	}
	var out bytes.Buffer
	v := newPolicyCommand("strait policy why", &out, &out)
	status, err := v.whyAudit(lastAudit(), nil)
	if err != nil || status != statusNo || !strings.Contains(out.String(), "deny(EPERM) openat: fs.read /x (3×)\n  p.yaml:4: deny(EPERM) fs.read /x\n") {
		t.Errorf("status %d, %v: %s", status, err, out.String())
	}
}

// A home directory that is not there is not made.
func TestAuditLogWithoutHome(t *testing.T) {
	home := filepath.Join(t.TempDir(), "none")
	t.Setenv("XDG_STATE_HOME", "")
	t.Setenv("HOME", home)
	logs, err := openAudits("")
	if err != nil || len(logs) != 0 {
		t.Errorf("%d logs, %v", len(logs), err)
	}
	if _, err := os.Lstat(home); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the home directory: %v", err)
	}
}

// A log that has nothing to show says so.
func TestNothingToExplain(t *testing.T) {
	empty, one := filepath.Join(t.TempDir(), "empty"), filepath.Join(t.TempDir(), "one")
	for name, text := range map[string]string{empty: "", one: `{"call":"openat","decision":"deny(EPERM)"}` + "\n"} {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for name, want := range map[string]string{empty: "nothing to explain", one: "none of the 1 decision has all"} {
		var out, err bytes.Buffer
		v := newPolicyCommand("strait policy why", &out, &err)
		status, e := v.whyAudit(name, []string{"connect"})
		if e != nil || status != statusYes || out.Len() != 0 || !strings.Contains(err.String(), want) {
			t.Errorf("%s: status %d, %v, %q, %q", want, status, e, out.String(), err.String())
		}
	}
}
