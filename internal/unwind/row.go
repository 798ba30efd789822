package unwind

// Call frame instructions, DWARF 5 section 7.24 and what compilers add.
const (
	cfaAdvanceLoc     = 0x40
	cfaOffset         = 0x80
	cfaRestore        = 0xc0
	cfaNop            = 0x00
	cfaSetLoc         = 0x01
	cfaAdvanceLoc1    = 0x02
	cfaAdvanceLoc2    = 0x03
	cfaAdvanceLoc4    = 0x04
	cfaOffsetExt      = 0x05
	cfaRestoreExt     = 0x06
	cfaUndefined      = 0x07
	cfaSameValue      = 0x08
	cfaRegister       = 0x09
	cfaRememberState  = 0x0a
	cfaRestoreState   = 0x0b
	cfaDefCFA         = 0x0c
	cfaDefCFARegister = 0x0d
	cfaDefCFAOffset   = 0x0e
	cfaDefCFAExpr     = 0x0f
	cfaExpression     = 0x10
	cfaOffsetExtSF    = 0x11
	cfaDefCFASF       = 0x12
	cfaDefCFAOffsetSF = 0x13
	cfaValOffset      = 0x14
	cfaValOffsetSF    = 0x15
	cfaValExpression  = 0x16
	cfaAdvanceLoc8    = 0x1d // DW_CFA_MIPS_advance_loc8
	cfaNegateRAState  = 0x2d // DW_CFA_AARCH64_negate_ra_state
	cfaArgsSize       = 0x2e // DW_CFA_GNU_args_size
	cfaNegOffsetExt   = 0x2f // DW_CFA_GNU_negative_offset_extended
)

type ruleKind uint8

// How a register of the caller is found.
const (
	ruleSame      ruleKind = iota // not changed, or nothing said
	ruleUndefined                 // lost; for the return address: no caller
	ruleOffset                    // in memory at CFA+off
	ruleValOffset                 // it is CFA+off
	ruleRegister                  // in register reg
	ruleExpr                      // in memory at the expression's value
	ruleValExpr                   // it is the expression's value
)

type rule struct {
	kind ruleKind
	reg  uint8
	off  int64
	expr []byte
}

// row is the rules in force at one address: how to find the canonical frame
// address and from it the caller's registers.
type row struct {
	cfaReg  uint8
	cfaOff  int64
	cfaExpr []byte // instead of register and offset
	ra      uint8
	signal  bool
	rules   [MaxRegisters]rule
}

// maxStates bounds the nesting of DW_CFA_remember_state.
const maxStates = 32

// rowMachine runs call frame programs.
type rowMachine struct {
	row
	fde     *fde
	initial *row
	saved   []row
	loc     uint64
}

// rowAt runs the programs of f up to pc.
func rowAt(f *fde, pc uint64) (row, bool) {
	m := rowMachine{fde: f, loc: f.start}
	if f.ra >= MaxRegisters {
		return row{}, false
	}
	m.ra, m.signal = uint8(f.ra), f.signal
	if !m.run(&reader{b: f.cie.program}, 0, ^uint64(0)) {
		return row{}, false
	}
	first := m.row
	m.initial, m.loc = &first, f.start
	if !m.run(&reader{b: f.program}, f.programAt, pc) {
		return row{}, false
	}
	return m.row, true
}

// run executes instructions until one moves past pc.
func (m *rowMachine) run(r *reader, at, pc uint64) bool {
	for r.left() > 0 && !r.bad {
		op := r.u8()
		if next, moved := m.advance(op, r, at); moved {
			if next > pc {
				break
			}
			m.loc = next
			continue
		}
		if !m.step(op, r) {
			return false
		}
	}
	return !r.bad
}

// advance returns the address a location instruction moves to.
func (m *rowMachine) advance(op byte, r *reader, at uint64) (next uint64, moved bool) {
	var delta uint64
	switch {
	case op&0xc0 == cfaAdvanceLoc:
		delta = uint64(op & 0x3f)
	case op == cfaSetLoc:
		return r.pointer(m.fde.pointers&^peIndir, at, m.fde.word, 0), true
	case op == cfaAdvanceLoc1:
		delta = uint64(r.u8())
	case op == cfaAdvanceLoc2:
		delta = uint64(r.u16())
	case op == cfaAdvanceLoc4:
		delta = uint64(r.u32())
	case op == cfaAdvanceLoc8:
		delta = r.u64()
	default:
		return 0, false
	}
	return m.loc + delta*m.fde.codeAlign, true
}

