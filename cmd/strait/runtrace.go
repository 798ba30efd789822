package main

import (
	"context"
	"errors"

	"strait/forkexec"
	"strait/tracer"

	"golang.org/x/sys/unix"
)

// runTraced runs a program and traces it as the options of tracing say. The
// tracer knows all that the program starts, and ends it.
func (l *runLine) runTraced(e *environment, cmd *forkexec.Cmd, loud *messages) (exitStatus, error) {
	o := l.trace
	out, err := openOutput(o, loud)
	if err != nil {
		return exitStatus{}, err
	}
	defer out.close()
	if err := o.checkQuiet(); err != nil {
		return exitStatus{}, err
	}
	t, err := tracer.New(tracer.Options{
		TellExiting: o.Summary != summaryOnly, FollowForks: true, ExitKill: true, CPUTime: o.Summary != summaryNone && !o.Wall,
	})
	if err != nil {
		return exitStatus{}, err
	}
	s := &session{o: o, name: e.Name + " run", t: t, loud: loud, alone: true}
	s.prepare(out)
	p, err := t.Start(cmd)
	if err != nil {
		return exitStatus{}, errors.Join(err, t.Close(tracer.KillThem))
	}
	s.main, s.proc = p.PID(), p
	stop := relaySignals(p, cmd.Setsid)
	err = s.run(context.Background()) // signals are the program's
	stop()
	s.summary(out)
	if s.execErr != nil {
		return exitStatus{}, s.execErr
	}
	r, rerr := p.Reaped(waitStatus(s.status), nil)
	if err = errors.Join(err, rerr); err != nil {
		return exitStatus{}, err
	}
	return l.conclude(r, loud), nil
}

// waitStatus is the status that wait4(2) has for such an end.
func waitStatus(x exitStatus) unix.WaitStatus { return unix.WaitStatus(x.code&0xff<<8 | x.sig) }
