package print

import (
	"strconv"
	"strings"

	"strait/syscalls"
)

const hexDigits = "0123456789abcdef"

// appendHex appends 0x1f, and 0 for zero as printf's %#x does.
func appendHex(dst []byte, v uint64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	dst = append(dst, "0x"...)
	return strconv.AppendUint(dst, v, 16)
}

func appendOct(dst []byte, v uint64) []byte {
	if v == 0 {
		return append(dst, '0')
	}
	dst = append(dst, '0')
	return strconv.AppendUint(dst, v, 8)
}

// appendAddr appends an address: NULL or 0x7ffc...
func appendAddr(dst []byte, v uint64) []byte {
	if v == 0 {
		return append(dst, "NULL"...)
	}
	return appendHex(dst, v)
}

// appendPerm appends permission bits with at least three digits: 0644, 000.
func appendPerm(dst []byte, v uint64) []byte {
	if v < 0o100 {
		dst = append(dst, '0')
		if v < 0o10 {
			dst = append(dst, '0')
		}
		return strconv.AppendUint(dst, v, 8)
	}
	dst = append(dst, '0')
	return strconv.AppendUint(dst, v, 8)
}

// fileTypes are the names of the type bits of st_mode (include/uapi/linux/stat.h).
var fileTypes = [16]string{
	1: "S_IFIFO", 2: "S_IFCHR", 4: "S_IFDIR", 6: "S_IFBLK", 8: "S_IFREG", 10: "S_IFLNK", 12: "S_IFSOCK",
}

// modeBits are the bits above the permissions, which have names of their own.
var modeBits = [...]struct {
	bit  uint64
	name string
}{{0o4000, "S_ISUID"}, {0o2000, "S_ISGID"}, {0o1000, "S_ISVTX"}}

// mode appends st_mode: S_IFREG|S_ISUID|0755.
func (t *Text) mode(dst []byte, v uint64) []byte {
	if t.Xlat == XlatRaw {
		return appendPerm(dst, v)
	}
	if kind := v >> 12 & 0xf; kind != 0 && fileTypes[kind] == "" {
		return appendPerm(dst, v)
	}
	if t.Xlat == XlatVerbose {
		return t.endComment(modeNames(t.comment(appendPerm(dst, v)), v))
	}
	return modeNames(dst, v)
}

func modeNames(dst []byte, v uint64) []byte {
	if name := fileTypes[v>>12&0xf]; name != "" {
		dst = append(append(dst, name...), '|')
	}
	for _, m := range modeBits {
		if v&m.bit != 0 {
			dst = append(append(dst, m.name...), '|')
		}
	}
	return appendPerm(dst, v&^0o177000)
}

// majorMinor takes a device number in the kernel's 64-bit encoding apart.
func majorMinor(v uint64) (major, minor uint64) {
	return v>>8&0xfff | v>>32&^0xfff, v&0xff | v>>12&^0xff&0xffffffff
}

// dev appends a device number in the kernel's "new" encoding
// (include/linux/kdev_t.h): makedev(0x8, 0x1).
func (t *Text) dev(dst []byte, v uint64) []byte {
	major, minor := majorMinor(v)
	if t.Xlat == XlatRaw {
		return appendHex(dst, v)
	}
	if t.Xlat == XlatVerbose {
		dst = t.comment(appendHex(dst, v))
	}
	dst = appendHex(t.call(dst, "makedev"), major)
	dst = t.endCall(appendHex(t.punct(dst, ", "), minor))
	if t.Xlat == XlatVerbose {
		dst = t.endComment(dst)
	}
	return dst
}

// masked cuts a value to its width, for hexadecimal.
func masked(n *syscalls.Node) uint64 {
	if n.Width > 0 && n.Width < 8 {
		return n.Val & (1<<(8*n.Width) - 1)
	}
	return n.Val
}

// appendChar appends a character as C has it: '\t', or with hex '\x09'. Of those that have no form of
// their own the code stands in hexadecimal, whatever the options.
func appendChar(dst []byte, c byte, hex bool) []byte {
	dst = append(dst, '\'')
	switch i := strings.IndexByte("\t\n\v\f\r'\\", c); {
	case i >= 0 && (!hex || c > ' '):
		dst = append(dst, '\\', "tnvfr'\\"[i])
	case c < ' ' || c > '~':
		dst = append(dst, '\\', 'x', hexDigits[c>>4], hexDigits[c&15])
	default:
		dst = append(dst, c)
	}
	return append(dst, '\'')
}
