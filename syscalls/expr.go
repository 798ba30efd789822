package syscalls

import "math"

// eval computes an expression in the current frame. A division by zero is 0; an
// expression too deep for the operand stack is 0.
func (d *Decoder) eval(e exprID) int64 {
	if e == 0 {
		return 0
	}
	sp := 0
	for pc := int(e); ; pc++ {
		o := &code[pc]
		if o.code == opEnd {
			if sp == 0 {
				return 0
			}
			return d.stack[sp-1]
		}
		if o.code < opAdd {
			if sp == maxOperands {
				return 0
			}
			d.stack[sp] = d.operand(o)
			sp++
			continue
		}
		if sp = d.operate(o.code, sp); sp == 0 {
			return 0
		}
	}
}

// operand returns the value that o puts on the stack.
func (d *Decoder) operand(o *op) int64 {
	switch o.code {
	case opConst:
		return int64(o.n)
	case opArg:
		return int64(extend(d.argValue(&d.ev.Call.Args[o.n]), o.width, o.sign))
	case opField:
		return int64(d.fieldValue(int(o.n), o.width, o.sign))
	case opParam:
		return int64(d.cur.param[o.n&3])
	case opRet:
		return d.ev.Ret
	case opErr:
		return int64(d.ev.Errno)
	case opSize:
		return int64(d.cur.have)
	case opVerbose:
		return truth(!d.ev.Abbrev)
	case opDecoded:
		return truth(d.ev.Verbose)
	case opExit:
		return truth(d.exit)
	case opShown:
		if !d.ev.Abbrev {
			return math.MaxInt64 / 2 // room to calculate
		}
		return int64(d.limit())
	case opSaved:
		return int64(d.ev.saved[o.n&7])
	case opDeref:
		v, _ := d.peekWidth(d.argValue(&d.ev.Call.Args[o.n&0xff])+o.n>>8, o.width, o.sign, false)
		return int64(v)
	}
	return 0
}

// operate applies an operator to the top of the stack of sp operands and
// returns the new height, 0 if there are too few.
func (d *Decoder) operate(c opCode, sp int) int {
	s := &d.stack
	switch c {
	case opNot, opNeg, opCom:
		if sp < 1 {
			return 0
		}
		s[sp-1] = unaryOp(c, s[sp-1])
		return sp
	case opCond:
		if sp < 3 {
			return 0
		}
		if s[sp-3] != 0 {
			s[sp-3] = s[sp-2]
		} else {
			s[sp-3] = s[sp-1]
		}
		return sp - 2
	}
	if sp < 2 {
		return 0
	}
	if c == opReadable {
		n := s[sp-1]
		s[sp-2] = truth(d.ev.Verbose && s[sp-2] != 0 && n >= 0 && n <= maxString && d.readable(uint64(s[sp-2]), int(n)))
		return sp - 1
	}
	s[sp-2] = binaryOp(c, s[sp-2], s[sp-1])
	return sp - 1
}

func unaryOp(c opCode, a int64) int64 {
	switch c {
	case opNot:
		return truth(a == 0)
	case opNeg:
		return -a
	default:
		return ^a
	}
}

func binaryOp(c opCode, a, b int64) int64 {
	if c >= opEq && c <= opLOr {
		return truth(compare(c, a, b))
	}
	switch c {
	case opAdd:
		return a + b
	case opSub:
		return a - b
	case opMul:
		return a * b
	case opDiv, opMod:
		return divide(c, a, b)
	case opAnd:
		return a & b
	case opOr:
		return a | b
	case opXor:
		return a ^ b
	case opShl:
		return a << (uint64(b) & 63)
	case opShr:
		return int64(uint64(a) >> (uint64(b) & 63))
	case opMin: // of sizes: a size_t of -1 is no bound
		return int64(min(uint64(a), uint64(b)))
	case opMax:
		return max(a, b)
	}
	return 0
}

func divide(c opCode, a, b int64) int64 {
	switch {
	case b == 0:
		return 0
	case c == opDiv:
		return int64(uint64(a) / uint64(b))
	}
	return int64(uint64(a) % uint64(b))
}

func compare(c opCode, a, b int64) bool {
	switch c {
	case opEq:
		return a == b
	case opNe:
		return a != b
	case opLt:
		return a < b
	case opLe:
		return a <= b
	case opGt:
		return a > b
	case opGe:
		return a >= b
	case opLAnd:
		return a != 0 && b != 0
	default:
		return a != 0 || b != 0
	}
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}
