package syscalls

// What poll(2) and select(2) say behind their result.

// pollResult adds the descriptors that are ready: ([{fd=3, revents=POLLIN}]).
// arg[0] is the address of the array, arg[1] its length; arg[2] and arg[3], if
// there, are what timeLeft takes.
func (d *Decoder) pollResult(_ value, arg []uint64) {
	if d.ev.Errno != 0 {
		return
	}
	if d.ev.Ret == 0 {
		d.lit("Timeout")
		return
	}
	if !d.ev.Verbose {
		return
	}
	d.pollReady(arg[0], arg[1])
	if len(arg) > 3 && arg[2] != 0 {
		d.timeLeft(arg[2], arg[3])
	}
}

// pollReady adds those of the n pollfds at addr that have something to say, if
// any has.
func (d *Decoder) pollReady(addr, n uint64) {
	const size = 8 // struct pollfd
	off, shown := len(d.mem), 0
	for i := uint64(0); addr != 0 && i < n && d.work < maxNodes; i++ {
		at := addr + i*size
		readable := d.load(at, size)
		var fd, revents uint64
		if readable {
			fd, revents = number(d.mem[off:], 4, true, false), number(d.mem[off+6:], 2, false, false)
			d.mem = d.mem[:off]
			if revents == 0 {
				continue
			}
		}
		if shown == 0 {
			d.Open(Node{Kind: Array})
		}
		shown++
		switch {
		case !readable:
			d.address(at)
		case d.ev.Abbrev && shown > d.limit():
			d.more()
			readable = false
		default:
			d.ready(fd, revents)
		}
		if !readable {
			break
		}
	}
	if shown > 0 {
		d.Close()
	}
}

func (d *Decoder) ready(fd, revents uint64) {
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: FD, Name: "fd", Val: fd, Width: 4})
	d.name = "revents"
	d.knownFlags(d.abi.table(tbPoll), revents, 2)
	d.Close()
}

// selectResult adds the sets that select left: (in [3], out [4], left {...}).
// arg: nfds, the three sets, the timeout, and the width of its numbers (0: the
// timeout is not shown).
func (d *Decoder) selectResult(_ value, arg []uint64) {
	if d.ev.Errno != 0 {
		return
	}
	if d.ev.Ret == 0 {
		d.lit("Timeout")
		return
	}
	n := max(int64(int32(arg[0])), 0)
	names := [3]string{"in ", "out ", "except "}
	left, before := d.ev.Ret, len(d.ev.RetNodes)
	for i, name := range names {
		left -= d.selectSet(name, arg[1+i], min(n, 1024*1024), left)
	}
	switch {
	case len(arg) > 5 && arg[4] != 0 && arg[5] != 0:
		d.timeLeft(arg[4], arg[5])
	case len(d.ev.RetNodes) == before:
		d.lit("")
	}
}

// selectSet adds one set if it has members, at most left, and returns how many.
func (d *Decoder) selectSet(name string, addr uint64, n, left int64) int64 {
	off := len(d.mem)
	if addr == 0 || n <= 0 || left <= 0 || !d.load(addr, d.fdsetBytes(n)) {
		return 0
	}
	set := d.mem[off:]
	count, end := int64(0), 0
	for fd := 0; fd < int(n) && count < left; fd++ {
		if set[fd/8]&(1<<(fd%8)) != 0 {
			count, end = count+1, fd+1
		}
	}
	if count > 0 {
		d.Open(Node{Kind: Labelled, Name: name})
		d.addFDs(set, end)
		d.Close()
	}
	d.mem = d.mem[:off]
	return count
}

// timeLeft adds the timeout as the kernel left it. what is 1 for a timeval, 2
// for a timespec of the ABI, 3 for a timespec of 64-bit numbers.
func (d *Decoder) timeLeft(addr, what uint64) {
	id := nmTimeval
	switch what {
	case 2:
		id = nmTimespec
	case 3:
		id = nmTimespec64
	}
	d.Open(Node{Kind: Labelled, Name: "left "})
	if d.ev.Verbose {
		d.pointed(d.abi.typ(id), addr, -1)
	} else {
		d.address(addr)
	}
	d.Close()
}

// oldSelectResult is selectResult for i386's first select, the arguments of
// which stand in memory at arg[0].
func (d *Decoder) oldSelectResult(v value, arg []uint64) {
	off := len(d.mem)
	if !d.load(arg[0], 5*4) {
		return
	}
	p := d.mem[off:]
	var a [6]uint64
	for i := range a[:5] {
		a[i] = number(p[4*i:], 4, false, false)
	}
	a[5] = 1 // a timeval
	d.mem = d.mem[:off]
	d.selectResult(v, a[:])
}
