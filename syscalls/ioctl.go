package syscalls

import "bytes"

// ioctlOp adds the command of an ioctl(2) on descriptor arg[0]: its names, or what its number says
// by include/uapi/asm-generic/ioctl.h: _IOC(_IOC_READ, 0x54, 0x1, 0x4).
func (d *Decoder) ioctlOp(v value, arg []uint64) {
	raw := uint64(uint32(v.raw))
	t := d.abi.table(tbIoctlops)
	if d.terminals(raw, int32(arg[0])) {
		t = d.abi.table(tbTermSet)
	}
	known := t.Lookup(raw) != ""
	family := ioctlFamily(uint32(raw))
	if known && family == nil {
		d.Add(Node{Kind: Enum, Table: t, Val: raw, Width: 4, Flags: AllNames | HexVal})
		return
	}
	d.Open(Node{Kind: OrList, Flags: AllNames, Val: raw, Width: 4})
	if family == nil {
		d.Open(Node{Kind: Func, Name: "_IOC"})
		d.flagsOf(d.abi.table(tbIocDir), raw>>30, 4)
		d.Add(Node{Kind: Hex, Val: raw >> 8 & 0xff, Width: 4})
		d.Add(Node{Kind: Hex, Val: raw & 0xff, Width: 4})
		d.Add(Node{Kind: Hex, Val: raw >> 16 & 0x3fff, Width: 4})
	} else {
		d.Open(Node{Kind: Func, Name: family.name})
		switch number := raw&0xff - uint64(family.lo); {
		case family.table == tbEvdevType && number == 0: // all types
			d.Add(Node{Kind: Uint})
		case family.table != 0:
			d.enumOf(d.abi.table(family.table), number, 4)
		}
		switch family.size {
		case sizeShown:
			d.Add(Node{Kind: Uint, Val: raw >> 16 & 0x3fff})
		case numberShown:
			d.Add(Node{Kind: Uint, Val: raw & 0xff})
		}
	}
	d.Close()
	if known {
		d.Add(Node{Kind: Enum, Table: t, Val: raw, Width: 4, Flags: AllNames | HexVal})
	}
	d.Close()
}

// terminals reports whether fd is a terminal, for which op has another name than for synthesizers: TCSETS.
func (d *Decoder) terminals(op uint64, fd int32) bool {
	if d.abi.table(tbTermSet).Lookup(op) == "" {
		return false
	}
	t, ok := d.t.(TerminalNamer)
	return ok && t.Terminal(fd)
}

// A commandFamily is a macro that makes commands: by the length of a buffer, by a
// number, or both.
type commandFamily struct {
	name   string
	dirs   uint8 // bit n: direction n
	typ    byte
	lo, hi byte
	size   commandArg
	table  tableID // names of the number, counted from lo; it stands before the length
}

// commandArg is what stands in the parentheses of a commandFamily.
type commandArg uint8

const (
	nothingShown commandArg = iota
	sizeShown
	numberShown
)

// Directions, as sets.
const (
	dirWrite     = 1 << 1
	dirRead      = 1 << 2
	dirReadWrite = 1 << 3
)

