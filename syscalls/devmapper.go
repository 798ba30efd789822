package syscalls

// The device mapper: include/uapi/linux/dm-ioctl.h.

// Numbers of commands.
const (
	dmListDevices  = 2
	dmDevRename    = 5
	dmDevWait      = 8
	dmTableLoad    = 9
	dmTableDeps    = 11
	dmTableStatus  = 12
	dmListVersions = 13
	dmTargetMsg    = 14
	dmSetGeometry  = 15
)

// Sets of commands with data behind the structure, when they are made and when they are done.
const (
	dmIn  = 1<<dmDevRename | 1<<dmTableLoad | 1<<dmTargetMsg | 1<<dmSetGeometry
	dmOut = 1<<dmListDevices | 1<<dmDevWait | 1<<dmTableDeps | 1<<dmTableStatus | 1<<dmListVersions
)

// dmHead is the part of struct dm_ioctl that says where its data stands.
type dmHead struct {
	addr                           uint64
	minor, size, start, targetsNow uint64
}

// dmIoctl adds struct dm_ioctl of command number arg[0] and what stands behind it, whatever -e verbose= says. Once
// the command is done, that is added which the kernel filled in; once it has failed, the structure if it is another.
func (d *Decoder) dmIoctl(v value, arg []uint64) {
	const smallest = 305 // offsetof(struct dm_ioctl, data), the kernel's least data_size
	const sizeAt = 12
	off, nr := len(d.mem), arg[0]
	if v.raw == 0 || !d.load(v.raw, smallest) || number(d.mem[off+sizeAt:], 4, false, false) < sizeAt {
		d.mem = d.mem[:off]
		begun := d.exit && !d.ev.Split // and is something else now
		if !d.exit || d.ev.Split && !d.spliced || begun {
			d.split(JointNone, "") // strace shows it at exit
			d.flags &^= Arrow
			d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
		}
		return
	}
	head := dmSum(d.mem[off:])
	if before := d.asEntry(head); d.exit && !d.succeeded() && head == before {
		d.mem = d.mem[:off]
		return
	}
	field := func(at int) uint64 { return number(d.mem[off+at:], 4, false, false) }
	h := dmHead{addr: v.raw, minor: field(4), size: field(sizeAt), start: field(16), targetsNow: field(20)}
	foreign, reply := field(0) != 4, nr == dmTargetMsg && field(28)&kDM_DATA_OUT_FLAG != 0
	d.mem = d.mem[:off]

	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	more, stage := uint64(dmIn), uint64(0)
	switch {
	case d.exit && d.succeeded():
		more, stage = dmOut, 1
	case d.exit:
		more, stage = 0, 2
	}
	switch {
	case foreign:
		d.record(nmDmAlien, v.raw)
	case h.size < smallest:
		d.record(nmDmShort, v.raw)
	default:
		d.recordOf(nmDmHead, v.raw, smallest, nr, stage)
		if reply && stage == 1 { // the target answered by a string
			more, nr = 1<<dmDevRename, dmDevRename
		}
		switch {
		case more>>nr&1 == 0 || h.empty(nr):
		case d.ev.Abbrev:
			d.more()
		default:
			d.dmData(nr, &h)
		}
	}
	d.Close()
	d.Close()
}

// dmSum is a number that tells whether a command that failed has changed what strace compares of struct dm_ioctl at p:
// version, which the kernel writes in any case, data_size, data_start and flags.
func dmSum(p []byte) uint64 {
	const prime, start = 1<<40 + 0x1b3, 14695981039346656037 // FNV-1a
	sum := uint64(start)
	for i, b := range p[:32] {
		if i < 20 || i >= 28 {
			sum = (sum ^ uint64(b)) * prime
		}
	}
	return sum
}

// item adds a structure of the data, which -e verbose= may leave out.
func (d *Decoder) item(nm nameID, addr uint64, param ...uint64) bool {
	if !d.ev.Verbose {
		d.address(addr)
		return false
	}
	return d.record(nm, addr, param...)
}

// record adds a structure outside of any other, with its parameters. It fails if it cannot be read.
func (d *Decoder) record(nm nameID, addr uint64, param ...uint64) bool {
	return d.recordOf(nm, addr, int(structs[types[d.abi.typ(nm)].a].size), param...)
}

func (d *Decoder) recordOf(nm nameID, addr uint64, size int, param ...uint64) bool {
	t := &types[d.abi.typ(nm)]
	off := len(d.mem)
	if !d.load(addr, size) {
		d.address(addr)
		return false
	}
	saved := d.cur
	d.cur = frame{off: off, size: size, addr: addr, have: -1}
	copy(d.cur.param[:], param)
	d.fields(t, &structs[t.a])
	d.cur = saved
	d.mem = d.mem[:off]
	return true
}

