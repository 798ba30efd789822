package print

import (
	"bytes"
	"encoding/binary"
	"strconv"
)

// jsonParts appends what the details of a descriptor say, each value by itself: a socket, device, eventfd,
// signalfd or pidfd. The details are in the notation of syscalls.Tracee; what has none of these forms adds nothing.
func jsonParts(dst, p []byte) []byte {
	if dev, ok := bytes.CutPrefix(p, []byte("<char ")); ok {
		return jsonDevice(dst, "char", dev)
	}
	if dev, ok := bytes.CutPrefix(p, []byte("<block ")); ok {
		return jsonDevice(dst, "block", dev)
	}
	if _, mask, ok := bytes.Cut(p, []byte("signalfd:\x01")); ok {
		return jsonSignalfd(dst, mask)
	}
	if pid, ok := bytes.CutPrefix(p, []byte("pid:")); ok {
		pid, comm, named := bytes.Cut(pid, []byte{2})
		dst = append(append(dst, `,"pidfd":{"pid":`...), pid...)
		if named {
			dst = jsonText(dst, "comm", comm)
		}
		return append(dst, '}')
	}
	if fields, ok := bytes.CutPrefix(p, []byte("{eventfd-")); ok {
		return jsonEventfd(dst, fields)
	}
	if protocol, rest, ok := bytes.Cut(p, []byte(":[")); ok && string(protocol) != "anon_inode" && bytes.HasSuffix(rest, []byte("]")) {
		return jsonSocket(dst, protocol, rest[:len(rest)-1])
	}
	return dst
}

// jsonDevice appends a device of a type: its number is 5:2 in 5:2 @/dev/pts/0>, behind which a master of pseudoterminals
// has its slave.
func jsonDevice(dst []byte, typ string, p []byte) []byte {
	p = bytes.TrimSuffix(p, []byte(">"))
	number, slave, master := bytes.Cut(p, []byte(" @"))
	major, minor, _ := bytes.Cut(number, []byte(":"))
	dst = append(append(append(dst, `,"device":{"type":"`...), typ...), `","major":`...)
	dst = append(append(append(dst, major...), `,"minor":`...), minor...)
	if master {
		dst = jsonText(dst, "slave", slave)
	}
	return append(dst, '}')
}

// jsonSignalfd appends the signals of a mask of 16 hexadecimal digits.
func jsonSignalfd(dst, mask []byte) []byte {
	n, err := strconv.ParseUint(string(mask), 16, 64)
	if err != nil {
		return dst
	}
	var set [8]byte
	binary.LittleEndian.PutUint64(set[:], n)
	return append(jsonSignals(append(dst, `,"signalfd":[`...), set[:]), ']')
}

// jsonEventfd appends what /proc says of an eventfd: count=0x5, eventfd-id=1, eventfd-semaphore=0}.
func jsonEventfd(dst, p []byte) []byte {
	dst = append(dst, `,"eventfd":{`...)
	start := len(dst)
	p = bytes.TrimSuffix(p, []byte("}"))
	for more := true; more; {
		var field []byte
		field, p, more = bytes.Cut(p, []byte(", eventfd-"))
		key, value, _ := bytes.Cut(field, []byte("="))
		if n, err := strconv.ParseUint(string(value), 0, 64); err == nil {
			dst = jsonCount(dst, string(key), n)
		}
	}
	return closeObject(dst, start)
}

// jsonSocket appends a socket: its protocol and what stands behind it, INODE, INODE->PEER,"NAME", LOCAL->REMOTE, or
// FAMILY:PORT of a netlink socket.
func jsonSocket(dst, protocol, p []byte) []byte {
	dst = append(dst, `,"socket":{`...)
	start := len(dst)
	if string(protocol) != "socket" { // its protocol is not known
		dst = jsonText(dst, "protocol", protocol)
	}
	p, name, named := bytes.Cut(p, []byte(","))
	local, remote, connected := bytes.Cut(p, []byte("->"))
	port := bytes.LastIndexByte(local, ':')
	switch {
	case port < 0:
		dst = append(append(dst, `,"inode":`...), local...)
		if connected {
			dst = append(append(dst, `,"peer":`...), remote...)
		}
	case string(protocol) == "NETLINK":
		dst = jsonText(dst, "family", local[:port])
		dst = append(append(dst, `,"port":`...), local[port+1:]...)
	default:
		dst = jsonAddress(dst, "local", local)
		if connected {
			dst = jsonAddress(dst, "remote", remote)
		}
	}
	if before, path, ok := bytes.Cut(name, []byte{0}); named && ok {
		path = bytes.TrimSuffix(path, []byte{0})
		if dst = jsonText(dst, "name", path); string(before) == "@" {
			dst = append(dst, `,"abstract":true`...)
		}
	}
	return closeObject(dst, start)
}

// closeObject ends an object whose keys begin at start, without the comma before the first of them.
func closeObject(dst []byte, start int) []byte {
	if start < len(dst) {
		dst = append(dst[:start], dst[start+1:]...)
	}
	return append(dst, '}')
}

// jsonAddress appends the address and the port of 127.0.0.1:80 or [::1]:80.
func jsonAddress(dst []byte, key string, p []byte) []byte {
	port := max(bytes.LastIndexByte(p, ':'), 0)
	host := bytes.TrimSuffix(bytes.TrimPrefix(p[:port], []byte("[")), []byte("]"))
	dst = append(append(append(dst, `,"`...), key...), `":{"address":"`...)
	dst = append(append(dst, host...), `","port":`...)
	return append(append(dst, p[min(port+1, len(p)):]...), '}')
}
