package syscalls

import "cmp"

// Arguments of ptrace(2). Sources: include/uapi/linux/{ptrace,elf,seccomp}.h.

// regset adds the struct iovec of PTRACE_GETREGSET and PTRACE_SETREGSET, which
// says where the set of registers arg[0] (NT_PRSTATUS, ...) is and how long; the
// kernel cuts the length to what it has.
func (d *Decoder) regset(v value, arg []uint64) {
	w := d.abi.Word
	off := len(d.mem)
	ok := v.raw != 0 && d.ev.Verbose && d.load(v.raw, 2*w)
	if !ok {
		d.address(v.raw)
		return
	}
	base, size := number(d.mem[off:], uint8(w), false, false), number(d.mem[off+w:], uint8(w), false, false)
	d.mem = d.mem[:off]
	got := d.ev.Call != nil && types[d.resolve(d.ev.Call.Args[len(d.ev.Call.Args)-1].Type)].flags&tfInOut != 0
	if got && !d.exit {
		d.ev.saved[d.ev.next&7] = size
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(w)})
	d.Open(Node{Kind: Struct})
	d.name = "iov_base"
	d.registers(base, size, uint32(arg[0]), !got || d.succeeded())
	d.name = "iov_len"
	before := size
	if got {
		before = d.saved()
	}
	d.Add(Node{Kind: Uint, Val: before, Width: uint8(w)})
	if before != size {
		d.flags = Arrow
		d.Add(Node{Kind: Uint, Val: size, Width: uint8(w)})
	}
	d.split(JointNone, "") // strace ends it at exit
	d.Close()
	d.Close()
}

// registers adds the size bytes at addr, which are registers of a kind.
func (d *Decoder) registers(addr, size uint64, kind uint32, known bool) {
	const prstatus, fpregset = 1, 2 // NT_PRSTATUS, NT_FPREGSET
	w := uint64(d.abi.Word)
	if d.abi.ID == X32 {
		w = 8
	}
	if !known || addr == 0 || size == 0 || size%w != 0 || kind != prstatus && kind != fpregset {
		d.address(addr)
		return
	}
	name := nmPtraceRegs
	if kind == fpregset {
		name = nmPtraceFpregs
	}
	d.pointed(d.abi.typ(name), addr, clampInt(int64(size)))
}

// siginfos adds arg[0] structures siginfo_t.
func (d *Decoder) siginfos(v value, arg []uint64) {
	n := arg[0]
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || n != 0 && !d.load(v.raw, siginfoSize) {
		d.address(v.raw)
		return
	}
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Array})
	for i := uint64(0); i < n && d.work < maxNodes; i++ {
		at := v.raw + i*siginfoSize
		if d.beyondLimit(i, at, siginfoSize) {
			break
		}
		if !d.load(at, siginfoSize) {
			d.Add(Node{Kind: Unread, Val: at, Width: uint8(d.abi.Word)})
			break
		}
		d.siginfoBytes(off)
		d.mem = d.mem[:off]
	}
	d.Close()
}

