package syscalls

// userRegs are the registers in the user area that PTRACE_PEEKUSER reads, by
// their word: arch/x86/include/uapi/asm/ptrace-abi.h.
var userRegs = [...][]string{
	AMD64: {
		"R15", "R14", "R13", "R12", "RBP", "RBX", "R11", "R10", "R9", "R8", "RAX", "RCX", "RDX", "RSI", "RDI", "ORIG_RAX",
		"RIP", "CS", "EFLAGS", "RSP", "SS", "FS_BASE", "GS_BASE", "DS", "ES", "FS", "GS",
	},
	I386: {
		"EBX", "ECX", "EDX", "ESI", "EDI", "EBP", "EAX", "DS", "ES", "FS", "GS", "ORIG_EAX", "EIP", "CS", "EFL", "UESP", "SS",
	},
}

// userOffset adds an offset into the user area: 8*ORIG_RAX.
func (d *Decoder) userOffset(v value, _ []uint64) {
	id := d.abi.ID
	if id == X32 {
		id = AMD64
	}
	word := uint64(8)
	if id == I386 {
		word = 4
	}
	i := v.raw / word
	if int(id) < len(userRegs) && v.raw%word == 0 && i < uint64(len(userRegs[id])) {
		prefix := "8*"
		if word == 4 {
			prefix = "4*"
		}
		d.Open(Node{Kind: Group, Val: v.raw})
		d.lit(prefix)
		d.flags = Attach
		d.lit(userRegs[id][i])
		d.Close()
		return
	}
	d.address(v.raw)
}
