package syscalls

// An ABI is one way to call the kernel: a register convention, a number space
// and a set of layouts.
type ABI struct {
	ID      ABIID
	Name    string // amd64 i386 x32 arm64 arm riscv64
	Word    int    // bytes of a long and of a pointer in structures: 4 or 8
	RegWord int    // bytes of an argument register: 8 on amd64, x32, arm64, riscv64
	Audit   uint32 // AUDIT_ARCH_* (include/uapi/linux/audit.h); x32 shares amd64's
	Bits    string // what a change of ABI is called: "64 bit", "32 bit", "x32"

	calls []uint16 // by number: index into calls, 0 for none
	extra []extraCall
	named []typeID // by nameID: the ABI's version of a named type, 0 if it has none
	tabs  []uint16 // by tableID: index into tables
}

// typ returns the ABI's version of a named type, 0 if it has none.
func (a *ABI) typ(n nameID) typeID { return a.named[n] }

// table returns the ABI's version of a table.
func (a *ABI) table(t tableID) *Table { return &tables[a.tabs[t]] }

type extraCall struct {
	nr   uint64
	call uint16
}

// ABIID numbers the ABIs; the order is that of the columns in desc/.
type ABIID uint8

// The ABIs.
const (
	AMD64 ABIID = iota
	I386
	X32
	ARM64
	ARM
	RISCV64
	NumABI
)

// X32Bit is set in the number of an x32 call as the kernel and seccomp see it.
const X32Bit = 0x40000000

// ByID returns the ABI with the given id.
func ByID(id ABIID) *ABI { return &abis[id] }

// ByName returns the ABI called name, or nil.
func ByName(name string) *ABI {
	for i := range abis {
		if abis[i].Name == name {
			return &abis[i]
		}
	}
	return nil
}

// Call returns the row of call number nr, or nil.
func (a *ABI) Call(nr uint64) *Call {
	if nr < uint64(len(a.calls)) {
		if i := a.calls[nr]; i != 0 {
			return &calls[i]
		}
		return nil
	}
	for _, x := range a.extra {
		if x.nr == nr {
			return &calls[x.call]
		}
	}
	return nil
}

// All yields every number that the ABI has, in order, with its row.
func (a *ABI) All(yield func(nr uint64, c *Call) bool) {
	for nr, i := range a.calls {
		if i != 0 && !yield(uint64(nr), &calls[i]) {
			return
		}
	}
	for _, x := range a.extra {
		if !yield(x.nr, &calls[x.call]) {
			return
		}
	}
}

// Number returns the number of the call named name.
func (a *ABI) Number(name string) (nr uint64, ok bool) {
	for nr, c := range a.All {
		if c.Name == name {
			return nr, true
		}
	}
	return 0, false
}
