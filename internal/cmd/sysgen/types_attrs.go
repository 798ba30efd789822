package main

import (
	"maps"
	"slices"
)

// attrsType makes the type attrs(NAME, PARAMS): netlink attributes up to the end
// of what is around them.
func (u *unit) attrsType(te *typeExpr, sc *scope) uint32 {
	s, ok := u.attrs[te.ref.text].on(u.abi)
	if !ok {
		names := slices.Sorted(maps.Keys(u.attrs))
		failf(te.ref.at, didYouMean(te.ref.text, names, "describe it with attrs"), "unknown set of attributes %q", te.ref.text)
	}
	if len(te.exprs) != len(s.params) {
		failf(te.at, "", "%s takes %d parameters, got %d", s.name, len(s.params), len(te.exprs))
	}
	id := u.attrSet(s)
	return u.prog.types.id(typ{kind: "tyAttrs", a: id, b: u.list(te, te.exprs, sc, maxParams-1)})
}

// attrNumber is the first parameter of the types of attributes: the number of
// the attribute.
const attrNumber = "nla"

// attrSet builds s once for this ABI and returns its index. An attribute may hold
// attributes of the same set.
func (u *unit) attrSet(s *attrsStmt) uint32 {
	r := u.attrsID[s]
	if r == nil {
		r = &structRef{}
		u.attrsID[s] = r
	} else {
		if !r.done && !r.reserved {
			r.id, r.reserved = u.prog.attrs.reserve(), true
		}
		return r.id
	}
	sc := &scope{params: append([]string{attrNumber}, s.params...)}
	on := &expr{at: s.at, op: "name", name: attrNumber}
	def := u.switchDef(s.cases, s.other, on, sc, sc, false)
	set := attrSet{table: u.attrTable(s), typ: u.prog.types.id(typ{kind: "tySwitch", a: u.prog.switchs.id(def)})}
	if r.reserved {
		u.prog.attrs.list[r.id] = set
	} else {
		r.id = u.prog.attrs.id(set)
	}
	r.done = true
	return r.id
}

// attrTable builds the names of the attributes of s.
func (u *unit) attrTable(s *attrsStmt) uint32 {
	t := &tableStmt{header: s.header, enum: true, prefix: s.prefix, items: s.items}
	if s.table.text != "" {
		var ok bool
		if t, ok = u.tables[s.table.text].on(u.abi); !ok || !t.enum {
			failf(s.table.at, "describe it with enum", "%q is no enum", s.table.text)
		}
	}
	return u.tableID(t, &shape{width: 2})
}
