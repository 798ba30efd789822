package syscalls

import "math"

// structure adds a structure that stands inside another one, or at v.addr.
func (d *Decoder) structure(id typeID, v value) {
	t := &types[id]
	s := &structs[t.a]
	if v.off < 0 {
		if !d.structAt(t, v.addr, -1) {
			d.address(v.addr)
		}
		return
	}
	var p [4]uint64
	d.params(listID(t.b), p[:])
	saved := d.cur
	size, have := min(int(s.size), len(d.mem)-v.off), -1
	if rest := saved.off + saved.size - v.off; saved.have >= 0 && rest < int(s.size) {
		size, have = rest, rest // the caller's size ends within
	}
	d.cur = frame{off: v.off, size: size, addr: v.addr, have: have, param: p}
	d.fields(t, s)
	d.cur = saved
}

// structAt reads the structure of type t at addr and adds it. have is how many
// bytes the caller said there are, -1 for all.
func (d *Decoder) structAt(t *typ, addr uint64, have int) bool {
	s := &structs[t.a]
	n := int(s.size)
	if have >= 0 {
		n = min(n, have)
	}
	var p [4]uint64
	d.params(listID(t.b), p[:])
	off := len(d.mem)
	if !d.load(addr, n) {
		return false
	}
	saved := d.cur
	d.cur = frame{off: off, size: n, addr: addr, have: have, param: p}
	d.fields(t, s)
	d.cur = saved
	d.mem = d.mem[:off]
	return true
}

// fields adds the fields of the structure in the current frame.
func (d *Decoder) fields(t *typ, s *structDef) {
	grouped := t.kind == tyGroup
	if !grouped && !d.Open(Node{Kind: Struct, Name: ""}) {
		return
	}
	dyn, left := uint64(s.size), false
	for i := range s.fields {
		f := &s.fields[i]
		off := uint64(f.off)
		if f.off == dynOff {
			off = dyn
		}
		if !d.shown(f) {
			left = left || f.flags&ffVerbose != 0 && d.ev.Abbrev
			if f.off == dynOff {
				dyn += d.sizeOf(f.typ)
			}
			continue
		}
		dyn += d.field(f, off)
	}
	if left {
		d.more()
	}
	if !grouped {
		d.Close()
	}
}

// shown reports whether a field is to be decoded.
func (d *Decoder) shown(f *field) bool {
	switch {
	case f.flags&ffHidden != 0, f.flags&ffVerbose != 0 && d.ev.Abbrev, f.flags&ffAbbrev != 0 && !d.ev.Abbrev:
		return false
	case f.flags&ffNonzero != 0:
		n := int(types[f.typ].size)
		lo := min(int(f.off), d.cur.size)
		hi := min(lo+n, d.cur.size)
		return !zero(d.mem[d.cur.off+lo : d.cur.off+hi])
	}
	return true
}

// field adds one field and returns how many bytes it took beyond the static
// part of its structure.
func (d *Decoder) field(f *field, off uint64) (dynamic uint64) {
	id := d.resolve(f.typ)
	t := &types[id]
	if t.flags&(tfOut|tfExit) != 0 {
		next, name := JointNone, ""
		if t.flags&tfBegun != 0 {
			next = JointComma
		}
		if next == JointComma && t.flags&tfOut == 0 { // it will stand there whatever the result
			name = f.name
		}
		d.split(next, name)
	}
	if t.kind == tyNone || t.flags&tfOut != 0 && !d.succeeded() {
		return 0
	}
	if f.off == dynOff {
		dynamic = d.sizeOf(id)
	}
	if f.flags&ffNoName == 0 {
		d.name = f.name
	}
	d.storage(id, t, off)
	d.name, d.flags = "", 0
	return dynamic
}

// storage decodes the type id at an offset of the current structure.
func (d *Decoder) storage(id typeID, t *typ, off uint64) {
	v := value{addr: d.cur.addr + off, off: -1}
	size := int(t.size)
	if off+uint64(size) > uint64(d.cur.size) || size == 0 {
		// Not among the bytes that were read: beyond the size that the
		// caller gave, or behind the static part.
		if size != 0 && d.cur.have >= 0 && off+uint64(size) > uint64(d.cur.have) {
			if t.kind == tyStruct && off < uint64(d.cur.size) {
				v.off = d.cur.off + int(off)
				d.structure(id, v)
			}
			if t.kind == tyArray && off < uint64(d.cur.size) {
				d.partOfArray(t, v.addr, uint64(d.cur.size)-off)
			}
			return
		}
		d.outside(id, t, v)
		return
	}
	v.off = d.cur.off + int(off)
	if t.kind == tyScalar && (t.width == 0 || t.width > 8) {
		o, n := d.keep(d.mem[v.off : v.off+size])
		d.Add(Node{Kind: t.node, Off: o, Len: n})
		return
	}
	if size <= 8 && size&(size-1) == 0 {
		v.width = uint8(size)
		v.raw = number(d.mem[v.off:], v.width, t.flags&tfSigned != 0, t.flags&tfBig != 0)
	}
	d.decode(id, v)
}

// partOfArray adds the elements at addr of which n bytes hold a whole one.
func (d *Decoder) partOfArray(t *typ, addr, n uint64) {
	if step := uint64(types[t.a].size); step != 0 && n >= step && d.Open(Node{Kind: Array}) {
		has, show := n/step, n/step
		if d.ev.Abbrev && t.flags&tfWhole == 0 {
			show = min(has, uint64(d.limit()))
		}
		if d.elements(typeID(t.a), addr, show); show < has {
			d.more()
		}
		d.Close()
	}
}

