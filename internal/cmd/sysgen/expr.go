package main

import (
	"fmt"
	"maps"
	"slices"
)

// A unit compiles for one ABI.
type unit struct {
	*world
	prog *program
	abi  int
	m    *abiModel

	layoutOf map[*structStmt]*structLayout
	structID map[*structStmt]*structRef
	attrsID  map[*attrsStmt]*structRef
	depth    int // of types within types
}

// A scope is what the names in an expression may stand for besides constants.
type scope struct {
	args   []argInfo            // of the call
	fields map[string]fieldInfo // of the structure
	params []string             // of the structure or switch: known when decoding
	bound  map[string]binding   // parameters of a type or switch: put in their place
}

type argInfo struct {
	name  string
	shape shape
	ok    bool // a number
}

type fieldInfo struct {
	off   uint32
	shape shape
	ok    bool // a number
}

type binding struct {
	e  *expr
	sc *scope
}

// absent says that a constant has no value on this ABI, though it has on others.
type absent struct {
	at   position
	name string
	abi  int
}

func (a absent) diagnostic() diagnostic {
	return diagnostic{
		at: a.at, msg: fmt.Sprintf("%s has no value on %s", a.name, abiNames[a.abi]),
		hint: "put the row, structure or type under @ABIs, or defined(" + a.name + ") in front",
	}
}

// ifPresent runs f and reports whether every constant that f needed has a value.
func ifPresent(f func()) (ok bool) {
	defer func() {
		switch e := recover().(type) {
		case nil:
		case absent:
			ok = false
		default:
			panic(e)
		}
	}()
	f()
	return true
}

// catch runs f; what f failed with becomes a diagnostic.
func (u *unit) catch(f func()) {
	u.diags.catch(func() {
		defer func() {
			switch e := recover().(type) {
			case nil:
			case absent:
				panic(e.diagnostic())
			default:
				panic(e)
			}
		}()
		f()
	})
}

// specials are names that are always there, unless something of the call or
// structure is called so.
var specials = map[string]string{
	"ret": "opRet", "err": "opErr", "size": "opSize", "verbose": "opVerbose", "decoded": "opDecoded", "exit": "opExit",
	"shown": "opShown",
}

// ref finds what a name stands for: exactly one of the results.
func (u *unit) ref(e *expr, sc *scope) (run *op, bound *binding, val uint64) {
	if b, ok := sc.bound[e.name]; ok {
		return nil, &b, 0
	}
	for i, a := range sc.args {
		if a.name == e.name {
			if !a.ok {
				failf(e.at, "", "argument %s is not a number", e.name)
			}
			return &op{"opArg", a.shape.width, a.shape.signed, uint64(i)}, nil, 0
		}
	}
	if f, ok := sc.fields[e.name]; ok {
		return fieldOp(e, f), nil, 0
	}
	if i := slices.Index(sc.params, e.name); i >= 0 {
		return &op{"opParam", 0, false, uint64(i)}, nil, 0
	}
	if c := specials[e.name]; c != "" {
		return &op{code: c}, nil, 0
	}
	if e.name == "word" {
		return nil, nil, uint64(u.m.word)
	}
	return nil, nil, u.constant(e, sc)
}

func fieldOp(e *expr, f fieldInfo) *op {
	switch {
	case !f.ok:
		failf(e.at, "", "field %s is not a number", e.name)
	case f.off == dynOff:
		failf(e.at, "only fields before the first of unknown size can be named", "the offset of field %s is not known", e.name)
	case f.shape.big:
		failf(e.at, "", "field %s is big-endian", e.name)
	}
	return &op{"opField", f.shape.width, f.shape.signed, uint64(f.off)}
}

// constant returns the value of a constant of the facts.
func (u *unit) constant(e *expr, sc *scope) uint64 {
	l := u.facts.consts[e.name]
	if l == nil {
		var names []string
		for _, a := range sc.args {
			names = append(names, a.name)
		}
		names = slices.Concat(names, sc.params, slices.Collect(maps.Keys(sc.fields)), slices.Collect(maps.Keys(sc.bound)))
		slices.Sort(names)
		hint := didYouMean(e.name, names, "")
		if hint == "" {
			hint = didYouMean(e.name, slices.Sorted(maps.Keys(u.facts.consts)), "no constant, argument or field is called so")
		}
		failf(e.at, hint, "unknown name %q", e.name)
	}
	if !l.has.has(u.abi) {
		panic(absent{e.at, e.name, u.abi})
	}
	return l.val[u.abi]
}

// value computes an expression of constants; ok is false when it is known only
// when decoding.
func (u *unit) value(e *expr, sc *scope) (v uint64, ok bool) {
	switch e.op {
	case "num":
		return e.val, true
	case "name":
		run, bound, val := u.ref(e, sc)
		if bound != nil {
			return u.value(bound.e, bound.sc)
		}
		return val, run == nil
	case "call":
		return u.callValue(e, sc)
	case "?:":
		if c, ok := u.value(e.kids[0], sc); ok {
			return u.value(e.kids[2-truth(c != 0)], sc)
		}
	case "u!", "u-", "u~":
		a, ok := u.value(e.kids[0], sc)
		return unaryValue(e.op, a), ok
	default:
		return u.binaryValue(e, sc)
	}
	return 0, false
}

