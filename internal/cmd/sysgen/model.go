package main

import (
	"fmt"
	"strings"
)

// This file mirrors the model in syscalls/table.go, with names where the
// generated code has names. Equal things are stored once.

// A typ is an entry of syscalls.types.
type typ struct {
	kind, node string
	width      uint8
	flags      typFlags
	size       uint32
	a, b, c    uint32
}

type typFlags uint16

const (
	flagSigned typFlags = 1 << iota
	flagBig
	flagOut
	flagExit
	flagPath
	flagHexStr
	flagTime
	flagInOut
	flagNoNull
	flagStr
	flagDecimal
	flagNamed
	flagBegun
	flagWhole
)

var flagNames = [...]string{
	"tfSigned", "tfBig", "tfOut", "tfExit", "tfPath", "tfHexStr", "tfTime", "tfInOut", "tfNoNull", "tfStr", "tfDecimal", "tfNames", "tfBegun", "tfWhole",
}

func (f typFlags) String() string { return joinBits(uint64(f), flagNames[:]) }

// joinBits writes a set as a Go expression.
func joinBits(set uint64, names []string) string {
	var list []string
	for i, n := range names {
		if set>>i&1 != 0 {
			list = append(list, n)
		}
	}
	if list == nil {
		return "0"
	}
	return strings.Join(list, "|")
}

// An op is one instruction of an expression.
type op struct {
	code  string
	width uint8
	sign  bool
	n     uint64
}

type structDef struct {
	name   string
	fields []fieldDef
	size   uint32
	params int
	union  bool
}

type fieldDef struct {
	name  string
	typ   uint32
	off   uint32
	flags string
}

// dynOff marks a field right behind the one before it.
const dynOff = 1<<32 - 1

type switchDef struct {
	on    uint32
	cases []switchCase
	other uint32
}

// An attrSet is a set of netlink attributes: their names, and the switch that
// picks the type of a value by the number of the attribute.
type attrSet struct{ table, typ uint32 }

type switchCase struct {
	val uint64
	typ uint32
}

type table struct {
	name, prefix string
	entries      []entry
	enum         bool
}

type entry struct {
	name      string
	val, mask uint64
}

type callDef struct {
	name    string
	args    []argDef
	ret     uint32
	class   string
	flags   string
	effects []effectDef
}

type argDef struct {
	name  string
	typ   uint32
	reg   int
	width uint8
	pair  bool
	swap  bool
	sign  bool
}

type effectDef struct {
	name     string
	arg, dir int
}

// A pool stores each different thing once.
type pool[T any] struct {
	list  []T
	index map[string]uint32
}

// id returns the index of t, which is stored if nothing like it was before.
func (p *pool[T]) id(t T) uint32 {
	key := fmt.Sprintf("%#v", t)
	if i, ok := p.index[key]; ok {
		return i
	}
	if p.index == nil {
		p.index = map[string]uint32{}
	}
	i := p.reserve()
	p.list[i] = t
	p.index[key] = i
	return i
}

// reserve makes room for something that refers to itself.
func (p *pool[T]) reserve() uint32 {
	var zero T
	p.list = append(p.list, zero)
	return uint32(len(p.list) - 1)
}

// A program is everything that is emitted.
type program struct {
	types   pool[typ]
	structs pool[structDef]
	switchs pool[switchDef]
	attrs   pool[attrSet]
	tables  pool[table]
	calls   pool[callDef]
	strs    pool[string]
	code    runs[op]
	lists   runs[uint32]
	funcs   pool[string]

	named     []string // of nm constants, in order
	tableName []string // of tb constants
	consts    []entry  // of k constants
	errors    []factLine
	abis      [numABI]abiProgram
}

type abiProgram struct {
	calls map[uint64]uint32
	named []uint32
	tabs  []uint32
}

// runs stores sequences in one slice; index 0 is unused.
type runs[T any] struct {
	list  []T
	index map[string]uint32
}

func (r *runs[T]) id(seq []T) uint32 {
	key := fmt.Sprintf("%#v", seq)
	if i, ok := r.index[key]; ok {
		return i
	}
	if r.index == nil {
		r.index = map[string]uint32{}
	}
	i := uint32(len(r.list))
	r.list = append(r.list, seq...)
	r.index[key] = i
	return i
}

func newProgram() *program {
	p := &program{}
	p.types.id(typ{kind: "tyNone"})
	p.strs.id("")
	p.structs.reserve()
	p.switchs.reserve()
	p.attrs.reserve()
	p.calls.reserve()
	p.funcs.id("")
	p.code.list = []op{{code: "opEnd"}}
	p.lists.list = []uint32{0}
	p.lists.index = map[string]uint32{"[]uint32{0x0}": 0}
	return p
}
