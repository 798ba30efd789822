package unwind

// DWARF expression operations, DWARF 5 section 7.7.1.
const (
	opAddr         = 0x03
	opDeref        = 0x06
	opConst1u      = 0x08
	opConst1s      = 0x09
	opConst2u      = 0x0a
	opConst2s      = 0x0b
	opConst4u      = 0x0c
	opConst4s      = 0x0d
	opConst8u      = 0x0e
	opConst8s      = 0x0f
	opConstu       = 0x10
	opConsts       = 0x11
	opDup          = 0x12
	opDrop         = 0x13
	opOver         = 0x14
	opPick         = 0x15
	opSwap         = 0x16
	opRot          = 0x17
	opAbs          = 0x19
	opAnd          = 0x1a
	opDiv          = 0x1b
	opMinus        = 0x1c
	opMod          = 0x1d
	opMul          = 0x1e
	opNeg          = 0x1f
	opNot          = 0x20
	opOr           = 0x21
	opPlus         = 0x22
	opPlusUconst   = 0x23
	opShl          = 0x24
	opShr          = 0x25
	opShra         = 0x26
	opXor          = 0x27
	opBra          = 0x28
	opEq           = 0x29
	opGe           = 0x2a
	opGt           = 0x2b
	opLe           = 0x2c
	opLt           = 0x2d
	opNe           = 0x2e
	opSkip         = 0x2f
	opLit0         = 0x30
	opLit31        = 0x4f
	opReg0         = 0x50
	opReg31        = 0x6f
	opBreg0        = 0x70
	opBreg31       = 0x8f
	opRegx         = 0x90
	opBregx        = 0x92
	opDerefSize    = 0x94
	opNop          = 0x96
	opCallFrameCFA = 0x9c
)

// Bounds of an expression: those of call frame information need a handful.
const (
	maxExprSteps = 1024
	maxExprStack = 64
)

// evaluator computes DWARF expressions over one frame's registers.
type evaluator struct {
	regs  *Registers
	mem   *memory
	word  int // bytes of an address
	cfa   uint64
	stack []uint64
	bad   bool
}

// eval runs expr with the given values on the stack and returns the top one.
func (e *evaluator) eval(expr []byte, start ...uint64) (uint64, bool) {
	e.stack = append(e.stack[:0], start...)
	e.bad = false
	r := &reader{b: expr}
	for steps := 0; r.left() > 0; steps++ {
		if steps >= maxExprSteps || len(e.stack) > maxExprStack {
			return 0, false
		}
		e.step(r.u8(), r)
		if e.bad || r.bad {
			return 0, false
		}
	}
	if len(e.stack) == 0 {
		return 0, false
	}
	return e.pop() & e.mask(), !e.bad
}

func (e *evaluator) mask() uint64 {
	if e.word == 4 {
		return 0xffffffff
	}
	return ^uint64(0)
}

func (e *evaluator) push(v uint64) { e.stack = append(e.stack, v) }

func (e *evaluator) pop() uint64 {
	n := len(e.stack)
	if n == 0 {
		e.bad = true
		return 0
	}
	v := e.stack[n-1]
	e.stack = e.stack[:n-1]
	return v
}

// pick pushes a copy of the value n below the top.
func (e *evaluator) pick(n int) {
	if n >= len(e.stack) {
		e.bad = true
		return
	}
	e.push(e.stack[len(e.stack)-1-n])
}

func (e *evaluator) register(n uint64) uint64 {
	if n >= MaxRegisters {
		e.bad = true
		return 0
	}
	return e.regs.R[n]
}

func (e *evaluator) deref(size int) {
	if size != 1 && size != 2 && size != 4 && size != 8 {
		e.bad = true
		return
	}
	v, ok := e.mem.load(e.pop()&e.mask(), size)
	e.bad = e.bad || !ok
	e.push(v)
}

