package syscalls

// Descriptors of other processes: kcmp(2), pidfd_getfd(2).

// fdOf adds a descriptor of the process with id arg[0].
func (d *Decoder) fdOf(v value, arg []uint64) {
	d.foreignFD(v, func(t ForeignFDNamer, dst []byte, fd int32) []byte { return t.AppendFDOf(dst, int32(arg[0]), fd) })
}

// fdBehind adds a descriptor of the process that the tracee's descriptor arg[0],
// a pidfd, refers to.
func (d *Decoder) fdBehind(v value, arg []uint64) {
	d.foreignFD(v, func(t ForeignFDNamer, dst []byte, fd int32) []byte { return t.AppendFDBehind(dst, int32(arg[0]), fd) })
}

func (d *Decoder) foreignFD(v value, name func(t ForeignFDNamer, dst []byte, fd int32) []byte) {
	n := Node{Kind: FD, Val: uint64(uint32(v.raw)), Width: 4}
	a := len(d.ev.arena)
	if t, ok := d.t.(ForeignFDNamer); ok && d.FDs {
		d.ev.arena = name(t, d.ev.arena, int32(n.Val))
	}
	d.called(&n, a)
	d.Add(n)
}
