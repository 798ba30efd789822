package syscalls

// Calls that stand for others: socketcall(2) and ipc(2) of i386. Sources:
// include/uapi/linux/{net,ipc}.h, net/socket.c, ipc/syscall.c.

// A subcall is a call behind a multiplexer. Those that i386 has no number for have
// the row of arm, whose types are the same.
type subcall struct {
	name string
	args int
}

var socketSubcalls = [...]subcall{
	1: {"socket", 3}, 2: {"bind", 3}, 3: {"connect", 3}, 4: {"listen", 2}, 5: {"accept", 3}, 6: {"getsockname", 3},
	7: {"getpeername", 3}, 8: {"socketpair", 4}, 9: {"send", 4}, 10: {"recv", 4}, 11: {"sendto", 6}, 12: {"recvfrom", 6},
	13: {"shutdown", 2}, 14: {"setsockopt", 5}, 15: {"getsockopt", 5}, 16: {"sendmsg", 3}, 17: {"recvmsg", 3},
	18: {"accept4", 4}, 19: {"recvmmsg", 5}, 20: {"sendmmsg", 4},
}

// Subcalls of ipc(2).
const (
	ipcSemop      = 1
	ipcSemget     = 2
	ipcSemctl     = 3
	ipcSemtimedop = 4
	ipcMsgsnd     = 11
	ipcMsgrcv     = 12
	ipcMsgget     = 13
	ipcMsgctl     = 14
	ipcShmat      = 21
	ipcShmdt      = 22
	ipcShmget     = 23
	ipcShmctl     = 24
)

// unmultiplex makes the event's call the one that a multiplexer stands for, if there
// is one and its arguments can be read.
func (d *Decoder) unmultiplex() {
	ev := d.ev
	ev.inside, ev.bare = false, false
	if !d.Inner || ev.ABI.ID != I386 || ev.Call == nil {
		return
	}
	name, ok := "", false
	switch ev.Call.Name {
	case "socketcall":
		name, ok = d.socketSubcall()
	case "ipc":
		name, ok = d.ipcSubcall()
	}
	if !ok {
		return
	}
	for _, id := range [...]ABIID{I386, ARM} {
		if nr, found := abis[id].Number(name); found {
			ev.Call, ev.inside = abis[id].Call(nr), true
			return
		}
	}
}

// bracket puts the number in semctl(2)'s union that was read by ipc(2) into brackets: what ipc
// has there is an address. A structure that is shown has none.
func (d *Decoder) bracket() {
	last := len(d.ev.Nodes) - 1
	if !d.ev.inside || d.ev.bare || d.ev.Call.Name != "semctl" || last < 0 || d.ev.Nodes[last].Kind != Addr {
		return
	}
	if before := last - 1; before >= 0 && d.ev.Nodes[before].Kind == Array { // done at entry
		return
	}
	const info, semInfo, ipc64 = 3, 19, 0x100 // strace has none around what would be a struct seminfo
	if op := d.ev.inner[2] &^ ipc64; op == info || op == semInfo {
		return
	}
	end := uint32(last + 2)
	number := d.ev.Nodes[last]
	d.ev.Nodes[last] = Node{Kind: Array, Name: number.Name, End: end}
	number.Name, number.End = "", end
	d.ev.Nodes = append(d.ev.Nodes, number)
}

// socketSubcall reads the arguments of socketcall(2) from where they stand.
func (d *Decoder) socketSubcall() (string, bool) {
	call, at := uint64(uint32(d.ev.Args[0])), uint64(uint32(d.ev.Args[1]))
	if call == 0 || call >= uint64(len(socketSubcalls)) {
		return "", false
	}
	sub := &socketSubcalls[call]
	return sub.name, d.readInner(at, sub.args)
}

// readInner reads n arguments of 32 bits.
func (d *Decoder) readInner(addr uint64, n int) bool {
	off := len(d.mem)
	defer func() { d.mem = d.mem[:off] }()
	if !d.load(addr, 4*n) {
		return false
	}
	for i := range n {
		d.ev.inner[i] = number(d.mem[off+4*i:], 4, false, false)
	}
	return true
}