func (e *evaluator) step(op byte, r *reader) {
	switch {
	case op >= opLit0 && op <= opLit31:
		e.push(uint64(op - opLit0))
	case op >= opReg0 && op <= opReg31:
		e.push(e.register(uint64(op - opReg0)))
	case op >= opBreg0 && op <= opBreg31:
		e.push(e.register(uint64(op-opBreg0)) + uint64(r.sleb()))
	case op >= opAnd && op <= opXor && op != opNeg && op != opNot && op != opPlusUconst, op >= opEq && op <= opNe:
		b, a := e.pop(), e.pop()
		e.push(e.binary(op, a, b))
	case op >= opConst1u && op <= opConsts:
		e.push(constant(op, r))
	case op == opBra || op == opSkip:
		e.branch(op, r)
	default:
		e.stepOther(op, r)
	}
}

func (e *evaluator) stepOther(op byte, r *reader) {
	switch op {
	case opAddr:
		e.push(r.fixed(e.word))
	case opDeref:
		e.deref(e.word)
	case opDerefSize:
		e.deref(int(r.u8()))
	case opDup:
		e.pick(0)
	case opDrop:
		e.pop()
	case opOver:
		e.pick(1)
	case opPick:
		e.pick(int(r.u8()))
	case opSwap:
		b, a := e.pop(), e.pop()
		e.push(b)
		e.push(a)
	case opRot:
		c, b, a := e.pop(), e.pop(), e.pop()
		e.push(c)
		e.push(a)
		e.push(b)
	case opAbs:
		if v := int64(e.pop()); v < 0 {
			e.push(uint64(-v))
		} else {
			e.push(uint64(v))
		}
	case opNeg:
		e.push(-e.pop())
	case opNot:
		e.push(^e.pop())
	case opPlusUconst:
		e.push(e.pop() + r.uleb())
	case opRegx:
		e.push(e.register(r.uleb()))
	case opBregx:
		v := e.register(r.uleb())
		e.push(v + uint64(r.sleb()))
	case opCallFrameCFA:
		e.push(e.cfa)
	case opNop:
	default:
		e.bad = true
	}
}

func (e *evaluator) branch(op byte, r *reader) {
	delta := int(r.signed(2))
	if op == opBra && e.pop() == 0 {
		return
	}
	if to := r.off + delta; to >= 0 && to <= len(r.b) {
		r.off = to
		return
	}
	e.bad = true
}

// constant reads the operand of DW_OP_const*.
func constant(op byte, r *reader) uint64 {
	switch op {
	case opConstu:
		return r.uleb()
	case opConsts:
		return uint64(r.sleb())
	}
	size := 1 << ((op - opConst1u) / 2)
	if (op-opConst1u)%2 == 1 {
		return uint64(r.signed(size))
	}
	return r.fixed(size)
}

func (e *evaluator) binary(op byte, a, b uint64) uint64 {
	switch op {
	case opAnd:
		return a & b
	case opOr:
		return a | b
	case opXor:
		return a ^ b
	case opPlus:
		return a + b
	case opMinus:
		return a - b
	case opMul:
		return a * b
	case opShl:
		return a << b
	case opShr:
		return (a & e.mask()) >> b
	case opShra:
		return uint64(int64(a) >> b)
	case opDiv, opMod:
		return e.divide(op, a, b)
	}
	return compare(op, int64(a), int64(b))
}

func (e *evaluator) divide(op byte, a, b uint64) uint64 {
	if b == 0 {
		e.bad = true
		return 0
	}
	if op == opMod {
		return a % b
	}
	return uint64(int64(a) / int64(b))
}

func compare(op byte, a, b int64) uint64 {
	var is bool
	switch op {
	case opEq:
		is = a == b
	case opGe:
		is = a >= b
	case opGt:
		is = a > b
	case opLe:
		is = a <= b
	case opLt:
		is = a < b
	case opNe:
		is = a != b
	}
	if is {
		return 1
	}
	return 0
}