// seccompMetadata adds the struct seccomp_metadata of arg[0] bytes at v.raw: which
// filter is meant, and when the call returned arg[1] bytes, its flags.
func (d *Decoder) seccompMetadata(v value, arg []uint64) {
	const offset, whole = 8, 16
	filter, ok := d.peekWidth(v.raw, offset, false, false)
	if !ok || arg[0] < offset || !d.ev.Verbose {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Named("filter_off", Uint, filter)
	d.split(JointNone, "")
	if d.succeeded() && int64(arg[1]) > offset {
		if flags, ok := d.peekWidth(v.raw+offset, whole-offset, false, false); ok {
			d.name = "flags"
			d.flagsOf(d.abi.table(tbSeccompFilter), flags, 8)
			if int64(arg[1]) > whole {
				d.more()
			}
		} else {
			d.lit("???")
		}
	}
	d.Close()
	d.Close()
}

// Offsets in struct ptrace_syscall_info, and what its op says of the rest.
const (
	infoArch = 4
	infoIP   = 8
	infoSP   = 16
	infoBody = 24
	infoSize = 88

	infoEntry   = 1
	infoExit    = 2
	infoSeccomp = 3
)

// syscallInfo adds the first arg[0] bytes of a struct ptrace_syscall_info, and no
// more than arg[1], if there.
func (d *Decoder) syscallInfo(v value, arg []uint64) {
	n := int(min(arg[0], infoSize))
	if len(arg) > 1 {
		n = int(min(uint64(n), arg[1]))
	}
	off := len(d.mem)
	if n == 0 || v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, n) {
		d.address(v.raw)
		return
	}
	p := d.mem[off:]
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.name = "op"
	d.enumOf(d.abi.table(tbPtraceInfo), uint64(p[0]), 1)
	d.infoHead(p)
	if n > infoBody {
		d.infoBody(p)
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// infoHead adds what every op has, as far as it goes.
func (d *Decoder) infoHead(p []byte) {
	n := len(p)
	if n > 1 && p[1] != 0 {
		d.Named("reserved", Hex, uint64(p[1]))
	}
	if n >= infoArch && (p[2] != 0 || p[3] != 0) {
		d.Named("flags", Hex, number(p[2:], 2, false, false))
	}
	if n >= infoArch+4 {
		d.name = "arch"
		d.enumOf(d.abi.table(tbAuditArch), number(p[infoArch:], 4, false, false), 4)
	}
	if n >= infoIP+8 {
		d.Named("instruction_pointer", Addr, number(p[infoIP:], 8, false, false))
	}
	if n >= infoSP+8 {
		d.Named("stack_pointer", Addr, number(p[infoSP:], 8, false, false))
	}
}

func (d *Decoder) infoBody(p []byte) {
	body, op := p[infoBody:], p[0]
	if len(body) < 8 || op < infoEntry || op > infoSeccomp {
		return
	}
	d.name = [...]string{infoEntry: "entry", infoExit: "exit", infoSeccomp: "seccomp"}[op]
	d.Open(Node{Kind: Struct})
	defer d.Close()
	if op == infoExit {
		d.infoExit(body)
		return
	}
	d.name = "nr"
	d.syscallNr(number(body, 8, false, false), uint32(number(p[infoArch:], 4, false, false)))
	if len(body) >= 16 {
		d.name = "args"
		d.Open(Node{Kind: Array})
		for at := 8; at+8 <= min(len(body), 56); at += 8 {
			if d.ev.Abbrev && at/8 > d.limit() {
				d.more()
				break
			}
			d.Add(Node{Kind: Hex, Val: number(body[at:], 8, false, false), Width: 8})
		}
		d.Close()
	}
	if op == infoSeccomp && len(body) >= 60 {
		d.Named("ret_data", Uint, number(body[56:], 4, false, false))
	}
}

func (d *Decoder) infoExit(body []byte) {
	const failed = 8
	rval := number(body, 8, true, false)
	d.name = "rval"
	name := ""
	if len(body) > failed && body[failed] != 0 {
		name, _ = ErrnoName(int(-int64(rval)))
	}
	if name != "" {
		d.symbol(rval, "-", name, 0, 0)
	} else {
		d.Add(Node{Kind: Int, Val: rval, Width: 8})
	}
	if len(body) > failed {
		d.Named("is_error", Uint, uint64(body[failed]))
	}
}

// syscallNr adds the number of a call on the architecture arch: __NR_openat on
// the event's own, 5 /* open */ on another that runs on the same machine.
func (d *Decoder) syscallNr(nr uint64, arch uint32) {
	abi, n := cmp.Or(d.ev.ABI, d.abi), nr // d.abi itself is the tracer's in a siginfo_t
	if abi.ID == X32 {
		n ^= X32Bit // without the bit it is amd64's
	}
	call := abi.Call(n)
	if abi.Audit == arch && call != nil {
		d.symbol(nr, "__NR_", call.Name, 0, 0)
		return
	}
	other := d.foreign(nr, arch)
	if other == nil {
		d.Add(Node{Kind: Uint, Val: nr, Width: 8})
		return
	}
	d.symbol(nr, "", other.Name, 0, Numbered)
}

// foreign finds the call nr of another ABI of the event's machine, or nil.
func (d *Decoder) foreign(nr uint64, arch uint32) *Call {
	for _, set := range [...][]ABIID{{AMD64, I386, X32}, {ARM64, ARM}} {
		mine := false
		for _, id := range set {
			mine = mine || id == d.abi.ID
		}
		if !mine {
			continue
		}
		for _, id := range set {
			abi := ByID(id)
			n := nr
			if id == X32 {
				if nr&X32Bit == 0 {
					continue
				}
				n &^= X32Bit
			}
			if abi.Audit == arch && abi.Call(n) != nil {
				return abi.Call(n)
			}
		}
	}
	return nil
}