// The macros of linux/input.h, hidraw.h, hiddev.h, joystick.h, uinput.h, soundcard.h
// and spi/spidev.h.
var commandFamilies = [...]commandFamily{
	{name: "EVIOCGNAME", dirs: dirRead, typ: 'E', lo: 0x06, hi: 0x06, size: sizeShown},
	{name: "EVIOCGPHYS", dirs: dirRead, typ: 'E', lo: 0x07, hi: 0x07, size: sizeShown},
	{name: "EVIOCGUNIQ", dirs: dirRead, typ: 'E', lo: 0x08, hi: 0x08, size: sizeShown},
	{name: "EVIOCGPROP", dirs: dirRead, typ: 'E', lo: 0x09, hi: 0x09, size: sizeShown},
	{name: "EVIOCGMTSLOTS", dirs: dirRead, typ: 'E', lo: 0x0a, hi: 0x0a, size: sizeShown},
	{name: "EVIOCGKEY", dirs: dirRead, typ: 'E', lo: 0x18, hi: 0x18, size: sizeShown},
	{name: "EVIOCGLED", dirs: dirRead, typ: 'E', lo: 0x19, hi: 0x19, size: sizeShown},
	{name: "EVIOCGSND", dirs: dirRead, typ: 'E', lo: 0x1a, hi: 0x1a, size: sizeShown},
	{name: "EVIOCGSW", dirs: dirRead, typ: 'E', lo: 0x1b, hi: 0x1b, size: sizeShown},
	{name: "EVIOCGBIT", dirs: dirRead, typ: 'E', lo: 0x20, hi: 0x3f, size: sizeShown, table: tbEvdevType},
	{name: "EVIOCGABS", dirs: dirRead, typ: 'E', lo: 0x40, hi: 0x7f, table: tbEvdevAbs},
	{name: "EVIOCSABS", dirs: dirWrite, typ: 'E', lo: 0xc0, hi: 0xff, table: tbEvdevAbs},
	{name: "HIDIOCGRAWNAME", dirs: dirRead, typ: 'H', lo: 0x04, hi: 0x04, size: sizeShown},
	{name: "HIDIOCGRAWPHYS", dirs: dirRead, typ: 'H', lo: 0x05, hi: 0x05, size: sizeShown},
	{name: "HIDIOCSFEATURE", dirs: dirRead | dirReadWrite, typ: 'H', lo: 0x06, hi: 0x06, size: sizeShown},
	{name: "HIDIOCGFEATURE", dirs: dirReadWrite, typ: 'H', lo: 0x07, hi: 0x07, size: sizeShown},
	{name: "HIDIOCGRAWUNIQ", dirs: dirRead, typ: 'H', lo: 0x08, hi: 0x08, size: sizeShown},
	{name: "HIDIOCGPHYS", dirs: dirRead, typ: 'H', lo: 0x12, hi: 0x12, size: sizeShown},
	{name: "UI_GET_SYSNAME", dirs: dirRead, typ: 'U', lo: 0x2c, hi: 0x2c, size: sizeShown},
	{name: "JSIOCGNAME", dirs: dirRead, typ: 'j', lo: 0x13, hi: 0x13, size: sizeShown},
	{name: "MIXER_READ", dirs: dirRead, typ: 'M', lo: 0x00, hi: 0xff, size: numberShown},
	{name: "MIXER_WRITE", dirs: dirWrite, typ: 'M', lo: 0x00, hi: 0xff, size: numberShown},
	{name: "SPI_IOC_MESSAGE", dirs: dirWrite, typ: 'k', lo: 0x00, hi: 0x00, size: sizeShown},
}

// ioctlFamily returns the macro that a command was made with, or nil.
func ioctlFamily(op uint32) *commandFamily {
	dir, typ, nr := op>>30, byte(op>>8), byte(op)
	for i := range commandFamilies {
		f := &commandFamilies[i]
		if f.typ == typ && f.dirs>>dir&1 != 0 && f.lo <= nr && nr <= f.hi {
			return f
		}
	}
	return nil
}

// usecs adds a time in microseconds, nsecs one in nanoseconds, which may be negative.
func (d *Decoder) usecs(v value, _ []uint64) {
	d.Add(Node{Kind: ClockTicks, Val: v.raw, Width: v.width, Len: 6})
}

func (d *Decoder) nsecs(v value, _ []uint64) {
	d.Add(Node{Kind: ClockTicks, Val: extend(v.raw, v.width, true), Width: v.width, Len: 9})
}

// negErrno adds a result of a system call that may be -errno.
func (d *Decoder) negErrno(v value, _ []uint64) {
	n := int64(int32(v.raw))
	name, _ := ErrnoName(int(-n))
	if n >= 0 || name == "" {
		d.Add(Node{Kind: Int, Val: uint64(n), Width: 4})
		return
	}
	d.symbol(uint64(n), "-", name, 0, 0)
}

// sgReset adds what SG_SCSI_RESET is to reset: a word and a bit (linux/sg.h).
func (d *Decoder) sgReset(v value, _ []uint64) {
	raw := uint64(uint32(v.raw))
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	if bit := raw & kSgNoEscalate; bit != 0 {
		d.flagsOf(d.abi.table(tbSgNoEscalate), bit, 4)
	}
	d.enumOf(d.abi.table(tbSgReset), raw&^kSgNoEscalate, 4)
	d.Close()
}

const kSgNoEscalate = 0x100

