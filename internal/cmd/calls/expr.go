package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"

	"strait/syscalls"
)

// number evaluates an expression.
func (t *table) number(text string) (uint64, error) {
	e, err := parser.ParseExpr(strings.TrimSpace(text))
	if err != nil {
		return 0, err
	}
	return t.eval(e)
}

func (t *table) eval(e ast.Expr) (uint64, error) {
	switch e := e.(type) {
	case *ast.BasicLit:
		return strconv.ParseUint(e.Value, 0, 64)
	case *ast.Ident:
		if v, ok := t.vars[e.Name]; ok {
			return v, nil
		}
		if v, ok := t.abi.Constant(e.Name); ok {
			return v, nil
		}
		if v, ok := syscalls.ByID(syscalls.AMD64).Constant(e.Name); ok && t.foreign() {
			return v, nil
		}
		return 0, fmt.Errorf("no constant %s", e.Name)
	case *ast.ParenExpr:
		return t.eval(e.X)
	case *ast.UnaryExpr:
		v, err := t.eval(e.X)
		switch e.Op {
		case token.SUB:
			v = -v
		case token.XOR:
			v = ^v
		default:
			return 0, fmt.Errorf("operator %s", e.Op)
		}
		return v, err
	case *ast.BinaryExpr:
		return t.binary(e)
	}
	return 0, fmt.Errorf("%T is no number", e)
}

func (t *table) binary(e *ast.BinaryExpr) (uint64, error) {
	a, err := t.eval(e.X)
	if err != nil {
		return 0, err
	}
	b, err := t.eval(e.Y)
	if err != nil {
		return 0, err
	}
	switch e.Op {
	case token.ADD:
		return a + b, nil
	case token.SUB:
		return a - b, nil
	case token.MUL:
		return a * b, nil
	case token.OR:
		return a | b, nil
	case token.AND:
		return a & b, nil
	case token.XOR:
		return a ^ b, nil
	case token.SHL:
		return a << b, nil
	case token.SHR:
		return a >> b, nil
	}
	return 0, fmt.Errorf("operator %s", e.Op)
}

// patch evaluates at(ADDR, DATA, ...).
func (t *table) patch(c *ast.CallExpr) (p patch, err error) {
	if fmt.Sprint(c.Fun) != "at" || len(c.Args) < 1 {
		return p, fmt.Errorf("%v: want at(ADDR, DATA, ...)", c.Fun)
	}
	if p.addr, err = t.eval(c.Args[0]); err != nil {
		return p, err
	}
	for _, a := range c.Args[1:] {
		if p.data, err = t.data(p.data, a); err != nil {
			return p, err
		}
	}
	if p.addr < memStart || p.addr+uint64(len(p.data)) > memStart+memSize {
		return p, fmt.Errorf("%d bytes at %#x are not within the memory", len(p.data), p.addr)
	}
	return p, nil
}

// data appends the bytes that e stands for.
func (t *table) data(dst []byte, e ast.Expr) ([]byte, error) {
	if s, ok := e.(*ast.BasicLit); ok && s.Kind == token.STRING {
		text, err := strconv.Unquote(s.Value)
		return append(dst, text...), err
	}
	c, ok := e.(*ast.CallExpr)
	if !ok {
		return nil, fmt.Errorf("%T is no data: say u8(), u16(), u32(), u64()", e)
	}
	switch fmt.Sprint(c.Fun) {
	case "nl":
		return t.headed(dst, c, 2, 16)
	case "attr":
		return t.headed(dst, c, 1, 4)
	}
	var args []uint64
	for _, a := range c.Args {
		v, err := t.eval(a)
		if err != nil {
			return nil, err
		}
		args = append(args, v)
	}
	return datum(dst, fmt.Sprint(c.Fun), args)
}

// headed appends nl(TYPE, FLAGS, DATA...), a netlink message, or attr(TYPE, DATA...), an
// attribute of one, with its header of size bytes and padded as netlink(7) wants it.
func (t *table) headed(dst []byte, c *ast.CallExpr, numbers, size int) ([]byte, error) {
	start := len(dst)
	dst = append(dst, make([]byte, size)...)
	if len(c.Args) < numbers {
		return nil, fmt.Errorf("%v wants %d numbers", c.Fun, numbers)
	}
	var n [2]uint64
	for i, a := range c.Args {
		var err error
		if i < numbers {
			n[i], err = t.eval(a)
		} else {
			dst, err = t.data(dst, a)
		}
		if err != nil {
			return nil, err
		}
	}
	head := dst[start:]
	if numbers == 1 {
		binary.LittleEndian.PutUint16(head, uint16(len(head)))
		binary.LittleEndian.PutUint16(head[2:], uint16(n[0]))
	} else {
		binary.LittleEndian.PutUint32(head, uint32(len(head)))
		binary.LittleEndian.PutUint16(head[4:], uint16(n[0]))
		binary.LittleEndian.PutUint16(head[6:], uint16(n[1]))
	}
	return append(dst, make([]byte, -len(head)&3)...), nil
}

func datum(dst []byte, kind string, args []uint64) ([]byte, error) {
	size, number := map[string]int{"u8": 1, "u16": 2, "u32": 4, "u64": 8}[kind]
	if bits, ok := strings.CutPrefix(kind, "be"); ok && !number {
		size = map[string]int{"16": 2, "32": 4, "64": 8}[bits]
		for _, v := range args {
			dst = append(dst, binary.BigEndian.AppendUint64(nil, v)[8-size:]...)
		}
		return dst, nil
	}
	if number {
		for _, v := range args {
			dst = append(dst, binary.LittleEndian.AppendUint64(nil, v)[:size]...)
		}
		return dst, nil
	}
	switch {
	case kind == "zero" && len(args) == 1:
		return append(dst, make([]byte, args[0])...), nil
	case kind == "fill" && len(args) == 2:
		return append(dst, bytes.Repeat([]byte{byte(args[1])}, int(args[0]))...), nil
	case kind == "seq" && len(args) == 1:
		for i := range args[0] {
			dst = append(dst, byte(i+1))
		}
		return dst, nil
	}
	return nil, fmt.Errorf("%s with %d arguments is no data", kind, len(args))
}
