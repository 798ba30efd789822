package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"

	"strait/policy/enforce"
)

// An auditLog has the decisions of a run, a JSON object a line: in the file
// that was asked for, which it is added to, and in one that has the last run.
type auditLog struct {
	files []*os.File
	bufs  []*bufio.Writer
	each  bool // every line is written at once
	err   error
}

// stateDir is where what outlives a run is kept: the audit log of the last one,
// and sessions that were not reviewed. It is empty where there is none; see the
// XDG base directory specification.
func stateDir() string {
	dir := os.Getenv("XDG_STATE_HOME")
	if !filepath.IsAbs(dir) {
		home, err := os.UserHomeDir()
		if err != nil {
			return ""
		}
		dir = filepath.Join(home, ".local", "state")
	}
	return filepath.Join(dir, "strait")
}

func openAudit(name string, all bool) (*auditLog, error) {
	a := &auditLog{each: !all}
	if dir := stateDir(); dir != "" {
		// Not to have it is no reason not to run.
		if err := os.MkdirAll(dir, 0o700); err == nil {
			if f, err := os.OpenFile(filepath.Join(dir, "last.jsonl"), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600); err == nil {
				a.add(f)
			}
		}
	}
	if name == "" {
		return a, nil
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, errors.Join(err, a.close())
	}
	a.add(f)
	return a, nil
}

func (a *auditLog) add(f *os.File) {
	a.files, a.bufs = append(a.files, f), append(a.bufs, bufio.NewWriterSize(f, 64<<10))
}

func (a *auditLog) write(r *enforce.Record) {
	line, err := json.Marshal(r)
	if err != nil {
		a.err = errors.Join(a.err, err)
		return
	}
	for _, b := range a.bufs {
		_, _ = b.Write(append(line, '\n')) // a Writer keeps its error for Flush
		if a.each {
			_ = b.Flush()
		}
	}
}

func (a *auditLog) close() error {
	err := a.err
	for i, f := range a.files {
		err = errors.Join(err, a.bufs[i].Flush(), f.Close())
	}
	return err
}
