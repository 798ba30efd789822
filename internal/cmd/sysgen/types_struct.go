package main

import (
	"maps"
	"slices"
)

// A structRef is a structure as far as it is built.
type structRef struct {
	id       uint32
	reserved bool // something within refers to it
	done     bool
}

func (u *unit) groupType(te *typeExpr, sc *scope) uint32 {
	in := te.types[0]
	s, ok := u.structs[in.name].on(u.abi)
	if !ok || in.op != typeName {
		failf(in.at, "", "group() takes a structure")
	}
	return u.structType(in, s, sc, "tyGroup")
}

func (u *unit) structType(te *typeExpr, s *structStmt, sc *scope, kind string) uint32 {
	if len(te.exprs) != len(s.params) {
		failf(te.at, "", "%s takes %d parameters, got %d", s.name, len(s.params), len(te.exprs))
	}
	id := u.structure(s)
	t := typ{kind: kind, a: id, b: u.list(te, te.exprs, sc, maxParams)}
	if l := u.layout(s); !l.dynamic {
		t.size = l.size
	}
	return u.prog.types.id(t)
}

// structure builds s once for this ABI and returns its index.
func (u *unit) structure(s *structStmt) uint32 {
	if r := u.structID[s]; r != nil {
		if !r.done && !r.reserved {
			r.id, r.reserved = u.prog.structs.reserve(), true
		}
		return r.id
	}
	r := &structRef{}
	u.structID[s] = r
	defer func() {
		if !r.done {
			delete(u.structID, s)
		}
	}()
	def := u.structDef(s)
	if r.reserved {
		u.prog.structs.list[r.id] = def
	} else {
		r.id = u.prog.structs.id(def)
	}
	r.done = true
	return r.id
}

func (u *unit) structDef(s *structStmt) structDef {
	if len(s.params) > maxParams {
		failf(s.at, "", "at most %d parameters", maxParams)
	}
	l := u.layout(s)
	def := structDef{name: s.name, size: l.size, params: len(s.params), union: s.union}
	sc := &scope{params: s.params, fields: l.info}
	for _, f := range s.fields {
		id := u.typ(f.typ, sc, false)
		if store := l.store[f.text]; store != nil {
			id = u.restore(f, id, store, sc)
		}
		def.fields = append(def.fields, fieldDef{f.text, id, l.off[f.text], fieldFlags(f)})
	}
	return def
}

// restore gives a field's type the storage that a layout says.
func (u *unit) restore(f declared, id uint32, store *typeExpr, sc *scope) uint32 {
	t := u.prog.types.list[id]
	s, ok := u.shapeOf(store, sc, false)
	switch {
	case t.kind == "tyIf":
		t.a = u.restore(f, t.a, store, sc)
		if t.c != 0 {
			t.c = u.restore(f, t.c, store, sc)
		}
		t.size = u.sizeOf(store, sc)
	case ok && (t.kind == "tyScalar" && t.width != 0 || t.kind == "tyPtr" || t.kind == "tyStr" || t.kind == "tyBuf"):
		t = t.shaped(s)
		if t.flags&flagTime != 0 {
			t.flags |= flagSigned
		}
	case t.kind == "tyArray" && t.size == 0: // fewer elements than there is room for
		t.size = u.sizeOf(store, sc)
	case t.kind != "tyNone" && t.size != u.sizeOf(store, sc):
		failf(store.at, "", "field %s takes %d bytes here and %d in the structure", f.text, u.sizeOf(store, sc), t.size)
	}
	return u.prog.types.id(t)
}

var fieldAttrs = map[string]string{
	"v": "ffVerbose", "hidden": "ffHidden", "abbrev": "ffAbbrev", "nonzero": "ffNonzero", "noname": "ffNoName",
	"tail": "ffTail",
}

func fieldFlags(f declared) string {
	set := "0"
	for _, a := range f.attrs {
		flag := fieldAttrs[a.text]
		if flag == "" {
			failf(a.at, didYouMean(a.text, slices.Sorted(maps.Keys(fieldAttrs)), ""), "unknown attribute %%%s of a field", a.text)
		}
		if set == "0" {
			set = flag
		} else {
			set += "|" + flag
		}
	}
	return set
}

func (u *unit) switchType(te *typeExpr, s *switchStmt, sc *scope, reg bool) uint32 {
	in := u.bind(te, s.params, sc)
	if len(s.params) == 0 {
		failf(s.at, "switch NAME(VALUE) { ... }", "switch %s has no parameter to look at", s.name)
	}
	on := s.on
	if on == nil {
		on = &expr{at: s.at, op: "name", name: s.params[0]}
	}
	def := u.switchDef(s.cases, s.other, on, &scope{params: s.params}, in, reg)
	t := typ{kind: "tySwitch", a: u.prog.switchs.id(def), b: u.list(te, te.exprs, sc, maxParams)}
	if !reg {
		t.size = u.sizeOf(te, sc)
	}
	return u.prog.types.id(t)
}

// switchDef builds the cases of a switch over on, which is computed in the scope
// at; the types are resolved in the scope in.
func (u *unit) switchDef(cases []switchItem, other *typeExpr, on *expr, at, in *scope, reg bool) switchDef {
	def := switchDef{on: u.expr(on, at)}
	for _, c := range cases {
		for _, val := range c.vals {
			ifPresent(func() { u.switchCase(&def, val, c.typ, in, reg) })
		}
	}
	slices.SortFunc(def.cases, func(a, b switchCase) int {
		if a.val < b.val {
			return -1
		}
		return 1
	})
	if other != nil {
		def.other = u.typ(other, in, reg)
	}
	return def
}

// switchCase adds a case, unless an earlier one has the same value.
func (u *unit) switchCase(def *switchDef, val *expr, te *typeExpr, in *scope, reg bool) {
	v, ok := u.value(val, &scope{})
	if !ok {
		failf(val.at, "", "the value of a case is a constant")
	}
	for _, c := range def.cases {
		if c.val == v {
			return
		}
	}
	def.cases = append(def.cases, switchCase{v, u.typ(te, in, reg)})
}
