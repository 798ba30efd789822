package syscalls_test

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// TestRingOfQueries decodes a query of io_uring that is the one behind itself: as many as lists have
// elements, and where lists are whole as many as can be nested.
func TestRingOfQueries(t *testing.T) {
	const query, headers = 35, 40
	p := make([]byte, headers)
	binary.LittleEndian.PutUint64(p, base)
	for _, tt := range []struct {
		abbrev      bool
		least, most int
	}{{true, 32, 32}, {false, 33, 1000}} {
		d := syscalls.Decoder{}
		ev := call(t, "amd64", "io_uring_register", 3, query, base, 0)
		ev.Verbose, ev.Abbrev = true, tt.abbrev
		mem := &fakeTracee{base, p}
		d.Enter(ev, mem)
		ev.Returned = true
		d.Exit(ev, mem)
		n := 0
		for i, node := range ev.Nodes {
			if node.Kind == syscalls.Struct {
				n++
			}
			if int(node.End) <= i || int(node.End) > len(ev.Nodes) {
				t.Errorf("abbreviated: %v: node %d of %d ends at %d", tt.abbrev, i, len(ev.Nodes), node.End)
			}
		}
		if n < tt.least || n > tt.most {
			t.Errorf("abbreviated: %v: got %d queries, want %d to %d", tt.abbrev, n, tt.least, tt.most)
		}
	}
}
