package syscalls

// What those who write conditions about calls need to know of the tables.

// ArgTable returns the names that the values of argument i of c have on this
// ABI, or nil when it is not a set of bits, an enumeration or an ioctl command.
func (a *ABI) ArgTable(c *Call, i int) *Table {
	t := &types[c.Args[i].Type]
	for t.kind == tyIf || t.kind == tyThen {
		t = &types[t.a]
	}
	switch {
	case t.kind == tyScalar && (t.node == Flags || t.node == Enum) && t.a != 0:
		return &tables[t.a-1]
	case t.kind == tyFunc && c.Name == "ioctl":
		return a.table(tbIoctlops)
	}
	return nil
}

// ArgKind says what argument i of c is: a scalar's Kind, Str for a string or a
// buffer, Ptr for an address of anything else or of what depends on other
// arguments, None for no argument.
func (a *ABI) ArgKind(c *Call, i int) Kind {
	t := &types[c.Args[i].Type]
	for t.kind == tyIf || t.kind == tyThen {
		t = &types[t.a]
	}
	switch t.kind {
	case tyScalar:
		return t.node
	case tyStr, tyBuf:
		return Str
	case tyNone:
		return None
	case tyFunc:
		if c.Name == "ioctl" && c.Args[i].Width == 4 {
			return Enum
		}
	}
	return Ptr
}

// ArgIsPath reports whether argument i of c is a pathname.
func (a *ABI) ArgIsPath(c *Call, i int) bool {
	t := &types[c.Args[i].Type]
	for t.kind == tyIf || t.kind == tyThen {
		t = &types[t.a]
	}
	return t.kind == tyStr && t.flags&tfPath != 0
}

// Constant returns the value that a name has in any table of the ABI. Names of
// ioctl commands are among them.
func (a *ABI) Constant(name string) (uint64, bool) {
	for _, i := range a.tabs {
		if v, ok := tables[i].Value(name); ok {
			return v, true
		}
	}
	return 0, false
}

// From x32FirstCompat to x32LastCompat the kernel makes x32's calls as i386's, which look at 32 bits of each
// register; but for those with a position in a file, x32Preadv and so on.
// Source: arch/x86/entry/syscalls/syscall_64.tbl.
const (
	x32FirstCompat = 512
	x32Preadv      = 534
	x32Pwritev     = 535
	x32LastCompat  = 545 // preadv2 and pwritev2 stand behind it
)

// registerMask has the bits of a register that the call looks at.
func (ev *Event) registerMask() uint64 {
	const low, all = 1<<32 - 1, 1<<64 - 1
	if ev.ABI.RegWord == 4 {
		return low
	}
	if ev.ABI.ID != X32 || ev.Nr < x32FirstCompat || ev.Nr > x32LastCompat || ev.Nr == x32Preadv || ev.Nr == x32Pwritev {
		return all
	}
	return low
}

// Wide returns, of a call that x32 does not have, amd64's of the same number, which a program of
// x32 makes by another one; or nil.
func (ev *Event) Wide() *Call {
	if ev.Call != nil || ev.ABI == nil || ev.ABI.ID != X32 {
		return nil
	}
	return ByID(AMD64).Call(ev.Nr)
}

// Arg returns argument i of the call of ev as its row says: cut to its width,
// sign-extended, put together from two registers. There must be a row.
func (ev *Event) Arg(i int) uint64 {
	a := &ev.Call.Args[i]
	mask := ev.registerMask()
	args := &ev.Args
	if ev.inside {
		args = &ev.inner
	}
	v := args[a.Reg] & mask
	switch {
	case a.Swap:
		return v<<32 | args[a.Reg+1]&mask
	case a.Pair:
		return v | args[a.Reg+1]&mask<<32
	}
	return extend(v, a.Width, a.Sign)
}
