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
	o, n, ok := d.readBytes(sp+off, 8)
	if !ok {
		d.address(sp)
		return
	}
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: SigSet, Name: "mask", Off: o, Len: n})
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
