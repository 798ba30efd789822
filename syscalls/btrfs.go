package syscalls

// Commands of btrfs whose arguments are more than structures: include/uapi/linux/btrfs.h.

// btrfsSubvolFlags adds the flags of a subvolume.
func (d *Decoder) btrfsSubvolFlags(v value, _ []uint64) {
	flags, ok := d.peekWidth(v.raw, 8, false, false)
	if v.raw == 0 || !d.ev.Verbose || !ok {
		d.address(v.raw)
		return
	}
	d.flagsOf(d.abi.table(tbBtrfsSubvol), flags, 8)
}

// btrfsStats adds counters of a device by their names, of which there are arg[0].
func (d *Decoder) btrfsStats(v value, arg []uint64) {
	const known = 5
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for i := range min(arg[0], known) {
		n, ok := d.peekWidth(v.addr+8*i, 8, false, false)
		if !ok {
			break
		}
		d.Open(Node{Kind: Index})
		d.Add(Node{Kind: Enum, Table: d.abi.table(tbBtrfsDevStat), Val: i, Width: 4})
		d.Add(Node{Kind: Uint, Val: n, Width: 8})
		d.Close()
	}
	if arg[0] > known {
		d.more()
	}
	d.Close()
}

// btrfsPaths adds arg[0] paths, whose distances from here stand here.
func (d *Decoder) btrfsPaths(v value, arg []uint64) {
	if _, ok := d.peekWidth(v.addr, 8, false, false); !ok && arg[0] > 0 {
		d.address(v.addr)
		return
	}
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for i := uint64(0); i < arg[0] && d.work < maxNodes; i++ {
		at, ok := d.peekWidth(v.addr+8*i, 8, false, false)
		if !ok {
			d.Add(Node{Kind: Unread, Val: v.addr + 8*i, Width: uint8(d.abi.Word)})
			break
		}
		d.stringAt(v.addr+at, pathMax-1, IsPath)
	}
	d.Close()
}

// permille adds thousandths as they are, and in percent if that makes sense.
func (d *Decoder) permille(v value, _ []uint64) {
	d.Add(Node{Kind: Uint, Val: v.raw, Width: 8})
	if v.raw > 1000 || !d.Open(Node{Kind: Comment, Flags: Attach}) {
		return
	}
	d.Open(Node{Kind: Group})
	d.Add(Node{Kind: Uint, Val: v.raw / 10, Width: 8})
	d.joined(".")
	d.Add(Node{Kind: Uint, Val: v.raw % 10, Width: 8, Flags: Attach})
	d.joined("%")
	d.Close()
	d.Close()
}

// btrfsDate adds the date that a number of seconds is, which has no sign in btrfs.
func (d *Decoder) btrfsDate(v value, _ []uint64) { d.dateOf(v.raw, 0, false) }

// joined adds a sign right behind what is before it.
func (d *Decoder) joined(sign string) { d.Add(Node{Kind: Lit, Name: sign, Flags: Attach}) }

// btrfsSupported adds the features that there are, that may be set and that may be
// cleared.
func (d *Decoder) btrfsSupported(v value, _ []uint64) {
	d.btrfsFeatures(v, "supported", "safe to set", "safe to clear")
}

// btrfsSetFeatures adds the features to change, and what they shall be.
func (d *Decoder) btrfsSetFeatures(v value, _ []uint64) { d.btrfsFeatures(v, "", "") }

// btrfsFeatures adds as many sets of features as there are words to go with them, if all can be read.
func (d *Decoder) btrfsFeatures(v value, words ...string) {
	id := d.abi.typ(nmBtrfsFeatures)
	t, off := &types[id], len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, len(words)*int(t.size)) {
		d.address(v.raw)
		return
	}
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	for i, what := range words {
		d.structAt(t, v.raw+uint64(i)*uint64(t.size), -1)
		if what != "" && d.Open(Node{Kind: Comment, Flags: Attach}) {
			d.lit(what)
			d.Close()
		}
	}
	d.Close()
	d.Close()
}

// btrfsFound adds the items that a search found: a structure and its data each, which
// stand arg[0] bytes into the arguments, whose key says how many, in arg[1] bytes.
func (d *Decoder) btrfsFound(_ value, arg []uint64) {
	const items, head = 64, 32
	base := d.cur.addr
	n, _ := d.peekWidth(base+items, 4, false, false)
	at, end := uint64(0), arg[1]
	d.name = "buf"
	if !d.Open(Node{Kind: Array}) {
		return
	}
	for i := uint64(0); i < n; i++ {
		if at+head > end || d.work >= maxNodes {
			d.more()
			break
		}
		size, ok := d.peekWidth(base+arg[0]+at+28, 4, false, false)
		if !ok || !d.structAt(&types[d.abi.typ(nmBtrfsFoundItem)], base+arg[0]+at, -1) {
			d.Add(Node{Kind: Unread, Val: base + arg[0] + at, Width: uint8(d.abi.Word)})
			break
		}
		at += head + size
	}
	d.Close()
}

// btrfsInoLookup adds struct btrfs_ioctl_ino_lookup_args as it was asked. The kernel fills
// in the tree if it was not said.
func (d *Decoder) btrfsInoLookup(v value, _ []uint64) { d.asked(v.raw, nmBtrfsInoLookup, 0, -1) }

func (d *Decoder) btrfsTree(_ value, _ []uint64) { d.btrfsID(d.ev.saved[d.ev.next]) }

func (d *Decoder) btrfsTreeGot(v value, _ []uint64) {
	if d.ev.saved[d.ev.next] == 0 {
		d.btrfsID(v.raw)
	}
}

func (d *Decoder) btrfsID(id uint64) {
	d.Add(Node{Kind: Enum, Table: d.abi.table(tbBtrfsID), Val: id, Width: 8})
}