// perfQuery adds struct perf_event_query_bpf: how many programs there is room for, and those that there are. Where only
// the first number can be read, the rest is left out.
func (d *Decoder) perfQuery(v value, _ []uint64) {
	room, ok := d.peekWidth(v.raw, 4, false, false)
	_, more := d.peekWidth(v.raw+4, 4, false, false)
	switch {
	case v.raw == 0 || !d.ev.Verbose:
		d.address(v.raw)
		return
	case more || !ok:
		d.pointed(d.abi.typ(nmPerfEventQueryBpf), v.raw, -1)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("ids_len", Uint, room)
	d.split(JointComma, "")
	d.more()
	d.Close()
	d.Close()
}

// uffdAsked adds struct uffdio_api, pidfdInfo struct pidfd_info, of which command arg[0] says
// the size: the kernel answers what was asked for in the same field.
func (d *Decoder) uffdAsked(v value, _ []uint64) { d.asked(v.raw, nmUffdioApi, 8, -1) }

func (d *Decoder) pidfdInfo(v value, arg []uint64) {
	const mask, first = 8, 64 // bytes of the mask, and of the first version, PIDFD_INFO_SIZE_VER0
	have := int(arg[0] >> 16 & 0x3fff)
	if have < first {
		d.address(v.raw)
		return
	}
	off := len(d.mem)
	if !d.load(v.raw, min(have, int(types[d.abi.typ(nmPidfdInfo)].size))) {
		have = mask // of which the kernel says nothing else
	}
	d.mem = d.mem[:off]
	d.asked(v.raw, nmPidfdInfo, 0, have)
}

// asked adds structure nm at addr, of have bytes if that is not -1. What its field at off
// held at entry is kept for the decoder of that field.
func (d *Decoder) asked(addr uint64, nm nameID, off uint64, have int) {
	now, ok := d.peekWidth(addr+off, 8, false, false)
	if !ok { // a number of 32 bits at the end of a page
		now, ok = d.peekWidth(addr+off, 4, false, false)
	}
	if ok {
		d.asEntry(now)
	}
	if addr == 0 || !d.ev.Verbose {
		d.address(addr)
		return
	}
	d.pointed(d.abi.typ(nm), addr, have)
}

// uffdFeatures adds the features that were asked for, and those that there are;
// pidfdMask which parts of the answer.
func (d *Decoder) uffdFeatures(v value, _ []uint64) {
	t, before := d.abi.table(tbUffdFeatures), d.saved()
	d.flagsOf(t, before, 8)
	d.split(JointNone, "")
	if d.succeeded() && v.raw != before && d.Open(Node{Kind: Labelled, Name: "features=", Flags: Arrow}) {
		d.flagsOf(t, v.raw, 8)
		d.Close()
	}
}

func (d *Decoder) pidfdMask(v value, _ []uint64) {
	t, before := d.abi.table(tbPidfdInfo), d.saved()
	d.flagsOf(t, before, 8)
	d.split(JointNone, "")
	if d.succeeded() && v.raw != before {
		d.flags = Arrow
		d.flagsOf(t, v.raw, 8)
	}
}

// dedupeGot adds what became of the ranges of struct file_dedupe_range, if there are any and they can be read.
func (d *Decoder) dedupeGot(v value, _ []uint64) {
	const countAt, head, each, some = 16, 24, 32, 2
	n, ok := d.peekWidth(v.raw+countAt, 2, false, false)
	if d.ev.Abbrev {
		n = min(n, some)
	}
	off := len(d.mem)
	if ok && n > 0 && d.load(v.raw, head+each*int(n)) {
		d.mem = d.mem[:off]
		d.pointed(d.abi.typ(nmFileDedupeGot), v.raw, -1)
	}
}

// loopKey adds the key of a loop device: arg[0] of the bytes that are there.
func (d *Decoder) loopKey(v value, arg []uint64) { d.allBytes(v.addr, min(int(uint32(arg[0])), 32), 0) }

// allBytes adds n bytes at addr, however long a string may be.
func (d *Decoder) allBytes(addr uint64, n int, flags NodeFlags) {
	off := len(d.mem)
	if !d.load(addr, n) {
		d.address(addr)
		return
	}
	d.bytesOf(d.mem[off:], flags)
	d.mem = d.mem[:off]
}

// fsLabel adds the label of a file system at v.raw: at most 255 of FSLABEL_MAX
// bytes, whatever the string limit.
func (d *Decoder) fsLabel(v value, _ []uint64) {
	const most = 256
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, most) {
		d.address(v.raw)
		return
	}
	p := d.mem[off:]
	if n := bytes.IndexByte(p, 0); n >= 0 {
		d.bytesOf(p[:n], IsPath)
	} else {
		d.bytesOf(p[:most-1], IsPath|Cut)
	}
	d.mem = d.mem[:off]
}

// ioctlBytes adds the bytes at v.raw that command arg[0] is about, or v.raw as a
// number if they cannot be read, which is not said twice.
func (d *Decoder) ioctlBytes(v value, arg []uint64) {
	l := d.list()
	nodes, name, flags := len(*l), d.name, d.flags
	if d.bytesAt(v.raw, int64(arg[0]>>16&0x3fff), ForceHex); (*l)[len(*l)-1].Kind != Addr {
		return
	}
	*l = (*l)[:nodes]
	d.name = name
	if flags&Arrow == 0 {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
	}
}

