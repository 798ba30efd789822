package tracer

import (
	"strait/forkexec"
)

// Start starts a program and traces it from its first execve on. It sets c's
// Ptrace and PtraceOptions. The program has not run when Start returns: the
// loop yields its NewTask stop and then the entry of its execve. If it ends
// without an Exec stop, the process's ExecError says why; the tracer reaps it.
func (t *Tracer) Start(c *forkexec.Cmd) (*forkexec.Process, error) {
	cmd := *c
	cmd.Ptrace, cmd.PtraceOptions = forkexec.PtraceSeize, int(t.flags)
	if t.opt.TraceMe {
		cmd.Ptrace = forkexec.PtraceTraceMe
	}
	placed := t.place.first(c.Cgroup != "")
	p, err := forkexec.Start(&cmd)
	if err != nil {
		t.place.slack(0)
		return nil, err
	}
	t.stamp()
	k := t.add(p.PID(), p.PID(), 0, !t.opt.TraceMe)
	k.state, k.fresh, k.born, k.starting = stopped, false, false, true
	t.place.started(k, placed)
	t.tell(k, NewTask)
	return p, nil
}