// set stores a rule; rules of registers that are not kept are dropped.
func (m *rowMachine) set(reg uint64, u rule) {
	if reg < MaxRegisters {
		m.rules[reg] = u
	}
}

// restore puts a register's rule back to what the common program said.
func (m *rowMachine) restore(reg uint64) {
	if reg >= MaxRegisters {
		return
	}
	m.rules[reg] = rule{}
	if m.initial != nil {
		m.rules[reg] = m.initial.rules[reg]
	}
}

func (m *rowMachine) factored(n int64) rule {
	return rule{kind: ruleOffset, off: n * m.fde.dataAlign}
}

// step executes an instruction that does not move.
func (m *rowMachine) step(op byte, r *reader) bool {
	switch {
	case op&0xc0 == cfaOffset:
		m.set(uint64(op&0x3f), m.factored(int64(r.uleb())))
		return true
	case op&0xc0 == cfaRestore:
		m.restore(uint64(op & 0x3f))
		return true
	case op >= cfaDefCFA && op <= cfaDefCFAExpr, op == cfaDefCFASF, op == cfaDefCFAOffsetSF:
		return m.stepCFA(op, r)
	}
	switch op {
	case cfaNop, cfaNegateRAState:
	case cfaArgsSize:
		r.uleb()
	case cfaRememberState:
		if len(m.saved) >= maxStates {
			return false
		}
		m.saved = append(m.saved, m.row)
	case cfaRestoreState:
		if len(m.saved) == 0 {
			return false
		}
		m.row = m.saved[len(m.saved)-1]
		m.saved = m.saved[:len(m.saved)-1]
	case cfaRestoreExt:
		m.restore(r.uleb())
	default:
		return m.stepRule(op, r)
	}
	return true
}

// stepRule executes an instruction that sets a register's rule.
func (m *rowMachine) stepRule(op byte, r *reader) bool {
	reg := r.uleb()
	switch op {
	case cfaOffsetExt:
		m.set(reg, m.factored(int64(r.uleb())))
	case cfaOffsetExtSF:
		m.set(reg, m.factored(r.sleb()))
	case cfaNegOffsetExt:
		m.set(reg, m.factored(-int64(r.uleb())))
	case cfaValOffset:
		m.set(reg, rule{kind: ruleValOffset, off: int64(r.uleb()) * m.fde.dataAlign})
	case cfaValOffsetSF:
		m.set(reg, rule{kind: ruleValOffset, off: r.sleb() * m.fde.dataAlign})
	case cfaUndefined:
		m.set(reg, rule{kind: ruleUndefined})
	case cfaSameValue:
		m.set(reg, rule{})
	case cfaRegister:
		from := r.uleb()
		if from >= MaxRegisters {
			m.set(reg, rule{kind: ruleUndefined})
			break
		}
		m.set(reg, rule{kind: ruleRegister, reg: uint8(from)})
	case cfaExpression:
		m.set(reg, rule{kind: ruleExpr, expr: r.bytes(r.uleb())})
	case cfaValExpression:
		m.set(reg, rule{kind: ruleValExpr, expr: r.bytes(r.uleb())})
	default:
		return false // its operands' sizes are not known
	}
	return !r.bad
}

// stepCFA executes an instruction that says where the frame address is.
func (m *rowMachine) stepCFA(op byte, r *reader) bool {
	reg := uint64(m.cfaReg)
	switch op {
	case cfaDefCFA:
		reg, m.cfaOff, m.cfaExpr = r.uleb(), int64(r.uleb()), nil
	case cfaDefCFASF:
		reg, m.cfaOff, m.cfaExpr = r.uleb(), r.sleb()*m.fde.dataAlign, nil
	case cfaDefCFARegister:
		reg, m.cfaExpr = r.uleb(), nil
	case cfaDefCFAOffset:
		m.cfaOff = int64(r.uleb())
	case cfaDefCFAOffsetSF:
		m.cfaOff = r.sleb() * m.fde.dataAlign
	case cfaDefCFAExpr:
		m.cfaExpr = r.bytes(r.uleb())
	}
	if reg >= MaxRegisters {
		return false
	}
	m.cfaReg = uint8(reg)
	return !r.bad
}
