package syscalls

// decode adds the value v of type id, which resolve has been through. A
// structure, an array or bytes stand in memory at v.addr; all else is v.raw.
func (d *Decoder) decode(id typeID, v value) {
	t := &types[id]
	switch t.kind {
	case tyScalar:
		d.scalar(t, v.raw)
	case tyPtr:
		d.pointerTo(t, v)
	case tyStr:
		d.str(t, v.raw)
	case tyBuf:
		d.bytesAt(v.raw, d.eval(exprID(t.a)), strFlags(t))
	case tyBytes:
		d.inlineBytes(t, v)
	case tyStruct, tyGroup:
		d.structure(id, v)
	case tyArray:
		d.array(t, v.addr, nil)
	case tyFunc:
		d.goDecoder(t, v)
	case tyThen:
		d.then(t, v)
	case tyComment:
		d.comment(t, v)
	case tyAttrs:
		d.attrs(t, v.addr)
	case tyLit:
		d.lit(strs[t.a])
	case tyCalc:
		d.decode(typeID(t.a), value{raw: uint64(d.eval(exprID(t.b))), off: -1})
	}
	d.name, d.flags = "", 0
}

// value decodes v of type id after resolving it.
func (d *Decoder) value(id typeID, v value) { d.decode(d.resolve(id), v) }

func (d *Decoder) goDecoder(t *typ, v value) {
	var arg [6]uint64
	n := d.params(listID(t.b), arg[:])
	d.callFunc(funcID(t.a), v, arg[:n])
}

// then decodes a => b inside a structure, which is decoded all at once.
func (d *Decoder) then(t *typ, v value) {
	name := d.name
	d.value(typeID(t.a), v)
	d.split(JointNone, "")
	if d.exit && d.succeeded() {
		d.name, d.flags = name, Arrow
		d.value(typeID(t.b), v)
	}
}

func (d *Decoder) comment(t *typ, v value) {
	if d.numbered(t, v) {
		return
	}
	d.value(typeID(t.a), v)
	if types[t.b].kind == tyFunc { // it makes a comment of its own, or none
		d.value(typeID(t.b), v)
		return
	}
	if d.Open(Node{Kind: Comment, Flags: Attach}) {
		d.value(typeID(t.b), v)
		d.Close()
	}
}

// numbered adds a number with its names as a comment, if that is what t is.
func (d *Decoder) numbered(t *typ, v value) bool {
	n, names := &types[t.a], &types[t.b]
	if n.kind != tyScalar || names.kind != tyScalar || names.node != Enum && names.node != Flags {
		return false
	}
	raw := extend(v.raw, n.width, n.flags&tfSigned != 0)
	node := Node{Kind: names.node, Val: raw, Width: n.width, Table: &tables[names.a-1], Flags: Numbered}
	if n.node == Hex {
		node.Flags |= HexVal
	} else {
		node.Flags |= InWords
	}
	d.Add(node)
	return true
}

func strFlags(t *typ) (f NodeFlags) {
	if t.flags&tfHexStr != 0 {
		f |= ForceHex
	}
	return f
}

// scalar adds a number.
func (d *Decoder) scalar(t *typ, raw uint64) {
	if t.width != 0 && t.width < 8 {
		raw = extend(raw, t.width, t.flags&tfSigned != 0) // of a switch, the register is as wide as its widest case
	}
	n := Node{Kind: t.node, Val: raw, Width: t.width}
	if t.a != 0 {
		n.Table = &tables[t.a-1]
	}
	if t.flags&tfTime != 0 {
		n.Flags |= IsTime
	}
	if t.node == Enum && t.flags&tfDecimal == 0 {
		n.Flags |= HexVal
	}
	d.named(&n)
	d.Add(n)
}

// named fetches the name of a descriptor or process.
func (d *Decoder) named(n *Node) {
	a := len(d.ev.arena)
	switch n.Kind {
	case FD, DirFD:
		if !d.FDs || n.Kind == FD && int32(n.Val) < 0 {
			return
		}
		d.ev.arena = d.t.AppendFD(d.ev.arena, int32(n.Val))
	case PID, TGID, PGID, SID:
		if !d.PIDs {
			return
		}
		d.ev.arena = d.t.AppendPID(d.ev.arena, n.Kind, int32(n.Val))
	default:
		return
	}
	d.called(n, a)
}

// called gives a node the name that was appended to the arena from a on, if one was.
func (d *Decoder) called(n *Node, a int) {
	if len(d.ev.arena) > a {
		n.Off, n.Len = uint32(a), uint32(len(d.ev.arena)-a)
		n.Flags |= HasFD
	}
}

func (d *Decoder) str(t *typ, addr uint64) {
	if t.flags&tfPath != 0 {
		d.stringAt(addr, pathMax-1, IsPath)
		return
	}
	limit := min(d.limit(), maxString)
	if t.a != 0 {
		if n := d.eval(exprID(t.a)); n >= 0 && n <= int64(limit) {
			d.boundedAt(addr, int(n), strFlags(t))
			return
		}
	}
	d.stringAt(addr, limit, strFlags(t))
}

// pointerTo adds what v points to, or the address when that cannot be read.
func (d *Decoder) pointerTo(t *typ, v value) {
	addr := v.raw
	if addr == 0 && t.flags&tfNoNull == 0 || d.depth >= maxDepth/2 || !d.ev.Verbose && !d.always(t) {
		d.address(addr)
		return
	}
	d.depth++
	have := -1
	if t.b != 0 {
		have = clampInt(d.eval(exprID(t.b)))
	}
	id := d.resolve(typeID(t.a))
	if e := &types[id]; e.kind == tyScalar && t.flags&tfInOut != 0 {
		d.changing(e, addr, t.flags&tfExit != 0)
	} else {
		d.pointed(id, addr, have)
	}
	d.depth--
}

