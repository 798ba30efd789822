package main

import (
	"maps"
	"slices"
)

// bind makes the scope of the body of a type or switch whose parameters are put
// in their place.
func (u *unit) bind(te *typeExpr, params []string, sc *scope) *scope {
	if len(params) != len(te.exprs) {
		failf(te.at, "", "%s takes %d parameters, got %d", te.name, len(params), len(te.exprs))
	}
	in := &scope{bound: map[string]binding{}}
	for i, p := range params {
		in.bound[p] = binding{te.exprs[i], sc}
	}
	return in
}

func (u *unit) unknownType(te *typeExpr) {
	for _, v := range [...]bool{u.structs[te.name] != nil, u.types[te.name] != nil, u.switchs[te.name] != nil} {
		if v {
			failf(te.at, "add a variant, or put what uses it under @ABIs", "type %q is not described for %s", te.name, abiNames[u.abi])
		}
	}
	names := slices.Concat(slices.Collect(maps.Keys(scalars)), slices.Collect(maps.Keys(typeForms)),
		slices.Collect(maps.Keys(u.structs)), slices.Collect(maps.Keys(u.types)), slices.Collect(maps.Keys(u.switchs)))
	slices.Sort(names)
	failf(te.at, didYouMean(te.name, names, "describe it with struct, switch or type"), "unknown type %q", te.name)
}

// typ resolves a type and returns its typeID.
func (u *unit) typ(te *typeExpr, sc *scope, reg bool) uint32 {
	u.enter(te)
	defer func() { u.depth-- }()
	switch te.op {
	case typeOut:
		return u.mark(te, u.typ(te.a, sc, reg), flagOut)
	case typeExit:
		return u.mark(te, u.typ(te.a, sc, reg), flagExit)
	case typeInOut:
		return u.mark(te, u.typ(te.a, sc, reg), flagInOut)
	case typeBegun:
		return u.mark(te, u.typ(te.a, sc, reg), flagBegun)
	case typeIf:
		return u.ifType(te, sc, reg)
	case typeName:
		return u.namedType(te, sc, reg)
	}
	a, b := u.typ(te.a, sc, reg), u.typ(te.b, sc, reg)
	t := typ{size: u.prog.types.list[a].size, a: a, b: b}
	switch te.op {
	case typeThen:
		t.kind = "tyThen"
	case typeComment:
		t.kind = "tyComment"
	case typeNames:
		t.kind, t.flags = "tyNote", flagNamed
	default:
		t.kind, t.c = "tyNote", u.prog.strs.id(te.text)
	}
	return u.prog.types.id(t)
}

// mark gives a type a direction.
func (u *unit) mark(te *typeExpr, id uint32, f typFlags) uint32 {
	t := u.prog.types.list[id]
	switch t.kind {
	case "tyNone": // of a condition or switch it is known at once; what is written ends a structure at exit
		if te.a.name != "none" || f == flagInOut {
			return id
		}
	case "tyIf":
		t.a = u.mark(te, t.a, f)
		if t.c != 0 {
			t.c = u.mark(te, t.c, f)
		}
		return u.prog.types.id(t)
	case "tySwitch":
		t.a = u.markCases(te, t.a, f)
		return u.prog.types.id(t)
	case "tyThen":
		failf(te.at, "A => B has its own directions", "a direction before =>")
	case "tyPtr":
		if f == flagInOut && u.prog.types.list[t.a].kind != "tyScalar" {
			failf(te.at, "A => B shows memory before and after", "inout is for a pointer to a number")
		}
	case "tyFunc":
	default:
		if f == flagInOut {
			failf(te.at, "A => B shows memory before and after", "inout is for a pointer to a number")
		}
	}
	t.flags |= f
	return u.prog.types.id(t)
}

// markCases makes a switch whose types all have a direction.
func (u *unit) markCases(te *typeExpr, id uint32, f typFlags) uint32 {
	def := u.prog.switchs.list[id]
	def.cases = slices.Clone(def.cases)
	for i := range def.cases {
		def.cases[i].typ = u.mark(te, def.cases[i].typ, f)
	}
	def.other = u.mark(te, def.other, f)
	return u.prog.switchs.id(def)
}

