package syscalls

// The seconds of years that fit C's struct tm, whose years are ints: others are
// shown without a date.
const (
	minTime = -67768040609740800
	maxTime = 67768036191676799
)

const (
	utimeNow  = 1<<30 - 1 // include/linux/stat.h
	utimeOmit = 1<<30 - 2
)

// timevals adds the two times of utimes(2), utimespecs those of utimensat(2)
// and utimespecs64 those of its 64-bit form.
func (d *Decoder) timevals(v value, _ []uint64) { d.timePair(v.raw, nmTimeval, false) }

func (d *Decoder) utimespecs(v value, _ []uint64) { d.timePair(v.raw, nmTimespec, true) }

func (d *Decoder) utimespecs64(v value, _ []uint64) { d.timePair(v.raw, nmTimespec64, true) }

func (d *Decoder) timePair(addr uint64, name nameID, special bool) {
	id := d.abi.typ(name)
	size := int(types[id].size)
	off := len(d.mem)
	if addr == 0 || !d.ev.Verbose || !d.load(addr, 2*size) {
		d.address(addr)
		return
	}
	d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	for i := range 2 {
		if d.beyondLimit(uint64(i), addr+uint64(i*size), size) {
			break
		}
		at := off + i*size
		sec := number(d.mem[at:], uint8(size/2), true, false)
		sub := number(d.mem[at+size/2:], uint8(size/2), false, false)
		if special && (sub == utimeNow || sub == utimeOmit) {
			d.Open(Node{Kind: Struct, Flags: Styled, Table: d.abi.table(tbUtime), Val: sub, Width: 4})
			d.Named("tv_sec", Int, sec)
			d.Named("tv_nsec", Uint, sub)
			d.Close()
			continue
		}
		d.decode(id, value{addr: addr + uint64(i*size), off: at})
		d.dateOf(sec, sub, special)
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// date adds the date that arg[0] seconds and arg[1] nanoseconds are.
func (d *Decoder) date(_ value, arg []uint64) { d.dateOf(arg[0], arg[1], true) }

// timeAt adds the time_t at v.raw with its date: [0 /* 1970-... */].
func (d *Decoder) timeAt(v value, _ []uint64) {
	t := &types[d.abi.typ(nmTimeT)]
	sec, ok := d.peek(v.raw, t)
	if !ok || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Array})
	d.Add(Node{Kind: Int, Val: sec, Width: t.width})
	d.dateOf(extend(sec, t.width, false), 0, true) // of 32 bits, it lasts until 2106
	d.Close()
	d.Close()
}

// dateResult adds the date that a result is.
func (d *Decoder) dateResult(v value, _ []uint64) {
	if sec := int64(v.raw); sec == 0 || sec < minTime || sec > maxTime {
		return
	}
	d.Add(Node{Kind: Date, Val: v.raw, Flags: IsTime})
}

// statxDate adds the date of a struct statx_timestamp.
func (d *Decoder) statxDate(v value, _ []uint64) {
	if v.off >= 0 && v.off+12 <= len(d.mem) {
		d.dateOf(number(d.mem[v.off:], 8, true, false), number(d.mem[v.off+8:], 4, false, false), true)
	}
}

// ptpDate is the same, and not under -X raw.
func (d *Decoder) ptpDate(v value, _ []uint64) {
	d.Mark(Styled)
	d.statxDate(v, nil)
}

// dateOf adds the date that a time is, as a comment, but for no time at all
// and for what is no time.
func (d *Decoder) dateOf(sec, sub uint64, nano bool) {
	limit := uint64(1e6)
	if nano {
		limit = 1e9
	}
	if sec == 0 && sub == 0 || sub >= limit {
		return
	}
	f := Attach
	if nano {
		f |= IsNsec
	}
	d.Add(Node{Kind: Date, Val: sec, Len: uint32(sub), Flags: f})
}

// adjtimeState adds the state of the clock that adjtimex(2) returned, if its
// structure was there.
func (d *Decoder) adjtimeState(v value, _ []uint64) {
	if t := d.abi.table(tbAdjtimeState); t.Lookup(v.raw) != "" && !d.argIsAddress() {
		d.Mark(InWords)
		d.enumOf(t, v.raw, 4)
	}
}