// ioctlRead adds the bytes that command arg[0] fills in: at exit, behind a comma that stands
// there at entry. Without an address nothing is left to say then.
func (d *Decoder) ioctlRead(v value, arg []uint64) {
	if v.raw != 0 {
		d.split(JointComma, "")
	}
	if !d.paused {
		d.ioctlBytes(v, arg)
	}
}

// keycode adds struct input_keycode, two numbers that have no names: [0, KEY_RESERVED].
func (d *Decoder) keycode(v value, _ []uint64) {
	n, ok := d.peekWidth(v.raw, 8, false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: Uint, Val: n & (1<<32 - 1), Width: 4})
	d.enumOf(d.abi.table(tbInputKey), n>>32, 4)
	d.Close()
	d.Close()
}

// twoNumbers adds an array of two numbers of arg[0] bytes, of which both can be read or none.
func (d *Decoder) twoNumbers(v value, arg []uint64) {
	w := arg[0]
	a, ok := d.peekWidth(v.raw, uint8(w), false, false)
	b, ok2 := d.peekWidth(v.raw+w, uint8(w), false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok || !ok2 {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: Uint, Val: a, Width: uint8(w)})
	d.Add(Node{Kind: Uint, Val: b, Width: uint8(w)})
	d.Close()
	d.Close()
}

// notifRecv adds struct seccomp_notif, which should be zero when the kernel is asked to
// fill it in, and is shown only if it is not.
func (d *Decoder) notifRecv(v value, _ []uint64) {
	t, off := d.abi.typ(nmSeccompNotif), len(d.mem)
	ok := v.raw != 0 && d.load(v.raw, int(types[t].size))
	blank := ok && zero(d.mem[off:])
	d.mem = d.mem[:off]
	shown := d.topNodes() > 2 // behind the descriptor and the command
	if !shown {
		d.flags &^= Arrow
	}
	switch {
	case !d.exit && blank:
	case d.exit && !d.succeeded(), !ok || !d.ev.Verbose:
		d.address(v.raw)
	default:
		d.pointed(t, v.raw, -1)
	}
}

// topNodes is how many arguments have been added.
func (d *Decoder) topNodes() (n int) {
	l := *d.list()
	for i := uint32(0); i < uint32(len(l)); i = l[i].End {
		n++
	}
	return n
}

// auditNr adds the number of a system call, by its name on the architecture arg[0].
func (d *Decoder) auditNr(v value, arg []uint64) { d.syscallNr(uint64(uint32(v.raw)), uint32(arg[0])) }

// shortName adds a name of arg[0] bytes in a field of 128, and whether it ends there.
func (d *Decoder) shortName(v value, arg []uint64) {
	const most = 127
	n := max(min(int(int16(arg[0])), most), 0) + 1
	off := len(d.mem)
	if !d.load(v.addr, n) {
		d.address(v.addr)
		return
	}
	d.cstring(d.mem[off : off+n])
	d.mem = d.mem[:off]
}

// ubiRename adds struct ubi_rnvol_req, of which all must be there.
func (d *Decoder) ubiRename(v value, _ []uint64) {
	const size = 16 + 32*136
	d.pointedWhole(nmUbiRnvolReq, v.raw, size)
}

// pointedWhole adds the structure at addr, unless -e verbose= leaves it out or one of its
// bytes cannot be read: then it adds the address and reports false.
func (d *Decoder) pointedWhole(name nameID, addr uint64, size int) bool {
	off := len(d.mem)
	if addr == 0 || !d.ev.Verbose || !d.load(addr, size) {
		d.address(addr)
		return false
	}
	d.mem = d.mem[:off]
	d.pointed(d.abi.typ(name), addr, -1)
	return true
}

// btrfsBalanceAsked adds a balance that is asked for. One that cannot be read is no address by itself, behind which
// nothing would follow: as strace, what the kernel made of it is shown all the same.
func (d *Decoder) btrfsBalanceAsked(v value, _ []uint64) {
	t := d.abi.typ(nmBtrfsBalance)
	if v.raw != 0 && d.ev.Verbose && d.readable(v.raw, int(types[t].size)) {
		d.pointed(t, v.raw, -1)
		return
	}
	d.Open(Node{Kind: Group})
	d.address(v.raw)
	d.Close()
}

// fsID adds arg[0] of the 16 bytes of a file system's UUID.
func (d *Decoder) fsID(v value, arg []uint64) {
	d.allBytes(v.addr, int(min(arg[0], 16)), ForceHex)
}
