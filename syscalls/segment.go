package syscalls

// Segments of i386: modify_ldt(2), get_thread_area(2), set_thread_area(2).
// Source: arch/x86/include/uapi/asm/ldt.h (struct user_desc).

const userDescBytes = 16

// userDesc adds the struct user_desc at v.raw. arg[0] is how many bytes there
// are; arg[1], if there, is not 0 when only the number of the entry means anything.
func (d *Decoder) userDesc(v value, arg []uint64) {
	off := len(d.mem)
	only := len(arg) > 1 && arg[1] != 0
	ok := v.raw != 0 && d.ev.Verbose && arg[0] == userDescBytes
	if ok && !d.load(v.raw, userDescBytes) {
		// What get_thread_area(2) asks for is in the first field.
		only = true
		ok = len(arg) > 1 && d.load(v.raw, 4)
	}
	if !ok {
		d.address(v.raw)
		return
	}
	d.Open(Node{Kind: Ptr, Val: v.raw, Width: uint8(d.abi.Word)})
	d.Open(Node{Kind: Struct})
	d.Add(Node{Kind: ID, Name: "entry_number", Val: number(d.mem[off:], 4, false, false), Width: 4})
	if len(arg) > 1 {
		d.split(JointNone, "")
	}
	if only {
		d.more()
	} else {
		d.userDescFields(off)
	}
	d.Close()
	d.Close()
	d.mem = d.mem[:off]
}

func (d *Decoder) userDescFields(off int) {
	d.Add(Node{Kind: Hex, Name: "base_addr", Val: number(d.mem[off+4:], 4, false, false), Width: 4, Flags: PadHex})
	d.Add(Node{Kind: Hex, Name: "limit", Val: number(d.mem[off+8:], 4, false, false), Width: 4, Flags: PadHex})
	bits := number(d.mem[off+12:], 4, false, false)
	fields := [...]struct {
		name  string
		width uint
	}{
		{"seg_32bit", 1},
		{"contents", 2},
		{"read_exec_only", 1},
		{"limit_in_pages", 1},
		{"seg_not_present", 1},
		{"useable", 1},
		{"lm", 1},
	}
	for _, f := range fields {
		if f.name != "lm" || d.abi.Word == 8 || d.abi.ID == X32 {
			d.Named(f.name, Uint, bits&(1<<f.width-1))
		}
		bits >>= f.width
	}
}

// uintError adds the error in a result that the kernel cut down to 32 bits, so that
// it is none for the program (modify_ldt(2), arch/x86/kernel/ldt.c).
func (d *Decoder) uintError(v value, _ []uint64) {
	const maxErrno = 4095
	if n := -int64(int32(v.raw)); n > 0 && n <= maxErrno {
		d.Add(Node{Kind: Errno, Val: uint64(n), Width: 4, Flags: Attach})
	}
}

// entryNumber adds the number of the entry of the struct user_desc at arg[0], of
// which the kernel chose one.
func (d *Decoder) entryNumber(_ value, arg []uint64) {
	n, ok := d.peekWidth(d.pointer(arg[0]), 4, false, false)
	_, whole := d.peekWidth(d.pointer(arg[0])+userDescBytes-4, 4, false, false)
	if ok && whole && d.ev.Verbose {
		d.Open(Node{Kind: Labelled, Name: "entry_number="})
		d.Add(Node{Kind: Uint, Val: n, Width: 4})
		d.Close()
	}
}
