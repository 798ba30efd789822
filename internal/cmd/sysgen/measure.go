package main

// A measure is what the C compiler knows of a type's storage.
type measure struct {
	size, align uint32
	dynamic     bool // the size is known only when decoding
}

// maxTypeDepth bounds types within types, so that a type that contains itself
// is found out.
const maxTypeDepth = 64

func (u *unit) enter(te *typeExpr) {
	if u.depth == maxTypeDepth {
		failf(te.at, "", "a type contains itself")
	}
	u.depth++
}

// shapeOf returns how a type that is a number stands in a register or memory.
func (u *unit) shapeOf(te *typeExpr, sc *scope, reg bool) (s shape, ok bool) {
	u.enter(te)
	defer func() { u.depth-- }()
	if te.op != typeName {
		return u.shapeOfOp(te, sc, reg)
	}
	if te.store != nil {
		return u.storeShape(te, sc, reg)
	}
	if s, ok := scalars[te.name]; ok {
		return u.m.shape(s, reg), true
	}
	switch te.name {
	case "flags", "enum", "enumd":
		return shape{width: 4}, true
	case "ptr", "ptrnn", "path", "str", "buf", "hexbuf":
		return u.m.shape(scalars["addr"], reg), true
	case "func", "none", "lit", "pad", "calc":
		return u.m.shape(scalars["addr"], reg), reg
	}
	if t, ok := u.types[te.name].on(u.abi); ok {
		return u.shapeOf(t.typ, u.bind(te, t.params, sc), reg)
	}
	if t, ok := u.switchs[te.name].on(u.abi); ok {
		return u.shapeOfCases(t, u.bind(te, t.params, sc), reg)
	}
	return shape{}, false
}

// storeShape is the shape that stands behind the colon.
func (u *unit) storeShape(te *typeExpr, sc *scope, reg bool) (shape, bool) {
	if s, ok := storageOnly[te.store.name]; ok {
		return u.m.shape(s, reg), true
	}
	return u.shapeOf(te.store, sc, reg)
}

func (u *unit) shapeOfOp(te *typeExpr, sc *scope, reg bool) (s shape, ok bool) {
	if te.op != typeIf {
		return u.shapeOf(te.a, sc, reg)
	}
	none := true
	ok = true
	if ifPresent(func() { u.value(te.cond, sc) }) {
		s, ok = u.shapeOf(te.a, sc, reg)
		none = false
	}
	if te.b == nil || !ok {
		return s, ok
	}
	t, okB := u.shapeOf(te.b, sc, reg)
	if none {
		return t, okB
	}
	return widest(s, t), okB
}

// shapeOfCases is wide enough for every case of a switch.
func (u *unit) shapeOfCases(t *switchStmt, sc *scope, reg bool) (s shape, ok bool) {
	first := true
	for _, te := range t.branches() {
		ifPresent(func() {
			c, okC := u.shapeOf(te, sc, reg)
			if te.op == typeName && te.name == "none" || !okC {
				return
			}
			if first {
				s, first = c, false
			}
			s, ok = widest(s, c), true
		})
	}
	return s, ok
}

func (s *switchStmt) branches() (list []*typeExpr) {
	for _, c := range s.cases {
		list = append(list, c.typ)
	}
	if s.other != nil {
		list = append(list, s.other)
	}
	return list
}

func widest(a, b shape) shape {
	if b.width > a.width {
		return b
	}
	if a.width == b.width {
		a.signed = a.signed && b.signed
	}
	return a
}

// number measures a number type.
func (u *unit) number(s shape, aligned bool) measure {
	align := uint32(s.width)
	if s.width == 8 && !aligned {
		align = uint32(u.m.align64)
	}
	return measure{size: uint32(s.width), align: align}
}

// measure returns size and alignment of a type in memory.
func (u *unit) measure(te *typeExpr, sc *scope) measure {
	u.enter(te)
	defer func() { u.depth-- }()
	if te.op != typeName {
		return u.measureOp(te, sc)
	}
	if te.store != nil && te.name == "func" {
		return u.measure(te.store, sc)
	}
	if k, ok := wideKinds[te.name]; ok {
		return u.measureWide(te, k.size, sc)
	}
	switch te.name {
	case "none", "lit", "calc":
		return measure{align: 1}
	case "bytes", "hexbytes", "cstr":
		return u.elements(measure{size: 1, align: 1}, te.at, one(te), sc)
	case "array", "fullarray":
		return u.elements(u.measure(te.types[0], sc), te.at, count(te), sc)
	case "group":
		return u.measure(te.types[0], sc)
	case "func":
		return measure{align: 1, dynamic: true}
	case "attrs":
		return measure{align: 4, dynamic: true} // NLA_ALIGNTO
	case "pad":
		failf(te.at, "hide a field with %hidden", "pad is for arguments")
	}
	if t, ok := u.structs[te.name].on(u.abi); ok {
		l := u.layout(t)
		return measure{size: l.size, align: l.align, dynamic: l.dynamic}
	}
	if t, ok := u.types[te.name].on(u.abi); ok && te.store == nil {
		return u.measure(t.typ, u.bind(te, t.params, sc))
	}
	if t, ok := u.switchs[te.name].on(u.abi); ok && te.store == nil {
		return u.measureCases(t.branches(), u.bind(te, t.params, sc))
	}
	if s, ok := u.shapeOf(te, sc, false); ok {
		return u.number(s, te.name == "au64" || te.store != nil && te.store.name == "au64")
	}
	u.unknownType(te)
	return measure{}
}

