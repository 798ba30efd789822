package syscalls

const sigsetSize = 8 // _NSIG / 8 on every ABI here

// sigset adds the signal mask at v.raw, arg[0] bytes long. The kernel takes one
// length only, the ABI's: another leaves an address.
func (d *Decoder) sigset(v value, arg []uint64) {
	const size = sigsetSize
	if v.raw == 0 || !d.ev.Verbose || len(arg) > 0 && (arg[0] < 1 || arg[0] > size) {
		d.address(v.raw)
		return
	}
	n := size
	if len(arg) > 0 {
		n = int(arg[0])
	}
	off, length, ok := d.readBytes(v.raw, n) // at the end of the arena
	if !ok {
		d.address(v.raw)
		return
	}
	for ; length%4 != 0; length++ { // whole 32-bit words are shown
		d.ev.arena = append(d.ev.arena, 0)
	}
	d.Add(Node{Kind: SigSet, Off: off, Len: length})
}

// sigsetExact adds a signal mask whose size the kernel wants to be
// exact, arg[0]; it is shown when it has a word or more.
func (d *Decoder) sigsetExact(v value, arg []uint64) {
	if arg[0] < uint64(d.abi.Word) {
		d.address(v.raw)
		return
	}
	d.sigset(v, arg)
}

// cpuset adds the CPU mask at v.raw, arg[0] bytes long: [0 1 5]. The kernel
// takes no more than its own masks have.
func (d *Decoder) cpuset(v value, arg []uint64) {
	const most = 1024 / 8
	off := len(d.mem)
	n := int(min(arg[0], most))
	if int64(arg[0]) < 0 || v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, n) {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: BitArray})
	for i, b := range d.mem[off:] {
		for bit := range 8 {
			if b&(1<<bit) != 0 {
				d.Add(Node{Kind: Uint, Val: uint64(i*8 + bit)})
			}
		}
	}
	if arg[0] > most {
		d.more()
	}
	d.Close()
	d.mem = d.mem[:off]
}

// fdset adds a select(2) set of descriptors below arg[0]: [3 5].
func (d *Decoder) fdset(v value, arg []uint64) {
	n := int64(int32(arg[0]))
	if v.raw == 0 || !d.ev.Verbose || n <= 0 {
		d.address(v.raw)
		return
	}
	n = min(n, 1024*1024)
	off := len(d.mem)
	if !d.load(v.raw, d.fdsetBytes(n)) {
		d.address(v.raw)
		return
	}
	d.addFDs(d.mem[off:], int(n))
	d.mem = d.mem[:off]
}

// fdsetBytes is how many bytes the kernel reads for n descriptors: whole words.
func (d *Decoder) fdsetBytes(n int64) int {
	bits := int64(8 * d.abi.Word)
	return int((n + bits - 1) / bits * bits / 8)
}

func (d *Decoder) addFDs(set []byte, n int) {
	d.Open(Node{Kind: BitArray})
	for fd := range n {
		if set[fd/8]&(1<<(fd%8)) != 0 {
			m := Node{Kind: FD, Val: uint64(fd), Width: 4}
			if !d.ret { // what a result says again has no names
				d.named(&m)
			}
			d.Add(m)
		}
	}
	d.Close()
}

// pselectSig adds the last argument of pselect6(2): a signal mask and its size.
func (d *Decoder) pselectSig(v value, _ []uint64) {
	w := d.abi.Word
	off := len(d.mem)
	if v.raw == 0 || !d.ev.Verbose || !d.load(v.raw, 2*w) {
		d.address(v.raw)
		return
	}
	mask, size := number(d.mem[off:], uint8(w), false, false), number(d.mem[off+w:], uint8(w), false, false)
	d.mem = d.mem[:off]
	d.Open(Node{Kind: Struct})
	d.name = "sigmask"
	d.sigsetExact(value{raw: mask}, []uint64{size})
	d.Named("sigsetsize", Uint, size)
	d.Close()
}
