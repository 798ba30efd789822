package syscalls

const restartCall = "restart_syscall"

// Begun is the call that a restart_syscall(2) after call number nr goes on with:
// nr's, or prev if nr is itself a restart_syscall.
func (a *ABI) Begun(nr uint64, prev *Call) *Call {
	c := a.Call(nr)
	if c != nil && prev != nil && c.Name == restartCall {
		return prev
	}
	return c
}

// restartOf adds the name of the call that restart_syscall(2) goes on with, if
// it is known: <... resuming interrupted nanosleep ...>.
func (d *Decoder) restartOf(_ value, _ []uint64) {
	name := restartCall
	if c := d.ev.Interrupted; c != nil {
		name = c.Name
	}
	d.Add(Node{Kind: Resuming, Name: name})
}
