package syscalls

// An argument in two parts: what the kernel reads is shown at entry, and the rest
// of the same structure at exit, where the containers that are open go on.
// At exit the argument is decoded again from its start, by the same way as at
// entry; where it comes to the place of the cut, the nodes made so far give way
// to those of the entry, whose memory may have been written since.

// maxSplit is how deep the place of a cut may lie.
const maxSplit = 8

// Split says that all that follows in this argument is shown at exit only. At
// entry nothing is added from here on to the end of the argument; at exit it has
// no effect but for the cut that was made. What next says stands before the next
// node is written at entry already, with the name of that node if it is not
// empty.
func (d *Decoder) split(next Joint, name string) {
	switch {
	case d.ret || d.paused:
	case d.exit:
		if d.ev.Split && !d.spliced {
			d.splice()
		}
	case !d.Early && d.nopen <= maxSplit && !d.saving:
		d.pause(next, name)
	}
}

func (d *Decoder) pause(next Joint, name string) {
	ev := d.ev
	l := *d.list()
	arg := d.nopen == 0 && next == JointComma && name == ""
	if arg {
		name = d.name
	}
	if n := d.nopen; next == JointComma && n > 0 && int(d.open[n-1]) == len(l)-1 || len(l) == 0 {
		next = JointNone // it is the first
	}
	ev.Split, ev.Joint, ev.JointName, ev.JointArg = true, next, name, arg
	ev.nopen = copy(ev.open[:], d.open[:d.nopen])
	for _, i := range ev.open[:ev.nopen] {
		l[i].Flags |= Begun
		l[i].End = uint32(len(l))
	}
	d.paused = true
}

// asEntry returns what now was at entry, for a decoder that is called then and at exit.
func (d *Decoder) asEntry(now uint64) uint64 {
	if !d.exit {
		d.ev.saved[d.ev.next&7] = now
	}
	return d.saved()
}

// splice puts the containers of the entry in the place of those that were made
// since.
func (d *Decoder) splice() {
	d.spliced = true
	if d.nopen != d.ev.nopen { // memory has another shape now
		d.paused = true
		return
	}
	copy(d.open[:], d.ev.open[:d.nopen])
	l := d.list()
	*l = (*l)[:d.ev.EnterEnd]
}

// whole ends an argument that was in two parts, at exit. If the place of the cut
// did not come again, what entry has shown is all.
func (d *Decoder) whole() {
	if !d.ev.Split || d.spliced && !d.paused {
		return
	}
	l := d.list()
	*l = (*l)[:d.ev.EnterEnd]
	d.spliced, d.paused, d.nopen = true, false, 0
	d.name, d.flags = "", 0
}
