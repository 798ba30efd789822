package main

import (
	"slices"
	"testing"

	"strait/syscalls"
	"strait/tracer"
)

// personalities32 notes which tasks are told to make calls of another ABI.
type personalities32 struct {
	sink
	told []int
}

func (p *personalities32) Personality(ev *syscalls.Event, _ *syscalls.ABI, _ uint64) {
	p.told = append(p.told, ev.TID)
}

// TestPersonality: a task is expected to make calls of the ABI of the last call
// before it came, as children of a 32-bit program do.
func TestPersonality(t *testing.T) {
	native := syscalls.ByID(syscalls.ABIID(personalities()[0].abi))
	narrow := syscalls.ByID(syscalls.ABIID(personalities()[len(personalities())-1].abi))
	if narrow == native {
		t.Skip("the machine has one ABI")
	}
	out := &personalities32{}
	s := &session{o: &Options{}, out: out, states: map[int]*taskState{}}
	born := func() *taskState {
		clear(s.states)
		return s.state(new(tracer.Task))
	}
	call := func(st *taskState, tid int, abi *syscalls.ABI) {
		s.personality(st, &syscalls.Event{TID: tid, ABI: abi})
	}
	program := born()
	call(program, 1, native)
	call(program, 1, narrow) // told
	call(program, 1, narrow)
	child := born()
	call(child, 2, narrow)
	call(child, 2, native) // told
	call(born(), 3, native)
	call(born(), 4, narrow) // told
	if want := []int{1, 2, 4}; !slices.Equal(out.told, want) {
		t.Errorf("told of tasks %v, want %v", out.told, want)
	}
}
