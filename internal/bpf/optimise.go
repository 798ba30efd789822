package bpf

// optimise shortens the program: jumps to jumps, what nothing reaches, loads of
// what the accumulator holds already, and jumps to the next instruction.
func (a *assembler) optimise() {
	a.thread()
	a.keep(a.reachable())
	a.dropLoads()
	a.keep(func(i int) bool { return a.ins[i].op != opJump || a.at[a.ins[i].t] != i+1 })
}

// thread lets jumps to unconditional jumps go where those go.
func (a *assembler) thread() {
	follow := func(l label) label {
		for a.ins[a.at[l]].op == opJump {
			l = a.ins[a.at[l]].t
		}
		return l
	}
	for i := range a.ins {
		switch in := &a.ins[i]; in.op {
		case opJump:
			in.t = follow(in.t)
		case opIf:
			in.t, in.f = follow(in.t), follow(in.f)
		}
	}
}

// reachable tells which instructions can be reached from the first.
func (a *assembler) reachable() func(int) bool {
	seen := make([]bool, len(a.ins))
	seen[0] = true
	for i := range a.ins {
		if !seen[i] {
			continue
		}
		a.successors(i, func(j int) { seen[j] = true })
	}
	return func(i int) bool { return seen[i] }
}

// successors calls f with the instructions that can come after i.
func (a *assembler) successors(i int, f func(int)) {
	switch in := &a.ins[i]; in.op {
	case opJump:
		f(a.at[in.t])
	case opIf:
		f(a.at[in.t])
		f(a.at[in.f])
	case opLoad:
		f(i + 1)
	}
}

// dropLoads removes loads of a word that is in the accumulator whichever way the
// program came there. Jumps go forward, so one pass in order is enough.
func (a *assembler) dropLoads() {
	known := make([]bool, len(a.ins)) // a way to i has been seen
	same := make([]bool, len(a.ins))  // all of them left acc[i]
	acc := make([]word, len(a.ins))
	drop := make([]bool, len(a.ins))
	for i := range a.ins {
		out, ok := acc[i], known[i] && same[i]
		if in := &a.ins[i]; in.op == opLoad {
			drop[i] = ok && out == in.word
			out, ok = in.word, true
		}
		a.successors(i, func(j int) {
			if !known[j] {
				known[j], same[j], acc[j] = true, ok, out
				return
			}
			same[j] = same[j] && ok && acc[j] == out
		})
	}
	a.keep(func(i int) bool { return !drop[i] })
}

// keep removes the instructions for which f does not hold; labels on them move
// to the next one that stays.
func (a *assembler) keep(f func(int) bool) {
	moved := make([]int, len(a.ins)+1)
	kept := make([]instr, 0, len(a.ins))
	for i, in := range a.ins {
		moved[i] = len(kept)
		if f(i) {
			kept = append(kept, in)
		}
	}
	moved[len(a.ins)] = len(kept)
	for l, i := range a.at {
		if i >= 0 {
			a.at[l] = moved[i]
		}
	}
	a.ins = kept
}
