package policy

import (
	"testing"

	"strait/internal/match"
	"strait/syscalls"
)

// TestObjectsAreThereAtEntry: what an effect is about must have been decoded when
// the call is judged, on every ABI.
func TestObjectsAreThereAtEntry(t *testing.T) {
	for id := range syscalls.NumABI {
		abi := syscalls.ByID(id)
		for nr, call := range abi.All {
			ev := &syscalls.Event{ABI: abi, Nr: nr, Verbose: true}
			(&syscalls.Decoder{Early: true}).Enter(ev, newMemory())
			for _, e := range call.Effects {
				if e.Arg >= 0 && objectOf(e.Name) != pidObject && match.Argument(ev, int(e.Arg)) < 0 {
					t.Errorf("%s %s: %s is about %s, which is decoded at exit", abi.Name, call.Name, e.Name, call.Args[e.Arg].Name)
				}
			}
		}
	}
}
