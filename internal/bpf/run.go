package bpf

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/net/bpf"
)

// Data is struct seccomp_data: what a filter sees of a call.
type Data struct {
	Nr   uint32 // with x32's bit
	Arch uint32 // AUDIT_ARCH_*
	IP   uint64
	Args [6]uint64
}

// A Machine runs one program. It is for tests and proofs: the kernel is faster.
type Machine struct{ vm *bpf.VM }

// NewMachine checks a program and makes a machine for it.
func NewMachine(prog []bpf.RawInstruction) (*Machine, error) {
	ins, ok := bpf.Disassemble(prog)
	if !ok {
		return nil, fmt.Errorf("simulate: the program has instructions that are not BPF")
	}
	vm, err := bpf.NewVM(ins)
	if err != nil {
		return nil, fmt.Errorf("simulate: %w", err)
	}
	return &Machine{vm}, nil
}

// Run returns what the program answers to a call.
func (m *Machine) Run(d *Data) (Action, error) {
	// The VM loads big-endian words, as from a network packet; in memory the low
	// word of an argument comes first.
	var p [64]byte
	word := func(off int, v uint32) { binary.BigEndian.PutUint32(p[off:], v) }
	word(offNr, d.Nr)
	word(offArch, d.Arch)
	word(8, uint32(d.IP))
	word(12, uint32(d.IP>>32))
	for i, v := range d.Args {
		word(offArgs+8*i, uint32(v))
		word(offArgs+8*i+4, uint32(v>>32))
	}
	v, err := m.vm.Run(p[:])
	if err != nil {
		return 0, fmt.Errorf("simulate: %w", err)
	}
	return Action(uint32(v)), nil
}

// Run returns what prog answers to a call.
func Run(prog []bpf.RawInstruction, d *Data) (Action, error) {
	m, err := NewMachine(prog)
	if err != nil {
		return 0, err
	}
	return m.Run(d)
}
