package syscalls

// Directory entries. Source: include/linux/dirent.h.

// dirents adds what getdents(2) stored: arg[0] bytes.
func (d *Decoder) dirents(v value, arg []uint64) { d.direntList(v.raw, arg[0], false) }

// dirents64 adds what getdents64(2) stored.
func (d *Decoder) dirents64(v value, arg []uint64) { d.direntList(v.raw, arg[0], true) }

// A dirent is one entry's place in d.mem.
type dirent struct {
	ino, off     uint64
	reclen, kind int
	name         []byte
}

const maxDirents = 1 << 20 // bytes

func (d *Decoder) direntList(addr, n uint64, wide bool) {
	off := len(d.mem)
	switch {
	case !d.ev.Verbose, n > maxDirents:
		d.address(addr)
		return
	case n != 0 && !d.load(addr, int(n)):
		if d.ev.Abbrev {
			d.Add(Node{Kind: Entries, Val: addr, Flags: Cut})
		} else {
			d.address(addr)
		}
		return
	}
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
		d.mem = d.mem[:off]
		return
	}
	head := d.direntHead(wide)
	if n > 0 && int(n) < head {
		d.bytesAt(addr, int64(n), ForceHex)
		d.mem = d.mem[:off]
		return
	}
	d.Open(Node{Kind: Array})
	at := 0
	for d.work < maxNodes {
		e, ok := d.dirent(off+at, off+int(n), wide)
		if !ok {
			break
		}
		d.addDirent(e, wide)
		at += e.reclen
	}
	if left := int(n) - at; left > 0 && left < head {
		d.bytesAt(addr+uint64(at), int64(left), ForceHex)
	}
	d.Close()
	d.mem = d.mem[:off]
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

// dirent reads the entry at d.mem[at:end].
func (d *Decoder) dirent(at, end int, wide bool) (e dirent, ok bool) {
	w, head := d.direntWord(wide), d.direntHead(wide)
	if at+head > end {
		return e, false
	}
	p := d.mem[at:end]
	e.ino, e.off = number(p, uint8(w), false, false), number(p[w:], uint8(w), true, false)
	e.reclen = int(number(p[2*w:], 2, false, false))
	if e.reclen < head+1 || at+e.reclen > end {
		return e, false
	}
	if wide {
		e.kind = int(p[2*w+2])
		e.name = p[head:e.reclen]
	} else {
		e.kind = int(p[e.reclen-1])
		e.name = p[head : e.reclen-1]
	}
	for i, c := range e.name {
		if c == 0 {
			e.name = e.name[:i]
			break
		}
	}
	return e, true
}

func (d *Decoder) addDirent(e dirent, wide bool) {
	d.Open(Node{Kind: Struct})
	d.Named("d_ino", Uint, e.ino)
	d.Named("d_off", Int, e.off)
	d.Named("d_reclen", Uint, uint64(e.reclen))
	if !wide { // the order in memory
		d.name = "d_name"
		d.bytesOf(e.name, 0)
	}
	d.name = "d_type"
	d.enumOf(d.abi.table(tbDtype), uint64(e.kind), 1)
	if wide {
		d.name = "d_name"
		d.bytesOf(e.name, 0)
	}
	d.Close()
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
