package bpf

import (
	"errors"
	"fmt"

	"golang.org/x/net/bpf"
)

// MaxInstructions is the most that the kernel takes in one filter
// (BPF_MAXINSNS, include/uapi/linux/bpf_common.h).
const MaxInstructions = 4096

// ErrTooLong is wrapped by the error for a filter of more than MaxInstructions.
var ErrTooLong = errors.New("filter too long for the kernel")

// A label is a place in the program: an index into assembler.at.
type label int

// An assembler collects instructions whose jumps go to labels. Jumps go
// forward only, as the kernel demands.
type assembler struct {
	ins  []instr
	at   []int            // by label: index in ins, or -1
	rets map[Action]label // of returns to be placed at the end
	tail []Action         // in the order of first use
}

type instr struct {
	op     opcode
	word   word // opLoad
	cond   bpf.JumpTest
	k      uint32
	t, f   label
	lt, lf bool // t, f are out of reach and go by way of a jump of their own
}

type opcode uint8

const (
	opLoad opcode = iota // A = word
	opIf                 // if A cond k goto t, else f
	opJump               // goto t
	opRet                // return k
)

// A word is what a load leaves in the accumulator: the word at off, masked, and
// with some bits turned round.
type word struct{ off, mask, flip uint32 }

func plain(off uint32) word { return word{off, 1<<32 - 1, 0} }

func (w word) size() int {
	n := 1
	if w.mask != 1<<32-1 {
		n++
	}
	if w.flip != 0 {
		n++
	}
	return n
}

func newAssembler() *assembler { return &assembler{rets: map[Action]label{}} }

func (a *assembler) newLabel() label {
	a.at = append(a.at, -1)
	return label(len(a.at) - 1)
}

// place puts l here.
func (a *assembler) place(l label) { a.at[l] = len(a.ins) }

func (a *assembler) load(w word) { a.ins = append(a.ins, instr{op: opLoad, word: w}) }

func (a *assembler) jump(l label) { a.ins = append(a.ins, instr{op: opJump, t: l}) }

func (a *assembler) jumpIf(cond bpf.JumpTest, k uint32, t, f label) {
	if t == f {
		a.jump(t)
		return
	}
	a.ins = append(a.ins, instr{op: opIf, cond: cond, k: k, t: t, f: f})
}

// ret returns the label of the instruction that returns act; there is one for
// each action, at the end of the program.
func (a *assembler) ret(act Action) label {
	l, ok := a.rets[act]
	if !ok {
		l = a.newLabel()
		a.rets[act] = l
		a.tail = append(a.tail, act)
	}
	return l
}

// assemble resolves the labels.
func (a *assembler) assemble() ([]bpf.RawInstruction, error) {
	for _, act := range a.tail {
		a.place(a.rets[act])
		a.ins = append(a.ins, instr{op: opRet, k: uint32(act)})
	}
	a.optimise()
	pos := a.layout()
	if n := pos[len(a.ins)]; n > MaxInstructions {
		return nil, fmt.Errorf("assemble: %w: %d instructions, the limit is %d", ErrTooLong, n, MaxInstructions)
	}
	out := make([]bpf.Instruction, 0, pos[len(a.ins)])
	for i := range a.ins {
		out = a.emit(out, i, pos)
	}
	raw, err := bpf.Assemble(out)
	if err != nil {
		return nil, fmt.Errorf("assemble: %w", err)
	}
	return raw, nil
}

// layout finds the position of every instruction, and the conditional jumps
// whose targets are out of reach. Those grow, which may put others out of reach:
// it goes on until nothing changes. Nothing ever shrinks, so it ends.
func (a *assembler) layout() []int {
	pos := make([]int, len(a.ins)+1)
	for changed := true; changed; {
		changed = false
		n := 0
		for i := range a.ins {
			pos[i] = n
			n += a.ins[i].size()
		}
		pos[len(a.ins)] = n
		for i := range a.ins {
			in := &a.ins[i]
			if in.op != opIf {
				continue
			}
			from := pos[i] + in.size()
			if !in.lt && pos[a.at[in.t]]-from+2 > 255 {
				in.lt, changed = true, true
			}
			if !in.lf && pos[a.at[in.f]]-from+2 > 255 {
				in.lf, changed = true, true
			}
		}
	}
	return pos
}

func (in *instr) size() int {
	if in.op == opLoad {
		return in.word.size()
	}
	n := 1
	if in.lt {
		n++
	}
	if in.lf {
		n++
	}
	return n
}

func (a *assembler) emit(out []bpf.Instruction, i int, pos []int) []bpf.Instruction {
	in := &a.ins[i]
	switch in.op {
	case opLoad:
		return in.word.emit(out)
	case opRet:
		return append(out, bpf.RetConstant{Val: in.k})
	case opJump:
		return append(out, a.far(pos[i], in.t, pos))
	}
	j := bpf.JumpIf{Cond: in.cond, Val: in.k}
	next := pos[i] + 1 // where the long jumps stand
	if in.lt {
		j.SkipTrue = 0
		next++
	} else {
		j.SkipTrue = uint8(pos[a.at[in.t]] - pos[i] - 1)
	}
	if in.lf {
		j.SkipFalse = uint8(next - pos[i] - 1)
	} else {
		j.SkipFalse = uint8(pos[a.at[in.f]] - pos[i] - 1)
	}
	out = append(out, j)
	if in.lt {
		out = append(out, a.far(pos[i]+1, in.t, pos))
	}
	if in.lf {
		out = append(out, a.far(next, in.f, pos))
	}
	return out
}

func (w word) emit(out []bpf.Instruction) []bpf.Instruction {
	out = append(out, bpf.LoadAbsolute{Off: w.off, Size: 4})
	if w.mask != 1<<32-1 {
		out = append(out, bpf.ALUOpConstant{Op: bpf.ALUOpAnd, Val: w.mask})
	}
	if w.flip != 0 {
		out = append(out, bpf.ALUOpConstant{Op: bpf.ALUOpXor, Val: w.flip})
	}
	return out
}

// far is a jump from position from to l, or the return that stands there.
func (a *assembler) far(from int, l label, pos []int) bpf.Instruction {
	if to := &a.ins[a.at[l]]; to.op == opRet {
		return bpf.RetConstant{Val: to.k}
	}
	return bpf.Jump{Skip: uint32(pos[a.at[l]] - from - 1)}
}