// always reports whether t's address is never shown for want of verbosity: there is
// nothing behind it (an array without elements), or the arguments themselves.
func (d *Decoder) always(t *typ) bool {
	e := &types[d.resolve(typeID(t.a))]
	return e.kind == tyGroup || e.kind == tyArray && d.eval(exprID(e.b)) == 0
}

func clampInt(n int64) int {
	const most = 1 << 30
	if n < 0 || n > most {
		return most
	}
	return int(n)
}

// pointed adds the value of type id at addr inside a Ptr node. A group there holds
// the arguments themselves, which stand in the place of the pointer.
func (d *Decoder) pointed(id typeID, addr uint64, have int) {
	name, flags, nodes, arena := d.name, d.flags, len(*d.list()), len(d.ev.arena)
	group := types[id].kind == tyGroup
	if group {
		d.name = ""
	} else if !d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)}) {
		return
	}
	ok := d.memory(id, addr, have)
	if !group {
		d.Close()
	}
	if !ok {
		l := d.list()
		*l, d.ev.arena = (*l)[:nodes], d.ev.arena[:arena]
		d.name, d.flags = name, flags
		d.address(addr)
	}
}

// memory adds the value of type id that stands at addr. It fails, with nodes to
// be thrown away, if the value's first part cannot be read.
func (d *Decoder) memory(id typeID, addr uint64, have int) bool {
	t := &types[id]
	switch t.kind {
	case tyNone:
		return false
	case tyStruct, tyGroup:
		return d.structAt(t, addr, have)
	case tyArray:
		return d.arrayAt(t, addr)
	case tyBytes:
		return d.bytesField(t, addr)
	case tyFunc:
		if t.c == 0 {
			d.goDecoder(t, value{addr: addr, off: -1})
			return true
		}
	}
	w := uint8(t.size)
	if w == 0 {
		return false
	}
	raw, ok := uint64(0), true
	if t.kind == tyScalar {
		if t.width == 0 || t.width > 8 {
			return d.wide(t, addr)
		}
		raw, ok = d.peek(addr, t)
	} else {
		raw, ok = d.peekWidth(addr, w, false, false)
	}
	if !ok {
		return false
	}
	if d.Open(Node{Kind: Array}) {
		d.decode(id, value{raw: raw, addr: addr, off: -1, width: w})
		d.Close()
	}
	return true
}

// wide adds a scalar of more than 8 bytes, whose value is in the arena.
func (d *Decoder) wide(t *typ, addr uint64) bool {
	off, n, ok := d.readBytes(addr, int(t.size))
	if ok {
		d.Add(Node{Kind: t.node, Off: off, Len: n})
	}
	return ok
}

// changing adds a number that the kernel may change: [16 => 28]; when the call fails,
// too, if failed is set.
func (d *Decoder) changing(e *typ, addr uint64, failed bool) {
	now, ok := d.peek(addr, e)
	if !ok {
		d.address(addr)
		return
	}
	before := now
	if d.exit {
		before = d.saved()
	} else { // begun: the kernel's part follows at exit
		d.ev.saved[d.ev.next&7] = now
	}
	if !d.Open(Node{Kind: Ptr, Val: addr, Width: uint8(d.abi.Word)}) {
		return
	}
	if d.Open(Node{Kind: Array}) {
		d.scalar(e, before)
		d.split(JointNone, "")
		if (d.succeeded() || failed && d.ev.Returned) && now != before {
			d.flags = Arrow
			d.scalar(e, now)
		}
		d.Close()
	}
	d.Close()
}

// saved returns what was saved at entry for the argument being decoded.
func (d *Decoder) saved() uint64 {
	if i := d.ev.next; i < len(d.ev.saved) {
		return d.ev.saved[i]
	}
	return 0
}

// inlineBytes adds bytes that stand in a structure.
func (d *Decoder) inlineBytes(t *typ, v value) {
	if v.off >= 0 && t.size != 0 {
		d.addBytes(t, d.mem[v.off:v.off+int(t.size)], 0)
		return
	}
	if !d.bytesField(t, v.addr) {
		d.address(v.addr)
	}
}

// bytesField adds bytes(n) or cstr(n) from memory.
func (d *Decoder) bytesField(t *typ, addr uint64) bool {
	n := d.eval(exprID(t.a))
	if t.size != 0 {
		n = int64(t.size)
	}
	want, f := d.clip(n)
	off, need := len(d.mem), want
	if f&Cut != 0 { // as in bytesAt
		need++
	}
	if !d.load(addr, need) {
		return false
	}
	d.addBytes(t, d.mem[off:off+want], f)
	d.mem = d.mem[:off]
	return true
}

func (d *Decoder) addBytes(t *typ, p []byte, f NodeFlags) {
	if t.flags&tfStr != 0 {
		i := 0
		for i < len(p) && p[i] != 0 {
			i++
		}
		if i == len(p) { // without a NUL: the last byte gives way to "..."
			f |= Cut
			if t.size != 0 && i > 0 {
				i--
			}
		}
		p = p[:i]
	}
	d.bytesOf(p, f|strFlags(t))
}
