package syscalls

// A userField is a part of the user area that PTRACE_PEEKUSER reads, by its offset:
// arch/x86/include/asm/user_64.h.
type userField struct {
	off  uint64
	name string
}

// userRegs are the registers, a word each, at the start of the area.
var userRegs = [...]string{
	"8*R15", "8*R14", "8*R13", "8*R12", "8*RBP", "8*RBX", "8*R11", "8*R10", "8*R9", "8*R8", "8*RAX", "8*RCX", "8*RDX", "8*RSI", "8*RDI",
	"8*ORIG_RAX", "8*RIP", "8*CS", "8*EFL", "8*RSP", "8*SS",
}

// userFields is what follows them.
var userFields = [...]userField{
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
}

// userOffset adds an offset into the user area: 8*ORIG_RAX+4. Of i386 it is shown as amd64's, too,
// as a strace for x86-64 does, although the kernel takes it for one in the area of i386.
func (d *Decoder) userOffset(v value, _ []uint64) {
	const word = 8
	switch d.abi.ID {
	case AMD64, X32, I386:
	default:
		d.address(v.raw)
		return
	}
	i := len(userFields) - 1
	for i >= 0 && userFields[i].off > v.raw {
		i--
	}
	switch {
	case i == len(userFields)-1 && v.raw != userFields[i].off:
		d.address(v.raw)
	case i >= 0:
		d.symbol(v.raw, "", userFields[i].name, v.raw-userFields[i].off, HexVal)
	default:
		n := min(v.raw/word, uint64(len(userRegs)-1))
		d.symbol(v.raw, "", userRegs[n], v.raw-n*word, HexVal)
	}
}