// dmData adds what stands behind the structure of command nr.
func (d *Decoder) dmData(nr uint64, h *dmHead) {
	switch nr {
	case dmDevRename, dmSetGeometry:
		if !h.fits(h.start, 0) {
			d.misplaced("string")
			return
		}
		d.record(nmDmString, h.addr+h.start, h.size-h.start)
	case dmTableLoad, dmTableStatus, dmDevWait:
		d.dmTargets(h)
	case dmTargetMsg:
		const size = 8
		switch {
		case h.fits(h.start, size):
			d.item(nmDmTargetMsg, h.addr+h.start, h.size-h.start-size)
		default:
			d.misplaced("struct dm_target_msg")
		}
	case dmListDevices:
		const size, next = 12, 8
		d.dmChain(h, nmDmNameList, size, next, "struct dm_name_list")
	case dmListVersions:
		const size, next = 16, 0
		d.dmChain(h, nmDmTargetVersions, size, next, "struct dm_target_versions")
	case dmTableDeps:
		d.dmDeps(h)
	}
}

// empty reports whether nothing stands behind the structure of command nr.
func (h *dmHead) empty(nr uint64) bool {
	switch nr {
	case dmTableLoad, dmTableStatus, dmDevWait:
		return h.targetsNow == 0
	case dmDevRename, dmSetGeometry:
		return false
	}
	return h.start == h.size
}

// fits reports whether size bytes stand at at within the data.
func (h *dmHead) fits(at, size uint64) bool { return at <= h.size && size <= h.size-at }

// misplaced adds that something is said to stand where it cannot.
func (d *Decoder) misplaced(what string) {
	d.lit("???")
	if d.Open(Node{Kind: Comment, Flags: Attach}) {
		d.lit("misplaced " + what)
		d.Close()
	}
}

// dmTargets adds the targets of a table. Each says where the next one is, in a table that is loaded from its own
// start, in one that the kernel filled in from that of the first.
func (d *Decoder) dmTargets(h *dmHead) {
	const size, nextAt = 40, 20
	at, least, done := h.start, h.start, uint64(0)
	if d.exit {
		done = 1
	}
	for range h.targetsNow {
		if d.work > maxNodes {
			d.more()
			return
		}
		if at < least || !h.fits(at, size) {
			d.misplaced("struct dm_target_spec")
			return
		}
		if !d.item(nmDmTargetSpec, h.addr+at, h.size-at-size, done) {
			return
		}
		next, _ := d.peekWidth(h.addr+at+nextAt, 4, false, false)
		from := at
		if d.exit {
			from = h.start
		}
		at, least = from+next, at+size+1
	}
}

// dmChain adds structures of which each says how far the next one is, 0 for none.
func (d *Decoder) dmChain(h *dmHead, nm nameID, size, nextAt uint64, what string) {
	events := uint64(0)
	if h.minor >= 37 { // since then there are numbers of events in dm_name_list
		events = 1
	}
	for at := h.start; ; {
		if d.work > maxNodes {
			d.more()
			return
		}
		if !h.fits(at, size) {
			d.misplaced(what)
			return
		}
		if !d.item(nm, h.addr+at, h.size-at-size, events, h.addr) {
			return
		}
		next, _ := d.peekWidth(h.addr+at+nextAt, 4, false, false)
		switch {
		case next == 0:
			return
		case next <= size:
			d.misplaced(what)
			return
		}
		at += next
	}
}

// dmDeps adds the devices that a table needs.
func (d *Decoder) dmDeps(h *dmHead) {
	const size, each = 8, 8
	n, _ := d.peekWidth(h.addr+h.start, 4, false, false)
	switch {
	case h.fits(h.start, size) && (!d.ev.Verbose || h.fits(h.start, size+n*each)):
		d.item(nmDmTargetDeps, h.addr+h.start)
	default:
		d.misplaced("struct dm_target_deps")
	}
}

// dmText adds the string at v.addr, of which there are at most arg[0] bytes.
func (d *Decoder) dmText(v value, arg []uint64) {
	most := arg[0]
	if most == 0 {
		d.bytesOf(nil, 0)
		return
	}
	if limit := d.limit(); most > uint64(limit) {
		d.stringAt(v.addr, limit, 0)
		return
	}
	switch off, length, found, ok := d.readString(v.addr, int(most)-1); {
	case !ok:
		d.address(v.addr)
	case found:
		d.Add(Node{Kind: Str, Off: off, Len: length})
	default:
		d.bytesAt(v.addr, int64(most), Cut|Unsized)
	}
}

// dmName adds the string in arg[0] bytes at v.addr, unless it is empty.
func (d *Decoder) dmName(v value, arg []uint64) {
	off := len(d.mem)
	if d.load(v.addr, int(arg[0])) && d.mem[off] != 0 {
		d.cstring(d.mem[off:])
	}
	d.mem = d.mem[:off]
}

// dmEvent adds how many events a device of dm_name_list has had, which stands behind its name, if arg[0] says that
// there is such a number and it stands before the next device, arg[1] bytes from the start of this one. It is aligned
// as seen from the whole structure, at arg[2].
func (d *Decoder) dmEvent(_ value, arg []uint64) {
	const name, align, most = 12, 8, 4096
	events, next, start := arg[0], arg[1], arg[2]
	if events == 0 || next == 0 {
		return
	}
	this := d.cur.addr - start
	_, length, _, ok := d.readString(d.cur.addr+name, most)
	at := (this + name + uint64(length) + 1 + align - 1) &^ (align - 1)
	if !ok || at+4 > this+next || int(length) > d.limit() { // as strace, which looks for it behind a whole name
		return
	}
	if n, ok := d.peekWidth(start+at, 4, false, false); ok {
		d.Add(Node{Kind: Uint, Val: n, Width: 4})
	}
}
