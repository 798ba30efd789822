package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"strait/policy/enforce"
)

// An auditLog writes the decisions of a run, a JSON object a line.
type auditLog struct {
	f   *os.File
	buf *bufio.Writer
	enc *json.Encoder
	err error // the first
}

// openAudit begins a log in a file; "" is that of the last run, which begins anew.
func openAudit(name string) (*auditLog, error) {
	flags := os.O_CREATE | os.O_WRONLY | os.O_APPEND
	if name == "" {
		name = lastAudit()
		if name == "" {
			return nil, errors.New("no place for the audit log: neither XDG_STATE_HOME is set nor is there a home directory")
		}
		if err := os.MkdirAll(filepath.Dir(name), 0o700); err != nil {
			return nil, fmt.Errorf("audit log: %w", err)
		}
		flags = os.O_CREATE | os.O_WRONLY | os.O_TRUNC
	}
	f, err := os.OpenFile(name, flags, 0o600)
	if err != nil {
		return nil, fmt.Errorf("audit log: %w", err)
	}
	l := &auditLog{f: f, buf: bufio.NewWriter(f)}
	l.enc = json.NewEncoder(l.buf)
	l.enc.SetEscapeHTML(false)
	return l, nil
}

// write writes a decision; what goes wrong, close tells.
func (l *auditLog) write(r *enforce.Record) {
	if err := l.enc.Encode(r); l.err == nil {
		l.err = err
	}
}

// close writes what is left.
func (l *auditLog) close() error {
	err := errors.Join(l.err, l.buf.Flush(), l.f.Close())
	if err != nil {
		return fmt.Errorf("audit log: %w", err)
	}
	return nil
}
