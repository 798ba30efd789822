package match

import (
	"fmt"

	"strait/internal/bpf"
	"strait/syscalls"
)

// numberTest turns a comparison of a number into a set of ranges.
func (b *binder) numberTest(c *cmpNode, r ref) (pnode, error) {
	out := pnode{kind: pNumber, src: r.src, args: r.args, member: c.field[1:]}
	t := &out.test
	t.Width, t.Signed = 8, r.src != srcRaw && r.src != srcNr
	switch {
	case len(out.member) > 0:
		out.src = srcMember
	case r.arg != nil:
		t.Arg, t.Width, t.Signed, t.Pair = int(r.arg.Reg), int(r.arg.Width), r.arg.Sign, r.arg.Pair
		if t.Pair {
			t.Width = 8
		}
		out.lowers = len(r.args) == 1 && !r.arg.Swap
	case r.src == srcRaw:
		t.Arg, t.Width = r.args[0], b.abi.RegWord
		out.lowers = true
	}
	w := &words{b: b, r: r, t: t}
	negate, err := w.ranges(c)
	if err != nil {
		return out, err
	}
	out.set, out.cut, out.bias = t.Biased()
	out.mask = t.Mask
	if negate {
		return pnode{kind: pNot, kids: []pnode{out}}, nil
	}
	return out, nil
}

// words fills in the test of one comparison.
type words struct {
	b *binder
	r ref
	t *bpf.Test
}

func (w *words) ranges(c *cmpNode) (negate bool, err error) {
	t := w.t
	if c.mask != nil {
		v, _, err := w.value(c.mask)
		if err != nil {
			return false, err
		}
		if v == 0 {
			return false, &Error{c.mask.off, "a mask without bits", "the constant is 0"}
		}
		t.Mask, t.Signed = v, false
	}
	switch c.op {
	case "":
		t.In = []bpf.Range{bpf.Equal(0)}
		return true, nil
	case "in":
		for i := range c.set {
			if err := w.item(&c.set[i]); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	v, ok, err := w.value(c.set[0].lo)
	if err != nil {
		return false, err
	}
	if !ok { // the ABI has no such constant: no value is equal to it
		return c.op == "!=", nil
	}
	return c.op == "!=", w.compare(c, v)
}

func (w *words) compare(c *cmpNode, v uint64) error {
	t := w.t
	lowest, highest := w.bounds()
	switch c.op {
	case "==", "!=":
		t.In = []bpf.Range{bpf.Equal(v)}
	case "<":
		if v != lowest {
			t.In = []bpf.Range{{Lo: lowest, Hi: v - 1}}
		}
	case "<=":
		t.In = []bpf.Range{{Lo: lowest, Hi: v}}
	case ">":
		if v != highest {
			t.In = []bpf.Range{{Lo: v + 1, Hi: highest}}
		}
	case ">=":
		t.In = []bpf.Range{{Lo: v, Hi: highest}}
	case "has":
		if v == 0 {
			return &Error{c.set[0].off, "every value has the bits of 0", "compare with == 0"}
		}
		if t.Mask != 0 {
			return &Error{c.off, "has after a mask", ""}
		}
		t.Mask, t.Signed, t.In = v, false, []bpf.Range{bpf.Equal(v)}
	}
	return nil
}

// bounds are the least and the greatest value, as two's complement of the width.
func (w *words) bounds() (lowest, highest uint64) {
	full := w.full()
	if w.t.Signed {
		return full&^(full>>1) | ^full, full >> 1
	}
	return 0, full
}

func (w *words) full() uint64 {
	if w.t.Width >= 8 {
		return 1<<64 - 1
	}
	return 1<<(8*w.t.Width) - 1
}

func (w *words) item(it *item) error {
	lo, ok, err := w.value(it.lo)
	if err != nil || !ok {
		return err
	}
	hi := lo
	if it.hi != nil {
		if hi, ok, err = w.value(it.hi); err != nil || !ok {
			return err
		}
		if less(hi, lo, w.t.Signed) {
			return &Error{it.off, "an empty range", "the lower bound comes first"}
		}
	}
	w.t.In = append(w.t.In, bpf.Range{Lo: lo, Hi: hi})
	return nil
}

func less(a, b uint64, signed bool) bool {
	if signed {
		return int64(a) < int64(b)
	}
	return a < b
}

// value computes a constant, as a number of the width. It is not ok when the ABI
// has none of the names.
func (w *words) value(c *constant) (v uint64, ok bool, err error) {
	for i := range c.terms {
		x, found, err := w.term(&c.terms[i])
		if err != nil {
			return 0, false, err
		}
		ok = ok || found
		v |= x
	}
	full := w.full()
	signExtended := w.t.Signed && v|full>>1 == 1<<64-1
	negative := len(c.terms) == 1 && (c.terms[0].neg || c.terms[0].compl)
	if v&^full != 0 && !signExtended && !negative {
		return 0, false, &Error{c.off, fmt.Sprintf("%#x does not fit in %d bytes", v, w.t.Width), "the kernel looks at no more of this argument"}
	}
	v &= full
	if w.t.Signed && v&^(full>>1) != 0 {
		v |= ^full
	}
	return v, ok, nil
}

func (w *words) term(t *term) (v uint64, ok bool, err error) {
	v, ok = t.num, true
	if t.name != "" {
		if v, ok, err = w.name(t); err != nil {
			return 0, false, err
		}
	}
	if t.shift != nil {
		v <<= t.shift.num
	}
	if t.neg {
		v = -v
	}
	if t.compl {
		v = ^v & w.full()
	}
	return v, ok, nil
}

// name looks a constant up: first among the names of the argument, then among
// all of the ABI, then among those of the other ABIs, where it has a value that
// this ABI cannot have.
func (w *words) name(t *term) (v uint64, ok bool, err error) {
	if w.r.table != nil {
		if v, ok := w.r.table.Value(t.name); ok {
			return v, true, nil
		}
	}
	if w.r.kind == syscalls.Sig || w.r.src == srcSig {
		if n := Signal(t.name); n > 0 {
			return uint64(n), true, nil
		}
	}
	if w.r.src == srcErrno {
		if n, ok := syscalls.ErrnoByName(t.name); ok {
			return uint64(n), true, nil
		}
	}
	if v, ok := w.b.abi.Constant(t.name); ok {
		return v, true, nil
	}
	if v, ok := others(t.name); ok {
		return v, true, nil
	}
	for id := range syscalls.NumABI {
		if _, ok := syscalls.ByID(id).Constant(t.name); ok {
			return 0, false, nil
		}
	}
	e := &Error{Off: t.off, Msg: fmt.Sprintf("no constant %q", t.name)}
	if n := Nearest(t.name, w.b.constants(w.r)); n != "" {
		e.Hint = "did you mean " + n + "?"
	}
	return 0, false, e
}

// others are constants that stand in no table, being masks or sentinels.
func others(name string) (uint64, bool) {
	switch name {
	case "AT_FDCWD":
		return 1<<64 - 100, true
	case "O_ACCMODE":
		return 3, true
	case "SOCK_TYPE_MASK":
		return 0xf, true
	case "S_IFMT":
		return 0xf000, true
	}
	return 0, false
}
