package syscalls

import "runtime"

// siginfo_t. Source: include/uapi/asm-generic/siginfo.h.

const siginfoSize = 128

// Signals whose siginfo has fields of its own; the same numbers on every ABI here.
const (
	sigILL    = 4
	sigTRAP   = 5
	sigBUS    = 7
	sigFPE    = 8
	sigSEGV   = 11
	sigCHLD   = 17
	sigIO     = 29
	sigSYS    = 31
	siUser    = 0
	siKernel  = 0x80
	siTimer   = -2
	siSigIO   = -5
	siTkill   = -6
	segvPKU   = 4
	segvBND   = 3
	cldExited = 1
	busMCEERR = 4 // BUS_MCEERR_AR and the next, BUS_MCEERR_AO, carry si_addr_lsb
)

// siginfo adds the siginfo_t at v.raw.
func (d *Decoder) siginfo(v value, _ []uint64) {
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, siginfoSize) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.siginfoBytes(off)
	d.Close()
	d.mem = d.mem[:off]
}

// wide is the 64-bit ABI of the machine that a runs on. A task that made no call
// yet, as one that was attached to, has no ABI: it runs on this machine.
func (a *ABI) wide() *ABI {
	if a == nil {
		a = native()
	}
	switch a.ID {
	case ARM, ARM64:
		return &abis[ARM64]
	case RISCV64:
		return a
	}
	return &abis[AMD64]
}

func native() *ABI {
	switch runtime.GOARCH {
	case "arm64", "arm":
		return &abis[ARM64]
	case "riscv64":
		return &abis[RISCV64]
	}
	return &abis[AMD64]
}

// Siginfo fills ev's nodes from the siginfo_t of a signal, as ptrace(2)
// (PTRACE_GETSIGINFO) gives it: always in the tracer's own layout, LP64 or not.
func (d *Decoder) Siginfo(ev *Event, info []byte, t Tracee) {
	d.begin(ev, t)
	ev.Nodes, ev.RetNodes, ev.arena = ev.Nodes[:0], ev.RetNodes[:0], ev.arena[:0]
	ev.HasSiginf = len(info) >= siginfoSize
	if !ev.HasSiginf {
		return
	}
	d.abi = ev.ABI.wide()
	d.mem = append(d.mem[:0], info[:siginfoSize]...)
	d.siginfoBytes(0)
	d.abi = ev.ABI
}

// siginfoBytes adds the siginfo_t in d.mem[off:].
func (d *Decoder) siginfoBytes(off int) {
	i32 := func(at int) int64 { return int64(number(d.mem[off+at:], 4, true, false)) }
	signo, errno, code := i32(0), i32(4), i32(8)
	d.Open(Node{Kind: Struct})
	defer d.Close()
	if signo == 0 {
		return
	}
	d.Named("si_signo", Sig, uint64(signo))
	d.name = "si_code"
	if t := d.siCodes(signo, code); t.Lookup(uint64(code)) != "" {
		d.enumOf(t, uint64(code), 4)
	} else {
		d.Add(Node{Kind: Hex, Val: uint64(uint32(code)), Width: 4})
	}
	if errno != 0 {
		d.siErrno(errno)
	}
	w := d.abi.Word
	u := off + 12
	if w == 8 {
		u = off + 16
	}
	switch {
	case code <= 0:
		d.siUser(u, code)
	default:
		d.siKernel(u, signo, code)
	}
}

// siErrno adds si_errno by its name, or as a number without a sign.
func (d *Decoder) siErrno(errno int64) {
	if name, _ := ErrnoName(int(errno)); name == "" {
		d.Named("si_errno", Uint, uint64(uint32(errno)))
		return
	}
	d.name = "si_errno"
	d.Add(Node{Kind: Errno, Val: uint64(errno), Width: 4})
}

// siCodes is the table of codes for a signal.
func (d *Decoder) siCodes(signo, code int64) *Table {
	if code <= 0 || code == siKernel {
		return d.abi.table(tbSi)
	}
	switch signo {
	case sigILL:
		return d.abi.table(tbIll)
	case sigTRAP:
		return d.abi.table(tbTrap)
	case sigBUS:
		return d.abi.table(tbBus)
	case sigFPE:
		return d.abi.table(tbFpe)
	case sigSEGV:
		return d.abi.table(tbSegv)
	case sigCHLD:
		return d.abi.table(tbCld)
	case sigIO:
		return d.abi.table(tbSigPoll)
	case sigSYS:
		return d.abi.table(tbSys)
	}
	return d.abi.table(tbSi)
}

