package unwind

// step is how to get from a function to its caller: a row without the
// registers that keep their values.
type step struct {
	cfaReg  uint8
	cfaOff  int64
	cfaExpr []byte
	ra      uint8
	signal  bool
	last    bool // there is no caller
	word    int  // bytes of an address, for expressions
	rules   []regRule
}

type regRule struct {
	reg uint8
	rule
}

// compact keeps what is said of r.
func (r *row) compact(word int) *step {
	s := &step{cfaReg: r.cfaReg, cfaOff: r.cfaOff, cfaExpr: r.cfaExpr, ra: r.ra, signal: r.signal, word: word}
	for i, u := range r.rules {
		if u.kind != ruleSame {
			s.rules = append(s.rules, regRule{uint8(i), u})
		}
	}
	s.last = r.rules[r.ra].kind == ruleUndefined
	return s
}

// apply computes the caller's registers by s.
func (w *walker) apply(s *step) bool {
	if s.last {
		return false
	}
	facts := w.regs.Arch.facts()
	w.eval.regs, w.eval.mem, w.eval.word = &w.regs, &w.mem, s.word
	cfa, ok := w.regs.R[s.cfaReg]+uint64(s.cfaOff), true
	if s.cfaExpr != nil {
		cfa, ok = w.eval.eval(s.cfaExpr)
	}
	if facts.word == 4 {
		cfa &= 0xffffffff
	}
	w.eval.cfa = cfa
	next, found := w.regs, facts.link
	next.R[facts.sp] = cfa
	for i := range s.rules {
		if !ok {
			return false
		}
		u := &s.rules[i]
		next.R[u.reg], ok = w.value(&u.rule, cfa, int(facts.word))
		found = found || u.reg == s.ra
	}
	if !ok || !found {
		return false
	}
	next.PC = next.R[s.ra]
	return w.advance(next, s.signal)
}

// value computes one register of the caller.
func (w *walker) value(u *rule, cfa uint64, word int) (uint64, bool) {
	switch u.kind {
	case ruleOffset:
		return w.mem.load(cfa+uint64(u.off), word)
	case ruleValOffset:
		return cfa + uint64(u.off), true
	case ruleRegister:
		return w.regs.R[u.reg], true
	case ruleExpr:
		at, ok := w.eval.eval(u.expr, cfa)
		if !ok {
			return 0, false
		}
		return w.mem.load(at, word)
	case ruleValExpr:
		return w.eval.eval(u.expr, cfa)
	}
	return 0, true // undefined: nobody may ask for it
}

// advance makes next the current frame if it is a caller of the current one:
// its stack pointer is above, unless a signal changed stacks. Functions that
// store nothing have their caller's stack pointer where calls do not push.
func (w *walker) advance(next Registers, signal bool) bool {
	if next.Arch == ARM64 {
		next.PC &= 1<<48 - 1 // pointer authentication uses the bits above
	}
	if next.Arch == I386 {
		next.PC &= 0xffffffff
	}
	was, is := w.regs.SP(), next.SP()
	leaf := w.exact && next.Arch.facts().link && next.PC != w.regs.PC
	if !signal && is <= was && (!leaf || is < was) {
		return false
	}
	if signal && is == was && next.PC == w.regs.PC {
		return false
	}
	w.set(next)
	w.exact = signal
	return true
}
