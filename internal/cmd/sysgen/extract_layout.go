package main

import (
	"errors"
	"fmt"
	"strings"
)

// StructQuery asks for the layout of a C type.
type StructQuery struct {
	Header string   // as in #include <...>; more than one separated by commas
	Type   string   // as in C: "struct flock", "siginfo_t"
	Fields []string // dotted paths; empty for all, nested ones and bit-fields too
}

// StructLayout is the layout of a C type for each ABI, in the order of abis.
type StructLayout struct {
	Type   string
	Whole  []Place // sizeof and alignof; the offset is 0
	Fields []FieldLayout
}

// FieldLayout is where a field is for each ABI, in the order of abis.
type FieldLayout struct {
	Name   string // dotted path from the type
	Places []Place
}

// Place is where something is in memory, in bytes. The zero Place belongs to an
// ABI that lacks it.
type Place struct {
	Known  bool
	Offset int
	Size   int // 0 for a flexible array
	Align  int // of a whole type; 0 for a field
	Bit    int // for a bit-field, its first bit, counted from Offset
	Bits   int // the width of a bit-field; 0 for other fields
}

// layouts asks clang where the fields of C types are, for every ABI. A type or
// a field that an ABI lacks has no known place there; an error means that none
// has the type.
func layouts(headersDir string, want []StructQuery) (found []StructLayout, err error) {
	c, err := newCompiler(headersDir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	for _, q := range want {
		layout, err := c.layout(q)
		if err != nil {
			return nil, err
		}
		found = append(found, layout)
	}
	return found, nil
}

func (c *compiler) layout(q StructQuery) (StructLayout, error) {
	all := abis()
	layout := StructLayout{Type: q.Type, Whole: make([]Place, len(all))}
	for _, name := range q.Fields {
		layout.Fields = append(layout.Fields, FieldLayout{name, make([]Place, len(all))})
	}
	var first error
	for column, a := range all {
		err := c.layoutFor(a, column, q, &layout)
		if err != nil && first == nil {
			first = fmt.Errorf("lay out %s for %s: %w", q.Type, a.name, err)
		}
		if err == nil {
			first = errFound
		}
	}
	if !errors.Is(first, errFound) {
		return layout, first
	}
	return layout, nil
}

// errFound marks that an ABI has the type, whatever the others say.
var errFound = errors.New("found")

// layoutFor fills one ABI's column, with the first of the header's preludes
// that compiles.
func (c *compiler) layoutFor(a abi, column int, q StructQuery, layout *StructLayout) error {
	var first error
	headers := strings.Split(q.Header, ",")
	for _, before := range preludes(headers[0]) {
		prelude := before
		for _, h := range headers {
			prelude += "#include <" + strings.TrimSpace(h) + ">\n"
		}
		err := c.layoutWith(a, column, prelude, len(q.Fields) == 0, layout)
		if err == nil {
			return nil
		}
		if first == nil {
			first = err
		}
	}
	return first
}

func (c *compiler) layoutWith(a abi, column int, prelude string, all bool, layout *StructLayout) error {
	if all {
		fields, err := c.dumpFields(a, prelude, layout.Type)
		if err != nil {
			return err
		}
		for _, f := range fields {
			layout.place(f.name)[column] = f.place
		}
	}
	exprs := []string{"sizeof(" + layout.Type + ")", "_Alignof(" + layout.Type + ")"}
	for _, f := range layout.Fields {
		exprs = append(exprs, offsetExpr(layout.Type, f.Name), sizeExpr(layout.Type, f.Name))
	}
	values, err := c.evaluate(a, prelude, exprs)
	if err != nil {
		return err
	}
	size, found := values[exprs[0]]
	if !found {
		return fmt.Errorf("no such type, or an incomplete one: %s", layout.Type)
	}
	layout.Whole[column] = Place{Known: true, Size: int(size.bits), Align: int(values[exprs[1]].bits)}
	for _, f := range layout.Fields {
		if offset, found := values[offsetExpr(layout.Type, f.Name)]; found {
			size := values[sizeExpr(layout.Type, f.Name)] // zero for a flexible array
			f.Places[column] = Place{Known: true, Offset: int(offset.bits), Size: int(size.bits)}
		}
	}
	return nil
}

func offsetExpr(ctype, field string) string {
	return "__builtin_offsetof(" + ctype + ", " + field + ")"
}

func sizeExpr(ctype, field string) string {
	return "sizeof(((" + ctype + " *)0)->" + field + ")"
}

// place returns the places of a field, which it adds when it is new.
func (l *StructLayout) place(name string) []Place {
	for _, f := range l.Fields {
		if f.Name == name {
			return f.Places
		}
	}
	l.Fields = append(l.Fields, FieldLayout{name, make([]Place, len(abis()))})
	return l.Fields[len(l.Fields)-1].Places
}
