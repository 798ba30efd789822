package syscalls

import "strconv"

// This file is what decoders make nodes with.

// list returns where nodes go.
func (d *Decoder) list() *[]Node {
	if d.ret {
		return &d.ev.RetNodes
	}
	return &d.ev.Nodes
}

// Add appends a node, with the name and flags that were set for it. It reports
// whether there was room: instead of the first that has none stands that there would be more.
func (d *Decoder) Add(n Node) bool {
	d.work++
	if d.paused {
		return false
	}
	if d.work > maxNodes {
		d.tellFull()
		return false
	}
	l := d.list()
	if n.Name == "" {
		n.Name = d.name
	}
	n.Flags |= d.flags
	d.name, d.flags = "", 0
	n.End = uint32(len(*l) + 1)
	*l = append(*l, n)
	return true
}

// tellFull adds, once, that there would be more nodes than an argument may have.
func (d *Decoder) tellFull() {
	if d.full {
		return
	}
	d.full = true
	l := d.list()
	*l = append(*l, Node{Kind: More, End: uint32(len(*l) + 1)})
}

// Open starts a container; Close ends the innermost one. Between the two every
// node is its child.
func (d *Decoder) Open(n Node) bool {
	if d.nopen == len(d.open) || !d.Add(n) {
		return false
	}
	d.open[d.nopen] = uint32(len(*d.list()) - 1)
	d.nopen++
	return true
}

// OpenFunc starts NAME(...), in a group that has the name set for it; CloseFunc
// ends both.
func (d *Decoder) OpenFunc(name string) {
	d.Open(Node{Kind: Group})
	d.Open(Node{Kind: Func, Name: name})
}

// CloseFunc ends what OpenFunc started.
func (d *Decoder) CloseFunc() {
	d.Close()
	d.Close()
}

// Close ends the container that Open started last. It may be called for one that
// did not start for want of room, too: no node follows then, so that all that is
// open ends at the same place, whichever Close ends it.
func (d *Decoder) Close() {
	if d.nopen == 0 || d.paused {
		return
	}
	d.nopen--
	l := d.list()
	at := d.open[d.nopen]
	if k := (*l)[at].Kind; d.work >= maxNodes && (k == Array || k == Struct) {
		d.tellFull() // those that decode lists stop by themselves
	}
	(*l)[at].End = uint32(len(*l))
	d.name, d.flags = "", 0
}

// Label names the next node.
func (d *Decoder) Label(name string) { d.name = name }

// Mark gives the next node a flag.
func (d *Decoder) Mark(f NodeFlags) { d.flags |= f }

// Named adds a scalar with a name.
func (d *Decoder) Named(name string, k Kind, v uint64) {
	d.name = name
	n := Node{Kind: k, Val: v}
	d.named(&n)
	d.Add(n)
}

// address adds an address, NULL or not.
func (d *Decoder) address(addr uint64) {
	w := uint8(d.abi.Word)
	if addr>>32 != 0 { // an address of 64 bits in a structure
		w = 8
	}
	d.Add(Node{Kind: Addr, Val: addr, Width: w})
}

// lit adds a fixed word.
func (d *Decoder) lit(word string) {
	name := d.name
	d.name = ""
	d.Add(Node{Kind: Lit, Name: word})
	_ = name
}

// symbol adds a number by a name, with what is to be added to it.
func (d *Decoder) symbol(v uint64, prefix, name string, plus uint64, f NodeFlags) {
	a := len(d.ev.arena)
	d.ev.arena = append(append(d.ev.arena, prefix...), name...)
	if plus != 0 {
		d.ev.arena = strconv.AppendUint(append(d.ev.arena, '+'), plus, 10)
	}
	d.Add(Node{Kind: Symbol, Val: v, Flags: f, Width: 8, Off: uint32(a), Len: uint32(len(d.ev.arena) - a)})
}

// more adds "...".
func (d *Decoder) more() { d.Add(Node{Kind: More}) }

// flagsOf adds a set of bits; enumOf one value of an enumeration.
func (d *Decoder) flagsOf(t *Table, v uint64, width uint8) {
	d.Add(Node{Kind: Flags, Table: t, Val: v, Width: width})
}

// knownFlags adds a set of bits that stands behind others: as a number when it
// has none with a name.
func (d *Decoder) knownFlags(t *Table, v uint64, width uint8) {
	if t.hasBit(v) {
		d.flagsOf(t, v, width)
		return
	}
	d.Add(Node{Kind: Hex, Val: v, Width: width})
}

// hasBit reports whether a bit of v has a name.
func (t *Table) hasBit(v uint64) bool {
	for i := range t.Entries {
		if bits := t.Entries[i].Val; bits != 0 && v&bits == bits {
			return true
		}
	}
	return false
}

func (d *Decoder) enumOf(t *Table, v uint64, width uint8) {
	d.Add(Node{Kind: Enum, Table: t, Val: v, Width: width, Flags: HexVal})
}

// bytesAt adds the n bytes at addr as a byte string, cut at the string limit, or
// the address if they cannot be read.
func (d *Decoder) bytesAt(addr uint64, n int64, flags NodeFlags) {
	if addr == 0 {
		d.address(0)
		return
	}
	want, f := d.clip(n)
	need := want
	if f&Cut != 0 { // as strace, a byte more than is shown
		need++
	}
	off, _, ok := d.readBytes(addr, need)
	if !ok {
		d.address(addr)
		return
	}
	d.ev.arena = d.ev.arena[:int(off)+want]
	d.Add(Node{Kind: Str, Off: off, Len: uint32(want), Flags: flags | f})
}

// clip cuts a length to the string limit and to the room that there is.
func (d *Decoder) clip(n int64) (int, NodeFlags) {
	limit := int64(min(d.limit(), maxString, d.room()))
	if uint64(n) > uint64(limit) {
		return int(limit), Cut
	}
	return int(n), 0
}

// stringAt adds the NUL-terminated string at addr, or the address if there is
// none. A pathname is shown whole.
func (d *Decoder) stringAt(addr uint64, limit int, flags NodeFlags) {
	if addr == 0 {
		d.address(0)
		return
	}
	off, length, found, ok := d.readString(addr, limit)
	if !ok {
		d.address(addr)
		return
	}
	if !found {
		flags |= Cut | Unsized
	}
	d.Add(Node{Kind: Str, Off: off, Len: length, Flags: flags})
}

// boundedAt is stringAt for a string that ends at the latest after n bytes; what
// stands behind them is not looked at.
func (d *Decoder) boundedAt(addr uint64, n int, flags NodeFlags) {
	if n == 0 {
		d.stringAt(addr, 0, flags)
		return
	}
	off, length, found, ok := d.readString(addr, n-1)
	switch {
	case ok && !found:
		off, length, ok = d.readBytes(addr, n)
		flags |= Cut | Unsized
	case addr == 0:
		ok = false
	}
	if !ok {
		d.address(addr)
		return
	}
	d.Add(Node{Kind: Str, Off: off, Len: length, Flags: flags})
}

// bytesOf adds bytes that are here already.
func (d *Decoder) bytesOf(p []byte, flags NodeFlags) {
	off, length := d.keep(p)
	d.Add(Node{Kind: Str, Off: off, Len: length, Flags: flags})
}
