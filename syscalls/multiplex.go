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

var ipcSubcalls = [...]string{
	ipcSemop: "semop", ipcSemget: "semget", ipcSemctl: "semctl", ipcSemtimedop: "semtimedop",
	ipcMsgsnd: "msgsnd", ipcMsgrcv: "msgrcv", ipcMsgget: "msgget", ipcMsgctl: "msgctl",
	ipcShmat: "shmat", ipcShmdt: "shmdt", ipcShmget: "shmget", ipcShmctl: "shmctl",
}

// ipcKludge stands for a msgrcv whose struct ipc_kludge, with its buffer and its type, cannot be read.
const ipcKludge = "msgrcv(ipc_kludge)"

// kludged returns the row of such a call: that of msgrcv, with an address in the place of both.
func (d *Decoder) kludged() *Call {
	if d.kludge.Name == "" {
		d.kludge = *innerRow("msgrcv")
		args := d.kludge.Args
		ptr, flags := innerRow("shmdt").Args[0], args[4]
		ptr.Name, ptr.Reg, flags.Reg = "ipc_kludge", 1, 3
		d.kludge.Args = []Arg{args[0], ptr, args[2], flags}
	}
	return &d.kludge
}

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
	row := innerRow(name)
	if name == ipcKludge {
		row = d.kludged()
	}
	if row != nil {
		ev.Call, ev.inside = row, true
	}
}

// innerRow is the row of a call that a multiplexer stands for.
func innerRow(name string) *Call {
	for _, id := range [...]ABIID{I386, ARM} {
		if nr, found := abis[id].Number(name); found {
			return abis[id].Call(nr)
		}
	}
	return nil
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

// socketcallArgs adds the arguments of socketcall(2), as many as the call arg[0] has, at v.raw;
// the address unless all of them can be read.
func (d *Decoder) socketcallArgs(v value, arg []uint64) {
	call, n := uint64(uint32(arg[0])), 0
	if call < uint64(len(socketSubcalls)) {
		n = socketSubcalls[call].args
	}
	off := len(d.mem)
	if n == 0 || !d.load(d.pointer(v.raw), 4*n) {
		d.address(v.raw)
		return
	}
	if d.Open(Node{Kind: Array}) {
		for i := range n {
			d.Add(Node{Kind: Hex, Val: number(d.mem[off+4*i:], 4, false, false), Width: 4})
		}
		d.Close()
	}
	d.mem = d.mem[:off]
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
func (d *Decoder) ipcSubcall() (name string, ok bool) {
	a := &d.ev.Args
	call, first, second, third, ptr, fifth := a[0]&0xffff, a[1], a[2], a[3], a[4], a[5]
	version := a[0] >> 16 & 0xffff
	if call >= uint64(len(ipcSubcalls)) || ipcSubcalls[call] == "" {
		return "", false
	}
	name = ipcSubcalls[call]
	in := &d.ev.inner
	switch call {
	case ipcSemop:
		*in = [6]uint64{first, ptr, second}
	case ipcSemtimedop:
		*in = [6]uint64{first, ptr, second, fifth}
	case ipcSemget:
		*in = [6]uint64{first, second, third}
	case ipcSemctl:
		arg, ok := d.peekWidth(uint64(uint32(ptr)), 4, false, false)
		if d.ev.bare = !ok || !d.ev.Verbose; d.ev.bare {
			arg = ptr
		}
		*in = [6]uint64{first, second, third, arg}
	case ipcMsgsnd:
		*in = [6]uint64{first, ptr, second, third}
	case ipcMsgrcv:
		if version == 0 { // struct ipc_kludge { msgp; msgtyp }
			if !d.readInner(uint64(uint32(ptr)), 2) {
				*in = [6]uint64{first, ptr, second, third}
				return ipcKludge, true
			}
			*in = [6]uint64{first, in[0], second, in[1], third}
			break
		}
		*in = [6]uint64{first, ptr, second, fifth, third}
	case ipcMsgget:
		*in = [6]uint64{first, second}
	case ipcMsgctl:
		*in = [6]uint64{first, second, ptr}
	case ipcShmat:
		*in = [6]uint64{first, ptr, second}
	case ipcShmdt:
		*in = [6]uint64{ptr}
	case ipcShmget:
		*in = [6]uint64{first, second, third}
	case ipcShmctl:
		*in = [6]uint64{first, second, ptr}
	}
	return name, true
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

// Resolve sets ev.Call before anything is decoded: to the row of the call that a multiplexer
// stands for, or to that of its own number, nil if that means nothing.
func (d *Decoder) Resolve(ev *Event, t Tracee) {
	ev.Call = ev.ABI.Call(ev.Nr)
	if d.Inner && ev.ABI.ID == I386 {
		d.begin(ev, t)
		d.unmultiplex()
	}
}

// Numbers by which sets of calls know those that socketcall(2) and ipc(2) stand for, also where
// i386 has a number of its own for the same call. The kernel's numbers are below them.
const (
	innerSocket = 4096
	innerIPC    = innerSocket + 32
	innerEnd    = innerIPC + 32
)

// SetNumber returns the number by which sets of calls know ev, whose Call is set: its own, or, if
// a multiplexer stands for the call, one that IsInner.
func (ev *Event) SetNumber() uint64 {
	switch {
	case !ev.inside:
		return ev.Nr
	case ev.ABI.Call(ev.Nr).Name == "ipc":
		return innerIPC + ev.Args[0]&0xffff
	}
	return innerSocket + uint64(uint32(ev.Args[0]))
}

// IsInner says whether nr is the number of a call inside another one, by which no program calls.
func IsInner(nr uint64) bool { return nr >= innerSocket && nr < innerEnd }

// Inner yields the numbers of the calls that multiplexers of the ABI stand for, in order, with
// their rows.
func (a *ABI) Inner(yield func(nr uint64, c *Call) bool) {
	if a.ID != I386 {
		return
	}
	for n, sub := range socketSubcalls {
		if sub.name != "" && !yield(uint64(innerSocket+n), innerRow(sub.name)) {
			return
		}
	}
	for n, name := range ipcSubcalls {
		if name != "" && !yield(uint64(innerIPC+n), innerRow(name)) {
			return
		}
	}
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