// ipcSubcall puts the arguments of ipc(2) into the order of the call.
func (d *Decoder) ipcSubcall() (string, bool) {
	a := &d.ev.Args
	call, first, second, third, ptr, fifth := a[0]&0xffff, a[1], a[2], a[3], a[4], a[5]
	version := a[0] >> 16 & 0xffff
	in := &d.ev.inner
	switch call {
	case ipcSemop:
		*in = [6]uint64{first, ptr, second}
		return "semop", true
	case ipcSemtimedop:
		*in = [6]uint64{first, ptr, second, fifth}
		return "semtimedop", true
	case ipcSemget:
		*in = [6]uint64{first, second, third}
		return "semget", true
	case ipcSemctl:
		arg, ok := d.peekWidth(uint64(uint32(ptr)), 4, false, false)
		if d.ev.bare = !ok || !d.ev.Verbose; d.ev.bare {
			arg = ptr
		}
		*in = [6]uint64{first, second, third, arg}
		return "semctl", true
	case ipcMsgsnd:
		*in = [6]uint64{first, ptr, second, third}
		return "msgsnd", true
	case ipcMsgrcv:
		if version == 0 { // struct ipc_kludge { msgp; msgtyp }
			ok := d.readInner(uint64(uint32(ptr)), 2)
			*in = [6]uint64{first, in[0], second, in[1], third}
			return "msgrcv", ok
		}
		*in = [6]uint64{first, ptr, second, fifth, third}
		return "msgrcv", true
	case ipcMsgget:
		*in = [6]uint64{first, second}
		return "msgget", true
	case ipcMsgctl:
		*in = [6]uint64{first, second, ptr}
		return "msgctl", true
	case ipcShmat:
		*in = [6]uint64{first, ptr, second}
		return "shmat", true
	case ipcShmdt:
		*in = [6]uint64{ptr}
		return "shmdt", true
	case ipcShmget:
		*in = [6]uint64{first, second, third}
		return "shmget", true
	case ipcShmctl:
		*in = [6]uint64{first, second, ptr}
		return "shmctl", true
	}
	return "", false
}

// resultAt says where the result of a call stands that ipc(2) stands for and does not return:
// shmat's address.
func (d *Decoder) resultAt() (addr uint64, told bool) {
	told = d.ev.inside && d.ev.Errno == 0 && d.ev.Call.Name == "shmat"
	return uint64(uint32(d.ev.Args[3])), told
}

// rawIPC shows the registers behind the one that says for which call ipc(2) stands, as
// many as are looked at.
func (d *Decoder) rawIPC() {
	n := 4
	switch d.ev.Call.Name {
	case "semtimedop", "msgrcv":
		n = 5
	case "semget", "shmget":
		n = 3
	case "msgget":
		n = 2
	}
	for _, v := range d.ev.Args[1 : 1+n] {
		d.Add(Node{Kind: Hex, Val: uint64(uint32(v)), Width: 4})
	}
}

// InnerNumber returns the ABI and the number by which sets of calls are asked about
// the call of ev: those of the call that a multiplexer stands for, or its own. A call
// that i386 has no number for has amd64's.
func (d *Decoder) InnerNumber(ev *Event, t Tracee) (ABIID, uint64) {
	if !d.Inner || ev.ABI.ID != I386 {
		return ev.ABI.ID, ev.Nr
	}
	d.begin(ev, t)
	ev.Call = ev.ABI.Call(ev.Nr)
	d.unmultiplex()
	if ev.inside {
		for _, id := range [...]ABIID{I386, AMD64} {
			if nr, ok := abis[id].Number(ev.Call.Name); ok {
				return id, nr
			}
		}
	}
	return ev.ABI.ID, ev.Nr
}

// ipcCall adds the number of a call that ipc(2) does not stand for, and above it a
// version: 1<<16|5.
func (d *Decoder) ipcCall(v value, _ []uint64) {
	const shift = 16
	raw := uint64(uint32(v.raw))
	number := Node{Kind: Int, Val: raw & (1<<shift - 1), Width: 4}
	version := raw >> shift
	if version == 0 {
		d.Add(number)
		return
	}
	d.Open(Node{Kind: OrList, Flags: Styled, Val: raw, Width: 4})
	d.Add(Node{Kind: Shifted, Name: "16", Val: version})
	d.Add(number)
	d.Close()
}
