package main

import (
	"errors"
	"path/filepath"

	"strait/policy/enforce"
)

// stateDir is where what outlives a run is kept: the audit log of the last one,
// and sessions that were not reviewed. It is empty where there is none.
func stateDir() string {
	last := lastAudit()
	if last == "" {
		return ""
	}
	return filepath.Dir(last)
}

// auditLogs are the one of the last run and the one that was asked for.
type auditLogs []*auditLog

// openAudits opens them. That the last run's is not to be had is no reason not
// to run.
func openAudits(name string) (auditLogs, error) {
	var all auditLogs
	if last, err := openAudit(""); err == nil {
		all = append(all, last)
	}
	if name == "" {
		return all, nil
	}
	asked, err := openAudit(name)
	if err != nil {
		return nil, errors.Join(err, all.close())
	}
	return append(all, asked), nil
}

// write writes a decision; flush has it on disk whatever becomes of us.
func (all auditLogs) write(r *enforce.Record, flush bool) {
	for _, l := range all {
		l.write(r)
		if flush {
			_ = l.buf.Flush() // a Writer keeps its error for close
		}
	}
}

func (all auditLogs) close() error {
	var err error
	for _, l := range all {
		err = errors.Join(err, l.close())
	}
	return err
}
