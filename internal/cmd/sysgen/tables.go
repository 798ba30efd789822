package main

import (
	"maps"
	"slices"
	"strings"
)

// tableType makes the type flags(TABLE), enum(TABLE) or enumd(TABLE).
func (u *unit) tableType(te *typeExpr, sc *scope, reg bool) uint32 {
	t, ok := u.tables[te.ref.text].on(u.abi)
	if !ok {
		names := slices.Sorted(maps.Keys(u.tables))
		failf(te.ref.at, didYouMean(te.ref.text, names, "describe it with flags or enum"), "unknown table %q", te.ref.text)
	}
	s := scalar{node: "Flags", width: 4}
	if te.name != "flags" {
		s.node = "Enum"
	}
	if t.enum != (s.node == "Enum") {
		kind := [...]string{"flags", "enum"}[truth(t.enum)]
		failf(te.ref.at, kind+"("+te.ref.text+")", "table %q is declared with %s", te.ref.text, kind)
	}
	sh, _ := u.shapeOf(te, sc, reg)
	if sh.width == 0 {
		failf(te.store.at, "u8 u16 u32 u64 ulong ...", "%q is not a number type", te.store.name)
	}
	id := u.tableID(t, &sh)
	return u.scalarType(te, s, id+1, sc, reg)
}

// tableID builds a table with its values as a number of that shape has them; nil
// is for any.
func (u *unit) tableID(t *tableStmt, s *shape) uint32 {
	def := table{name: t.name, prefix: t.prefix, enum: t.enum}
	if t.bits && !strings.Contains(t.prefix, "?") {
		def.prefix = "1<<" + t.prefix
		if t.ordinals {
			def.prefix += "???-1"
		}
	}
	for _, e := range u.entries(t) {
		if s == nil {
			def.entries = append(def.entries, e)
			continue
		}
		val, fits := s.fit(e.val)
		mask, fitsMask := s.fit(e.mask)
		if fits && fitsMask {
			def.entries = append(def.entries, entry{e.name, val, mask})
		}
	}
	return u.prog.tables.id(def)
}

// fit returns v as a number of that shape, if it is one.
func (s *shape) fit(v uint64) (uint64, bool) {
	if s.width >= 8 {
		return v, true
	}
	bits := 8 * uint(s.width)
	low := v & (1<<bits - 1)
	sext := uint64(int64(low<<(64-bits)) >> (64 - bits))
	if s.signed {
		return sext, v == low || v == sext
	}
	return low, v == low || v == sext
}

func (u *unit) entries(t *tableStmt) (list []entry) {
	switch t.from {
	case "prefix":
		list = u.matchEntries(t, strings.HasPrefix)
	case "suffix":
		list = u.matchEntries(t, strings.HasSuffix)
	case "file":
		list = u.fileEntries(t)
	}
	for _, w := range t.except {
		if w.abis != 0 && !w.abis.has(u.abi) {
			continue
		}
		i := slices.IndexFunc(list, func(e entry) bool { return e.name == w.text })
		if i >= 0 {
			list = slices.Delete(list, i, i+1)
		} else if l := u.facts.consts[w.text]; l == nil {
			failf(w.at, "", "unknown constant %q", w.text)
		}
	}
	for _, item := range t.items {
		ifPresent(func() { list = append(list, u.entry(item)) })
	}
	if t.bits {
		for i := range list {
			if t.ordinals {
				list[i].name, list[i].val = "1<<("+list[i].name+"-1)", 1<<(list[i].val-1)
				continue
			}
			list[i].name, list[i].val = "1<<"+list[i].name, 1<<list[i].val
		}
	}
	return list
}

func (u *unit) entry(item tableItem) entry {
	e := entry{name: item.text}
	val := item.val
	if val == nil {
		val = &expr{at: item.at, op: "name", name: item.text}
	}
	e.val = u.mustValue(val)
	if item.mask == nil {
		return e
	}
	e.mask = u.mustValue(item.mask)
	if e.val&^e.mask != 0 {
		failf(item.at, "", "%s (%#x) has bits outside its mask (%#x)", e.name, e.val, e.mask)
	}
	return e
}

// mustValue computes an expression that is a constant or else a mistake.
func (u *unit) mustValue(e *expr) uint64 {
	v, ok := u.value(e, &scope{})
	if !ok {
		failf(e.at, "", "not a constant")
	}
	return v
}

// matchEntries are the constants of consts.txt and extra.txt whose name begins or
// ends so.
func (u *unit) matchEntries(t *tableStmt, match func(name, part string) bool) (list []entry) {
	any := false
	for _, file := range factFiles[:2] {
		for _, l := range u.facts.files[file] {
			if !match(l.name, t.fromOf.text) {
				continue
			}
			any = true
			if l.has.has(u.abi) && u.facts.consts[l.name].val == l.val {
				list = append(list, entry{name: l.name, val: l.val[u.abi]})
			}
		}
	}
	if !any {
		failf(t.fromOf.at, "", "no constant has the %s %q", t.from, t.fromOf.text)
	}
	slices.SortStableFunc(list, func(a, b entry) int {
		switch {
		case a.val < b.val:
			return -1
		case a.val > b.val:
			return 1
		}
		return 0
	})
	return list
}

// fileEntries are all facts of files, of a name that stands in several the last. Names that are patterns, "EVIOCGNAME()",
// are for Go decoders.
func (u *unit) fileEntries(t *tableStmt) (list []entry) {
	at := map[string]int{}
	for _, file := range append([]word{t.fromOf}, t.also...) {
		lines, ok := u.facts.files[file.text]
		if !ok {
			failf(file.at, "the files are "+strings.Join(factFiles[:], " "), "no facts file %q", file.text)
		}
		for _, l := range lines {
			if !l.has.has(u.abi) || strings.HasSuffix(l.name, ")") {
				continue
			}
			e := entry{name: l.name, val: l.val[u.abi]}
			if i, again := at[l.name]; again {
				list[i] = e
				continue
			}
			at[l.name] = len(list)
			list = append(list, e)
		}
	}
	if t.also != nil { // one file has its own order
		slices.SortStableFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	}
	return list
}
