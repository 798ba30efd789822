package syscalls

// A userField is a part of the user area that PTRACE_PEEKUSER reads, by its offset:
// arch/x86/include/asm/user_{32,64}.h.
type userField struct {
	off  uint64
	name string
}

// userRegs are the registers, a word each, at the start of the area.
var userRegs = [...][]string{
	AMD64: {
		"8*R15", "8*R14", "8*R13", "8*R12", "8*RBP", "8*RBX", "8*R11", "8*R10", "8*R9", "8*R8", "8*RAX", "8*RCX", "8*RDX", "8*RSI", "8*RDI",
		"8*ORIG_RAX", "8*RIP", "8*CS", "8*EFL", "8*RSP", "8*SS",
	},
	I386: {
		"4*EBX", "4*ECX", "4*EDX", "4*ESI", "4*EDI", "4*EBP", "4*EAX", "4*DS", "4*ES", "4*FS", "4*GS", "4*ORIG_EAX", "4*EIP", "4*CS", "4*EFL",
		"4*UESP", "4*SS",
	},
}

// userFields is what follows them.
var userFields = [...][]userField{
	AMD64: {
		{216, "offsetof(struct user, u_fpvalid)"},
		{224, "offsetof(struct user, i387)"},
		{736, "offsetof(struct user, u_tsize)"},
		{744, "offsetof(struct user, u_dsize)"},
		{752, "offsetof(struct user, u_ssize)"},
		{760, "offsetof(struct user, start_code)"},
		{768, "offsetof(struct user, start_stack)"},
		{776, "offsetof(struct user, signal)"},
		{784, "offsetof(struct user, reserved)"},
		{792, "offsetof(struct user, u_ar0)"},
		{800, "offsetof(struct user, u_fpstate)"},
		{808, "offsetof(struct user, magic)"},
		{816, "offsetof(struct user, u_comm)"},
		{848, "offsetof(struct user, u_debugreg)"},
		{912, "sizeof(struct user)"},
	},
	I386: {
		{68, "offsetof(struct user, u_fpvalid)"},
		{72, "offsetof(struct user, i387)"},
		{180, "offsetof(struct user, u_tsize)"},
		{184, "offsetof(struct user, u_dsize)"},
		{188, "offsetof(struct user, u_ssize)"},
		{192, "offsetof(struct user, start_code)"},
		{196, "offsetof(struct user, start_stack)"},
		{200, "offsetof(struct user, signal)"},
		{204, "offsetof(struct user, reserved)"},
		{208, "offsetof(struct user, u_ar0)"},
		{212, "offsetof(struct user, u_fpstate)"},
		{216, "offsetof(struct user, magic)"},
		{220, "offsetof(struct user, u_comm)"},
		{252, "offsetof(struct user, u_debugreg)"},
		{284, "sizeof(struct user)"},
	},
}

// userOffset adds an offset into the user area: 8*ORIG_RAX+4.
func (d *Decoder) userOffset(v value, _ []uint64) {
	id, word := d.abi.ID, uint64(8)
	switch id {
	case I386:
		word = 4
	case X32:
		id = AMD64
	}
	if int(id) >= len(userRegs) {
		d.address(v.raw)
		return
	}
	fields, regs := userFields[id], userRegs[id]
	i := len(fields) - 1
	for i >= 0 && fields[i].off > v.raw {
		i--
	}
	switch {
	case i == len(fields)-1 && v.raw != fields[i].off:
		d.address(v.raw)
	case i >= 0:
		d.symbol(v.raw, "", fields[i].name, v.raw-fields[i].off, HexVal)
	default:
		n := min(v.raw/word, uint64(len(regs)-1))
		d.symbol(v.raw, "", regs[n], v.raw-n*word, HexVal)
	}
}