// outside decodes a field that lies behind the static part of its structure.
func (d *Decoder) outside(id typeID, t *typ, v value) {
	switch t.kind {
	case tyArray:
		d.array(t, v.addr, nil)
	case tyBytes, tyFunc, tyStruct, tyGroup, tyLit, tyCalc, tyComment, tyThen, tyAttrs:
		d.decode(id, v)
	default:
		if t.kind == tyScalar && (t.width == 0 || t.width > 8) {
			if !d.wide(t, v.addr) {
				d.address(v.addr)
			}
			return
		}
		raw, ok := d.peekWidth(v.addr, uint8(t.size), t.flags&tfSigned != 0, t.flags&tfBig != 0)
		if !ok {
			d.address(v.addr)
			return
		}
		v.raw, v.width = raw, uint8(t.size)
		d.decode(id, v)
	}
}

// sizeOf returns how many bytes a value of type id takes.
func (d *Decoder) sizeOf(id typeID) uint64 {
	t := &types[d.resolve(id)]
	if t.size != 0 {
		return uint64(t.size)
	}
	switch t.kind {
	case tyBytes:
		return uint64(clampInt(d.eval(exprID(t.a))))
	case tyArray:
		return uint64(clampInt(d.eval(exprID(t.b)))) * uint64(types[t.a].size)
	}
	return 0
}

// array adds the elements at addr, or the address if the first cannot be read.
func (d *Decoder) array(t *typ, addr uint64, _ []byte) {
	nodes, name, flags := len(*d.list()), d.name, d.flags
	if !d.arrayAt(t, addr) {
		l := d.list()
		*l = (*l)[:nodes]
		d.name, d.flags = name, flags
		d.address(addr)
	}
}

// arrayAt adds the elements at addr. It fails if the first cannot be read.
func (d *Decoder) arrayAt(t *typ, addr uint64) bool {
	n := uint64(d.eval(exprID(t.b)))
	show := n
	if limit := uint64(d.limit()); d.ev.Abbrev && t.flags&tfWhole == 0 && uint64(uint32(n)) > limit { // strace compares 32 bits
		show = limit
	}
	abbreviated := show < n
	if t.c != 0 {
		most := uint64(d.eval(exprID(t.c)))
		const few = 32 // fewer are what is worth showing, more are what the kernel takes
		abbreviated, show = abbreviated && show < most || d.ev.Abbrev && most < few, min(show, most)
	}
	if step := uint64(types[t.a].size); n != 0 && (n > math.MaxUint64/max(step, 1) || addr+n*step <= addr) {
		return false // it does not fit in memory
	}
	if n != 0 && show == 0 { // -s 0: is there something?
		off := len(d.mem)
		if !d.load(addr, int(types[t.a].size)) {
			return false
		}
		d.mem = d.mem[:off]
	}
	if !d.Open(Node{Kind: Array}) {
		return true
	}
	ok := d.elements(typeID(t.a), addr, show)
	if ok && show < n && !d.cutShort() {
		step := uint64(types[t.a].size)
		if abbreviated {
			d.leaveOff(show, addr+show*step, int(step))
		} else {
			d.more()
		}
	}
	d.Close()
	return ok
}

// leaveOff ends a list before element i of size bytes at addr, at the limit of elements. As
// strace, it looks at that element, but for the first.
func (d *Decoder) leaveOff(i, addr uint64, size int) {
	off := len(d.mem)
	if i != 0 && !d.load(addr, size) {
		d.Add(Node{Kind: Unread, Val: addr, Width: uint8(d.abi.Word)})
	} else {
		d.more()
	}
	d.mem = d.mem[:off]
}

// beyondLimit ends a list before element i of size bytes at addr if the limit of elements
// is reached.
func (d *Decoder) beyondLimit(i, addr uint64, size int) bool {
	if !d.ev.Abbrev || i < uint64(d.limit()) {
		return false
	}
	d.leaveOff(i, addr, size)
	return true
}

// cutShort reports whether the list of elements ended where memory did.
func (d *Decoder) cutShort() bool {
	l := *d.list()
	return len(l) > 0 && l[len(l)-1].Kind == Unread
}

// elements adds n elements of type id. It fails if the first cannot be read; a
// later one that cannot ends the list with its address.
func (d *Decoder) elements(id typeID, addr, n uint64) bool {
	step := uint64(types[id].size)
	for i := range n {
		if d.work > maxNodes || d.paused {
			d.more()
			return true
		}
		at := addr + i*step
		if step == 0 || !d.element(id, at) {
			if i == 0 {
				return false
			}
			d.Add(Node{Kind: Unread, Val: at, Width: uint8(d.abi.Word)})
			return true
		}
	}
	return true
}

// element adds one element.
func (d *Decoder) element(id typeID, addr uint64) bool {
	id = d.resolve(id)
	t := &types[id]
	switch t.kind {
	case tyStruct, tyGroup:
		return d.structAt(t, addr, -1)
	case tyArray:
		return d.arrayAt(t, addr)
	case tyBytes:
		return d.bytesField(t, addr)
	case tyFunc:
		if t.c == 0 {
			d.decode(id, value{addr: addr, off: -1})
			return true
		}
	case tyComment:
		if types[t.a].kind == tyStruct {
			off := len(d.mem)
			ok := d.load(addr, int(t.size))
			if ok {
				d.decode(id, value{addr: addr, off: off})
			}
			d.mem = d.mem[:off]
			return ok
		}
	case tyScalar:
		if t.width == 0 || t.width > 8 {
			return d.wide(t, addr)
		}
	}
	raw, ok := d.peekWidth(addr, uint8(t.size), t.flags&tfSigned != 0, t.flags&tfBig != 0)
	if ok {
		d.decode(id, value{raw: raw, addr: addr, off: -1, width: uint8(t.size)})
	}
	return ok
}
