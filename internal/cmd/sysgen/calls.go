package main

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// compile makes the program of a world. Mistakes are in the world's diags.
func compile(w *world) *program {
	p := newProgram()
	p.named = w.namedTypes()
	p.errors = slices.Clone(w.facts.files["errors"])
	slices.SortFunc(p.errors, func(a, b factLine) int { return cmp.Compare(a.val[0], b.val[0]) })
	p.tableName = slices.Sorted(maps.Keys(w.tables))
	for abi := range abiNames {
		u := &unit{
			world: w, prog: p, abi: abi, m: &abiModels[abi],
			layoutOf: map[*structStmt]*structLayout{}, structID: map[*structStmt]*structRef{},
			attrsID: map[*attrsStmt]*structRef{},
		}
		u.compile()
	}
	w.diags.catch(func() { p.consts = w.goConsts() })
	return p
}

// namedTypes are the names that Go decoders can ask for.
func (w *world) namedTypes() []string {
	var names []string
	names = slices.AppendSeq(names, maps.Keys(w.structs))
	names = slices.AppendSeq(names, maps.Keys(w.switchs))
	for name, v := range w.types {
		if len(v.first().params) == 0 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// compile adds everything of one ABI to the program.
func (u *unit) compile() {
	out := &u.prog.abis[u.abi]
	out.calls = map[uint64]uint32{}
	for _, l := range u.facts.numbers {
		if l.has.has(u.abi) {
			u.catch(func() { out.calls[l.val[u.abi]&^(1<<30)] = u.call(l.name) })
		}
	}
	for _, name := range u.prog.tableName {
		id := uint32(0)
		if t, ok := u.tables[name].on(u.abi); ok {
			u.catch(func() { id = u.tableID(t, nil) })
		}
		out.tabs = append(out.tabs, id)
	}
	for _, name := range u.prog.named {
		id := uint32(0)
		u.catch(func() { ifPresent(func() { id = u.named(name) }) })
		out.named = append(out.named, id)
	}
}

// named resolves a type for Go decoders, which give its parameters themselves.
func (u *unit) named(name string) uint32 {
	te := &typeExpr{op: typeName, name: name}
	if s, ok := u.structs[name].on(u.abi); ok {
		t := typ{kind: "tyStruct", a: u.structure(s)}
		if l := u.layout(s); !l.dynamic {
			t.size = l.size
		}
		return u.prog.types.id(t)
	}
	if s, ok := u.switchs[name].on(u.abi); ok {
		if !s.usesParams() {
			for range s.params {
				te.exprs = append(te.exprs, &expr{at: s.at, op: "num"})
			}
			return u.switchType(te, s, &scope{}, false)
		}
		return 0
	}
	if t, ok := u.types[name].on(u.abi); ok {
		te.at = t.at
		return u.typ(te, &scope{}, false)
	}
	return 0
}

// usesParams reports whether the types that a switch picks depend on its
// parameters.
func (s *switchStmt) usesParams() bool {
	for _, te := range s.branches() {
		if te.names(func(n string) bool { return slices.Contains(s.params, n) }) {
			return true
		}
	}
	return false
}

// names reports whether a name for which f holds stands in an expression of te.
func (te *typeExpr) names(f func(string) bool) bool {
	if te == nil {
		return false
	}
	for _, e := range append(slices.Clone(te.exprs), te.cond) {
		if e.names(f) {
			return true
		}
	}
	for _, t := range append(slices.Clone(te.types), te.a, te.b, te.store) {
		if t.names(f) {
			return true
		}
	}
	return false
}

func (e *expr) names(f func(string) bool) bool {
	if e == nil {
		return false
	}
	return e.op == "name" && f(e.name) || slices.ContainsFunc(e.kids, func(k *expr) bool { return k.names(f) })
}

func (w *world) goConsts() (list []entry) {
	for _, n := range w.consts {
		l := w.facts.consts[n.text]
		if l == nil {
			failf(n.at, didYouMean(n.text, slices.Sorted(maps.Keys(w.facts.consts)), ""), "unknown constant %q", n.text)
		}
		for abi := range numABI {
			if !l.has.has(abi) || l.val[abi] != l.val[0] {
				failf(n.at, "Go code must get it from a table or a parameter", "%s is not the same on all ABIs", n.text)
			}
		}
		list = append(list, entry{name: n.text, val: l.val[0]})
	}
	slices.SortFunc(list, func(a, b entry) int { return strings.Compare(a.name, b.name) })
	return slices.CompactFunc(list, func(a, b entry) bool { return a.name == b.name })
}

// row finds the description of a call on this ABI, through aliases.
func (u *unit) row(name string) *callStmt {
	a, isAlias := u.aliases[name].on(u.abi)
	c, isCall := u.calls[name].on(u.abi)
	if isCall && (c.abis != 0 || !isAlias || a.abis == 0) {
		if isAlias && c.abis == a.abis {
			failf(a.at, "", "%s is described already at %v", name, c.at)
		}
		return c
	}
	if !isAlias {
		return nil
	}
	v := u.calls[a.old.text]
	if v == nil {
		failf(a.old.at, didYouMean(a.old.text, slices.Sorted(maps.Keys(u.calls)), ""), "no row for %q", a.old.text)
	}
	if a.oldABIs == 0 {
		if !v.has {
			failf(a.old.at, "NEW = OLD@ABI", "%s has rows with @ only", a.old.text)
		}
		return v.all
	}
	for _, s := range v.some {
		if s.abis&a.oldABIs != 0 {
			return s
		}
	}
	failf(a.old.at, "", "%s has no row for %v", a.old.text, a.oldABIs)
	return nil
}

// call compiles the row of a call and returns its index.
func (u *unit) call(name string) uint32 {
	c := u.row(name)
	if c == nil {
		return u.prog.calls.id(u.plain(name))
	}
	def := callDef{name: name, class: classes(c), flags: callFlags(c)}
	sc := &scope{}
	regs := u.registers(c)
	for i, a := range c.args {
		if isPad(a.typ) {
			continue
		}
		sc.args = append(sc.args, argInfo{a.text, regs[i].shape, true})
	}
	for i, a := range c.args {
		if isPad(a.typ) {
			continue
		}
		r := regs[i]
		def.args = append(def.args, argDef{
			name: a.text, typ: u.typ(a.typ, sc, true),
			reg: r.reg, width: r.shape.width, pair: r.pair, swap: r.swap, sign: r.shape.signed,
		})
	}
	def.ret = u.typ(c.ret, sc, true)
	for _, e := range c.effects {
		def.effects = append(def.effects, u.effect(e, sc))
	}
	return u.prog.calls.id(def)
}

func isPad(te *typeExpr) bool { return te.op == typeName && te.name == "pad" }

// plain is the row of a call that nobody described.
func (u *unit) plain(name string) callDef {
	def := callDef{name: name, flags: "Plain"}
	s := scalars["xlong"]
	te := &typeExpr{op: typeName, name: "xlong"}
	for i := range maxRegs {
		sh := u.m.shape(s, true)
		def.args = append(def.args, argDef{
			name: "arg" + string(rune('1'+i)), typ: u.typ(te, &scope{}, true), reg: i, width: sh.width,
		})
	}
	return def
}

const maxRegs = 6

type register struct {
	reg   int
	shape shape
	pair  bool
	swap  bool // the register with the high half comes first
}

// registers assigns the arguments of a call.
func (u *unit) registers(c *callStmt) []register {
	// Widths do not depend on values, but names must be known.
	sc := &scope{}
	for _, a := range c.args {
		sc.args = append(sc.args, argInfo{name: a.text, ok: true})
	}
	regs := make([]register, len(c.args))
	next := 0
	for i, a := range c.args {
		s, ok := u.shapeOf(a.typ, sc, true)
		if !ok {
			u.typ(a.typ, sc, true) // says more
			failf(a.typ.at, "ptr(T)", "argument %s does not fit a register", a.text)
		}
		if a.reg >= 0 {
			next = a.reg
		}
		regs[i], next = u.register(a.typ, s, next, a.reg >= 0)
		if next > maxRegs {
			failf(a.at, "", "argument %s of %s would stand in register %d on %s; there are %d", a.text, c.name, next-1, abiNames[u.abi], maxRegs)
		}
	}
	for i, a := range c.args {
		for _, b := range c.args[:i] {
			if a.text == b.text && !isPad(a.typ) {
				failf(a.at, "", "%s has two arguments %s", c.name, a.text)
			}
		}
	}
	return regs
}

// register places an argument in register next or behind it, and returns the
// register after it.
func (u *unit) register(te *typeExpr, s shape, next int, fixed bool) (register, int) {
	r := register{reg: next, shape: s, pair: u.m.pairs && s.width == 8}
	half := te.op == typeName && te.store == nil && (te.name == "lohi" || te.name == "hilo")
	switch {
	case half && te.name == "hilo" && r.pair:
		r.swap = true
		return r, next + 2
	case half && te.name == "hilo":
		r.reg++ // the register with the high half means nothing
		return r, next + 2
	case half:
		return r, next + 2
	case !r.pair:
		return r, next + 1
	case u.m.even && !fixed && next%2 == 1:
		r.reg++
	}
	return r, r.reg + 2
}

func callFlags(c *callStmt) string {
	return joinBits(truth(c.neverFails)|truth(c.noReturn)<<1|truth(c.showNames)<<3, []string{"NeverFails", "NoReturn", "Plain", "ShowNames"})
}

var classNames = map[string]string{
	"file": "ClassFile", "desc": "ClassDesc", "net": "ClassNetwork", "network": "ClassNetwork",
	"process": "ClassProcess", "signal": "ClassSignal", "ipc": "ClassIPC", "memory": "ClassMemory",
	"creds": "ClassCreds", "clock": "ClassClock", "pure": "ClassPure",
	"stat": "ClassStat|ClassStatLike", "lstat": "ClassLstat|ClassStatLike", "fstat": "ClassFstat|ClassStatLike",
	"%stat": "ClassStatLike", "statlike": "ClassStatLike", "%statfs": "ClassStatfsLike", "statfslike": "ClassStatfsLike",
	"statfs": "ClassStatfs|ClassStatfsLike", "fstatfs": "ClassFstatfs|ClassStatfsLike",
}

func classes(c *callStmt) string {
	var list []string
	for _, w := range c.classes {
		name := classNames[w.text]
		if name == "" {
			failf(w.at, didYouMean(w.text, slices.Sorted(maps.Keys(classNames)), ""), "unknown class %%%s", w.text)
		}
		list = append(list, name)
	}
	if list == nil {
		return "0"
	}
	return strings.Join(list, "|")
}

func (u *unit) effect(e effect, sc *scope) effectDef {
	def := effectDef{name: e.text, arg: -1, dir: -1}
	for i, w := range e.args {
		n := slices.IndexFunc(sc.args, func(a argInfo) bool { return a.name == w.text })
		if n < 0 {
			failf(w.at, "", "no argument is called %q", w.text)
		}
		if i == 0 {
			def.arg = n
		} else {
			def.dir = n
		}
	}
	return def
}