// one returns the only expression of a type like bytes(N).
func one(te *typeExpr) *expr {
	if len(te.exprs) != 1 {
		failf(te.at, "", "%s takes one number, got %d", te.name, len(te.exprs))
	}
	return te.exprs[0]
}

func (u *unit) measureWide(te *typeExpr, size uint32, sc *scope) measure {
	if size == 0 {
		m := u.elements(measure{size: 1, align: 1}, te.at, one(te), sc)
		if m.dynamic {
			failf(te.at, "bytes(N), or a Go decoder", "%s needs a constant length", te.name)
		}
		size = m.size
	}
	switch te.name {
	case "ip6":
		return measure{size: size, align: 4}
	case "sigset":
		return measure{size: size, align: uint32(u.m.word)}
	}
	return measure{size: size, align: 1}
}

func (u *unit) elements(m measure, at position, n *expr, sc *scope) measure {
	v, ok := u.value(n, sc)
	if !ok || m.dynamic {
		return measure{align: m.align, dynamic: true}
	}
	if v > 1<<20 || uint64(m.size)*v > 1<<26 {
		failf(at, "", "%d elements are too many", v)
	}
	m.size *= uint32(v)
	return m
}

func (u *unit) measureOp(te *typeExpr, sc *scope) measure {
	if te.op != typeIf {
		return u.measure(te.a, sc)
	}
	list := []*typeExpr{te.a}
	v, known := uint64(0), true
	if ifPresent(func() { v, known = u.value(te.cond, sc) }) && !known {
		if te.b != nil {
			list = append(list, te.b)
		}
		return u.measureCases(list, sc)
	}
	if v != 0 || te.b == nil {
		return u.measure(te.a, sc)
	}
	return u.measure(te.b, sc)
}

// measureCases measures a union of types.
func (u *unit) measureCases(list []*typeExpr, sc *scope) measure {
	all := measure{align: 1}
	for _, te := range list {
		ifPresent(func() {
			m := u.measure(te, sc)
			all.size = max(all.size, m.size)
			all.align = max(all.align, m.align)
			all.dynamic = all.dynamic || m.dynamic
		})
	}
	all.size = (all.size + all.align - 1) / all.align * all.align
	return all
}

// A structLayout is where a structure's fields stand.
type structLayout struct {
	off         map[string]uint32
	sizes       map[string]uint32    // of the fields whose size is constant
	store       map[string]*typeExpr // storage from a layout statement
	info        map[string]fieldInfo
	size, align uint32
	dynamic     bool
	busy        bool
}

// layout places the fields of s as the ABI's C compiler does.
func (u *unit) layout(s *structStmt) *structLayout {
	if l := u.layoutOf[s]; l != nil {
		if l.busy {
			failf(s.at, "", "structure %s contains itself", s.name)
		}
		return l
	}
	l := &structLayout{
		off: map[string]uint32{}, sizes: map[string]uint32{}, store: map[string]*typeExpr{}, info: map[string]fieldInfo{},
		align: 1, busy: true,
	}
	u.layoutOf[s] = l
	defer func() { l.busy = false }()
	fields := s.fields
	if lay, ok := u.layouts[s.name].on(u.abi); ok {
		fields = lay.fields
		for _, f := range fields {
			l.store[f.text] = f.typ
		}
	}
	u.place(s, l, fields)
	for _, f := range s.fields {
		if _, ok := l.off[f.text]; ok {
			continue
		}
		// A field that takes no space, as calc(), stands in no layout.
		if m := u.measure(f.typ, &scope{params: s.params, fields: l.info}); m.size != 0 || m.dynamic {
			failf(f.at, "fields of the structure stand in each layout under the same name", "the layout of %s for %s has no field %s", s.name, abiNames[u.abi], f.text)
		}
	}
	return l
}

// place computes offsets, size and alignment.
func (u *unit) place(s *structStmt, l *structLayout, fields []declared) {
	sc := &scope{params: s.params}
	sc.fields = map[string]fieldInfo{}
	for _, f := range fields {
		sc.fields[f.text] = fieldInfo{ok: true} // not constant: all that matters here
	}
	end, static := uint32(0), uint32(0)
	for _, f := range fields {
		if _, ok := l.off[f.text]; ok {
			failf(f.at, "", "%s has two fields %s", s.name, f.text)
		}
		m := u.measure(f.typ, sc)
		if s.packed {
			m.align = 1
		}
		l.align = max(l.align, m.align)
		off := (end + m.align - 1) / m.align * m.align
		switch {
		case s.union:
			off = 0
			end = max(end, m.size)
			l.dynamic = l.dynamic || m.dynamic
		case l.dynamic || m.dynamic:
			if !l.dynamic {
				static = off
			}
			l.dynamic = true
			off = dynOff
		default:
			end = off + m.size
		}
		l.off[f.text] = off
		if !m.dynamic {
			l.sizes[f.text] = m.size
		}
		sh, ok := u.shapeOf(f.typ, sc, false)
		l.info[f.text] = fieldInfo{off: off, shape: sh, ok: ok}
	}
	l.align = max(l.align, s.align)
	l.size = (end + l.align - 1) / l.align * l.align
	if l.dynamic && !s.union {
		l.size = static
	}
}
