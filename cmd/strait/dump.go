package main

import (
	"encoding/binary"
	"math"

	"strait/internal/print"
	"strait/internal/unwind"
	"strait/syscalls"
)

// A dumper appends what -e read= and -e write= show behind a call: all the data
// that went through a descriptor.
type dumper struct {
	read, write *fdSet
	abi         *syscalls.ABI
	mem         syscalls.Tracee
	buf         []byte
}

// transfer is how a call moves data.
type transfer uint8

const (
	transferNone    transfer = iota
	transferBuffer           // fd, address, length
	transferVector           // fd, iovec, count
	transferMessage          // fd, msghdr
	transferMany             // fd, mmsghdr, count
)

// transferOf says how the call called name moves data, and whether out of the
// process.
func transferOf(name string) (how transfer, write bool) {
	switch name {
	case "read", "pread64", "recv", "recvfrom":
		return transferBuffer, false
	case "write", "pwrite64", "send", "sendto":
		return transferBuffer, true
	case "readv", "preadv", "preadv2":
		return transferVector, false
	case "writev", "pwritev", "pwritev2", "vmsplice":
		return transferVector, true
	case "recvmsg":
		return transferMessage, false
	case "sendmsg":
		return transferMessage, true
	case "recvmmsg", "recvmmsg_time64":
		return transferMany, false
	case "sendmmsg":
		return transferMany, true
	}
	return transferNone, false
}

// append appends the dump of a call that is over. Like strace it shows all that a
// write was given, whatever became of it, and of a read what arrived.
func (d *dumper) append(dst []byte, ev *syscalls.Event, mem syscalls.Tracee) []byte {
	if ev.Kind != syscalls.EventCall || ev.Call == nil || !ev.Returned {
		return dst
	}
	how, write := transferOf(ev.Call.Name)
	set, most := d.write, uint64(math.MaxUint64)
	if !write {
		set, most = d.read, uint64(max(ev.Ret, 0))
		if ev.Errno != 0 {
			most = 0
		}
	}
	if how == transferNone || most == 0 || !set.has(int(int32(ev.Arg(0)))) {
		return dst
	}
	d.abi, d.mem = ev.ABI, mem
	var n uint64
	if how != transferMessage {
		n = ev.Arg(2)
	}
	switch addr := ev.Arg(1); how {
	case transferBuffer:
		return d.bytes(dst, addr, min(n, most))
	case transferVector:
		return d.vector(dst, addr, n, most)
	case transferMessage:
		return d.message(dst, addr, most)
	default:
		return d.messages(dst, addr, ev)
	}
}

// Bounds on what one call may make us copy.
const (
	maxDump    = 64 << 20
	maxBuffers = 1024 // UIO_MAXIOV
)

// load reads n bytes of the program's memory. The result is good until the next.
func (d *dumper) load(addr, n uint64) []byte {
	if uint64(cap(d.buf)) < n {
		d.buf = make([]byte, n)
	}
	return d.buf[:d.mem.ReadMemory(addr, d.buf[:n])]
}

// bytes dumps one buffer, or nothing if not all of it can be read.
func (d *dumper) bytes(dst []byte, addr, n uint64) []byte {
	n = min(n, maxDump)
	if p := d.load(addr, n); uint64(len(p)) == n {
		dst = print.AppendDump(dst, p)
	}
	if cap(d.buf) > 1<<20 {
		d.buf = nil
	}
	return dst
}

// field reads word i of a structure of words.
func (d *dumper) field(addr uint64, i int) (uint64, bool) {
	w := d.abi.Word
	p := d.load(addr+uint64(i*w), uint64(w))
	switch {
	case len(p) < w:
		return 0, false
	case w == 4:
		return uint64(binary.LittleEndian.Uint32(p)), true
	}
	return binary.LittleEndian.Uint64(p), true
}

// vector dumps n buffers, of which most bytes mean something.
func (d *dumper) vector(dst []byte, addr, n, most uint64) []byte {
	for i := range int(min(n, maxBuffers)) {
		at := addr + uint64(2*i*d.abi.Word)
		base, ok := d.field(at, 0)
		size, ok2 := d.field(at, 1)
		size = min(size, most)
		if !ok || !ok2 || size == 0 && most == 0 {
			break
		}
		if most != math.MaxUint64 {
			most -= size
		}
		dst = d.bytes(print.AppendBuffer(dst, i, size), base, size)
	}
	return dst
}

// message dumps the buffers of a msghdr: its third and fourth word.
func (d *dumper) message(dst []byte, addr, most uint64) []byte {
	iov, ok := d.field(addr, 2)
	n, ok2 := d.field(addr, 3)
	if !ok || !ok2 {
		return dst
	}
	return d.vector(dst, iov, n, most)
}

// messages dumps those of an array of mmsghdr that were moved; the kernel says
// behind each how many bytes were.
func (d *dumper) messages(dst []byte, addr uint64, ev *syscalls.Event) []byte {
	if ev.Errno != 0 {
		return dst
	}
	const words = 8 // msghdr has 7 words; msg_len is in the eighth
	for i := range int(min(max(ev.Ret, 0), maxBuffers)) {
		at := addr + uint64(i*words*d.abi.Word)
		n, ok := d.field(at, 3)
		moved, ok2 := d.field(at, 7)
		if !ok || !ok2 {
			break
		}
		dst = d.message(print.AppendVector(dst, i, n), at, uint64(uint32(moved)))
	}
	return dst
}

// after returns what appends the lines that follow one of a call or a signal, or
// nil if there are none.
func (s *session) after() func(dst []byte, ev *syscalls.Event) []byte {
	if s.o.ReadFDs.empty() && s.o.WriteFDs.empty() && s.stacks == nil && s.o.KVM != kvmRun {
		return nil
	}
	d := &dumper{read: &s.o.ReadFDs, write: &s.o.WriteFDs}
	return func(dst []byte, ev *syscalls.Event) []byte {
		k := s.at
		if s.t != nil {
			k = s.t.Task(ev.TID)
		}
		if k == nil {
			return dst
		}
		if !s.o.ReadFDs.empty() || !s.o.WriteFDs.empty() {
			dst = d.append(dst, ev, k)
		}
		switch {
		case s.stacks == nil:
		case ev.Kind == syscalls.EventCall && !ev.Returned: // it stands behind the end: see gone
		case ev.Kind == syscalls.EventCall:
			dst = append(dst, s.state(k).stack...)
		default:
			dst = s.stacks.Append(dst, k, unwind.AtOnce)
		}
		if ev.Kind == syscalls.EventCall {
			dst = append(dst, s.state(k).vcpu...)
		}
		return dst
	}
}
