package syscalls

// sigreturn adds the mask that rt_sigreturn(2) will restore. The frame is at
// the stack pointer (arch/*/kernel/signal.c); its mask stands at an offset that
// each architecture fixes.
func (d *Decoder) sigreturn(_ value, _ []uint64) {
	off, ok := d.sigframeMask()
	sp := d.pointer(d.ev.SP)
	if !ok {
		d.address(sp)
		return
	}
	d.Open(Node{Kind: Struct})
	d.name = "mask"
	if o, n, ok := d.readBytes(sp+off, 8); !ok || !d.ev.Verbose {
		d.address(sp + off)
	} else {
		d.Add(Node{Kind: SigSet, Off: o, Len: n})
	}
	d.Close()
}

// oldSigreturn adds the mask that sigreturn(2) will restore. i386 keeps its two words apart. As strace has it,
// the argument has no name (-N).
func (d *Decoder) oldSigreturn(_ value, _ []uint64) {
	const (
		i386Low  = 80       // sigcontext.oldmask, behind which stand cr2 and an unused struct _fpstate
		i386High = 88 + 624 // extramask
		arm      = 4 + 4 + 12 + 84
	)
	low, high := d.pointer(d.ev.SP)+i386Low, d.pointer(d.ev.SP)+i386High
	if d.abi.ID == ARM {
		low = d.pointer(d.ev.SP) + arm
		high = low + 4
	}
	d.name = ""
	o, n, ok := d.readBytes(low, 4)
	_, n2, ok2 := d.readBytes(high, 4)
	if !ok || !ok2 || !d.ev.Verbose {
		d.address(d.pointer(d.ev.SP))
		return
	}
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: SigSet, Name: "mask", Off: o, Len: n + n2})
	d.Close()
}

// sigframeMask is where the mask stands above the stack pointer at the entry of
// rt_sigreturn.
func (d *Decoder) sigframeMask() (uint64, bool) {
	switch d.abi.ID {
	case AMD64:
		// The return address was popped. struct ucontext: uc_flags,
		// uc_link, stack_t (24), sigcontext (256), then the mask.
		return 8 + 8 + 24 + 256, true
	case X32:
		return 4 + 4 + 16 + 256, true
	case I386:
		// sig, pinfo, puc, siginfo (128), uc_flags, uc_link, stack_t (12),
		// sigcontext (88), then the mask; the handler's return popped 4.
		return 12 + 128 + 8 + 12 + 88, true
	case ARM64:
		return 128 + 8 + 8 + 24, true
	case RISCV64:
		return 128 + 8 + 8 + 24, true
	case ARM:
		return 128 + 4 + 4 + 12 + 84, true
	}
	return 0, false
}