// siUser adds the fields of a signal that a process sent.
func (d *Decoder) siUser(u int, code int64) {
	if code == siTimer {
		d.Named("si_timerid", Hex, number(d.mem[u:], 4, false, false))
		d.Named("si_overrun", Int, number(d.mem[u+4:], 4, true, false))
		d.sigvalOf(d.sivalPtr(u + 8))
		return
	}
	if code == siSigIO {
		d.siBand(u)
		return
	}
	d.siSender(u)
	if code != siUser && code != siTkill {
		d.sigval(u + 8)
	}
}

// siBand adds the fields of SIGIO and of what poll(2) would say.
func (d *Decoder) siBand(u int) {
	w := d.abi.Word
	d.Named("si_band", Int, extend(number(d.mem[u:], uint8(w), false, false), uint8(w), true))
	d.Named("si_fd", FD, number(d.mem[u+w:], 4, true, false))
}

func (d *Decoder) siSender(u int) {
	d.Named("si_pid", TGID, number(d.mem[u:], 4, true, false))
	d.Named("si_uid", ID, number(d.mem[u+4:], 4, false, false))
}

// sigval adds the union sigval at u, both ways.
func (d *Decoder) sigval(u int) {
	if ptr := d.sivalPtr(u); ptr != 0 {
		d.sigvalOf(ptr)
	}
}

func (d *Decoder) sivalPtr(u int) uint64 {
	return number(d.mem[u:], uint8(d.abi.Word), false, false)
}

func (d *Decoder) sigvalOf(ptr uint64) {
	d.Named("si_int", Int, extend(ptr, 4, true))
	d.Named("si_ptr", Addr, ptr)
}

// siKernel adds the fields of a signal that the kernel raised.
func (d *Decoder) siKernel(u int, signo, code int64) {
	w := d.abi.Word
	addr := func(at int) uint64 { return number(d.mem[at:], uint8(w), false, false) }
	switch signo {
	case sigCHLD:
		d.siChild(u, code)
	case sigILL, sigFPE, sigSEGV, sigBUS, sigTRAP:
		d.Named("si_addr", Addr, addr(u))
		d.siFault(u+w, signo, code)
	case sigIO:
		if d.abi.table(tbSigPoll).Lookup(uint64(code)) != "" {
			d.siBand(u)
		}
	case sigSYS:
		d.Named("si_call_addr", Addr, addr(u))
		arch := number(d.mem[u+w+4:], 4, false, false)
		d.name = "si_syscall"
		d.syscallNr(number(d.mem[u+w:], 4, false, false), uint32(arch))
		d.name = "si_arch"
		d.enumOf(d.abi.table(tbAuditArch), arch, 4)
	default:
		// The kernel itself leaves the sender at zero.
		if number(d.mem[u:], 8, false, false) != 0 {
			d.siSender(u)
		}
		d.sigval(u + 8)
	}
}

// siFault adds what some codes say beyond the address.
func (d *Decoder) siFault(u int, signo, code int64) {
	w := d.abi.Word
	switch {
	case signo == sigSEGV && code == segvBND:
		d.Named("si_lower", Addr, number(d.mem[u+w:], uint8(w), false, false))
		d.Named("si_upper", Addr, number(d.mem[u+2*w:], uint8(w), false, false))
	case signo == sigSEGV && code == segvPKU:
		d.Named("si_pkey", Uint, number(d.mem[u+w:], 4, false, false))
	case signo == sigBUS && (code == busMCEERR || code == busMCEERR+1):
		d.Named("si_addr_lsb", Hex, number(d.mem[u:], 2, false, false))
	}
}

// siChild adds what SIGCHLD says of a child.
func (d *Decoder) siChild(u int, code int64) {
	d.siSender(u)
	d.name = "si_status"
	status := number(d.mem[u+8:], 4, true, false)
	if code == cldExited {
		d.Add(Node{Kind: Int, Val: status, Width: 4})
	} else {
		d.Add(Node{Kind: Sig, Val: status, Width: 4})
	}
	w := d.abi.Word
	at := u + 12
	if w == 8 {
		at = u + 16
	}
	if d.abi.ID == X32 { // compat_siginfo's _sigchld_x32
		w = 8
	}
	d.Named("si_utime", ClockTicks, number(d.mem[at:], uint8(w), true, false))
	d.Named("si_stime", ClockTicks, number(d.mem[at+w:], uint8(w), true, false))
}
