package syscalls

import "bytes"

// Directory entries. Source: include/linux/dirent.h.

// dirents adds what getdents(2) stored: arg[0] bytes.
func (d *Decoder) dirents(v value, arg []uint64) { d.direntList(v.raw, arg[0], false) }

// dirents64 adds what getdents64(2) stored.
func (d *Decoder) dirents64(v value, arg []uint64) { d.direntList(v.raw, arg[0], true) }

// A dirent is one entry, as far as it can be read.
type dirent struct {
	ino, off      uint64
	reclen        int
	name          []byte
	nameOK, cut   bool // the name can be read; no NUL ends it
	nameless      bool // nothing of the entry is left for one
	kind, kindOff int  // kindOff: where in the entry the kind stands; kind -1: it cannot be read
}

const (
	maxDirents = 1 << 20 // bytes
	maxName    = 255     // NAME_MAX of include/uapi/linux/limits.h
)

// direntList adds the n bytes of entries at addr. The end of memory may cut them: the kernel
// does not write what stands between a name and the next entry.
func (d *Decoder) direntList(addr, n uint64, wide bool) {
	off := len(d.mem)
	if !d.ev.Verbose || n > maxDirents {
		d.address(addr)
		return
	}
	d.mem = grow(d.mem, int(n))
	got := 0
	if d.reaches(addr) {
		got = d.t.ReadMemory(addr, d.mem[off:])
	}
	d.mem = d.mem[:off+got]
	defer func() { d.mem = d.mem[:off] }()
	if d.ev.Abbrev {
		count, at := 0, 0
		for ; ; count++ {
			e, ok := d.dirent(off+at, off+int(n), wide)
			if !ok {
				break
			}
			at += e.reclen
		}
		f := NodeFlags(0)
		if at < int(n) {
			f = Cut
		}
		d.Add(Node{Kind: Entries, Val: addr, Len: uint32(count), Flags: f})
		return
	}
	head := d.direntHead(wide)
	switch {
	case n > 0 && int(n) < head:
		d.bytesAt(addr, int64(n), ForceHex)
		return
	case n > 0 && got < head:
		d.address(addr)
		return
	}
	d.Open(Node{Kind: Array})
	at := 0
	for d.work < maxNodes {
		e, ok := d.dirent(off+at, off+int(n), wide)
		if !ok {
			break
		}
		d.addDirent(e, addr+uint64(at), wide)
		at += e.reclen
	}
	switch left := int(n) - at; {
	case left > 0 && left < head:
		d.bytesAt(addr+uint64(at), int64(left), ForceHex)
	case left > 0 && at+head > got:
		d.Add(Node{Kind: Unread, Val: addr + uint64(at), Width: uint8(d.abi.Word)})
	}
	d.Close()
}

// direntWord is the size of the numbers at the start of an entry.
func (d *Decoder) direntWord(wide bool) int {
	if wide {
		return 8
	}
	return d.abi.RegWord // x32 makes amd64's getdents
}

// direntHead is the size of what stands before an entry's name.
func (d *Decoder) direntHead(wide bool) int {
	n := 2*d.direntWord(wide) + 2
	if wide {
		n++ // the type
	}
	return n
}

// dirent reads the entry at d.mem[at:], of entries that reach to end, which may be beyond what
// could be read. It fails if the head could not.
func (d *Decoder) dirent(at, end int, wide bool) (e dirent, ok bool) {
	w, head := d.direntWord(wide), d.direntHead(wide)
	if at+head > len(d.mem) {
		return e, false
	}
	p := d.mem[at:]
	e.ino, e.off = number(p, uint8(w), false, false), number(p[w:], uint8(w), true, false)
	e.reclen = int(number(p[2*w:], 2, false, false))
	if e.reclen < head || at+e.reclen > end {
		return e, false
	}
	room := e.reclen - head
	if wide {
		e.kind = int(p[head-1])
	} else {
		room--
		e.kind = -1
		if e.kindOff = e.reclen - 1; e.kindOff < len(p) {
			e.kind = int(p[e.kindOff])
		}
	}
	room = min(room, maxName+1)
	e.nameless = room <= 0
	e.name = p[head:min(head+max(room, 0), len(p))]
	if i := bytes.IndexByte(e.name, 0); i >= 0 {
		e.name, e.nameOK = e.name[:i], true
	} else if len(e.name) == room {
		e.name, e.nameOK, e.cut = e.name[:max(room-1, 0)], true, true
	}
	return e, true
}

// addDirent adds the entry that stands at addr.
func (d *Decoder) addDirent(e dirent, addr uint64, wide bool) {
	d.Open(Node{Kind: Struct})
	d.Named("d_ino", Uint, e.ino)
	d.Named("d_off", Int, e.off)
	d.Named("d_reclen", Uint, uint64(e.reclen))
	if !wide { // the order in memory
		d.direntName(e, addr, wide)
	}
	d.name = "d_type"
	switch {
	case e.kindOff == d.direntHead(wide)-1 && !wide:
		d.name = "" // an entry that is a head only
	case e.kind < 0:
		d.address(addr + uint64(e.kindOff))
	default:
		d.enumOf(d.abi.table(tbDtype), uint64(e.kind), 1)
	}
	if wide {
		d.direntName(e, addr, wide)
	}
	d.Close()
}

func (d *Decoder) direntName(e dirent, addr uint64, wide bool) {
	d.name = "d_name"
	switch {
	case e.nameless:
		d.name = ""
	case !e.nameOK:
		d.address(addr + uint64(d.direntHead(wide)))
	case e.cut:
		d.bytesOf(e.name, Cut|Unsized)
	default:
		d.bytesOf(e.name, 0)
	}
}

// oldDirentName adds the name in what readdir(2) stored, which has arg[0] bytes and
// a NUL (struct old_linux_dirent, fs/readdir.c). A name is never cut at the string limit.
func (d *Decoder) oldDirentName(v value, arg []uint64) {
	off, length, found, ok := d.readString(v.addr, int(arg[0]))
	switch {
	case !ok:
		d.address(v.addr)
	case !found:
		d.Add(Node{Kind: Str, Off: off, Len: length, Flags: Cut})
	default:
		d.Add(Node{Kind: Str, Off: off, Len: length})
	}
}