func (u *unit) binaryValue(e *expr, sc *scope) (uint64, bool) {
	a, okA := u.value(e.kids[0], sc)
	if okA && (e.op == "&&" && a == 0 || e.op == "||" && a != 0) {
		return truth(a != 0), true
	}
	b, okB := u.value(e.kids[1], sc)
	if !okA || !okB {
		return 0, false
	}
	if b == 0 && (e.op == "/" || e.op == "%") {
		failf(e.at, "", "division by zero")
	}
	return fold(e.op, a, b), true
}

func (u *unit) callValue(e *expr, sc *scope) (uint64, bool) {
	switch e.name {
	case "sizeof":
		m := u.measure(e.typ, sc)
		if m.dynamic {
			failf(e.at, "", "the size is known only when decoding")
		}
		return uint64(m.size), true
	case "defined":
		k := e.kids[0]
		if k.op != "name" {
			failf(k.at, "", "defined() takes the name of a constant")
		}
		if l := u.facts.consts[k.name]; l != nil {
			return truth(l.has.has(u.abi)), true
		}
		return u.constant(k, &scope{}), true // fails
	case "min", "max":
		a, okA := u.value(e.kids[0], sc)
		b, okB := u.value(e.kids[1], sc)
		return fold(e.name, a, b), okA && okB
	}
	return 0, false
}

func truth(b bool) uint64 {
	if b {
		return 1
	}
	return 0
}

func unaryValue(op string, a uint64) uint64 {
	switch op {
	case "u!":
		return truth(a == 0)
	case "u-":
		return -a
	}
	return ^a
}

// fold computes a op b as the decoder does: comparisons are signed, division
// and shifts are not.
func fold(op string, a, b uint64) uint64 {
	x, y := int64(a), int64(b)
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	case "%":
		return a % b
	case "&":
		return a & b
	case "|":
		return a | b
	case "^":
		return a ^ b
	case "<<":
		return a << (b & 63)
	case ">>":
		return a >> (b & 63)
	case "min":
		return min(uint64(x), uint64(y))
	case "max":
		return uint64(max(x, y))
	}
	return truth(compare(op, x, y))
}

func compare(op string, a, b int64) bool {
	switch op {
	case "==":
		return a == b
	case "!=":
		return a != b
	case "<":
		return a < b
	case "<=":
		return a <= b
	case ">":
		return a > b
	case ">=":
		return a >= b
	case "&&":
		return a != 0 && b != 0
	}
	return a != 0 || b != 0
}

// opCodes are the decoder's operators.
var opCodes = map[string]string{
	"+": "opAdd", "-": "opSub", "*": "opMul", "/": "opDiv", "%": "opMod",
	"&": "opAnd", "|": "opOr", "^": "opXor", "<<": "opShl", ">>": "opShr",
	"==": "opEq", "!=": "opNe", "<": "opLt", "<=": "opLe", ">": "opGt", ">=": "opGe",
	"&&": "opLAnd", "||": "opLOr", "u!": "opNot", "u-": "opNeg", "u~": "opCom",
	"?:": "opCond", "min": "opMin", "max": "opMax", "readable": "opReadable",
}

// maxOperands is the decoder's bound on the operand stack.
const maxOperands = 32

// expr compiles an expression and returns its exprID.
func (u *unit) expr(e *expr, sc *scope) uint32 {
	c := &exprCompiler{unit: u}
	c.emit(e, sc, 0)
	if c.deepest > maxOperands {
		failf(e.at, "", "the expression needs more than %d operands at a time", maxOperands)
	}
	return u.prog.code.id(append(c.ops, op{code: "opEnd"}))
}

type exprCompiler struct {
	*unit
	ops     []op
	deepest int
}

// emit appends the instructions for e, which is computed with depth values
// already on the stack.
func (c *exprCompiler) emit(e *expr, sc *scope, depth int) {
	c.deepest = max(c.deepest, depth+1)
	if v, ok := c.value(e, sc); ok {
		c.ops = append(c.ops, op{code: "opConst", n: v})
		return
	}
	switch e.op {
	case "name":
		run, bound, _ := c.ref(e, sc)
		if bound != nil {
			c.emit(bound.e, bound.sc, depth)
			return
		}
		c.ops = append(c.ops, *run)
		return
	case "?:":
		if v, ok := c.value(e.kids[0], sc); ok {
			c.emit(e.kids[2-truth(v != 0)], sc, depth)
			return
		}
	case "call":
		if e.name == "entry" || e.name == "deref" {
			c.ops = append(c.ops, c.memoryOp(e, sc))
			return
		}
	}
	for i, k := range e.kids {
		c.emit(k, sc, depth+i)
	}
	name := e.op
	if name == "call" {
		name = e.name
	}
	c.ops = append(c.ops, op{code: opCodes[name]})
}

// memoryOp compiles entry(ARG) and deref(ARG, TYPE, OFFSET).
func (c *exprCompiler) memoryOp(e *expr, sc *scope) op {
	k := e.kids[0]
	for k.op == "name" && sc.bound[k.name].e != nil {
		b := sc.bound[k.name]
		k, sc = b.e, b.sc
	}
	i := slices.IndexFunc(sc.args, func(a argInfo) bool { return k.op == "name" && a.name == k.name })
	if i < 0 {
		failf(k.at, "", "%s() takes the name of an argument", e.name)
	}
	if e.name == "entry" {
		return op{code: "opSaved", n: uint64(i)}
	}
	s, ok := c.shapeOf(e.typ, sc, false)
	if !ok || s.big {
		failf(e.typ.at, "", "deref() takes a little-endian number type")
	}
	return op{"opDeref", s.width, s.signed, uint64(i) | e.val<<8}
}