func (u *unit) ifType(te *typeExpr, sc *scope, reg bool) uint32 {
	other := uint32(0)
	if te.b != nil {
		other = u.typ(te.b, sc, reg)
	}
	var cond, then uint32
	var v uint64
	known := false
	present := ifPresent(func() {
		if v, known = u.value(te.cond, sc); known && v == 0 {
			return
		}
		cond, then = u.expr(te.cond, sc), u.typ(te.a, sc, reg)
	})
	switch {
	case !present, known && v == 0:
		return other
	case known:
		return then
	}
	t := typ{kind: "tyIf", a: then, b: cond, c: other}
	if !reg {
		t.size = u.sizeOf(te, sc)
	}
	return u.prog.types.id(t)
}

// sizeOf is the size of a type in memory, 0 if known only when decoding.
func (u *unit) sizeOf(te *typeExpr, sc *scope) uint32 {
	if m := u.measure(te, sc); !m.dynamic {
		return m.size
	}
	return 0
}

func (u *unit) namedType(te *typeExpr, sc *scope, reg bool) uint32 {
	if s, ok := scalars[te.name]; ok {
		return u.scalarType(te, s, 0, sc, reg)
	}
	if k, ok := wideKinds[te.name]; ok {
		u.noStore(te)
		return u.prog.types.id(typ{kind: "tyScalar", node: k.node, size: u.measure(te, sc).size})
	}
	if typeForms[te.name] {
		return u.formType(te, sc, reg)
	}
	u.noStore(te)
	if s, ok := u.structs[te.name].on(u.abi); ok {
		if reg {
			failf(te.at, "ptr("+te.name+")", "a structure does not fit a register")
		}
		return u.structType(te, s, sc, "tyStruct")
	}
	if t, ok := u.types[te.name].on(u.abi); ok {
		return u.typ(t.typ, u.bind(te, t.params, sc), reg)
	}
	if s, ok := u.switchs[te.name].on(u.abi); ok {
		return u.switchType(te, s, sc, reg)
	}
	u.unknownType(te)
	return 0
}

func (u *unit) noStore(te *typeExpr) {
	if te.store != nil {
		failf(te.store.at, "only numbers, pointers and func() have a storage type", "%s has no storage type", te.name)
	}
}

func (u *unit) noArgs(te *typeExpr) {
	if len(te.exprs) > 0 {
		failf(te.at, "", "%s takes no parameters", te.name)
	}
}

// scalarType makes a number type; table is 0 or 1 more than its index.
func (u *unit) scalarType(te *typeExpr, s scalar, table uint32, sc *scope, reg bool) uint32 {
	if table == 0 {
		u.noArgs(te)
	}
	sh, ok := u.m.shape(s, reg), true
	if te.store != nil {
		if sh, ok = u.storeShape(te, sc, reg); !ok {
			failf(te.store.at, "i8 u8 ... i64 u64 long ulong be16 be32 be64", "%q is not a number type", te.store.name)
		}
	}
	t := typ{kind: "tyScalar", node: s.node, a: table}
	if s.time {
		t.flags |= flagTime
	}
	if te.name == "enumd" {
		t.flags |= flagDecimal
	}
	return u.prog.types.id(t.shaped(sh))
}

// shaped gives a number or pointer type a storage.
func (t typ) shaped(s shape) typ {
	t.width, t.size = s.width, uint32(s.width)
	if t.kind != "tyScalar" {
		return t
	}
	t.flags &^= flagSigned | flagBig
	if s.signed {
		t.flags |= flagSigned
	}
	if s.big {
		t.flags |= flagBig
	}
	return t
}

// pointer makes a type whose value is an address.
func (u *unit) pointer(te *typeExpr, t typ, sc *scope, reg bool) uint32 {
	s, ok := u.shapeOf(te, sc, reg)
	if !ok || s.big || s.width < 4 {
		failf(te.store.at, "ptr(T):u64", "%q is not a number type wide enough", te.store.name)
	}
	return u.prog.types.id(t.shaped(s))
}

