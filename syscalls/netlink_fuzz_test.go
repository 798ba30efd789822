package syscalls_test

import (
	"encoding/binary"
	"testing"

	"strait/syscalls"
)

// netlinkTracee has a netlink socket of a protocol at every descriptor.
type netlinkTracee struct {
	fakeTracee
	protocol int
}

func (t *netlinkTracee) NetlinkProtocol(int32) (protocol int, known, netlink bool) {
	return t.protocol, t.protocol >= 0, true
}

func (t *netlinkTracee) AppendIfName(dst []byte, _ uint32) []byte { return append(dst, "lo"...) }

// Numbers that include/uapi/linux/netlink.h has.
const (
	lastProtocol = 22 // NETLINK_SMC
	nlaNested    = 0x8000
)

// nlmsg is a message of a type with attributes behind its header.
func nlmsg(typ, flags uint16, header []byte, attrs ...[]byte) []byte {
	p := make([]byte, 16, 256)
	p = append(p, header...)
	for _, a := range attrs {
		p = append(p, a...)
	}
	binary.LittleEndian.PutUint32(p, uint32(len(p)))
	binary.LittleEndian.PutUint16(p[4:], typ)
	binary.LittleEndian.PutUint16(p[6:], flags)
	return p
}

// attr is an attribute with its padding.
func attr(typ uint16, data []byte) []byte {
	p := binary.LittleEndian.AppendUint16(nil, uint16(4+len(data)))
	p = append(binary.LittleEndian.AppendUint16(p, typ), data...)
	return append(p, make([]byte, -len(p)&3)...)
}

// FuzzNetlink sends messages on a socket of each protocol and receives them.
func FuzzNetlink(f *testing.F) {
	ifinfo := append([]byte{0, 0, 1, 0, 1, 0, 0, 0}, make([]byte, 8)...)
	many := append(attr(3, []byte("lo\x00")), attr(nlaNested|18, append(attr(1, []byte("vlan\x00")), attr(nlaNested|2, attr(1, []byte{5, 0}))...))...)
	for protocol := range lastProtocol + 1 {
		p := uint8(protocol)
		f.Add(p, nlmsg(16, 0x301, ifinfo, many))                                                              // RTM_NEWLINK, ctrl, the first of others
		f.Add(p, nlmsg(24, 0x300, make([]byte, 12), attr(1, []byte{127, 0, 0, 1}), attr(8, make([]byte, 8)))) // RTM_NEWROUTE
		f.Add(p, nlmsg(20, 1, []byte{2, 6, 1, 0, 255, 15, 0, 0}, make([]byte, 48), attr(1, make([]byte, 56))))
		f.Add(p, append(nlmsg(2, 0x200, append([]byte{0xff, 0xff, 0xff, 0xff}, nlmsg(16, 5, nil)...), attr(1, []byte("no\x00")), attr(2, make([]byte, 4))), nlmsg(3, 2, make([]byte, 4))...))
		f.Add(p, []byte{16, 0, 0, 0})
		// NETLINK_SOCK_DIAG: a TCP socket with its memory, a Unix one with its name.
		f.Add(p, nlmsg(20, 2, append([]byte{2, 1, 0, 0}, make([]byte, 68)...), attr(1, make([]byte, 16)), attr(4, []byte("cubic\x00")), attr(8, []byte{1}), attr(15, make([]byte, 12))))
		f.Add(p, nlmsg(20, 2, append([]byte{1, 1, 1, 0}, make([]byte, 12)...), attr(0, []byte("\x00name")), attr(4, make([]byte, 8)), attr(3, make([]byte, 8))))
	}
	f.Fuzz(func(t *testing.T, protocol uint8, msg []byte) {
		checkNetlink(t, int(protocol%(lastProtocol+2))-1, msg)
	})
}

// checkNetlink decodes a message as it is sent and received, by sendto, recvfrom and
// sendmsg.
func checkNetlink(t *testing.T, protocol int, msg []byte) {
	t.Helper()
	// What msghdr and iovec are stands before the message.
	mem := make([]byte, 72, 72+len(msg))
	binary.LittleEndian.PutUint64(mem[16:], base+56)
	binary.LittleEndian.PutUint64(mem[24:], 1)
	binary.LittleEndian.PutUint64(mem[56:], base+72)
	binary.LittleEndian.PutUint64(mem[64:], uint64(len(msg)))
	mem = append(mem, msg...)
	for _, name := range [...]string{"sendto", "recvfrom", "sendmsg"} {
		for _, abbrev := range [...]bool{true, false} {
			ev := call(t, "amd64", name, 3, base+72, uint64(len(msg)))
			if name == "sendmsg" {
				ev = call(t, "amd64", name, 3, base)
			}
			ev.Abbrev = abbrev
			checkNodes(t, ev, &netlinkTracee{fakeTracee{base, mem}, protocol}, len(msg))
		}
	}
}

// checkNodes decodes a call that returns n and looks at the nodes.
func checkNodes(t *testing.T, ev *syscalls.Event, tracee *netlinkTracee, n int) {
	t.Helper()
	d := syscalls.Decoder{FDs: true}
	d.Enter(ev, tracee)
	ev.Returned, ev.Ret = true, int64(n)
	d.Exit(ev, tracee)
	for i := range ev.Nodes {
		if end := ev.Nodes[i].End; end <= uint32(i) || int(end) > len(ev.Nodes) {
			t.Fatalf("%s, protocol %d: node %d of %d ends at %d", ev.Call.Name, tracee.protocol, i, len(ev.Nodes), end)
		}
	}
}

// TestNetlinkHostile decodes messages of every protocol and type: attributes of all
// numbers, of no length and of one beyond the end, and nests a thousand deep.
func TestNetlinkHostile(t *testing.T) {
	var attrs, nests, short, long []byte
	for typ := range uint16(80) {
		attrs = append(attrs, attr(typ, []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24})...)
		nests = append(nests, attr(typ, append(attr(1, attr(1, make([]byte, 8))), attr(2, make([]byte, 4))...))...)
		short = append(short, attr(nlaNested|typ, nil)...)
		long = append(long, 0xff, 0xff, byte(typ), 0x80)
	}
	var deep []byte
	for range 1000 {
		deep = append(attr(nlaNested|18, nil), deep...)
		binary.LittleEndian.PutUint16(deep, uint16(len(deep)))
	}
	bodies := [][]byte{nil, attrs, short, long, deep, {1}}
	for protocol := -1; protocol <= lastProtocol; protocol++ {
		for typ := range uint16(130) {
			// Of the protocols with attributes, those behind headers of any size.
			switch protocol {
			case 0, 4, 12, 16, 21: // NETLINK_ROUTE, SOCK_DIAG, NETFILTER, GENERIC, CRYPTO
				for header := 4; header <= 24 && typ >= 16; header += 4 {
					for _, body := range [...][]byte{attrs, nests} {
						msg := nlmsg(typ, 5, make([]byte, header), body)
						ev := call(t, "amd64", "sendto", 3, base, uint64(len(msg)))
						ev.Abbrev = false
						checkNodes(t, ev, &netlinkTracee{fakeTracee{base, msg}, protocol}, len(msg))
					}
				}
			}
			for i, body := range bodies {
				if i > 1 && typ%7 != 2 { // enough of them
					continue
				}
				checkNetlink(t, protocol, nlmsg(typ, 0x305, make([]byte, 4*(typ%20)), body))
			}
		}
	}
}
