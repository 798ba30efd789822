package syscalls

// restartOf adds the name of the call that restart_syscall(2) goes on with, if
// it is known: <... resuming interrupted nanosleep ...>.
func (d *Decoder) restartOf(_ value, _ []uint64) {
	name := "restart_syscall"
	if c := d.ev.Interrupted; c != nil {
		name = c.Name
	}
	d.Add(Node{Kind: Resuming, Name: name})
}