func (u *unit) formType(te *typeExpr, sc *scope, reg bool) uint32 {
	switch te.name {
	case "none", "pad":
		return 0
	case "lit":
		return u.prog.types.id(typ{kind: "tyLit", a: u.prog.strs.id(te.text)})
	case "flags", "enum", "enumd":
		return u.tableType(te, sc, reg)
	case "func":
		return u.funcType(te, sc)
	case "calc":
		u.noStore(te)
		return u.prog.types.id(typ{kind: "tyCalc", a: u.typ(te.types[0], sc, false), b: u.expr(one(te), sc)})
	case "ptr", "ptrnn":
		return u.ptrType(te, sc, reg)
	case "path", "str", "buf", "hexbuf":
		return u.stringType(te, sc, reg)
	}
	if reg {
		failf(te.at, "ptr("+te.name+"(...))", "%s does not fit a register", te.name)
	}
	u.noStore(te)
	switch te.name {
	case "array", "fullarray":
		t := typ{kind: "tyArray", a: u.typ(te.types[0], sc, false), b: u.expr(count(te), sc), size: u.sizeOf(te, sc)}
		if len(te.exprs) == 2 {
			t.c = u.expr(te.exprs[1], sc)
		}
		if te.name == "fullarray" {
			t.flags = flagWhole
		}
		return u.prog.types.id(t)
	case "group":
		return u.groupType(te, sc)
	case "attrs":
		return u.attrsType(te, sc)
	}
	t := typ{kind: "tyBytes", a: u.expr(one(te), sc), size: u.sizeOf(te, sc)}
	switch te.name {
	case "hexbytes":
		t.flags = flagHexStr
	case "cstr":
		t.flags = flagStr
	}
	return u.prog.types.id(t)
}

// count is the number of elements of array(T, N) or array(T, N, MOST).
func count(te *typeExpr) *expr {
	if len(te.exprs) == 2 {
		return te.exprs[0]
	}
	return one(te)
}

func (u *unit) ptrType(te *typeExpr, sc *scope, reg bool) uint32 {
	if len(te.types) != 1 || len(te.exprs) > 1 {
		failf(te.at, "ptr(T) or ptr(T, SIZE)", "%s takes a type and at most one size", te.name)
	}
	t := typ{kind: "tyPtr", a: u.typ(te.types[0], sc, false)}
	if len(te.exprs) == 1 {
		t.b = u.expr(te.exprs[0], sc)
	}
	if te.name == "ptrnn" {
		t.flags = flagNoNull
	}
	return u.pointer(te, t, sc, reg)
}

func (u *unit) stringType(te *typeExpr, sc *scope, reg bool) uint32 {
	t := typ{kind: "tyStr"}
	switch te.name {
	case "path":
		u.noArgs(te)
		t.flags = flagPath
	case "str":
		if len(te.exprs) > 0 {
			t.a = u.expr(one(te), sc)
		}
	default:
		t.kind, t.a = "tyBuf", u.expr(one(te), sc)
		if te.name == "hexbuf" {
			t.flags = flagHexStr
		}
	}
	return u.pointer(te, t, sc, reg)
}

func (u *unit) funcType(te *typeExpr, sc *scope) uint32 {
	t := typ{kind: "tyFunc", a: u.prog.funcs.id(te.ref.text), b: u.list(te, te.exprs, sc, maxFuncArgs)}
	if te.store != nil {
		t.c = u.typ(te.store, sc, false)
		t.size = u.prog.types.list[t.c].size
	}
	return u.prog.types.id(t)
}

// Bounds of the decoder.
const (
	maxFuncArgs = 6
	maxParams   = 4
)

// list compiles expressions and returns their listID.
func (u *unit) list(te *typeExpr, exprs []*expr, sc *scope, most int) uint32 {
	if len(exprs) > most {
		failf(te.at, "", "at most %d parameters", most)
	}
	seq := []uint32{uint32(len(exprs))}
	for _, e := range exprs {
		seq = append(seq, u.expr(e, sc))
	}
	return u.prog.lists.id(seq)
}
