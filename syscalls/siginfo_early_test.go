package syscalls

import (
	"encoding/binary"
	"testing"
)

type nobody struct{ Tracee }

// TestSiginfoBeforeAnyCall: a task that was attached to may get a signal before it
// makes a call, so nothing is known of its ABI.
func TestSiginfoBeforeAnyCall(t *testing.T) {
	info := make([]byte, siginfoSize)
	binary.LittleEndian.PutUint32(info, 15)
	binary.LittleEndian.PutUint32(info[16:], 4711) // si_pid
	var d Decoder
	ev := &Event{Kind: EventSignal, Sig: 15}
	d.Siginfo(ev, info, nobody{})
	for i := range ev.Nodes {
		if n := &ev.Nodes[i]; n.Name == "si_pid" && n.Val == 4711 {
			return
		}
	}
	t.Errorf("no si_pid in %d nodes", len(ev.Nodes))
}
