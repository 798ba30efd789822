package tracer

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// genlMessage is a message of the controller, with attributes of a number and bytes each.
func genlMessage(kind uint16, attrs ...any) []byte {
	p := make([]byte, nlmsgHeader+genlHeader)
	for i := 0; i < len(attrs); i += 2 {
		value := []byte(attrs[i+1].(string))
		p = binary.NativeEndian.AppendUint16(p, uint16(netlinkAttrHead+len(value)))
		p = binary.NativeEndian.AppendUint16(p, uint16(attrs[i].(int)))
		p = append(p, value...)
		p = append(p, make([]byte, -len(p)&3)...)
	}
	binary.NativeEndian.PutUint32(p, uint32(len(p)))
	binary.NativeEndian.PutUint16(p[4:], kind)
	return p
}

func id(n uint16) string { return string(binary.NativeEndian.AppendUint16(nil, n)) }

func TestGenericFamilies(t *testing.T) {
	f := genericFamilies{names: map[uint16]string{}}
	two := append(genlMessage(genlController, genlAttrName, "ethtool\x00", genlAttrID, id(21)),
		genlMessage(genlController, genlAttrID, id(22), 3, id(1), genlAttrName, "TASKSTATS\x00")...)
	if f.answers(two) {
		t.Error("answers that are not the last: done")
	}
	bad := genlMessage(genlController, genlAttrID, id(23), genlAttrName, "cut\x00")
	binary.NativeEndian.PutUint16(bad[nlmsgHeader+genlHeader+8:], 200) // the name's length
	if f.answers(bad) {
		t.Error("an attribute that is too long: done")
	}
	if !f.answers(genlMessage(unix.NLMSG_DONE)) {
		t.Error("the last answer: not done")
	}
	if !f.answers(append(genlMessage(genlController, genlAttrID, id(24), genlAttrName, "x\x00"), 255, 0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)) {
		t.Error("a message that is too long: not done")
	}
	want := map[uint16]string{21: "ethtool", 22: "TASKSTATS", 24: "x"}
	for n := range uint16(40) {
		if f.names[n] != want[n] {
			t.Errorf("family %d: got %q, want %q", n, f.names[n], want[n])
		}
	}
}
