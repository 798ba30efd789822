package tracer

import "strait/syscalls"

// Registers are those of a task as unwinding wants them.
type Registers struct {
	ABI    *syscalls.ABI // whose registers they are: amd64, i386, arm64, arm or riscv64
	PC, SP uint64
	Number uint64 // of the call that it is in or, with a result there, was in
	// DWARF are the general registers by their DWARF numbers; those that the
	// kernel does not show are 0. Len says how many there are: 16 on amd64, 8 on
	// i386, 32 on arm64 and riscv64, 16 on arm.
	DWARF [32]uint64
	Len   int
}

// Registers reads the registers of a stopped task.
func (k *Task) Registers(out *Registers) error {
	r := &k.t.regs
	if made, err := k.made(requestRegs, r.read(k.tid)); !made {
		if err == nil {
			err = ErrGone
		}
		return err
	}
	*out = Registers{ABI: syscalls.ByID(r.mode()), PC: r.pc(), SP: r.sp(), Number: r.number()}
	out.Len = r.dwarf(&out.DWARF)
	return nil
}
