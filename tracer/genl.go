package tracer

import (
	"bytes"
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// genericFamilies are the families of generic netlink by the type of their messages, as
// they were when they were first asked for: the kernel numbers them as they come.
type genericFamilies struct {
	asked bool
	names map[uint16]string
}

// Source: include/uapi/linux/genetlink.h.
const (
	genlController  = 0x10 // GENL_ID_CTRL
	genlGetFamily   = 3    // CTRL_CMD_GETFAMILY
	genlHeader      = 4
	genlAttrID      = 1 // CTRL_ATTR_FAMILY_ID
	genlAttrName    = 2 // CTRL_ATTR_FAMILY_NAME
	netlinkAttrHead = 4
)

// AppendGenericFamily appends the name of the family of generic netlink whose messages
// have that type in our own network namespace.
func (k *Task) AppendGenericFamily(dst []byte, id uint16) []byte {
	f := &k.t.genl
	if !f.asked {
		f.asked, f.names = true, map[uint16]string{}
		f.ask()
	}
	return append(dst, f.names[id]...)
}

// ask gets all families. What goes wrong leaves them without names.
func (f *genericFamilies) ask() {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_GENERIC)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	var req [nlmsgHeader + genlHeader]byte
	binary.NativeEndian.PutUint32(req[0:], uint32(len(req)))
	binary.NativeEndian.PutUint16(req[4:], genlController)
	binary.NativeEndian.PutUint16(req[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	req[nlmsgHeader], req[nlmsgHeader+1] = genlGetFamily, 2
	if _, err := unix.Write(fd, req[:]); err != nil {
		return
	}
	buf := make([]byte, 32<<10)
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 || f.answers(buf[:n]) {
			return
		}
	}
}

// answers takes the families from some messages, and reports whether the last was there.
func (f *genericFamilies) answers(p []byte) (done bool) {
	for len(p) >= nlmsgHeader {
		kind, m, rest := nextMessage(p)
		switch {
		case kind == unix.NLMSG_DONE, kind == unix.NLMSG_ERROR:
			return true
		case kind == genlController && len(m) >= genlHeader:
			f.family(m[genlHeader:])
		}
		p = rest
	}
	return false
}

// family adds the family that some attributes are about.
func (f *genericFamilies) family(attrs []byte) {
	id, name := uint16(0), ""
	for len(attrs) >= netlinkAttrHead {
		size := int(binary.NativeEndian.Uint16(attrs))
		if size < netlinkAttrHead || size > len(attrs) {
			break
		}
		switch value := attrs[netlinkAttrHead:size]; binary.NativeEndian.Uint16(attrs[2:]) {
		case genlAttrID:
			if len(value) >= 2 {
				id = binary.NativeEndian.Uint16(value)
			}
		case genlAttrName:
			name = string(bytes.TrimRight(value, "\x00"))
		}
		attrs = attrs[min((size+3)&^3, len(attrs)):]
	}
	if name != "" {
		f.names[id] = name
	}
}
