package syscalls

import "bytes"

// ioctlOp adds the command of an ioctl(2): its names, or what its number says
// by include/uapi/asm-generic/ioctl.h: _IOC(_IOC_READ, 0x54, 0x1, 0x4).
func (d *Decoder) ioctlOp(v value, _ []uint64) {
	raw := uint64(uint32(v.raw))
	t := d.abi.table(tbIoctlops)
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

// usecs and nsecs add a time in microseconds or nanoseconds.
func (d *Decoder) usecs(v value, _ []uint64) {
	d.Add(Node{Kind: ClockTicks, Val: v.raw, Width: v.width, Len: 6})
}

func (d *Decoder) nsecs(v value, _ []uint64) {
	d.Add(Node{Kind: ClockTicks, Val: v.raw, Width: v.width, Len: 9})
}

// negErrno adds a result of a system call that may be -errno.
func (d *Decoder) negErrno(v value, _ []uint64) {
	n := int64(int32(v.raw))
	if name, _ := ErrnoName(int(-n)); n >= 0 || name == "" {
		d.Add(Node{Kind: Int, Val: uint64(n), Width: 4})
		return
	}
	d.Open(Node{Kind: Group})
	d.Add(Node{Kind: Lit, Name: "-"})
	d.Add(Node{Kind: Errno, Val: uint64(-n), Width: 4, Flags: Attach})
	d.Close()
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

// uffdIoctls adds the set of commands that a userfaultfd knows, by their numbers.
func (d *Decoder) uffdIoctls(v value, _ []uint64) {
	t := d.abi.table(tbUffdIoctl)
	rest := v.raw
	d.Open(Node{Kind: OrList, Val: v.raw, Width: 8})
	for i := range uint64(64) {
		if v.raw>>i&1 == 0 || t.Lookup(i) == "" {
			continue
		}
		rest &^= 1 << i
		d.Open(Node{Kind: Shift})
		d.enumOf(t, i, 4)
		d.Close()
	}
	switch {
	case rest == v.raw && rest != 0:
		d.enumOf(t, rest, 8)
	case rest != 0 || v.raw == 0:
		d.Add(Node{Kind: Hex, Val: rest, Width: 8})
	}
	d.Close()
}

// loopKey adds the key of a loop device: arg[0] of the bytes that are there.
func (d *Decoder) loopKey(v value, arg []uint64) {
	d.bytesAt(v.addr, min(int64(uint32(arg[0])), 32), 0)
}

// fsLabel adds the label of a file system at v.raw: at most 255 of FSLABEL_MAX
// bytes, whatever the string limit.
func (d *Decoder) fsLabel(v value, _ []uint64) {
	off := len(d.mem)
	if v.raw == 0 || !d.load(v.raw, 256) {
		d.address(v.raw)
		return
	}
	p := d.mem[off : off+255]
	if n := bytes.IndexByte(p, 0); n >= 0 {
		p = p[:n]
		d.bytesOf(p, IsPath)
	} else {
		d.bytesOf(p, IsPath|Cut)
	}
	d.mem = d.mem[:off]
}

// ioctlBytes adds the bytes at v.raw that command arg[0] is about, or v.raw as a
// number if they cannot be read, which is not said twice.
func (d *Decoder) ioctlBytes(v value, arg []uint64) {
	l := d.list()
	nodes, flags := len(*l), d.flags
	if d.bytesAt(v.raw, int64(arg[0]>>16&0x3fff), ForceHex); (*l)[len(*l)-1].Kind != Addr {
		return
	}
	*l = (*l)[:nodes]
	if flags&Arrow == 0 {
		d.Add(Node{Kind: Hex, Val: v.raw, Width: uint8(d.abi.Word)})
	}
}
