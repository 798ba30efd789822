package syscalls

// waitstatus adds the status that wait4(2) stored, in the words of the macros
// that test it: [{WIFEXITED(s) && WEXITSTATUS(s) == 0}]. arg[0] is the result
// of the call: without a child the status means nothing.
func (d *Decoder) waitstatus(v value, arg []uint64) {
	if int64(arg[0]) <= 0 || !d.succeeded() {
		d.address(v.raw)
		return
	}
	s, ok := d.peekWidth(v.raw, 4, true, false)
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: WaitStatus, Val: s, Width: 4, Table: d.abi.table(tbPtraceEvent)})
	d.Close()
	d.Close()
}

// waitidID adds the id argument of waitid(2), whose meaning arg[0] (P_PID,
// P_PGID, P_PIDFD) says.
func (d *Decoder) waitidID(v value, arg []uint64) {
	kind := Int
	switch arg[0] {
	case 1:
		kind = TGID
	case 2:
		kind = PGID
	case 3:
		kind = FD
	}
	n := Node{Kind: kind, Val: extend(v.raw, 4, true), Width: 4}
	d.named(&n)
	d.Add(n)
}
