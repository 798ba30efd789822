package syscalls

// Signal actions and what arrives with a signal. Sources:
// include/uapi/asm-generic/{signal,siginfo}.h, arch/*/include/uapi/asm/signal.h.

const saRestorer = 0x04000000

// sigaction adds the struct (kernel) sigaction at v.raw. As with strace there have
// to be 64 bytes of mask, of which the kernel takes the first 8.
func (d *Decoder) sigaction(v value, _ []uint64) {
	const maskRoom = 64
	w := d.abi.Word
	restorer := d.abi.ID != RISCV64
	size := 2 * w
	if restorer {
		size += w
	}
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, size+maskRoom) {
		d.address(v.raw)
		return
	}
	word := func(i int) uint64 { return number(d.mem[off+i*w:], uint8(w), false, false) }
	flags := word(1)
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(w)})
	d.Open(Node{Kind: Struct})
	d.handler(word(0))
	o, l := d.keep(d.mem[off+size : off+size+sigsetSize])
	d.Add(Node{Kind: SigSet, Name: "sa_mask", Off: o, Len: l})
	d.name = "sa_flags"
	d.flagsOf(d.abi.table(tbSa), flags, uint8(w))
	if restorer && flags&saRestorer != 0 {
		d.Named("sa_restorer", Addr, word(2))
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

// handler adds a signal handler: SIG_DFL, SIG_IGN, SIG_ERR or an address.
func (d *Decoder) handler(h uint64) {
	d.name = "sa_handler"
	t := d.abi.table(tbSigHandler)
	if t.Lookup(h) != "" {
		d.enumOf(t, h, uint8(d.abi.Word))
		return
	}
	d.address(d.pointer(h))
}
