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

// armRegs and armFields are those of arm, with words of 4 bytes (arch/arm/include/asm/user.h). What follows
// u_comm is shown as if it belonged to that.
var (
	armRegs   = [...]string{"r0", "r1", "r2", "r3", "r4", "r5", "r6", "r7", "r8", "r9", "r10", "fp", "ip", "sp", "lr", "pc", "cpsr"}
	armFields = [...]userField{
		{72, "offsetof(struct user, u_fpvalid)"},
		{76, "offsetof(struct user, u_tsize)"},
		{80, "offsetof(struct user, u_dsize)"},
		{84, "offsetof(struct user, u_ssize)"},
		{88, "offsetof(struct user, start_code)"},
		{92, "offsetof(struct user, start_stack)"},
		{96, "offsetof(struct user, signal)"},
		{100, "offsetof(struct user, reserved)"},
		{104, "offsetof(struct user, u_ar0)"},
		{108, "offsetof(struct user, magic)"},
		{112, "offsetof(struct user, u_comm)"},
		{296, "sizeof(struct user)"},
	}
)

// userOffset adds an offset into the user area: 8*ORIG_RAX+4. Of i386 it is shown as amd64's, too,
// as a strace for x86-64 does, although the kernel takes it for one in the area of i386.
func (d *Decoder) userOffset(v value, _ []uint64) {
	word, regs, fields := uint64(8), userRegs[:], userFields[:]
	switch d.abi.ID {
	case AMD64, X32, I386:
	case ARM:
		word, regs, fields = 4, armRegs[:], armFields[:]
	default:
		d.address(v.raw)
		return
	}
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
